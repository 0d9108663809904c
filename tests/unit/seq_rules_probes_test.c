/* seq_rules_probes_test.c - which segments are keepalives and window probes?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* --- keepalives --- */

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

static void test_a_keepalive_carries_no_fin_and_a_byte_at_most(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401);
    CHECK_SEQ_ROW(&t, "keepalive", .from = CLIENT, .flags = A, .seq = 400, .ack = 1);
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = FA, .seq = 400, .ack = 1);
    CHECK_SEQ_ROW(&t, "overlap", .from = CLIENT, .flags = A, .seq = 400, .ack = 1, .data = 2);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 1);
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = A, .seq = 399, .ack = 1);
}

/* One direction was captured: nothing shows what was acknowledged. */
static void test_of_an_end_whose_peer_is_never_heard_it_is_a_keepalive(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 300);
    CHECK_SEQ_ROW(&t, "keepalive", .from = CLIENT, .flags = A, .seq = 399, .ack = 1);
}

/* --- window probes, RFC 9293 3.8.6.1 --- */

/* The server has closed its window; the client spoke last, or it did. */
static struct talk shut(bool client_spoke_last)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .shut = true);
    if (client_spoke_last)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1);
    return t;
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

static void test_a_window_probe_carries_no_fin_and_a_byte_at_most(void)
{
    struct talk t = shut(true);

    CHECK_SEQ_ROW(&t, "window_probe", .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 1);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 2);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = FA, .seq = 401, .ack = 1, .data = 1);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = A, .seq = 399, .ack = 1, .data = 1);
}

static void test_an_open_window_is_not_probed(void)
{
    struct talk t = talk_half_acknowledged(), u = talk_begin();

    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 1);
    SAY(&u, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 1);
    CHECK_SEQ_ROW(&u, "in_order", .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 1); /* unknown */
}

/* Empty at SND.NXT is what any ACK looks like, too. */
static void test_an_empty_segment_that_says_or_answers_something_is_no_probe(void)
{
    struct talk t = shut(true), u = shut(false);

    CHECK_SEQ_ROW(&t, "window_probe", .from = CLIENT, .flags = A, .seq = 401, .ack = 1);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 2);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .window = 900);
    CHECK_SEQ_ROW(&u, "in_order", .from = CLIENT, .flags = A, .seq = 401, .ack = 1);
    CHECK_SEQ_ROW(&u, "window_probe", .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 1);
}

static void test_a_first_ack_repeats_nothing_and_is_no_probe(void)
{
    struct talk t = talk_begin();

    t.isn[SERVER] = seq_of(0xffffffff); /* so that its first ACK is of 0 */
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .shut = true);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

/* With something outstanding, the oldest byte of it can be asked for again. */
static void test_a_probe_may_lie_below_what_is_acknowledged(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201, .shut = true);
    CHECK_SEQ_ROW(&t, "window_probe", .from = CLIENT, .flags = A, .seq = 200, .ack = 1);
    CHECK_SEQ_ROW(&t, "window_probe", .from = CLIENT, .flags = A, .seq = 400, .ack = 1);
    talk_newest(&t)->end[CLIENT].stream.una_known = false;
    CHECK_SEQ_ROW(&t, "retransmission", .from = CLIENT, .flags = A, .seq = 200, .ack = 1);
}

int main(void)
{
    test_one_below_the_next_is_a_keepalive_only_if_all_was_acknowledged();
    test_a_keepalive_carries_no_fin_and_a_byte_at_most();
    test_of_an_end_whose_peer_is_never_heard_it_is_a_keepalive();
    test_a_closed_window_is_probed();
    test_a_window_probe_carries_no_fin_and_a_byte_at_most();
    test_an_open_window_is_not_probed();
    test_an_empty_segment_that_says_or_answers_something_is_no_probe();
    test_a_first_ack_repeats_nothing_and_is_no_probe();
    test_a_probe_may_lie_below_what_is_acknowledged();
    return check_result();
}
