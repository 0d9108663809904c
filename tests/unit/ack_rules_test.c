/* ack_rules_test.c - is the acknowledgment number of a segment acceptable? Those of the handshake have a
 * test of their own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

static void test_an_ack_is_current_partial_duplicate_or_old(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_ACK(JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401), ACK_CURRENT);
    CHECK_ACK(JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 400), ACK_PARTIAL);
    CHECK_ACK(JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201), ACK_DUPLICATE);
    CHECK_ACK(JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 200), ACK_OLD);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.due.number), 401);
    CHECK_EQUAL(t.look.j.due.from_frame, 5);
}

static void test_the_ack_of_a_fin_has_a_name(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401), ACK_PARTIAL);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 402), ACK_OF_FIN);
}

static void test_the_first_ack_that_is_known_has_none_to_be_compared_with(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 100);
    CHECK_ACK_ROW(&t, "current", .from = SERVER, .flags = A, .seq = 1, .ack = 200);
    CHECK_ACK_ROW(&t, "partial", .from = SERVER, .flags = A, .seq = 1, .ack = 150);
    CHECK_ACK_ROW(&t, "partial", .from = SERVER, .flags = A, .seq = 1, .ack = 50);
}

static void test_of_a_stream_that_is_not_known_no_ack_is_judged(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 100);
    CHECK_ACK_ROW(&t, "unknown_peer", .from = CLIENT, .flags = A, .seq = 200, .ack = 1);
    CHECK_ACK(&t.look.j, ACK_NOT_JUDGED);
}

/* --- without ACK --- */

static void test_a_synchronized_connection_requires_ack(void)
{
    struct talk t = talk_opened();

    CHECK_ACK_ROW(&t, "none", .from = CLIENT, .flags = S, .seq = 70000);
    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = FLAG_PSH, .seq = 1, .data = 5), ACK_MISSING);
    CHECK_STRING(ack_rule_name(t.o.ack_rule), "missing");
    CHECK(!t.o.has_bound);
    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), ACK_NONE);
}

/* No state takes a segment without ACK, SYN and RST. */
static void test_the_ack_is_missing_whatever_is_known(void)
{
    struct talk t = talk_begin(), u = talk_begin();

    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = 0, .seq = 1, .data = 5), ACK_MISSING);
    CHECK_STATES(&t.o, UNKNOWN, UNKNOWN);
    CHECK_ACK_ROW(&t, "missing", .from = CLIENT, .flags = F, .seq = 6, .data = 5);
    CHECK_ACK_ROW(&t, "missing", .from = SERVER, .flags = 0, .seq = 1, .data = 5);
    SAY(&u, .from = CLIENT, .flags = S);
    CHECK_ACK_ROW(&u, "missing", .from = CLIENT, .flags = F, .seq = 1);
    CHECK_ACK_ROW(&u, "none", .from = CLIENT, .flags = R, .seq = 1);
    CHECK_ACK_ROW(&u, "none", .from = CLIENT, .flags = S | F);
}

/* --- ahead of what was captured --- */

static void test_an_ack_beyond_any_window_is_of_what_cannot_have_been_sent(void)
{
    struct talk t = talk_opened();

    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10000000), ACK_BEYOND_SENT);
    CHECK_STRING(ack_rule_name(t.o.ack_rule), "beyond_sent");
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
}

static void test_an_ack_ahead_but_in_the_window_was_not_captured(void)
{
    struct talk t = talk_opened();

    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501), ACK_NOT_CAPTURED);
    CHECK_EQUAL(ack_verdicts[t.o.ack_verdict].valid, UNTOLD);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[CLIENT].sent.nxt), 1); /* not yet believed */
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 10), SEQ_IN_ORDER);
}

static void test_an_ack_ahead_that_comes_again_is_believed(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[CLIENT].sent.nxt), 501);
}

/* A receiver may take the one byte of a probe into its closed window. */
static void test_the_byte_of_a_window_probe_may_be_acknowledged(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .shut = true);
    CHECK_ACK_ROW(&t, "not_captured", .from = SERVER, .flags = A, .seq = 1, .ack = 402);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 1, .wait = 300),
              SEQ_WINDOW_PROBE);
    CHECK_ACK_ROW(&t, "probe_byte", .from = SERVER, .flags = A, .seq = 1, .ack = 402);
    CHECK_ACK_ROW(&t, "not_captured", .from = SERVER, .flags = A, .seq = 1, .ack = 403);
    CHECK_ACK_ROW(&t, "foreign", .from = SERVER, .flags = SA, .seq = 0, .ack = 402); /* of no SYN */
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 402), ACK_CURRENT);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 9), SEQ_IN_ORDER);
}

/* --- too old, RFC 5961 5 --- */

/* The client sent 2500 bytes, all acknowledged; a round trip is too long for disorder to explain much. */
static struct talk acknowledged(void)
{
    struct talk t = talk_opened();

    talk_newest(&t)->dialogue.round_trip_us = 50000;
    for (uint16_t i = 0; i < 5; i++) {
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 500u * i, .ack = 1, .data = 500);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501 + 500u * i, .ip_id = 46 + i,
            .tsval = 46u + i);
    }
    return t;
}

/* Below SND.UNA - MAX.SND.WND; one window more may be packets that stand in disorder. */
static void test_an_ack_below_any_window_is_too_old(void)
{
    struct talk t = acknowledged();

    CHECK_ACK_ROW(&t, "old", .from = SERVER, .flags = A, .seq = 1, .ack = 2500);
    CHECK_ACK_ROW(&t, "old", .from = SERVER, .flags = A, .seq = 1, .ack = 2501 - 2 * WINDOW);
    CHECK_ACK_ROW(&t, "too_old", .from = SERVER, .flags = A, .seq = 1, .ack = 2501 - 2 * WINDOW - 1);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2501 - 2 * WINDOW - 1), ACK_TOO_OLD);
    CHECK_BOUND(&t, CLIENT, 2501 - WINDOW);
}

static const char *too_old_row(struct talk *t)
{
    return ACK_ROW(t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
}

static void test_where_windows_may_have_been_missed_no_ack_is_too_old(void)
{
    struct talk t = acknowledged(), u = t, v = t;

    CHECK_STRING(too_old_row(&t), "too_old");
    talk_newest(&t)->end[CLIENT].stream.options_known = false;
    CHECK_STRING(too_old_row(&t), "old");
    talk_newest(&u)->end[CLIENT].sent.hole = HOLE_OPEN;
    CHECK_STRING(too_old_row(&u), "old");
    talk_newest(&v)->end[SERVER].sent.hole = HOLE_COVERED;
    CHECK_STRING(too_old_row(&v), "old");
}

/* Far below any window, 1 ms after the server's last segment, whose IP ID and timestamp are 50. */
static enum ack_verdict say_too_old(struct saying late)
{
    struct talk t = acknowledged();

    late.from = SERVER;
    late.flags = A;
    late.seq = 1;
    late.ack = 1;
    late.wait = late.wait ? late.wait : 1;
    return talk_say(&t, late)->ack_verdict;
}

/* Captured late, but sent before: a mirror port lets a packet wait, as long as the window may be. */
static void test_an_overtaken_ack_is_only_old(void)
{
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 42}), ACK_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 42, .wait = 20}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 51}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 30000}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.tsval = 50}), ACK_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.tsval = 51}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.wait = 1}), ACK_TOO_OLD);
}

static void test_below_the_isn_an_ack_is_too_old_in_any_case(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_ACK_ROW(&t, "before_isn", .from = SERVER, .flags = A, .seq = 1, .ack = 0);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 0), ACK_TOO_OLD);
    CHECK_BOUND(&t, CLIENT, 1);
    talk_newest(&t)->end[CLIENT].stream.isn_far = true;
    CHECK_ACK_ROW(&t, "old", .from = SERVER, .flags = A, .seq = 1, .ack = 0);
}

static void test_without_a_syn_nothing_lies_below_the_isn(void)
{
    struct talk t = talk_begin();

    t.isn[CLIENT] = seq_of(0x90000000u);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 200);
    CHECK_ACK_ROW(&t, "old", .from = SERVER, .flags = A, .seq = 1, .ack = 50);
}

static void test_behind_a_gap_the_ack_due_is_its_left_edge(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401);
    CHECK(t.o.has_ack_expected);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.ack_expected), 401);
    CHECK_EQUAL(t.o.ack_from_frame, 5); /* the frame that ends there */
    CHECK_ACK(&t.o, ACK_PARTIAL);
}

int main(void)
{
    test_an_ack_is_current_partial_duplicate_or_old();
    test_the_ack_of_a_fin_has_a_name();
    test_the_first_ack_that_is_known_has_none_to_be_compared_with();
    test_of_a_stream_that_is_not_known_no_ack_is_judged();
    test_a_synchronized_connection_requires_ack();
    test_the_ack_is_missing_whatever_is_known();
    test_an_ack_beyond_any_window_is_of_what_cannot_have_been_sent();
    test_an_ack_ahead_but_in_the_window_was_not_captured();
    test_an_ack_ahead_that_comes_again_is_believed();
    test_the_byte_of_a_window_probe_may_be_acknowledged();
    test_an_ack_below_any_window_is_too_old();
    test_where_windows_may_have_been_missed_no_ack_is_too_old();
    test_an_overtaken_ack_is_only_old();
    test_below_the_isn_an_ack_is_too_old_in_any_case();
    test_without_a_syn_nothing_lies_below_the_isn();
    test_behind_a_gap_the_ack_due_is_its_left_edge();
    return check_result();
}
