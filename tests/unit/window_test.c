/* window_test.c - are the numbers of a segment acceptable, and what was expected instead?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "window.h"

#define CHECK_SEQ(o, verdict) CHECK_STRING(seq_verdicts[(o)->seq_verdict].name, seq_verdicts[verdict].name)
#define CHECK_ACK(o, verdict) CHECK_STRING(ack_verdicts[(o)->ack_verdict].name, ack_verdicts[verdict].name)

/* The bound that was broken, from the ISN of `end`. */
#define CHECK_BOUND(t, end, offset)                                   \
    do {                                                              \
        CHECK((t)->o.has_bound);                                      \
        CHECK_EQUAL(talk_offset((t), (end), (t)->o.bound), (offset)); \
    } while (0)

static struct talk opened(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    return t;
}

/* The client has sent 400 bytes, the server acknowledged the first 200 of them. */
static struct talk half_acknowledged(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 200);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201);
    return t;
}

static void test_a_first_syn_chooses_its_number(void)
{
    struct talk t = talk_begin();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = S), SEQ_SYN);
    CHECK_ACK(&t.o, ACK_NONE);
    CHECK(!t.o.has_seq_expected && !t.o.has_ack_expected);
    CHECK_SEQ(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), SEQ_SYN);
    CHECK_ACK(&t.o, ACK_HANDSHAKE);
    CHECK(!t.o.has_seq_expected);
    CHECK(t.o.has_ack_expected && talk_offset(&t, CLIENT, t.o.ack_expected) == 1);
    CHECK_SEQ(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000), SEQ_RETRANSMISSION);
}

static void test_the_next_number_is_in_order(void)
{
    struct talk t = half_acknowledged();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10), SEQ_IN_ORDER);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.seq_expected), 401);
    CHECK_EQUAL(t.o.seq_from_frame, 5);
}

static void test_old_is_a_retransmission_and_old_with_new_an_overlap(void)
{
    struct talk t = half_acknowledged();

    CHECK_SEQ(LOOK(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200)->o, SEQ_NOT_JUDGED);
    window_judge(&t.view);
    CHECK_SEQ(&t.o, SEQ_RETRANSMISSION);
    window_judge(LOOK(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 201));
    CHECK_SEQ(&t.o, SEQ_OVERLAP);
    window_judge(LOOK(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 1));
    CHECK_SEQ(&t.o, SEQ_GAP);
}

static void test_one_below_the_next_is_a_keepalive_only_if_all_was_acknowledged(void)
{
    struct talk t = half_acknowledged();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1), SEQ_RETRANSMISSION);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1), SEQ_KEEPALIVE);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1, .data = 1), SEQ_KEEPALIVE);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 399, .ack = 1, .data = 2), SEQ_RETRANSMISSION);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.seq_expected), 401); /* keepalives move nothing */
}

static void test_a_closed_window_is_probed(void)
{
    static const uint32_t probes[][2] = {{400, 0}, {401, 1}, {400, 1}, {401, 0}};

    for (unsigned i = 0; i < 4; i++) {
        struct talk t = half_acknowledged();

        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .shut = true);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1, .wait = 300);
        CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = probes[i][0], .ack = 1, .data = probes[i][1]),
                  SEQ_WINDOW_PROBE);
    }
}

static void test_behind_its_own_fin_nothing_new_may_come(void)
{
    struct talk t = half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 1), SEQ_AFTER_FIN);
    CHECK_BOUND(&t, CLIENT, 402);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1), SEQ_IN_ORDER);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1), SEQ_RETRANSMISSION);
}

static void test_beyond_any_window_it_is_out_and_the_bound_is_named(void)
{
    struct talk t = opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1, .data = 1), SEQ_OUT_OF_WINDOW);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
    CHECK(t.o.remarks & REMARK_SEQ_INVALID);
}

static void test_in_the_window_a_gap_is_lawful(void)
{
    struct talk t = opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = WINDOW, .ack = 1, .data = 1), SEQ_GAP);
    CHECK(!t.o.has_bound);
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

static void test_before_completion_numbers_must_follow_the_isn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = (uint32_t)-5, .ack = 1), SEQ_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1), SEQ_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10), SEQ_GAP);
}

static void test_a_syn_ack_must_acknowledge_the_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = SA, .ack = 2), ACK_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1);
    CHECK(t.o.remarks & REMARK_ACK_INVALID);
}

/* RFC 7323 5.3: new data with a timestamp that is over a second older. */
static void test_an_old_timestamp_tells_an_old_duplicate(void)
{
    for (uint32_t older = 1000; older <= 1001; older++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S, .tsval = 50000);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .tsval = 1);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .tsval = 50000);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10, .tsval = 50000 - older);
        CHECK_SEQ(&t.o, older > 1000 ? SEQ_OLD_TIMESTAMP : SEQ_GAP);
    }
}

static void test_after_24_days_a_timestamp_tells_nothing(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .tsval = 50000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .tsval = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .tsval = 50000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 1, .tsval = 1,
        .wait = 24u * 24 * 3600 * 1000);
    CHECK_SEQ(&t.o, SEQ_GAP);
}

static void test_numbers_of_the_connection_before_are_stale(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 200);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 201, .ack = 1);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], 500000);
    t.isn[SERVER] = seq_add(t.isn[SERVER], 900000);
    talk_open(&t);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 101u - 500000u, .ack = 1, .data = 100),
              SEQ_STALE_INCARNATION);
}

static void test_what_was_sent_before_the_capture_is_not_judged(void)
{
    struct talk t = talk_begin();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 900, .data = 10), SEQ_NOT_JUDGED);
    CHECK_ACK(&t.o, ACK_NOT_JUDGED);
    CHECK(!t.o.has_seq_expected && !t.o.has_ack_expected);
}

/* ------------------------------------------------------------------ acknowledgments */

static void test_an_ack_is_current_partial_duplicate_or_old(void)
{
    struct talk t = half_acknowledged();

    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401));
    CHECK_ACK(&t.o, ACK_CURRENT);
    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 400));
    CHECK_ACK(&t.o, ACK_PARTIAL);
    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201));
    CHECK_ACK(&t.o, ACK_DUPLICATE);
    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 200));
    CHECK_ACK(&t.o, ACK_OLD);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.ack_expected), 401);
    CHECK_EQUAL(t.o.ack_from_frame, 5);
}

static void test_the_ack_of_a_fin_has_a_name(void)
{
    struct talk t = half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401), ACK_PARTIAL);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 402), ACK_OF_FIN);
}

static void test_a_synchronized_connection_requires_ack(void)
{
    struct talk t = opened();

    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = FLAG_PSH, .seq = 1, .data = 5), ACK_MISSING);
    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), ACK_NONE);

    struct talk u = talk_begin();

    CHECK_ACK(SAY(&u, .from = CLIENT, .flags = 0, .seq = 1, .data = 5), ACK_NONE);
}

static void test_an_ack_beyond_any_window_is_of_what_cannot_have_been_sent(void)
{
    struct talk t = opened();

    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10000000), ACK_BEYOND_SENT);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
}

static void test_an_ack_ahead_but_in_the_window_was_not_captured(void)
{
    struct talk t = opened();

    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501), ACK_NOT_CAPTURED);
    CHECK_EQUAL(ack_verdicts[t.o.ack_verdict].valid, UNTOLD);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[CLIENT].nxt), 1); /* not yet believed */
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 10), SEQ_IN_ORDER);
}

static void test_an_ack_ahead_that_comes_again_is_believed(void)
{
    struct talk t = opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[CLIENT].nxt), 501);
}

/* RFC 5961 5: below SND.UNA - MAX.SND.WND. */
static void test_an_ack_below_any_window_is_too_old(void)
{
    for (uint32_t off = 0; off <= 1; off++) {
        struct talk t = opened();

        for (uint32_t i = 0; i < 5; i++) {
            SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 500 * i, .ack = 1, .data = 500);
            SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501 + 500 * i);
        }
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2501 - WINDOW - off);
        CHECK_ACK(&t.o, off ? ACK_TOO_OLD : ACK_OLD);
        if (off)
            CHECK_BOUND(&t, CLIENT, 2501 - WINDOW);
    }
}

static void test_below_the_isn_an_ack_is_too_old_in_any_case(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 0), ACK_TOO_OLD);
    CHECK_BOUND(&t, CLIENT, 1);
}

/* ------------------------------------------------------------------ fairness */

static void test_judging_changes_nothing(void)
{
    static const struct saying sayings[] = {
        {.from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10},
        {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10},
        {.from = CLIENT, .flags = A, .seq = 10000000, .ack = 10000000, .data = 10},
        {.from = SERVER, .flags = A, .seq = 1, .ack = 401},
        {.from = SERVER, .flags = R, .seq = 700},
        {.from = SERVER, .flags = SA, .seq = 0, .ack = 1},
        {.from = CLIENT, .flags = S, .seq = 0},
    };

    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        struct talk t = half_acknowledged();
        struct connection before = *talk_newest(&t);

        window_judge(talk_look(&t, sayings[i]));
        CHECK(memcmp(&before, talk_newest(&t), sizeof before) == 0);
    }
}

static void test_acceptable_means_that_neither_number_is_invalid(void)
{
    struct talk t = half_acknowledged();

    window_judge(LOOK(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10));
    CHECK(t.view.acceptable);
    window_judge(LOOK(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 10));
    CHECK(!t.view.acceptable);
    window_judge(LOOK(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 10000000, .data = 10));
    CHECK(!t.view.acceptable);
}

/* A proxy or a firewall rewrote the numbers: the receiver takes them. */
static void test_who_is_acknowledged_is_accused_no_more(void)
{
    struct talk t = opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 70000000, .ack = 1, .data = 10), SEQ_OUT_OF_WINDOW);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 70000010);
    CHECK(t.o.assumed && !(t.o.remarks & REMARK_ACK_INVALID));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 70000010, .ack = 1, .data = 10);
    CHECK_SEQ(&t.o, SEQ_IN_ORDER);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 170000010, .ack = 1, .data = 10);
    CHECK(!(t.o.remarks & REMARK_SEQ_INVALID));
}

/* Of two SYN-ACKs with different ISNs, the one that is acknowledged counts. */
static void test_of_several_syn_acks_the_acknowledged_one_counts(void)
{
    for (uint32_t chosen = 0; chosen <= 5000; chosen += 5000) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 0, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
        CHECK_ACK(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = chosen + 1), ACK_HANDSHAKE);
        CHECK_EQUAL(t.o.steps, STEP_ACK);
        CHECK_SEQ(SAY(&t, .from = SERVER, .flags = A, .seq = chosen + 1, .ack = 1, .data = 9), SEQ_IN_ORDER);
    }
}

static void judge_sequences(void)
{
    test_a_first_syn_chooses_its_number();
    test_the_next_number_is_in_order();
    test_old_is_a_retransmission_and_old_with_new_an_overlap();
    test_one_below_the_next_is_a_keepalive_only_if_all_was_acknowledged();
    test_a_closed_window_is_probed();
    test_behind_its_own_fin_nothing_new_may_come();
    test_beyond_any_window_it_is_out_and_the_bound_is_named();
    test_in_the_window_a_gap_is_lawful();
    test_the_window_is_scaled_if_both_offered_it();
    test_without_known_scale_nobody_is_accused();
    test_before_completion_numbers_must_follow_the_isn();
    test_an_old_timestamp_tells_an_old_duplicate();
    test_after_24_days_a_timestamp_tells_nothing();
    test_numbers_of_the_connection_before_are_stale();
    test_what_was_sent_before_the_capture_is_not_judged();
}

static void judge_acknowledgments(void)
{
    test_a_syn_ack_must_acknowledge_the_syn();
    test_an_ack_is_current_partial_duplicate_or_old();
    test_the_ack_of_a_fin_has_a_name();
    test_a_synchronized_connection_requires_ack();
    test_an_ack_beyond_any_window_is_of_what_cannot_have_been_sent();
    test_an_ack_ahead_but_in_the_window_was_not_captured();
    test_an_ack_ahead_that_comes_again_is_believed();
    test_an_ack_below_any_window_is_too_old();
    test_below_the_isn_an_ack_is_too_old_in_any_case();
}

int main(void)
{
    judge_sequences();
    judge_acknowledgments();
    test_judging_changes_nothing();
    test_acceptable_means_that_neither_number_is_invalid();
    test_who_is_acknowledged_is_accused_no_more();
    test_of_several_syn_acks_the_acknowledged_one_counts();
    return check_result();
}
