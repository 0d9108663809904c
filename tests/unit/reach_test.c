/* reach_test.c - how far may a number lie from what was captured?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/reach.h"
#include "talk.h"

enum { ROUND_TRIP_US = 20000, DISORDER = 5 };

/* Windows that may have come and gone after so many milliseconds. */
static uint32_t windows_after(uint32_t ms)
{
    return 1 + 2 * (ms + DISORDER) * 1000 / ROUND_TRIP_US;
}

/* Both ends have spoken, so that the window of either begins at an ACK. */
static void set_round_trip(struct talk *t, uint32_t us)
{
    talk_newest(t)->dialogue.round_trip_us = us;
    talk_newest(t)->dialogue.halves = BOTH_HALVES;
}

static struct talk both_heard(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    set_round_trip(&t, ROUND_TRIP_US);
    return t;
}

static bool is_beyond(struct talk *t, uint32_t number, uint32_t wait)
{
    const struct seg_ctx *ctx =
        &LOOK(t, .from = CLIENT, .flags = A, .seq = number, .ack = 1, .wait = wait)->ctx;
    seq_t right;

    CHECK(reach_right_edge(ctx->peer, ctx->sender, &right));
    return reach_is_beyond(ctx, ctx->peer, right, ctx->seg->seq);
}

static void test_the_largest_window_is_scaled_and_that_of_a_syn_is_not(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .scale = 3, .window = 60000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = 7, .window = 60000);

    struct connection *c = talk_newest(&t);

    CHECK_EQUAL(reach_max_window(c, &c->end[CLIENT]), 60000); /* that of the SYN */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 500);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 400);
    CHECK_EQUAL(reach_max_window(c, &c->end[CLIENT]), 60000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 8000);
    CHECK_EQUAL(reach_max_window(c, &c->end[CLIENT]), 8000 << 3);
}

static void test_a_window_that_was_never_offered_may_be_the_largest_without_a_scale(void)
{
    struct talk t = talk_opened();
    struct connection *c = talk_newest(&t);

    c->end[SERVER].stream.max_window = 0;
    CHECK_EQUAL(reach_max_window(c, &c->end[SERVER]), 65535);
}

static void test_the_right_edge_begins_at_the_isn_as_long_as_there_is_no_ack(void)
{
    struct talk t = talk_begin();
    seq_t right;

    SAY(&t, .from = CLIENT, .flags = S, .window = 600);

    struct connection *c = talk_newest(&t);

    CHECK(!reach_right_edge(&c->end[CLIENT], &c->end[SERVER], &right));
    CHECK(!reach_right_edge(&c->end[SERVER], &c->end[CLIENT], &right));
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .window = 500);
    CHECK(reach_right_edge(&c->end[CLIENT], &c->end[SERVER], &right));
    CHECK_EQUAL(talk_offset(&t, SERVER, right), 601);
    CHECK(reach_right_edge(&c->end[SERVER], &c->end[CLIENT], &right));
    CHECK_EQUAL(talk_offset(&t, CLIENT, right), 501);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 101, .window = 500);
    CHECK(reach_right_edge(&c->end[CLIENT], &c->end[SERVER], &right));
    CHECK_EQUAL(talk_offset(&t, SERVER, right), 601);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 101, .window = 700);
    CHECK(reach_right_edge(&c->end[CLIENT], &c->end[SERVER], &right));
    CHECK_EQUAL(talk_offset(&t, SERVER, right), 801);
}

/* A window moves by its own size at most once a round trip: the longer nothing was captured, the more
 * windows may have come and gone beside the capture. */
static void test_the_reach_grows_with_the_time_since_the_last_segment(void)
{
    static const uint32_t waits[] = {1, 5, 6, 200, 60000};

    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct talk t = both_heard(), u = both_heard();
        uint32_t farthest = 1 + WINDOW + windows_after(waits[i]) * WINDOW;

        CHECK(!is_beyond(&t, farthest, waits[i]));
        CHECK(is_beyond(&u, farthest + 1, waits[i]));
    }
}

/* SYN and SYN-ACK; of the server no window but that of the SYN-ACK counts. */
static void test_until_step_3_one_window_counts(void)
{
    struct talk t = talk_answered();

    CHECK(!is_beyond(&t, 1 + WINDOW, 1));
    CHECK(is_beyond(&t, 2 + WINDOW, 1));
    t = talk_answered();
    CHECK(is_beyond(&t, 2 + WINDOW, 1000));
    t = talk_answered(); /* meanwhile all may have passed that was not captured */
    CHECK(!is_beyond(&t, 2 + WINDOW, 1001));
    t = talk_answered();
    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    CHECK(!is_beyond(&t, 2 + WINDOW, 1));
    t = talk_answered(); /* nor does anybody close before */
    const struct seg_ctx *ctx = &LOOK(&t, .from = CLIENT, .flags = FA, .seq = 2 + WINDOW, .ack = 1)->ctx;
    CHECK(!reach_is_beyond(ctx, ctx->peer, seq_add(t.isn[CLIENT], 1 + WINDOW), ctx->seg->seq));
}

static void test_without_times_a_tick_of_the_clock_stands_for_the_round_trip(void)
{
    struct talk t = both_heard(), u = both_heard();
    uint32_t farthest = 1 + WINDOW + (1 + 2 * (1 + DISORDER)) * WINDOW;

    set_round_trip(&t, 0);
    CHECK(!is_beyond(&t, farthest, 1));
    set_round_trip(&u, 0);
    CHECK(is_beyond(&u, farthest + 1, 1));
}

static void test_where_the_stream_has_passed_the_window_updates_are_missing(void)
{
    struct talk t = both_heard();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = WINDOW);
    CHECK(is_beyond(&t, 1u << 30, 1));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + WINDOW, .ack = 1, .data = 1);
    CHECK(!is_beyond(&t, 1u << 30, 1));
    /* those of the server, whose window that is; the client's may all be there */
    const struct seg_ctx *ctx = &LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 1)->ctx;
    seq_t right = seq_of(0);
    CHECK(reach_right_edge(ctx->sender, ctx->peer, &right));
    CHECK(reach_is_beyond(ctx, ctx->sender, right, seq_add(right, 1u << 30)));
}

static void test_the_window_of_a_syn_ack_is_not_the_largest_of_a_scaled_connection(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .scale = 7);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = 7);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(!is_beyond(&t, 1u << 30, 1));
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(is_beyond(&t, 1u << 30, 1));
}

static bool acks_unseen(struct talk *t, uint32_t ack)
{
    return reach_acks_unseen(&LOOK(t, .from = CLIENT, .flags = A, .seq = 1, .ack = ack, .wait = 1)->ctx);
}

static void test_what_is_acknowledged_beyond_all_captured_shows_that_some_is_missing(void)
{
    struct talk t = talk_answered();

    CHECK(!acks_unseen(&t, 1));
    CHECK(acks_unseen(&t, 2));
    CHECK(acks_unseen(&t, MISSED_MAX)); /* in the handshake no window says how far */
    CHECK(!acks_unseen(&t, 1 + MISSED_MAX));
    t = both_heard();
    CHECK(!acks_unseen(&t, 1));
    CHECK(acks_unseen(&t, 2));
    CHECK(!acks_unseen(&t, 1 + 10 * WINDOW));
    CHECK(!reach_acks_unseen(&LOOK(&t, .from = CLIENT, .flags = 0, .seq = 1, .ack = 2)->ctx));
    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    CHECK(!acks_unseen(&t, 2));
}

static bool follows_unseen(struct talk *t, uint32_t seq)
{
    return reach_follows_unseen(&LOOK(t, .from = CLIENT, .flags = A, .seq = seq, .ack = 1)->ctx);
}

static void test_what_follows_behind_all_captured_shows_that_some_is_missing(void)
{
    struct talk t = talk_answered(), u = talk_begin();

    CHECK(!follows_unseen(&t, 1));
    CHECK(follows_unseen(&t, 2));
    CHECK(follows_unseen(&t, MISSED_MAX));
    CHECK(!follows_unseen(&t, 1 + MISSED_MAX));
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(!follows_unseen(&u, 5)); /* nothing is known of the client */
}

/* A clock that runs back by more than 10 s jumps. */
static void test_a_clock_that_runs_back_a_little_is_disorder(void)
{
    struct talk t = talk_opened();
    const struct seg_ctx *ctx = &LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->ctx;
    uint32_t now = time_ms(ctx->seg->time);

    CHECK_EQUAL(seg_ctx_since_ms(ctx, now - 7), 7);
    CHECK_EQUAL(seg_ctx_since_ms(ctx, now + 9999), 0);
    CHECK_EQUAL(seg_ctx_since_ms(ctx, now + 10000), 0);
    CHECK(seg_ctx_since_ms(ctx, now + 10001) > 1000000);
}

static void test_what_lies_in_the_window_is_not_beyond(void)
{
    struct talk t = both_heard();

    CHECK(!is_beyond(&t, 1, 1));
    CHECK(!is_beyond(&t, WINDOW, 1));
    CHECK(!is_beyond(&t, 1 + WINDOW, 1));
}

static void test_without_a_round_trip_nothing_is_beyond(void)
{
    struct talk t = both_heard();

    talk_newest(&t)->dialogue.halves = 0;
    CHECK(!is_beyond(&t, 1u << 30, 1));
}

static void test_without_a_known_scale_nothing_is_beyond(void)
{
    struct talk t = both_heard();

    talk_newest(&t)->end[SERVER].stream.options_known = false;
    CHECK(!is_beyond(&t, 1u << 30, 1));
}

/* With a scale, a window that was not captured may be a gigabyte; without one it has 65535 bytes at most. */
static void test_without_any_window_a_scale_leaves_all_open(void)
{
    for (unsigned scale = 0; scale <= 7; scale += 7) {
        struct talk t = both_heard();
        struct connection *c = talk_newest(&t);

        if (scale)
            c->end[CLIENT].stream.scale = c->end[SERVER].stream.scale = scale & 15u;
        CHECK(is_beyond(&t, 1u << 30, 1));
        c->end[SERVER].stream.max_window = 0;
        CHECK_EQUAL(is_beyond(&t, 1u << 30, 1), scale == 0);
    }
}

static void test_where_packets_of_either_end_are_missing_nothing_is_beyond(void)
{
    for (unsigned end = CLIENT; end <= SERVER; end++) {
        struct talk t = both_heard();

        talk_newest(&t)->end[end].sent.missing = true; /* but all of it was acknowledged */
        CHECK(is_beyond(&t, 1u << 30, 1));
        talk_newest(&t)->end[end].sent.hole = HOLE_COVERED;
        CHECK(!is_beyond(&t, 1u << 30, 1));
        talk_newest(&t)->end[end].sent.hole = HOLE_OPEN;
        CHECK(!is_beyond(&t, 1u << 30, 1));
    }
}

static void test_the_opening_is_known_if_the_syn_was_captured(void)
{
    struct talk t = talk_begin(), u = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(reach_opening_is_known(talk_newest(&t)));
    SAY(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!reach_opening_is_known(talk_newest(&u)));
}

/* Packets 5 ms apart may stand in the capture in another order: in a fast network windows move meanwhile. */
static void test_an_ack_may_be_old_by_disorder_where_round_trips_are_short(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);

    const struct seg_ctx *ctx = &LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->ctx;
    struct dialogue *d = &talk_newest(&t)->dialogue;
    seq_t lowest = seq_add(t.isn[SERVER], 1);

    d->round_trip_us = 2000; /* five windows in 2 * 5 ms */
    CHECK(reach_may_be_disorder(ctx, lowest, seq_sub(lowest, 5 * WINDOW)));
    CHECK(!reach_may_be_disorder(ctx, lowest, seq_sub(lowest, 5 * WINDOW + 1)));
    d->round_trip_us = 20000;
    CHECK(reach_may_be_disorder(ctx, lowest, seq_sub(lowest, WINDOW))); /* one in any case */
    CHECK(!reach_may_be_disorder(ctx, lowest, seq_sub(lowest, WINDOW + 1)));
    d->halves = 0; /* unknown */
    CHECK(reach_may_be_disorder(ctx, lowest, seq_sub(lowest, WINDOW)));
    CHECK(!reach_may_be_disorder(ctx, lowest, seq_sub(lowest, WINDOW + 1)));
}

/* Far below any window, in a network whose round trips are too long to explain it. The server's last
 * packet had the IP ID and the timestamp 50. */
static bool may_have_waited(struct saying late, bool counts)
{
    struct talk t = talk_opened();
    struct connection *c = talk_newest(&t);

    set_round_trip(&t, 50000);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .ip_id = 50, .tsval = 50);
    c->end[SERVER].path.ids_jump = !counts;
    late.from = SERVER;
    late.flags = A;
    late.wait = late.wait ? late.wait : 1;

    seq_t lowest = seq_of(0);

    return reach_may_be_disorder(&talk_look(&t, late)->ctx, lowest, seq_sub(lowest, 1000000));
}

/* A mirror port lets a packet wait; IP IDs that count, or else timestamps, show that it was sent before. */
static void test_who_counts_shows_whether_a_packet_was_overtaken(void)
{
    CHECK(may_have_waited((struct saying){.ip_id = 49}, true));
    CHECK(may_have_waited((struct saying){.ip_id = 49, .wait = DISORDER}, true));
    CHECK(!may_have_waited((struct saying){.ip_id = 49, .wait = DISORDER + 1}, true));
    CHECK(!may_have_waited((struct saying){.ip_id = 51, .tsval = 50}, true)); /* sent later, for sure */
    CHECK(may_have_waited((struct saying){.ip_id = 51, .tsval = 50}, false));
    CHECK(may_have_waited((struct saying){.tsval = 50}, true));
    CHECK(!may_have_waited((struct saying){.tsval = 51}, true));
    CHECK(!may_have_waited((struct saying){.wait = 1}, true)); /* nothing shows it */
}

static void test_a_first_timestamp_shows_no_order(void)
{
    struct talk t = talk_opened();
    const struct seg_ctx *ctx =
        &LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .tsval = 0x90000000u, .wait = 1)->ctx;

    set_round_trip(&t, 50000);
    CHECK(!reach_may_be_disorder(ctx, seq_of(0), seq_sub(seq_of(0), 1000000)));
}

int main(void)
{
    test_the_largest_window_is_scaled_and_that_of_a_syn_is_not();
    test_a_window_that_was_never_offered_may_be_the_largest_without_a_scale();
    test_the_right_edge_begins_at_the_isn_as_long_as_there_is_no_ack();
    test_the_reach_grows_with_the_time_since_the_last_segment();
    test_until_step_3_one_window_counts();
    test_without_times_a_tick_of_the_clock_stands_for_the_round_trip();
    test_where_the_stream_has_passed_the_window_updates_are_missing();
    test_the_window_of_a_syn_ack_is_not_the_largest_of_a_scaled_connection();
    test_what_is_acknowledged_beyond_all_captured_shows_that_some_is_missing();
    test_what_follows_behind_all_captured_shows_that_some_is_missing();
    test_a_clock_that_runs_back_a_little_is_disorder();
    test_what_lies_in_the_window_is_not_beyond();
    test_without_a_round_trip_nothing_is_beyond();
    test_without_a_known_scale_nothing_is_beyond();
    test_without_any_window_a_scale_leaves_all_open();
    test_where_packets_of_either_end_are_missing_nothing_is_beyond();
    test_the_opening_is_known_if_the_syn_was_captured();
    test_an_ack_may_be_old_by_disorder_where_round_trips_are_short();
    test_who_counts_shows_whether_a_packet_was_overtaken();
    test_a_first_timestamp_shows_no_order();
    return check_result();
}
