/* window_test.c - are the numbers of a segment acceptable, and what was expected instead?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "window.h"

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
    struct talk t = talk_half_acknowledged();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10), SEQ_IN_ORDER);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.seq_expected), 401);
    CHECK_EQUAL(t.o.seq_from_frame, 5);
}

static void test_old_is_a_retransmission_and_old_with_new_an_overlap(void)
{
    struct talk t = talk_half_acknowledged();

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
    struct talk t = talk_half_acknowledged();

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
        struct talk t = talk_half_acknowledged();

        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .shut = true);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1, .wait = 300);
        CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = probes[i][0], .ack = 1, .data = probes[i][1]),
                  SEQ_WINDOW_PROBE);
    }
}

static void test_behind_its_own_fin_nothing_new_may_come(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 1), SEQ_AFTER_FIN);
    CHECK_BOUND(&t, CLIENT, 402);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1), SEQ_IN_ORDER);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1), SEQ_RETRANSMISSION);
}

static void test_beyond_any_window_it_is_out_and_the_bound_is_named(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1, .data = 1), SEQ_OUT_OF_WINDOW);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
    CHECK(t.o.findings & FINDING_SEQ_INVALID);
}

static void test_in_the_window_a_gap_is_lawful(void)
{
    struct talk t = talk_opened();

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

/* The SYN-ACK was not captured, so the peer is known to have sent two different ACKs only. */
static void test_a_reset_at_the_number_of_the_fin_is_stale(void)
{
    for (uint32_t before = 0; before <= 1; before++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10);
        SAY(&t, .from = CLIENT, .flags = FA, .seq = 10, .ack = 1);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
        SAY(&t, .from = CLIENT, .flags = R, .seq = 10 - before);
        CHECK_SEQ(&t.o, before ? SEQ_OUT_OF_WINDOW : SEQ_STALE_RESET);
    }
}

static void test_numbers_of_the_connection_before_are_stale(void)
{
    struct talk t = talk_opened();

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
        struct talk t = talk_half_acknowledged();
        struct snapshot before = talk_snapshot(&t);

        window_judge(talk_look(&t, sayings[i]));
        CHECK(talk_is_unchanged(&t, &before));
    }
}

static void test_acceptable_means_that_neither_number_is_invalid(void)
{
    struct talk t = talk_half_acknowledged();

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
    struct talk t = talk_opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 70000000, .ack = 1, .data = 10), SEQ_OUT_OF_WINDOW);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 70000010);
    CHECK(t.o.assumed && !(t.o.findings & FINDING_ACK_INVALID));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 70000010, .ack = 1, .data = 10);
    CHECK_SEQ(&t.o, SEQ_IN_ORDER);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 170000010, .ack = 1, .data = 10);
    CHECK(!(t.o.findings & FINDING_SEQ_INVALID));
}

static void test_a_reset_beyond_the_window_is_accused_only_out_of_reach(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    window_judge(LOOK(&t, .from = CLIENT, .flags = R, .seq = 1 + WINDOW, .ip_id = 1));
    CHECK_SEQ(&t.o, SEQ_INEXACT_RESET); /* the window may have moved by now */
    CHECK_BOUND(&t, CLIENT, 1);
    window_judge(LOOK(&t, .from = CLIENT, .flags = R, .seq = 1 + WINDOW + 500, .ip_id = 2));
    CHECK_SEQ(&t.o, SEQ_NOT_JUDGED);
    window_judge(LOOK(&t, .from = CLIENT, .flags = R, .seq = 10000000, .ip_id = 3));
    CHECK_SEQ(&t.o, SEQ_OUT_OF_WINDOW);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
}

/* Behind the SYN-ACK that was not the last, with its first bytes not captured. */
static void test_of_two_syn_acks_either_may_be_what_data_follows(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 0, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = A, .seq = 101, .ack = 1, .data = 50)->findings, 0);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->findings, 0);
}

static enum seq_verdict inexact_reset(const uint16_t ids[3])
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .ip_id = ids[0]);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .ip_id = ids[1]);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    return SAY(&t, .from = CLIENT, .flags = R, .seq = 501, .ip_id = ids[2])->seq_verdict;
}

/* Many hosts count their packets in the IP ID: then it shows that some are missing before a RST. */
static void test_a_jump_of_an_ip_id_that_counts_excuses_an_inexact_reset(void)
{
    static const uint16_t next[] = {65533, 65534, 65535}, skips[] = {65533, 65534, 7},
                          leaps[] = {65533, 65534, 999};
    static const uint16_t random[] = {4711, 60000, 60007}, none[] = {0, 0, 0};

    CHECK_EQUAL(inexact_reset(next), SEQ_INEXACT_RESET);
    CHECK_EQUAL(inexact_reset(skips), SEQ_NOT_JUDGED);
    CHECK_EQUAL(inexact_reset(leaps), SEQ_INEXACT_RESET);
    CHECK_EQUAL(inexact_reset(random), SEQ_INEXACT_RESET);
    CHECK_EQUAL(inexact_reset(none), SEQ_NOT_JUDGED); /* IPv6: nothing shows whether some are missing */
}

/* The last packets of the old connection may be captured behind the SYN of the new one. */
static void test_stale_numbers_directly_behind_a_new_syn_accuse_nobody(void)
{
    for (uint32_t wait = 5; wait <= 6; wait++) {
        struct talk t = talk_half_acknowledged();

        SAY(&t, .from = CLIENT, .flags = RA, .seq = 401, .ack = 1);
        t.isn[CLIENT] = seq_add(t.isn[CLIENT], 500000);
        SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 201u - 500000u, .ack = 1, .data = 200, .wait = wait);
        CHECK_EQUAL((t.o.findings & FINDING_SEQ_INVALID) != 0, wait > 5);
    }
}

/* Whether the receiver has what was sent beyond the gap, and the gap itself, can't be told. */
static void test_a_reset_at_a_gap_that_its_peer_did_not_show_is_not_judged(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 100);
    window_judge(LOOK(&t, .from = CLIENT, .flags = R, .seq = 401));
    CHECK_SEQ(&t.o, SEQ_NOT_JUDGED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401); /* now it shows that it waits there */
    window_judge(LOOK(&t, .from = CLIENT, .flags = R, .seq = 401));
    CHECK_SEQ(&t.o, SEQ_IN_ORDER);
}

int main(void)
{
    test_stale_numbers_directly_behind_a_new_syn_accuse_nobody();
    test_a_reset_at_a_gap_that_its_peer_did_not_show_is_not_judged();
    test_a_reset_beyond_the_window_is_accused_only_out_of_reach();
    test_of_two_syn_acks_either_may_be_what_data_follows();
    test_a_jump_of_an_ip_id_that_counts_excuses_an_inexact_reset();
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
    test_a_reset_at_the_number_of_the_fin_is_stale();
    test_numbers_of_the_connection_before_are_stale();
    test_what_was_sent_before_the_capture_is_not_judged();
    test_judging_changes_nothing();
    test_acceptable_means_that_neither_number_is_invalid();
    test_who_is_acknowledged_is_accused_no_more();
    return check_result();
}
