/* stream_open_test.c - which ISN does a SYN give a stream, and what is known of it already?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "streaming.h"

#include "thresholds.h"

static void test_a_syn_tells_the_isn_and_the_options(void)
{
    struct streaming t = {0};

    open(&t, (struct segment){.flags = FLAG_SYN, .frame = 3, .options_known = true});
    CHECK(t.s.syn_sent && t.s.isn_known && t.s.options_known && !t.s.syn_ack_sent && !t.s.has_other_isn);
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    CHECK_EQUAL(t.s.scale, SCALE_NONE);
    CHECK_STREAM(&t, 0, 1, 1);

    struct streaming u = {0};

    open(&u, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .has_scale = true, .scale = 7});
    CHECK(u.s.syn_ack_sent && !u.s.options_known);
    CHECK_EQUAL(u.s.scale, 7);
}

static void test_a_repeated_syn_says_nothing_new(void)
{
    struct streaming t = {0};

    open(&t, (struct segment){.flags = FLAG_SYN, .frame = 3, .has_scale = true, .scale = 7});
    send(&t, 1, 101, 4);
    open(&t, (struct segment){.flags = FLAG_SYN, .frame = 5});
    CHECK_STREAM(&t, 0, 101, 101);
    CHECK_EQUAL(t.s.scale, 7);
    CHECK(!t.s.has_other_isn && !t.s.syn_ack_sent);
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK}); /* RFC 9293 3.5: simultaneous */
    CHECK(t.s.syn_ack_sent && !t.s.has_other_isn);
    open(&t, (struct segment){.flags = FLAG_SYN});
    CHECK(t.s.syn_ack_sent);
}

/* The SYN-ACK was captured before the SYN that it acknowledges, and data of the SYN's end, too. */
static void test_a_syn_behind_what_it_opens_only_names_the_isn(void)
{
    struct streaming t = {0};

    learn_isn(&t, 1);
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    CHECK_STREAM(&t, 1, 1, 1);
    send(&t, 1, 101, 4);
    open(&t, (struct segment){.flags = FLAG_SYN, .frame = 5, .has_scale = true, .scale = 2});
    CHECK_STREAM(&t, 1, 101, 101);
    CHECK_EQUAL(t.sent.nxt_frame, 4);
    CHECK_EQUAL(t.s.scale, 2);
    CHECK(t.s.syn_sent && !t.s.has_other_isn);

    struct streaming u = {0};

    learn_isn(&u, 1);
    open(&u, (struct segment){.flags = FLAG_SYN, .frame = 5});
    CHECK_EQUAL(u.sent.nxt_frame, 5); /* its end is captured now */
}

/* With data in the SYN, what the SYN-ACK acknowledges tells where the SYN ends. */
static void test_a_syn_with_data_may_end_where_the_isn_was_thought(void)
{
    struct streaming t = {0};

    learn_isn(&t, 11);
    open(&t, (struct segment){.flags = FLAG_SYN, .data = 10});
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    CHECK(!t.s.has_other_isn);
    CHECK_STREAM(&t, 11, 11, 11);
    /* Such a one behind a SYN that was captured is another one. */
    open(&t, (struct segment){.flags = FLAG_SYN, .seq = at(-4u), .data = 4});
    CHECK(t.s.has_other_isn);
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), -4);
}

static void test_data_captured_before_such_a_syn_stays(void)
{
    struct streaming t = {0};

    learn_isn(&t, 11);
    send(&t, 11, 101, 2);
    open(&t, (struct segment){.flags = FLAG_SYN, .data = 10, .frame = 3});
    CHECK_STREAM(&t, 11, 101, 101);
    CHECK_EQUAL(t.sent.nxt_frame, 2);
}

/* The peer acknowledged what lies far behind the SYN. */
static void test_between_the_syn_and_what_was_acknowledged_something_is_missing(void)
{
    struct streaming t = {0};

    learn_isn(&t, 5001);
    send(&t, 5001, 5101, 2);
    CHECK(!t.sent.missing);
    open(&t, (struct segment){.flags = FLAG_SYN, .frame = 3});
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    CHECK(t.sent.missing);
}

/* 0 is an ISN like any other, also where none was known. */
static void test_a_syn_with_number_0_begins_a_stream_that_was_joined_anew(void)
{
    const struct segment syn = {.flags = FLAG_SYN, .seq = seq_of(0), .frame = 2};
    struct streaming t = {0};

    send(&t, STRAY_REACH + 2, STRAY_REACH + 102, 1);
    stream_open(&t.s, &t.sent, &syn);
    CHECK_EQUAL(t.s.isn.n, 0);
    CHECK_EQUAL(t.sent.nxt.n, 1);
    CHECK_EQUAL(t.sent.nxt_frame, 2);
}

static void test_a_syn_elsewhere_begins_a_stream_that_was_joined_anew(void)
{
    struct streaming t = {0};

    send(&t, STRAY_REACH + 2, STRAY_REACH + 102, 1);
    open(&t, (struct segment){.flags = FLAG_SYN, .frame = 2});
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    CHECK_EQUAL(seq_diff(t.sent.nxt, at(0)), 1);
}

/* Nothing more than a segment captured before its SYN. */
static void test_a_syn_behind_what_followed_it_gives_the_isn_alone(void)
{
    for (uint32_t end = STRAY_REACH + 1; end <= STRAY_REACH + 2; end++) {
        struct streaming t = {0};

        send(&t, end - 1, end, 1);
        open(&t, (struct segment){.flags = FLAG_SYN, .frame = 2});
        CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
        CHECK_EQUAL(seq_diff(t.sent.nxt, at(0)), end == STRAY_REACH + 1 ? (int32_t)end : 1);
    }
}

static void test_of_several_syn_acks_the_acknowledged_one_is_chosen(void)
{
    struct streaming t = {0};
    seq_t first = at(1), second = at(5001);

    CHECK(!stream_is_other_isn(&t.s, seq_of(1))); /* not even 0 */
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK});
    stream_choose_isn(&t.s, &t.sent, second); /* there was one only */
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .seq = at(5000)});
    CHECK(t.s.has_other_isn && !t.s.rewritten);
    CHECK(stream_is_other_isn(&t.s, first) && !stream_is_other_isn(&t.s, second));
    stream_choose_isn(&t.s, &t.sent, first);
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    CHECK_EQUAL(seq_diff(t.sent.nxt, at(0)), 1);
    CHECK(stream_is_other_isn(&t.s, second));
    stream_choose_isn(&t.s, &t.sent, at(77)); /* none of them */
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 0);
    stream_choose_isn(&t.s, &t.sent, second); /* and back: the other is not forgotten */
    CHECK_EQUAL(seq_diff(t.s.isn, at(0)), 5000);
    CHECK_EQUAL(seq_diff(t.sent.nxt, at(0)), 5001);
}

/* What was acknowledged or claimed of the one is nothing of the other. */
static void test_with_another_isn_begins_another_stream(void)
{
    struct streaming t = {0};

    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK});
    acknowledge_up_to(&t, 1);
    stream_claim(&t.s, at(301));
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .seq = at(5000)});
    CHECK(!t.s.una_known && !t.s.has_acked_unseen);
    CHECK_EQUAL(acknowledge_up_to(&t, 5001), RAISED_ALL);
    stream_choose_isn(&t.s, &t.sent, at(1));
    CHECK(stream_check(&t.s, &t.sent) == NULL);
    CHECK(!t.s.una_known);
}

static void test_more_syn_acks_than_two_are_taken_for_rewritten_numbers(void)
{
    struct streaming t = {0};

    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK});
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .seq = at(5000)});
    CHECK(!t.s.rewritten);
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .seq = at(9000)});
    CHECK(t.s.rewritten);
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .seq = at(9900)});
    CHECK(t.s.rewritten);
}

static void test_rewritten_numbers_stay_so_with_another_isn(void)
{
    struct streaming t = {0};

    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK});
    stream_suspect(&t.s, at(90100));
    stream_vindicate(&t.s, &t.sent);
    open(&t, (struct segment){.flags = FLAG_SYN | FLAG_ACK, .seq = at(5000)});
    CHECK(t.s.rewritten);
}

int main(void)
{
    test_a_syn_tells_the_isn_and_the_options();
    test_a_repeated_syn_says_nothing_new();
    test_a_syn_behind_what_it_opens_only_names_the_isn();
    test_a_syn_with_data_may_end_where_the_isn_was_thought();
    test_data_captured_before_such_a_syn_stays();
    test_between_the_syn_and_what_was_acknowledged_something_is_missing();
    test_a_syn_with_number_0_begins_a_stream_that_was_joined_anew();
    test_a_syn_behind_what_followed_it_gives_the_isn_alone();
    test_a_syn_elsewhere_begins_a_stream_that_was_joined_anew();
    test_of_several_syn_acks_the_acknowledged_one_is_chosen();
    test_with_another_isn_begins_another_stream();
    test_more_syn_acks_than_two_are_taken_for_rewritten_numbers();
    test_rewritten_numbers_stay_so_with_another_isn();
    return check_result();
}
