/* apply_conditions_test.c - what an effect needs: without one thing of it, it doesn't take place
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

/* A look that was judged and weighed, with whatever a test has changed of that, takes effect. */

/* A look that was judged and weighed, with whatever a test has changed of that, takes effect. */
static struct effects *take_effect(struct look *l)
{
    l->findings = 0;
    apply(l->c, &l->ctx, &l->j, &l->learnt, &l->w, l->findings, &l->e);
    return &l->e;
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

static struct look *ordinary(struct talk *t, unsigned flags)
{
    struct look *l;

    *t = talk_opened();
    l = LOOK(t, .from = CLIENT, .flags = flags, .seq = 1, .ack = 1, .data = 10);
    talk_weigh(l);
    return l;
}

static void test_what_moved_the_sender_is_said_once(void)
{
    struct talk t;
    struct look *l = ordinary(&t, A);

    CHECK_EQUAL(take_effect(l)->sender.rule, fsm_step(ESTABLISHED, SND_SEGMENT).rule);
    l = ordinary(&t, A);
    l->w.rule = RULE_FIN_AGAIN;
    CHECK_EQUAL(take_effect(l)->sender.rule, RULE_FIN_AGAIN);
}

/* A FIN that is none of the connection's: its number was used already. */
static void test_a_fin_that_makes_no_step_closes_nothing(void)
{
    struct talk t;
    struct look *l = ordinary(&t, FA);

    l->j.step.steps = 0;
    CHECK_EQUAL(take_effect(l)->sender.after, ESTABLISHED);
    CHECK_EQUAL(l->e.sender.rule, RULE_NO_EVENT);
    CHECK(!l->sender->stream.fin_sent);
}

static void test_what_is_assumed_needs_numbers_of_both_to_be_so_no_more(void)
{
    struct talk t;
    struct look *l = ordinary(&t, A);

    l->sender->belief.assumed = true;
    take_effect(l);
    CHECK(!l->sender->belief.assumed);
    l = ordinary(&t, A);
    l->sender->belief.assumed = l->sender->stream.rewritten = true;
    take_effect(l);
    CHECK(l->sender->belief.assumed);
    l = ordinary(&t, A);
    l->sender->belief.assumed = true;
    l->ctx.ack = false;
    take_effect(l);
    CHECK(l->sender->belief.assumed);
    l = ordinary(&t, A);
    l->sender->belief.assumed = true;
    l->sender->stream.syn_sent = l->peer->stream.syn_sent = false;
    l->j.ack_verdict = ACK_HANDSHAKE;
    take_effect(l);
    CHECK(l->sender->belief.assumed);
}

static struct look *ack_of_fin(struct talk *t)
{
    struct look *l;

    *t = talk_opened();
    SAY(t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    l = LOOK(t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    talk_weigh(l);
    return l;
}

static void test_the_ack_of_a_fin_is_presumed_until_it_is_confirmed(void)
{
    struct talk t;
    struct look *l = ack_of_fin(&t);

    take_effect(l);
    CHECK(fact_is(l->peer->belief.presumed, FACT_ACK_OF_FIN));
    CHECK(!l->peer->belief.ack_repeated);
    l = ack_of_fin(&t);
    l->peer->belief.confirmed |= FACT(FACT_ACK_OF_FIN);
    take_effect(l);
    CHECK(!fact_is(l->peer->belief.presumed, FACT_ACK_OF_FIN));
    l = ack_of_fin(&t);
    l->j.step.repeat = true;
    take_effect(l);
    CHECK(l->peer->belief.ack_repeated);
}

/* Be it that the end sent it in the connection before. */
static void test_a_syn_is_a_late_copy_only_of_a_number_that_is_known(void)
{
    struct talk t = talk_opened();
    struct look *l = LOOK(&t, .from = CLIENT, .flags = S);
    const struct belief belief = l->sender->belief;

    talk_weigh(l);
    CHECK_EQUAL(take_effect(l)->sender.rule, fsm_step(ESTABLISHED, SND_SYN_COPY).rule);
    l->sender->belief = belief;
    l->sender->belief.from_previous = true;
    CHECK_EQUAL(take_effect(l)->sender.rule, fsm_step(ESTABLISHED, SND_SYN_COPY).rule);
    l->sender->belief = belief;
    l->sender->stream.isn_known = false;
    CHECK_EQUAL(take_effect(l)->sender.rule, fsm_step(ESTABLISHED, SND_SYN).rule);
}

/* Who speaks as if it were open has been answered by a peer that waits for that, and by no other. */
static void test_only_who_sent_a_syn_is_taken_for_answered(void)
{
    struct talk t;

    for (unsigned captured = 0; captured < 2; captured++) {
        t = talk_begin();
        SAY(&t, .from = CLIENT, .flags = S);

        struct look *l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);

        talk_weigh(l);
        l->w.opened = true;
        l->peer->stream.syn_sent = captured;
        take_effect(l);
        CHECK_EQUAL(l->peer->belief.assumed, captured);
    }
    t = talk_opened();

    struct look *l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);

    talk_weigh(l);
    l->w.opened = true;
    CHECK_EQUAL(take_effect(l)->sender.rule, l->w.rule); /* that is said already */
    CHECK(!l->peer->belief.assumed);
}

static void test_a_syn_ack_to_nobodys_syn_does_not_arrive(void)
{
    struct talk t;
    struct look *l = answer_to_syn(&t);

    l->peer->stream.syn_sent = false;
    take_effect(l);
    CHECK(!fact_is(l->peer->belief.presumed, FACT_SYN_ACK));
    l = answer_to_syn(&t);
    take_effect(l);
    CHECK(fact_is(l->peer->belief.presumed, FACT_SYN_ACK));
}

/* The FIN arrives with what fills the gap before it; that this repeats a step makes it no repeated FIN. */
static void test_a_fin_that_arrives_late_is_no_repeated_one(void)
{
    struct talk t = talk_opened();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    l = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    talk_weigh(l);
    l->j.step.repeat = true;
    CHECK_EQUAL(take_effect(l)->peer.after, CLOSE_WAIT);
    CHECK(!l->peer->belief.flag_repeated);
}

/* How far its sender had come when it acknowledged the FIN: once more with its own FIN, not with a copy. */
static void test_a_repeated_ack_of_a_fin_was_sent_later(void)
{
    for (unsigned fin = 0; fin < 2; fin++) {
        struct talk t;
        struct look *l = ack_of_fin(&t);

        l->j.step.repeat = true;
        l->ctx.fin = fin;
        l->ctx.had_nxt = seq_add(t.isn[SERVER], 77);
        take_effect(l);
        CHECK_EQUAL(talk_offset(&t, SERVER, l->peer->stream.fin_acked_at) == 77, fin);
    }
}

int main(void)
{
    test_what_moved_the_sender_is_said_once();
    test_a_fin_that_makes_no_step_closes_nothing();
    test_what_is_assumed_needs_numbers_of_both_to_be_so_no_more();
    test_the_ack_of_a_fin_is_presumed_until_it_is_confirmed();
    test_a_syn_is_a_late_copy_only_of_a_number_that_is_known();
    test_only_who_sent_a_syn_is_taken_for_answered();
    test_a_syn_ack_to_nobodys_syn_does_not_arrive();
    test_a_fin_that_arrives_late_is_no_repeated_one();
    test_a_repeated_ack_of_a_fin_was_sent_later();
    return check_result();
}
