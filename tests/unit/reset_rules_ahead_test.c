/* reset_rules_ahead_test.c - a RST above RCV.NXT: inexact, out of the window, or behind what wasn't captured
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

static struct talk answered(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    return t;
}

static void test_in_the_window_but_not_at_its_edge_it_is_challenged(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ_ROW(&t, "rst_inexact", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1)->seq_verdict, SEQ_INEXACT_RESET);
    CHECK_EQUAL(t.o.reset_cause, RESET_NOT_ACCEPTABLE);
    CHECK_EQUAL(t.o.peer.after, ESTABLISHED);
    CHECK(t.o.has_bound && talk_offset(&t, CLIENT, t.o.bound) == 1);
    CHECK(t.o.findings & FINDING_RESET_SUSPECT);
}

static void test_a_reset_beyond_the_window_is_accused_only_out_of_reach(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_SEQ_ROW(&t, "rst_inexact", .from = CLIENT, .flags = R, .seq = 1 + WINDOW, .ip_id = 1);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 1); /* the window may have moved by now */
    CHECK_SEQ_ROW(&t, "rst_ahead_of_window", .from = CLIENT, .flags = R, .seq = 2 + WINDOW, .ip_id = 2);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
    CHECK_SEQ_ROW(&t, "rst_beyond_window", .from = CLIENT, .flags = R, .seq = 10000000, .ip_id = 3);
    CHECK_SEQ(&t.look.j, SEQ_OUT_OF_WINDOW);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 1 + WINDOW);
}

static void test_where_packets_or_windows_may_be_missing_a_reset_ahead_is_not_judged(void)
{
    struct talk t = talk_opened(), u = talk_opened(), v = answered();

    talk_newest(&t)->end[CLIENT].sent.missing = true;
    CHECK_SEQ_ROW(&t, "rst_behind_missing", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    talk_newest(&t)->end[CLIENT].sent.missing = false; /* captured, but SACK shows that it didn't arrive */
    talk_newest(&t)->end[CLIENT].sent.gaps = 1;
    CHECK_SEQ_ROW(&t, "rst_behind_missing", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    talk_newest(&u)->end[SERVER].stream.options_known = false;
    CHECK_SEQ_ROW(&u, "rst_behind_missing", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    CHECK_SEQ_ROW(&v, "rst_behind_missing", .from = SERVER, .flags = R, .seq = 500,
                  .ip_id = 1); /* no ACK yet */
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

int main(void)
{
    test_in_the_window_but_not_at_its_edge_it_is_challenged();
    test_a_reset_beyond_the_window_is_accused_only_out_of_reach();
    test_where_packets_or_windows_may_be_missing_a_reset_ahead_is_not_judged();
    test_a_jump_of_an_ip_id_that_counts_excuses_an_inexact_reset();
    return check_result();
}
