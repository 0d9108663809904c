/* steps_opening_test.c - what is the third step of a handshake, and what repeats it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* The steps that a saying makes, with nothing moved by it. */
#define MADE(t, ...) (rows_of((t), (struct saying){__VA_ARGS__})->step.made)

/* --- simultaneous open --- */

static void test_of_two_syn_acks_the_second_completes_if_it_acknowledges(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = S);
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = SA, .ack = 1)->step.completes);
    SAY(&t, .from = CLIENT, .flags = SA, .ack = 1);
    CHECK(JUDGE(&t, .from = SERVER, .flags = SA, .ack = 1)->step.completes);
    CHECK(!JUDGE(&t, .from = SERVER, .flags = SA, .ack = 2)->step.completes);
    talk_newest(&t)->end[SERVER].stream.syn_sent = false; /* nobody opened there */
    CHECK(!JUDGE(&t, .from = SERVER, .flags = SA, .ack = 1)->step.completes);
}

static void test_who_sent_a_syn_ack_makes_no_third_step(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = S);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0); /* of a SYN alone */
    SAY(&t, .from = CLIENT, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 2); /* which completes nothing */
    CHECK(!talk_newest(&t)->dialogue.complete);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0);
}

/* --- behind a SYN-ACK --- */

static void test_the_third_step_acknowledges_the_syn_ack(void)
{
    struct talk t = talk_answered();
    struct stream *server = &talk_newest(&t)->end[SERVER].stream;

    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 501), 0); /* of what, isn't known */
    server->una = seq_add(server->isn, 1);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 501), 0);
    server->una_known = true; /* the SYN-ACK is acknowledged already */
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 501), STEP_ACK);
    server->una = server->isn; /* so only was what came before */
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 501), 0);
}

static void test_the_syn_ack_of_the_connection_before_wants_no_third_step(void)
{
    struct talk t = talk_answered();
    struct end *server = &talk_newest(&t)->end[SERVER];

    server->stream.una = seq_add(server->stream.isn, 1);
    server->stream.una_known = true;
    server->belief.from_previous = true;
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0);
}

/* The data shows that the server had received an ACK, not captured: the first that is captured is step 3. */
static void test_the_third_step_may_follow_data_of_the_server(void)
{
    struct talk t = talk_answered();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9);
    talk_newest(&t)->end[SERVER].belief.expected = CLOSED; /* unless it was reset */
    talk_newest(&t)->end[SERVER].belief.proven = CLOSED;
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10)->step.steps, 0);
    talk_newest(&t)->end[SERVER].belief.proven = ESTABLISHED;
    talk_newest(&t)->end[SERVER].belief.expected = ESTABLISHED;
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10);
    CHECK_EQUAL(t.o.steps, STEP_ACK);
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10)->step.steps, 0);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10)->step.repeat);
}

static void test_what_does_not_acknowledge_the_syn_ack_is_no_third_step(void)
{
    struct talk t = talk_answered();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = (uint32_t)-5), 0);
}

/* What the server sent behind its SYN-ACK was not captured, nor was step 3; this is another segment. */
static void test_an_ack_of_what_was_not_captured_ends_the_opening_without_a_step(void)
{
    struct talk t = talk_answered();

    JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 500);
    CHECK(t.look.j.step.completes && t.look.j.step.made == 0);
    JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 500); /* it owes no third step */
    CHECK(!t.look.j.step.completes);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 500);
    CHECK(!t.look.j.step.completes);
    t = talk_answered(); /* what was not captured is not repeated either */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 500);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 500)->step.steps, 0);
}

static void test_without_a_syn_ack_the_third_step_follows_the_syn_with_or_without_its_data(void)
{
    struct talk t = talk_begin();
    struct end *client;

    SAY(&t, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
    client = &talk_newest(&t)->end[CLIENT];
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1), STEP_ACK);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 50, .ack = 1), 0);
    client->attempts.flag_frame++; /* more was sent than the SYN */
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1), 0);
    client->attempts.flag_frame = client->sent.nxt_frame = 0; /* and it is not captured */
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1), 0);
}

/* --- without a SYN-ACK --- */

static void test_without_the_syn_ack_the_client_makes_the_third_step_right_behind_its_syn(void)
{
    struct talk t = talk_with_syn(), u = t, v = t;

    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1), 0);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = 0, .seq = 1, .data = 9), 0); /* acknowledges nothing */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->step.steps, 0); /* once */
    talk_newest(&u)->lineage.client = SERVER;
    CHECK_EQUAL(MADE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0);
    talk_newest(&v)->end[CLIENT].stream.syn_sent = false;
    CHECK_EQUAL(MADE(&v, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0);
}

/* RFC 9293 3.5.1: an old connection answers the SYN, and the client, which is lost, goes on with it. */
static void test_where_another_connection_may_go_on_there_is_no_third_step_without_a_syn_ack(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = A, .seq = 700, .ack = 70);
    CHECK(talk_newest(&t)->lineage.ambiguous);
    CHECK_EQUAL(MADE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 700), 0);
}

/* --- repeats --- */

/* The server repeats its SYN-ACK before it can have the third step. */
static struct talk answered_twice(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 100);
    return t;
}

static bool repeats(struct talk *t, struct saying s)
{
    const struct step_judgment *step = &rows_of(t, s)->step;

    CHECK_EQUAL(step->steps, step->repeat ? STEP_ACK : 0);
    CHECK_EQUAL(step->mends_step, step->repeat);
    return step->repeat;
}

static void test_a_pure_ack_repeats_the_third_step_and_data_only_if_that_was_lost(void)
{
    const struct saying pure = {.from = CLIENT, .flags = A, .seq = 1, .ack = 1};
    const struct saying data = {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9};
    const struct saying bare = {.from = CLIENT, .flags = 0, .seq = 1, .data = 9};
    struct talk t = answered_twice(), u = talk_opened();

    CHECK(!repeats(&u, pure));
    CHECK(repeats(&t, pure));
    CHECK(!repeats(&t, data));
    talk_newest(&t)->end[CLIENT].attempts.step_lost = true;
    CHECK(repeats(&t, data));
    talk_newest(&t)->dialogue.multipath = true; /* who sends no ACK is not accused then */
    CHECK(!repeats(&t, bare));
    talk_newest(&t)->end[SERVER].stream.syn_ack_sent = false; /* it was a SYN that was repeated */
    CHECK(!repeats(&t, pure));
}

/* The frame of a SYN is kept until its sender's FIN: a link to that would be wrong. */
static void test_a_late_copy_behind_the_fin_repeats_a_frame_that_is_not_kept(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK(t.o.repeat && t.o.repeat_of == 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK(t.o.repeat && t.o.repeat_of == 0);
}

int main(void)
{
    test_what_does_not_acknowledge_the_syn_ack_is_no_third_step();
    test_an_ack_of_what_was_not_captured_ends_the_opening_without_a_step();
    test_without_a_syn_ack_the_third_step_follows_the_syn_with_or_without_its_data();
    test_of_two_syn_acks_the_second_completes_if_it_acknowledges();
    test_who_sent_a_syn_ack_makes_no_third_step();
    test_the_third_step_acknowledges_the_syn_ack();
    test_the_syn_ack_of_the_connection_before_wants_no_third_step();
    test_the_third_step_may_follow_data_of_the_server();
    test_without_the_syn_ack_the_client_makes_the_third_step_right_behind_its_syn();
    test_where_another_connection_may_go_on_there_is_no_third_step_without_a_syn_ack();
    test_a_pure_ack_repeats_the_third_step_and_data_only_if_that_was_lost();
    test_a_late_copy_behind_the_fin_repeats_a_frame_that_is_not_kept();
    return check_result();
}
