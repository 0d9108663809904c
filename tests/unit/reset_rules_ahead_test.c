/* reset_rules_ahead_test.c - a RST above RCV.NXT: inexact, out of the window, or behind what wasn't captured
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* Whether it counts, its receiver has to show. */
static void test_in_the_window_but_not_at_its_edge_nobody_knows(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ_ROW(&t, "rst_ahead", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    CHECK_EQUAL(t.look.j.reset_effect, RST_AHEAD);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1)->seq_verdict, SEQ_NOT_JUDGED);
    CHECK_EQUAL(t.o.reset_cause, RESET_CANNOT_TELL);
    CHECK_EQUAL(t.o.peer.after, ESTABLISHED);
    CHECK(!t.o.has_bound);
    CHECK(t.o.findings == 0);
}

static void test_a_reset_beyond_the_window_is_accused_only_out_of_reach(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_SEQ_ROW(&t, "rst_ahead", .from = CLIENT, .flags = R, .seq = 2 + WINDOW, .ip_id = 2);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED); /* the window may have moved by now */
    CHECK_SEQ_ROW(&t, "rst_beyond_window", .from = CLIENT, .flags = R, .seq = 10000000, .ip_id = 3);
    CHECK_SEQ(&t.look.j, SEQ_OUT_OF_WINDOW);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 1 + WINDOW);
}

static void test_where_packets_are_missing_a_reset_ahead_is_taken_for_exact(void)
{
    struct talk t = talk_opened();
    struct end *client = &talk_newest(&t)->end[CLIENT];

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    client->sent.missing = true;
    CHECK_SEQ_ROW(&t, "rst_behind_hole", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    CHECK_EQUAL(t.look.j.reset_effect, RST_ENDS_ASSUMED);
    CHECK_SEQ_ROW(&t, "rst_behind_hole", .from = CLIENT, .flags = R, .seq = 1 + 2 * WINDOW, .ip_id = 1);
    CHECK_SEQ_ROW(&t, "rst_behind_missing", .from = CLIENT, .flags = R, .seq = 2 + 2 * WINDOW, .ip_id = 1);
    CHECK_EQUAL(t.look.j.reset_effect, RST_IGNORED);
    client->sent.missing = false;
    client->stream.has_acked_unseen = true;
    CHECK_SEQ_ROW(&t, "rst_behind_hole", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    client->stream.has_acked_unseen = false;
    client->stream.syn_sent = false; /* joined late */
    CHECK_SEQ_ROW(&t, "rst_behind_hole", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    client->stream.syn_sent = true; /* captured, but SACK shows that it didn't arrive */
    client->sent.gaps = 1;
    CHECK_SEQ_ROW(&t, "rst_behind_hole", .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
}

static void test_where_the_window_is_not_known_nothing_is_out_of_it(void)
{
    struct talk t = talk_opened(), v = talk_answered();

    talk_newest(&t)->end[SERVER].stream.options_known = false;
    CHECK_SEQ_ROW(&t, "rst_ahead", .from = CLIENT, .flags = R, .seq = 10000000, .ip_id = 1);
    CHECK_SEQ_ROW(&v, "rst_proves_open", .from = SERVER, .flags = R, .seq = 500, .ip_id = 1);
    CHECK_EQUAL(v.look.j.reset_effect, RST_ENDS_ASSUMED);
}

static enum state after_reset_ahead(const uint16_t ids[3])
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .ip_id = ids[0]);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .ip_id = ids[1]);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    return SAY(&t, .from = CLIENT, .flags = R, .seq = 501, .ip_id = ids[2])->peer.after;
}

/* Many hosts count their packets in the IP ID: then it shows that some are missing before a RST. */
static void test_a_jump_of_an_ip_id_that_counts_shows_a_hole(void)
{
    static const uint16_t next[] = {65533, 65534, 65535}, skips[] = {65533, 65534, 7},
                          leaps[] = {65533, 65534, 999};
    static const uint16_t random[] = {4711, 60000, 60007}, none[] = {0, 0, 0};

    CHECK_EQUAL(after_reset_ahead(next), ESTABLISHED);
    CHECK_EQUAL(after_reset_ahead(skips), CLOSED);
    CHECK_EQUAL(after_reset_ahead(leaps), ESTABLISHED);
    CHECK_EQUAL(after_reset_ahead(random), ESTABLISHED);
    CHECK_EQUAL(after_reset_ahead(none), ESTABLISHED); /* IPv6: nothing shows whether some are missing */
}

int main(void)
{
    test_in_the_window_but_not_at_its_edge_nobody_knows();
    test_a_reset_beyond_the_window_is_accused_only_out_of_reach();
    test_where_packets_are_missing_a_reset_ahead_is_taken_for_exact();
    test_where_the_window_is_not_known_nothing_is_out_of_it();
    test_a_jump_of_an_ip_id_that_counts_shows_a_hole();
    return check_result();
}
