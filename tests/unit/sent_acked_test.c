/* sent_acked_test.c - what do acknowledgments and SACK tell of the numbers that have passed?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pieces.h"

static void test_an_ack_in_a_gap_shortens_it_and_no_frame_ends_there(void)
{
    struct sent s = with_gaps(1);

    acknowledge(&s, 101); /* as much was known */
    CHECK_FRAMES(&s, 1, 2);
    acknowledge(&s, 151);
    CHECK_SENT(&s, 151, 301, 1);
    CHECK_FRAMES(&s, 0, 2);
    acknowledge(&s, 201); /* the gap was only not captured */
    CHECK_SENT(&s, 301, 301, 0);
    CHECK_FRAMES(&s, 2, 2);
}

static void test_an_ack_within_a_block_takes_in_all_of_it(void)
{
    struct sent s = with_gaps(2);

    acknowledge(&s, 251);
    CHECK_SENT(&s, 301, 501, 1);
    CHECK_FRAMES(&s, 0, 3);
    acknowledge(&s, 401);
    CHECK_SENT(&s, 501, 501, 0);
    s = with_gaps(2);
    acknowledge(&s, 351); /* between the blocks */
    CHECK_SENT(&s, 351, 501, 1);
}

static void test_an_ack_below_the_first_gap_changes_nothing(void)
{
    struct sent s = with_gaps(2), before = s;

    acknowledge(&s, 51);
    CHECK(is_same_sent(&s, &before));
}

static void test_an_ack_beyond_the_end_shows_that_more_was_sent(void)
{
    struct sent s = with_gaps(1);

    s.missing = false;
    acknowledge(&s, 302);
    CHECK_SENT(&s, 302, 302, 0);
    CHECK_FRAMES(&s, 0, 0);
    CHECK(s.missing);
}

/* A pure ACK at 301 shows that the bytes before it were sent; none of their frames was captured. */
static void test_the_end_that_a_pure_ack_showed_is_in_no_frame(void)
{
    struct sent s = {0};

    pass(&s, 1, 101, 1);
    CHECK(!sent_ends_in_gap(&s));
    pass(&s, 301, 301, 2);
    CHECK_SENT(&s, 101, 301, 1);
    CHECK(sent_ends_in_gap(&s));
    acknowledge(&s, 201);
    CHECK_FRAMES(&s, 0, 2);
    acknowledge(&s, 301);
    CHECK_SENT(&s, 301, 301, 0);
    CHECK_FRAMES(&s, 0, 0);
    CHECK(!sent_ends_in_gap(&s));

    struct sent data = with_gaps(1);

    CHECK(!sent_ends_in_gap(&data));
    acknowledge(&data, 301);
    CHECK_FRAMES(&data, 2, 2);
}

static void test_closed_gaps_leave_the_edge_at_the_end(void)
{
    for (unsigned gaps = 1; gaps <= 2; gaps++) {
        struct sent s = with_gaps(gaps);

        sent_close(&s);
        CHECK_SENT(&s, gaps == 2 ? 501 : 301, gaps == 2 ? 501 : 301, 0);
        CHECK_EQUAL(sent_rcv_nxt_frame(&s), gaps + 1);
        CHECK(sent_check(&s) == NULL);
    }
}

/* RFC 7323 2.3: no window is larger than 2^30. */
static void test_what_lies_a_window_behind_has_arrived(void)
{
    enum { HALF = 1 << 29 };
    struct sent s = with_gaps(1);

    pass(&s, 301, HALF, 3);
    pass(&s, HALF, 101 + 2 * HALF, 4);
    CHECK_SENT(&s, 101, 101 + 2 * HALF, 1);
    pass(&s, 101 + 2 * HALF, 102 + 2 * HALF, 5);
    CHECK_SENT(&s, 102 + 2 * HALF, 102 + 2 * HALF, 0);

    s = with_gaps(1);
    pass(&s, 301, HALF, 3);
    pass(&s, 101 + 2 * HALF, 101 + 2 * HALF, 4); /* a pure ACK that far ahead */
    CHECK_EQUAL(s.gaps, 2);
    pass(&s, 102 + 2 * HALF, 102 + 2 * HALF, 5);
    CHECK_EQUAL(s.gaps, 0);
}

static void test_sack_opens_a_gap_that_nobody_saw(void)
{
    struct sent s = {0};

    pass(&s, 1, 301, 1);
    sent_reopen_gap(&s, at(101), at(201));
    CHECK_SENT(&s, 101, 301, 1);
    CHECK_FRAMES(&s, 0, 1);
    CHECK(sent_check(&s) == NULL);
    pass(&s, 101, 201, 2);
    CHECK_SENT(&s, 301, 301, 0);
}

static void test_sack_opens_no_gap_where_it_says_nothing(void)
{
    static const uint32_t nonsense[][2] = {{201, 101}, {101, 101}, {101, 301}, {101, 400}};

    for (unsigned i = 0; i < 4; i++) {
        struct sent s = {0};

        pass(&s, 1, 301, 1);
        sent_reopen_gap(&s, at(nonsense[i][0]), at(nonsense[i][1]));
        CHECK_SENT(&s, 301, 301, 0);
    }

    struct sent s = with_gaps(1), before = s;

    sent_reopen_gap(&s, at(221), at(241)); /* there is one already */
    CHECK(is_same_sent(&s, &before));
}

static void test_a_restarted_stream_has_no_gaps_and_no_frame(void)
{
    struct sent s = with_gaps(2);

    sent_restart(&s, at(9000));
    CHECK_SENT(&s, 9000, 9000, 0);
    CHECK_FRAMES(&s, 0, 0);
    CHECK(sent_check(&s) == NULL);
}

static void test_what_is_missing_is_remembered_until_all_is_forgotten(void)
{
    struct sent s = {0}, heir = {0};

    pass(&s, 1, 101, 1);
    sent_miss(&s);
    CHECK(s.missing);
    sent_inherit(&heir, &s);
    CHECK(is_same_sent(&heir, &s));
    sent_forget(&s);
    CHECK(!s.missing && !s.nxt_known);
}

/* The ACK that covers it comes with a window of then; the next is that of now. */
static void test_a_hole_is_closed_by_the_second_ack_that_covers_all(void)
{
    struct sent s = with_gaps(1);

    CHECK_EQUAL(s.hole, HOLE_OPEN);
    sent_cover(&s);
    CHECK_EQUAL(s.hole, HOLE_OPEN); /* not as long as there are gaps */
    acknowledge(&s, 301);
    CHECK_EQUAL(s.hole, HOLE_OPEN);
    sent_cover(&s);
    CHECK_EQUAL(s.hole, HOLE_COVERED);
    sent_cover(&s);
    CHECK_EQUAL(s.hole, HOLE_NONE);
    sent_cover(&s);
    CHECK_EQUAL(s.hole, HOLE_NONE);
    CHECK(s.missing);
    sent_miss(&s);
    CHECK_EQUAL(s.hole, HOLE_OPEN);
}

static void test_padding_is_taken_off_the_end_only_without_gaps(void)
{
    struct sent s = with_gaps(1), whole = with_gaps(1);

    sent_trim(&s, 6);
    CHECK(seq_equal(s.nxt, with_gaps(1).nxt));
    sent_close(&whole);
    sent_trim(&whole, 6);
    CHECK(seq_equal(whole.nxt, seq_sub(with_gaps(1).nxt, 6)));
}

int main(void)
{
    test_a_hole_is_closed_by_the_second_ack_that_covers_all();
    test_padding_is_taken_off_the_end_only_without_gaps();
    test_an_ack_in_a_gap_shortens_it_and_no_frame_ends_there();
    test_an_ack_within_a_block_takes_in_all_of_it();
    test_an_ack_below_the_first_gap_changes_nothing();
    test_an_ack_beyond_the_end_shows_that_more_was_sent();
    test_the_end_that_a_pure_ack_showed_is_in_no_frame();
    test_closed_gaps_leave_the_edge_at_the_end();
    test_what_lies_a_window_behind_has_arrived();
    test_sack_opens_a_gap_that_nobody_saw();
    test_sack_opens_no_gap_where_it_says_nothing();
    test_a_restarted_stream_has_no_gaps_and_no_frame();
    test_what_is_missing_is_remembered_until_all_is_forgotten();
    return check_result();
}
