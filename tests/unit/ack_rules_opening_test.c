/* ack_rules_opening_test.c - acknowledgment numbers as long as the handshake is not over
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* How far a capture may lag behind, as thresholds.def has it. */
enum { MISSED = 1 << 24 };

static void test_a_syn_ack_must_acknowledge_the_syn(void)
{
    struct talk t = talk_with_syn();

    CHECK_ACK_ROW(&t, "handshake", .from = SERVER, .flags = SA, .ack = 1);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = SA, .ack = 0);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = SA, .ack = 2), ACK_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1);
    CHECK(t.o.findings & FINDING_ACK_SUSPECT);
}

static void test_a_repeated_syn_ack_acknowledges_the_syn_again(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_ACK_ROW(&t, "handshake", .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!t.look.j.acks_syn); /* not for the first time */
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = SA, .ack = 10000000);
}

static void test_the_third_step_acknowledges_the_syn_ack_for_the_first_time(void)
{
    struct talk t = talk_answered();

    CHECK_ACK_ROW(&t, "handshake", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(t.look.j.acks_syn);
    CHECK_ACK_ROW(&t, "foreign", .from = CLIENT, .flags = A, .seq = 1, .ack = 0);
    CHECK(!t.look.j.acks_syn);
    CHECK_EQUAL(talk_offset(&t, SERVER, t.look.j.bound), 1);
}

/* An ACK of the ISN itself acknowledges nothing: what comes next still opens. */
static void test_who_acknowledged_nothing_still_acknowledges_the_syn(void)
{
    struct talk t = talk_answered();
    struct stream *server = &talk_newest(&t)->end[SERVER].stream;

    server->una = server->isn;
    server->una_known = true;
    CHECK_ACK_ROW(&t, "handshake", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(t.look.j.acks_syn);
}

static void test_before_completion_a_second_ack_is_not_of_the_syn_any_more(void)
{
    struct talk t = talk_answered();
    struct stream *server = &talk_newest(&t)->end[SERVER].stream;

    server->una = seq_add(server->isn, 1);
    server->una_known = true;
    CHECK_ACK_ROW(&t, "current", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    server->fin_sent = true;
    CHECK_ACK_ROW(&t, "of_fin", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

static void test_who_acknowledges_a_fin_with_the_syn_acknowledges_the_fin(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->end[SERVER].stream.fin_sent = true;
    CHECK_ACK_ROW(&t, "of_fin", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

static void test_where_only_the_answer_was_captured_the_isn_is_not_sure(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_ACK_ROW(&t, "not_captured", .from = SERVER, .flags = SA, .ack = 2);
    CHECK_ACK_ROW(&t, "unknown_opening", .from = CLIENT, .flags = A, .seq = 1, .ack = 0);
    CHECK_ACK(&t.look.j, ACK_NOT_JUDGED);
}

/* --- several SYN-ACKs --- */

/* Of two SYN-ACKs with different ISNs, the one that is acknowledged counts. */
static void test_of_several_syn_acks_the_acknowledged_one_counts(void)
{
    for (uint32_t chosen = 0; chosen <= 5000; chosen += 5000) {
        struct talk t = talk_answered();

        SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
        CHECK_ACK(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = chosen + 1), ACK_HANDSHAKE);
        CHECK_EQUAL(t.o.steps, STEP_ACK);
        CHECK_SEQ(SAY(&t, .from = SERVER, .flags = A, .seq = chosen + 1, .ack = 1, .data = 9), SEQ_IN_ORDER);
    }
}

/* With Fast Open the server's data shows which one, before that is acknowledged. */
static void test_the_isn_that_its_sender_shows_is_acknowledged_for_the_first_time(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .fast_open = true);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9);
    CHECK_ACK_ROW(&t, "handshake", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(t.look.j.acks_syn);
}

/* More of them than are kept apart: then the ACK of any is innocent. */
static void test_of_three_syn_acks_each_may_be_acknowledged(void)
{
    for (uint32_t chosen = 0; chosen <= 9000; chosen += 4500) {
        struct talk t = talk_answered();

        SAY(&t, .from = SERVER, .flags = SA, .seq = 4500, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 9000, .ack = 1);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = chosen + 1);
        CHECK_EQUAL(t.o.findings, 0);
        SAY(&t, .from = SERVER, .flags = A, .seq = chosen + 1, .ack = 1, .data = 9);
        CHECK_EQUAL(t.o.findings, 0);
        CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    }
}

/* --- ahead of what was captured --- */

static void test_an_answer_may_acknowledge_what_was_not_captured(void)
{
    struct talk t = talk_with_syn();

    CHECK_ACK_ROW(&t, "not_captured", .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    CHECK_ACK_ROW(&t, "not_captured", .from = SERVER, .flags = A, .seq = 1, .ack = MISSED - 1);
    CHECK_ACK_ROW(&t, "far_ahead", .from = SERVER, .flags = A, .seq = 1, .ack = MISSED);
    CHECK_ACK(&t.look.j, ACK_NOT_JUDGED);
}

/* Before, a RST has to fit the SYN exactly: RFC 9293 3.10.7.3. */
static void test_a_reset_may_be_ahead_of_the_syn_only_if_that_was_answered(void)
{
    struct talk t = talk_with_syn(), u = talk_answered();

    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = RA, .ack = 2);
    CHECK_ACK(&t.look.j, ACK_HANDSHAKE_MISMATCH);
    CHECK_ACK_ROW(&u, "not_captured", .from = SERVER, .flags = RA, .seq = 1, .ack = 501);
}

/* Once a SYN is answered, no other connection explains a number beyond any window. */
static void test_behind_an_answer_an_ack_beyond_any_window_is_a_mismatch(void)
{
    struct talk t = talk_answered();

    CHECK_ACK_ROW(&t, "not_captured", .from = CLIENT, .flags = A, .seq = 1, .ack = 501);
    CHECK_ACK_ROW(&t, "beyond_opening", .from = CLIENT, .flags = A, .seq = 1, .ack = 2 * MISSED);
    CHECK_ACK(&t.look.j, ACK_HANDSHAKE_MISMATCH);
    CHECK_EQUAL(talk_offset(&t, SERVER, t.look.j.bound), 1);
    CHECK_ACK_ROW(&t, "beyond_opening", .from = SERVER, .flags = A, .seq = 1, .ack = 2 * MISSED);
}

/* It has to acknowledge the SYN, however far it lies. */
static void test_a_syn_ack_beyond_any_window_does_not_acknowledge_the_syn(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->end[CLIENT].sent.nxt = seq_add(t.isn[CLIENT], 201); /* the SYN carried data */
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = SA, .ack = 1000000);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 1);
}

/* --- of other connections --- */

/* RFC 9293 3.5.1: an end that has the connection already answers a SYN with an ACK of its own. */
static void test_a_pure_ack_that_fits_no_syn_may_be_a_challenge(void)
{
    struct talk t = talk_with_syn(), u = talk_answered();

    CHECK_ACK_ROW(&t, "challenge", .from = SERVER, .flags = A, .seq = 1, .ack = 0);
    CHECK_ACK(&t.look.j, ACK_NOT_JUDGED);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = A, .seq = 1, .ack = 0, .data = 9);
    CHECK_ACK_ROW(&u, "foreign", .from = CLIENT, .flags = A, .seq = 1, .ack = 0);
    CHECK_ACK_ROW(&u, "foreign", .from = SERVER, .flags = A, .seq = 1, .ack = 0);
}

static void test_of_a_stream_that_is_rewritten_on_the_way_no_ack_is_foreign(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->end[SERVER].stream.rewritten = true;
    CHECK_ACK_ROW(&t, "rewritten", .from = CLIENT, .flags = A, .seq = 1, .ack = 0);
    CHECK_ACK_ROW(&t, "handshake", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    talk_newest(&t)->dialogue.complete = true;
    CHECK_ACK_ROW(&t, "current", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

/* The server still is as the connection before left it, in TIME-WAIT or, `live`, not. */
static struct talk with_syn_into_the_past(bool live)
{
    struct talk t = talk_with_syn();

    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    talk_newest(&t)->lineage.ambiguous = live;
    return t;
}

/* What acknowledges more than the SYN shows that the SYN-ACK was not captured, nor what follows the SYN. */
static void test_who_waits_may_have_answered_beside_the_capture(void)
{
    struct talk t = with_syn_into_the_past(false);

    CHECK_ACK_ROW(&t, "after_time_wait", .from = SERVER, .flags = A, .seq = 1, .ack = 501, .data = 9);
    CHECK_ACK_ROW(&t, "after_time_wait", .from = SERVER, .flags = A, .seq = 1, .ack = MISSED - 1, .data = 9);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = A, .seq = 1, .ack = MISSED, .data = 9);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = A, .seq = 1, .ack = (uint32_t)-9, .data = 9);
    CHECK_ACK_ROW(&t, "challenge", .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    CHECK_ACK_ROW(&t, "challenge", .from = SERVER, .flags = A, .seq = 1, .ack = (uint32_t)-9);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = SA, .ack = 501);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = RA, .seq = 1, .ack = 501);
    CHECK_ACK_ROW(&t, "handshake", .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    talk_newest(&t)->dialogue.complete = true;
    CHECK_ACK_ROW(&t, "current", .from = SERVER, .flags = A, .seq = 1, .ack = 1);
}

static void test_in_a_live_connection_nobody_has_waited(void)
{
    struct talk t = with_syn_into_the_past(true);

    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = A, .seq = 1, .ack = 0, .data = 9);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = A, .seq = 1, .ack = 501, .data = 9);
    CHECK_ACK_ROW(&t, "challenge", .from = SERVER, .flags = A, .seq = 1, .ack = 501);
}

/* Whether it still has the numbers of the connection before can't be told. */
static void test_the_ack_of_an_end_of_the_connection_before_is_not_judged(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    CHECK_ACK_ROW(&t, "unknown_peer", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

int main(void)
{
    test_a_syn_ack_must_acknowledge_the_syn();
    test_a_repeated_syn_ack_acknowledges_the_syn_again();
    test_the_third_step_acknowledges_the_syn_ack_for_the_first_time();
    test_who_acknowledged_nothing_still_acknowledges_the_syn();
    test_before_completion_a_second_ack_is_not_of_the_syn_any_more();
    test_who_acknowledges_a_fin_with_the_syn_acknowledges_the_fin();
    test_where_only_the_answer_was_captured_the_isn_is_not_sure();
    test_of_several_syn_acks_the_acknowledged_one_counts();
    test_the_isn_that_its_sender_shows_is_acknowledged_for_the_first_time();
    test_of_three_syn_acks_each_may_be_acknowledged();
    test_an_answer_may_acknowledge_what_was_not_captured();
    test_a_reset_may_be_ahead_of_the_syn_only_if_that_was_answered();
    test_behind_an_answer_an_ack_beyond_any_window_is_a_mismatch();
    test_a_syn_ack_beyond_any_window_does_not_acknowledge_the_syn();
    test_a_pure_ack_that_fits_no_syn_may_be_a_challenge();
    test_of_a_stream_that_is_rewritten_on_the_way_no_ack_is_foreign();
    test_who_waits_may_have_answered_beside_the_capture();
    test_in_a_live_connection_nobody_has_waited();
    test_the_ack_of_an_end_of_the_connection_before_is_not_judged();
    return check_result();
}
