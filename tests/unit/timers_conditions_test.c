/* timers_conditions_test.c - what a timer, a round trip or a loss needs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

/* A look that was judged and weighed, with whatever a test has changed of that, takes effect. */
static struct effects *take_effect(struct look *l)
{
    l->findings = 0;
    apply(l->c, &l->ctx, &l->j, &l->learnt, &l->w, l->findings, &l->e);
    return &l->e;
}

/* The answer to a repeated FIN, in TIME-WAIT. */
static struct look *answer_in_time_wait(struct talk *t)
{
    struct look *l;

    *t = talk_opened();
    talk_close(t);
    SAY(t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 1000);
    l = LOOK(t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .wait = 1000);
    talk_weigh(l);
    return l;
}

static void test_only_the_answer_to_a_fin_in_time_wait_begins_2msl_anew(void)
{
    struct talk t;
    struct look *l = answer_in_time_wait(&t);

    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_2MSL);
    CHECK_EQUAL(l->sender->belief.since, t.now);
    l = answer_in_time_wait(&t);
    l->w.before = LAST_ACK;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
    l = answer_in_time_wait(&t);
    l->j.step.steps = STEP_ACK;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
    l = answer_in_time_wait(&t);
    l->j.step.repeat = false;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
    l = answer_in_time_wait(&t);
    l->ctx.pure_ack = false;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
    l = answer_in_time_wait(&t);
    l->sender->belief.proven = CLOSED;
    l->sender->belief.presumed = 0;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
}

static void test_2msl_begins_also_for_who_sends(void)
{
    struct talk t;
    struct look *l = answer_in_time_wait(&t);

    l->j.step.repeat = false;
    l->w.before = FIN_WAIT_2;
    l->sender->belief.expected = FIN_WAIT_2; /* as was shown */
    CHECK_EQUAL(take_effect(l)->sender.after, TIME_WAIT);
    CHECK_EQUAL(l->e.attempt.timer, TIMER_2MSL);
}

/* RFC 9293 3.10.7.4, eighth: a repeated FIN restarts the timer of who receives it in TIME-WAIT. */
static struct look *fin_into_time_wait(struct talk *t)
{
    struct look *l;

    *t = talk_opened();
    talk_close(t);
    l = LOOK(t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 1000);
    talk_weigh(l);
    return l;
}

static void test_only_a_repeated_fin_restarts_2msl_at_its_receiver(void)
{
    struct talk t;
    struct look *l = fin_into_time_wait(&t);

    take_effect(l);
    CHECK_EQUAL(l->peer->belief.since, t.now);
    l = fin_into_time_wait(&t);
    l->ctx.fin = false;
    take_effect(l);
    CHECK(l->peer->belief.since < t.now);
    l = fin_into_time_wait(&t);
    l->j.step.repeat = false;
    take_effect(l);
    CHECK(l->peer->belief.since < t.now);
    l = fin_into_time_wait(&t);
    l->j.peer_before = CLOSING;
    take_effect(l);
    CHECK(l->peer->belief.since < t.now);
}

static struct look *answer_to_syn(struct talk *t)
{
    struct look *l;

    *t = talk_begin();
    SAY(t, .from = CLIENT, .flags = S, .data = 100);
    l = LOOK(t, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    talk_weigh(l);
    return l;
}

static void test_a_round_trip_needs_the_time_of_its_syn(void)
{
    struct talk t;
    struct look *l = answer_to_syn(&t);

    take_effect(l);
    CHECK_EQUAL(l->c->dialogue.round_trip_us, 30000);
    l = answer_to_syn(&t);
    l->peer->attempts.tried = TIMER_NONE;
    take_effect(l);
    CHECK_EQUAL(l->c->dialogue.round_trip_us, 0);
    l = answer_to_syn(&t);
    l->j.step.steps = STEP_FIN;
    take_effect(l);
    CHECK_EQUAL(l->c->dialogue.round_trip_us, 0);
    l = answer_to_syn(&t);
    l->peer->attempts.tried_flag = false;
    take_effect(l);
    CHECK_EQUAL(l->c->dialogue.round_trip_us, 0);
}

/* Whatever the end had outstanding on the connection before: its new SYN-ACK is the first of a series. */
static void test_a_new_syn_ack_starts_the_timer(void)
{
    struct talk t;
    struct look *l = answer_to_syn(&t);

    l->sender->sent.nxt_known = l->sender->stream.una_known = true;
    l->sender->sent.nxt = seq_add(l->sender->stream.una, 100);
    l->sender->attempts.tries = 3;
    take_effect(l);
    CHECK_EQUAL(l->sender->attempts.tries, 0);
    CHECK_EQUAL(l->sender->attempts.tried_at, t.now);
}

/* A SYN-ACK that leaves out the data of the SYN reports no loss of it. */
static void test_a_syn_ack_reports_no_loss(void)
{
    struct talk t;
    struct look *l;

    (void)answer_to_syn(&t);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    l = LOOK(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    talk_weigh(l);
    l->peer->attempts.duplicate_acks = DUPLICATES_ASK;
    take_effect(l);
    CHECK(!l->peer->attempts.loss_reported);
}

static struct look *ordinary(struct talk *t, unsigned flags)
{
    struct look *l;

    *t = talk_opened();
    l = LOOK(t, .from = CLIENT, .flags = flags, .seq = 1, .ack = 1, .data = 10);
    talk_weigh(l);
    return l;
}

static void test_a_reset_has_no_timer_whatever_its_number(void)
{
    struct talk t;
    struct look *l = ordinary(&t, RA);

    l->j.seq_verdict = SEQ_KEEPALIVE;
    l->j.acceptable = true;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
}

/* When the oldest number that is outstanding was sent is known from the first segment on. */
static void test_joined_late_the_timer_runs_from_each_first_copy(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_EQUAL(talk_newest(&t)->end[CLIENT].attempts.tried, TIMER_RETRANSMISSION);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10);
    CHECK_EQUAL(talk_newest(&t)->end[CLIENT].attempts.tried_at, t.now);
}

/* A FIN that comes again at once was sent by the timer all the same; data needs its time. */
static void test_only_a_step_that_is_repeated_needs_no_time(void)
{
    struct talk t = talk_opened();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    l = LOOK(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 50);
    talk_weigh(l);
    l->j.step.steps = STEP_ACK;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_NONE);
    l->j.step.steps = STEP_FIN;
    CHECK_EQUAL(take_effect(l)->attempt.timer, TIMER_RETRANSMISSION);
}

int main(void)
{
    test_only_the_answer_to_a_fin_in_time_wait_begins_2msl_anew();
    test_2msl_begins_also_for_who_sends();
    test_only_a_repeated_fin_restarts_2msl_at_its_receiver();
    test_a_round_trip_needs_the_time_of_its_syn();
    test_a_new_syn_ack_starts_the_timer();
    test_a_syn_ack_reports_no_loss();
    test_a_reset_has_no_timer_whatever_its_number();
    test_joined_late_the_timer_runs_from_each_first_copy();
    test_only_a_step_that_is_repeated_needs_no_time();
    return check_result();
}
