/* stream_offers_test.c - what is acknowledged and offered, timestamps, how far an ISN tells anything
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "streaming.h"

static void test_an_ack_raises_una_and_tells_that_all_below_arrived(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    send(&t, 201, 301, 2);
    CHECK_EQUAL(acknowledge_up_to(&t, 201), RAISED_PART); /* the gap was only not captured */
    CHECK_STREAM(&t, 201, 301, 301);
    CHECK_EQUAL(acknowledge_up_to(&t, 101), RAISED_NOTHING);
    CHECK_EQUAL(acknowledge_up_to(&t, 201), RAISED_NOTHING);
    CHECK_STREAM(&t, 201, 301, 301);
    CHECK_EQUAL(acknowledge_up_to(&t, 301), RAISED_ALL);
    CHECK_STREAM(&t, 301, 301, 301);
}

static void test_the_first_ack_raises_whatever_it_says(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    CHECK_EQUAL(acknowledge_up_to(&t, 1), RAISED_PART);
    CHECK(t.s.una_known);
}

static void test_an_ack_beyond_the_end_ends_what_was_claimed_below_it(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    stream_claim(&t.s, at(301));
    CHECK_EQUAL(acknowledge_up_to(&t, 201), RAISED_ALL);
    CHECK(t.s.has_acked_unseen);
    CHECK_EQUAL(acknowledge_up_to(&t, 301), RAISED_ALL);
    CHECK_STREAM(&t, 301, 301, 301);
    CHECK(t.sent.missing && !t.s.has_acked_unseen);
}

/* RFC 9293 3.8.6.1: the probe's byte may be taken, or not. */
static void test_the_byte_of_a_probe_is_out_until_it_is_acknowledged(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    stream_take_probe_byte(&t.s);
    acknowledge_up_to(&t, 101);
    CHECK(t.s.probe_byte);
    acknowledge_up_to(&t, 102);
    CHECK(!t.s.probe_byte);
    CHECK_STREAM(&t, 102, 102, 102);
    send(&t, 102, 201, 2);
    acknowledge_up_to(&t, 201);
    CHECK(!t.s.probe_byte);
}

/* No window is larger: ACKs that raised SND.UNA are missing from the capture. */
static void test_what_was_acknowledged_a_window_ago_is_not_known_any_more(void)
{
    for (uint32_t more = 0; more <= 1; more++) {
        struct streaming t = {0};

        send(&t, 1, 101, 1);
        acknowledge_up_to(&t, 101);
        send(&t, 101, WINDOW_MAX, 2);
        send(&t, WINDOW_MAX, 101 + WINDOW_MAX + more, 3);
        CHECK_EQUAL(t.s.una_known, more == 0);
    }
}

/* Half of the number circle behind it, an ISN tells nothing on old and new any more. */
static void test_after_a_gigabyte_the_isn_is_far(void)
{
    for (uint32_t more = 0; more <= 1; more++) {
        struct streaming t = {0};

        open(&t, (struct segment){.flags = FLAG_SYN});
        CHECK(stream_is_before_isn(&t.s, at(-1u)));
        send(&t, 1, 1u << 29, 1);
        acknowledge_up_to(&t, 1u << 29);
        send(&t, 1u << 29, (1u << 30) + more, 2);
        CHECK_EQUAL(t.s.isn_far, more);
        CHECK_EQUAL(stream_is_before_isn(&t.s, at(-1u)), !more);
    }
}

/* 2^31 from it, the ISN seems to lie ahead. */
static void test_a_far_isn_stays_far(void)
{
    struct streaming t = {0};

    open(&t, (struct segment){.flags = FLAG_SYN});
    for (uint32_t i = 1; i <= 7; i++) {
        send(&t, i == 1 ? 1 : (i - 1) << 29, i << 29, i);
        acknowledge_up_to(&t, i << 29);
        CHECK_EQUAL(t.s.isn_far, i > 2);
    }
    send(&t, 7u << 29, 5, 8); /* once round */
    CHECK(t.s.isn_far);
}

static void test_without_an_isn_nothing_is_far_from_it(void)
{
    struct streaming t = {0};

    t.s.isn = at(0x40000000);
    send(&t, 1, 101, 1);
    CHECK(!t.s.isn_far);
}

static void test_only_an_isn_that_is_near_and_sure_tells_what_lies_before_it(void)
{
    struct streaming t = {0};

    learn_isn(&t, 1); /* there may have been other SYNs */
    CHECK(!stream_is_before_isn(&t.s, at(-1u)));
    open(&t, (struct segment){.flags = FLAG_SYN});
    CHECK(stream_is_before_isn(&t.s, at(-1u)));
    CHECK(!stream_is_before_isn(&t.s, at(0)));
    t.s.has_other_isn = true;
    CHECK(!stream_is_before_isn(&t.s, at(-1u)));
}

static void test_the_right_edge_of_the_window_never_shrinks(void)
{
    struct streaming t = {0};

    stream_send_ack(&t.s, at(1), true);
    stream_offer_right(&t.s, at(5001));
    stream_offer_right(&t.s, at(11));
    CHECK(t.s.right_known);
    CHECK_EQUAL(seq_diff(t.s.right, at(0)), 5001);
    stream_offer_right(&t.s, at(5002));
    CHECK_EQUAL(seq_diff(t.s.right, at(0)), 5002);

    struct streaming low = {0}; /* the first counts, wherever it lies on the circle */

    low.s.right = at(0);
    stream_offer_right(&low.s, at(-100u));
    CHECK_EQUAL(seq_diff(low.s.right, at(0)), -100);
}

static uint16_t largest(uint16_t before, struct segment seg)
{
    struct stream s = {.max_window = before};

    stream_offer(&s, 77);
    stream_offer_largest(&s, &seg);
    CHECK_EQUAL(s.window, 77); /* the last, not the largest */
    return s.max_window;
}

/* RFC 7323 2.2: "the window field in a segment where the SYN bit is set must not be scaled". It is kept as
 * if it were, and covers no less. */
static void test_the_largest_window_is_kept_in_scaled_units(void)
{
    CHECK_EQUAL(largest(0, (struct segment){.window = 1000}), 1000);
    CHECK_EQUAL(largest(0, (struct segment){.window = 1000, .scale = 7}), 1000); /* no such option */
    CHECK_EQUAL(largest(1001, (struct segment){.window = 1000}), 1001);
    CHECK_EQUAL(largest(0, (struct segment){.window = 64000, .has_scale = true, .scale = 7}), 500);
    CHECK_EQUAL(largest(0, (struct segment){.window = 64001, .has_scale = true, .scale = 7}), 501);
    CHECK_EQUAL(largest(0, (struct segment){.window = 65535, .has_scale = true, .scale = 14}), 4);
    CHECK_EQUAL(largest(0, (struct segment){.window = 65535, .has_scale = true, .scale = 0}), 65535);
}

static struct segment stamped(uint32_t tsval)
{
    return (struct segment){.has_timestamps = true, .tsval = tsval};
}

static void take(struct stream *s, struct segment seg)
{
    stream_take_timestamp(s, &seg);
}

/* RFC 7323 5.3: modulo 2^32. */
static void test_the_latest_timestamp_counts(void)
{
    struct stream s = {0};

    take(&s, (struct segment){.tsval = 9});
    CHECK(!s.ts_known);
    take(&s, stamped(0xfffffff0)); /* the first, though it is "before" 0 */
    CHECK(s.ts_known);
    CHECK_EQUAL(s.ts_recent, 0xfffffff0);
    take(&s, stamped(0xffffffef));
    CHECK_EQUAL(s.ts_recent, 0xfffffff0);
    take(&s, stamped(5));
    CHECK_EQUAL(s.ts_recent, 5);
    take(&s, (struct segment){.tsval = 9});
    CHECK_EQUAL(s.ts_recent, 5);
}

static void test_different_acks_are_counted_up_to_many(void)
{
    struct stream s = {0};

    stream_send_ack(&s, at(1), true);
    CHECK_EQUAL(s.acks_seen, 1);
    stream_send_ack(&s, at(1), true);
    CHECK_EQUAL(s.acks_seen, 1);
    stream_send_ack(&s, at(101), true);
    CHECK_EQUAL(s.acks_seen, 2);
    CHECK_EQUAL(seq_diff(s.last_ack, at(0)), 101);
    for (uint32_t i = 2; i < 9; i++) {
        stream_send_ack(&s, at(i * 100), true);
        CHECK_EQUAL(s.acks_seen, ACKS_SEEN_MANY);
    }
}

static void test_where_acks_may_be_missing_there_were_many(void)
{
    struct stream s = {0};

    stream_send_ack(&s, at(1), false);
    CHECK_EQUAL(s.acks_seen, ACKS_SEEN_MANY);
}

static void test_an_heir_has_the_numbers_but_not_the_fin(void)
{
    struct stream old = {.isn = at(0), .isn_known = true, .fin_sent = true, .rewritten = true}, s = {0};

    stream_fin_acknowledged(&old, at(9));
    stream_deny_padding(&old);
    stream_inherit(&s, &old);
    CHECK(s.isn_known && seq_equal(s.isn, at(0)) && seq_equal(s.fin_acked_at, at(9)) && s.padded);
    CHECK(!s.fin_sent && !s.rewritten);
    stream_forget(&s);
    CHECK(!s.isn_known);
}

int main(void)
{
    test_an_ack_raises_una_and_tells_that_all_below_arrived();
    test_the_first_ack_raises_whatever_it_says();
    test_an_ack_beyond_the_end_ends_what_was_claimed_below_it();
    test_the_byte_of_a_probe_is_out_until_it_is_acknowledged();
    test_what_was_acknowledged_a_window_ago_is_not_known_any_more();
    test_after_a_gigabyte_the_isn_is_far();
    test_a_far_isn_stays_far();
    test_without_an_isn_nothing_is_far_from_it();
    test_only_an_isn_that_is_near_and_sure_tells_what_lies_before_it();
    test_the_right_edge_of_the_window_never_shrinks();
    test_the_largest_window_is_kept_in_scaled_units();
    test_the_latest_timestamp_counts();
    test_different_acks_are_counted_up_to_many();
    test_where_acks_may_be_missing_there_were_many();
    test_an_heir_has_the_numbers_but_not_the_fin();
    return check_result();
}
