/* seq_rules_test.c - is the sequence number of a segment acceptable? Those of the handshake and probes
 * have tests of their own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

static void test_a_first_syn_chooses_its_number(void)
{
    struct talk t = talk_begin();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = S), SEQ_SYN);
    CHECK(!t.o.has_seq_expected && !t.o.has_ack_expected);
    CHECK_SEQ(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), SEQ_SYN);
    CHECK(!t.o.has_seq_expected);
    CHECK(t.o.has_ack_expected && talk_offset(&t, CLIENT, t.o.ack_expected) == 1);
    CHECK_SEQ(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000), SEQ_RETRANSMISSION);
}

static void test_a_syn_repeats_its_own_isn_only(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_SEQ_ROW(&t, "syn_again", .from = CLIENT, .flags = S);
    CHECK_SEQ_ROW(&t, "syn_first", .from = CLIENT, .flags = S, .seq = 2);  /* 0, which no SYN has chosen */
    CHECK_SEQ_ROW(&t, "syn_first", .from = CLIENT, .flags = SA, .ack = 1); /* the SYNs have crossed */
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    CHECK_SEQ_ROW(&t, "syn_again", .from = SERVER, .flags = SA, .ack = 1);
    CHECK_SEQ_ROW(&t, "syn_again", .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    CHECK_SEQ_ROW(&t, "syn_first", .from = SERVER, .flags = SA, .seq = 6000, .ack = 1);
}

static void test_a_syn_captured_behind_its_answer_is_the_first(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_SEQ_ROW(&t, "syn_first", .from = CLIENT, .flags = S);
}

static void test_the_next_number_is_in_order(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10), SEQ_IN_ORDER);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.seq_expected), 401);
    CHECK_EQUAL(t.o.seq_from_frame, 5);
}

static void test_old_is_a_retransmission_and_old_with_new_an_overlap(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_SEQ(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200), SEQ_RETRANSMISSION);
    CHECK_SEQ(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 201), SEQ_OVERLAP);
    CHECK_SEQ(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 1), SEQ_GAP);
}

static void test_behind_its_own_fin_nothing_new_may_come(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 1), SEQ_AFTER_FIN);
    CHECK_BOUND(&t, CLIENT, 402);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1), SEQ_IN_ORDER);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1), SEQ_RETRANSMISSION);
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200);
    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 410, .ack = 1); /* carries nothing */
}

static void test_beyond_any_window_it_is_out_and_the_bound_is_named(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ_ROW(&t, "beyond_window", .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1, .data = 1);
    talk_newest(&t)->end[SERVER].sent.gaps = 1; /* SACK shows that something of it didn't arrive */
    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1, .data = 1);
    talk_newest(&t)->end[SERVER].sent.gaps = 0;
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1, .data = 1), SEQ_OUT_OF_WINDOW);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
    CHECK(t.o.findings & FINDING_SEQ_SUSPECT);
}

static void test_in_the_window_a_gap_is_lawful(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = WINDOW, .ack = 1, .data = 1), SEQ_GAP);
    CHECK(!t.o.has_bound);
}

static void test_without_a_right_edge_nothing_is_beyond_the_window(void)
{
    struct talk t = talk_opened();

    talk_newest(&t)->end[SERVER].stream.right_known = false;
    talk_newest(&t)->end[SERVER].stream.right = seq_of(0);
    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1, .data = 1);
}

/* With a scale of 7 the same window reaches 128 times as far. */
static void test_the_window_is_scaled_if_both_offered_it(void)
{
    for (int both = 0; both <= 1; both++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S, .scale = 7);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = both ? 7 : 0);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 100 * WINDOW, .ack = 1, .data = 1);
        CHECK_SEQ(&t.o, both ? SEQ_GAP : SEQ_OUT_OF_WINDOW);
    }
}

static void test_without_known_scale_nobody_is_accused(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .no_options = true);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 1), SEQ_GAP);
}

static void test_what_was_sent_before_the_capture_is_not_judged(void)
{
    struct talk t = talk_begin();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 900, .data = 10), SEQ_NOT_JUDGED);
    CHECK_ACK(&t.o, ACK_NOT_JUDGED);
    CHECK_STRING(seq_rule_name(t.o.seq_rule), "unknown_stream");
    CHECK(!t.o.has_seq_expected && !t.o.has_ack_expected);
}

/* --- below the ISN --- */

static void test_below_the_isn_nothing_was_ever_sent(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_SEQ_ROW(&t, "before_isn", .from = CLIENT, .flags = A, .seq = (uint32_t)-10, .ack = 1, .data = 5);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 0);
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .data = 5);
    CHECK_SEQ_ROW(&t, "overlap", .from = CLIENT, .flags = A, .seq = (uint32_t)-10, .ack = 1, .data = 900);
}

/* There may have been another SYN, with another ISN. */
static void test_where_the_opening_was_not_captured_nothing_lies_below_the_isn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_SEQ_ROW(&t, "retransmission", .from = SERVER, .flags = A, .seq = (uint32_t)-10, .ack = 1,
                  .data = 5);
}

/* The SYN may have come into a connection of before the capture, whose segments are the others. */
static void test_below_the_isn_may_be_another_connection_that_was_not_captured(void)
{
    struct talk t = talk_half_acknowledged();

    talk_newest(&t)->lineage.ambiguous = true;
    CHECK_SEQ_ROW(&t, "unseen_before_isn", .from = CLIENT, .flags = A, .seq = (uint32_t)-10, .ack = 1,
                  .data = 5);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 5);
}

/* --- timestamps --- */

static struct talk with_timestamps(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .tsval = 50000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .tsval = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .tsval = 50000);
    return t;
}

/* RFC 7323 5.3: new data with a timestamp that is over a second older. */
static void test_an_old_timestamp_tells_an_old_duplicate(void)
{
    struct talk t = with_timestamps();

    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10, .tsval = 49000);
    CHECK_SEQ_ROW(&t, "old_timestamp", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10,
                  .tsval = 48999);
    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10); /* has none */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10, .tsval = 48999);
    CHECK_SEQ(&t.o, SEQ_OLD_TIMESTAMP);
}

static void test_the_first_timestamp_is_not_old(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10,
                  .tsval = 0xfffff000u);
}

static void test_after_24_days_a_timestamp_tells_nothing(void)
{
    static const uint32_t limit = 24u * 24 * 3600 * 1000;
    struct talk t = with_timestamps(), u = with_timestamps();

    CHECK_SEQ_ROW(&t, "gap", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 1, .tsval = 1,
                  .wait = limit);
    CHECK_SEQ_ROW(&u, "old_timestamp", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 1,
                  .tsval = 1, .wait = limit - 1);
}

int main(void)
{
    test_a_first_syn_chooses_its_number();
    test_a_syn_repeats_its_own_isn_only();
    test_a_syn_captured_behind_its_answer_is_the_first();
    test_the_next_number_is_in_order();
    test_old_is_a_retransmission_and_old_with_new_an_overlap();
    test_behind_its_own_fin_nothing_new_may_come();
    test_beyond_any_window_it_is_out_and_the_bound_is_named();
    test_in_the_window_a_gap_is_lawful();
    test_without_a_right_edge_nothing_is_beyond_the_window();
    test_the_window_is_scaled_if_both_offered_it();
    test_without_known_scale_nobody_is_accused();
    test_what_was_sent_before_the_capture_is_not_judged();
    test_below_the_isn_nothing_was_ever_sent();
    test_where_the_opening_was_not_captured_nothing_lies_below_the_isn();
    test_below_the_isn_may_be_another_connection_that_was_not_captured();
    test_an_old_timestamp_tells_an_old_duplicate();
    test_the_first_timestamp_is_not_old();
    test_after_24_days_a_timestamp_tells_nothing();
    return check_result();
}
