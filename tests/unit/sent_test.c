/* sent_test.c - which numbers of a stream have passed, and where are the gaps?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pieces.h"

static void test_the_first_segment_begins_the_stream(void)
{
    struct sent s = {0};

    pass(&s, 1, 101, 7);
    CHECK(s.nxt_known);
    CHECK_SENT(&s, 101, 101, 0);
    CHECK_FRAMES(&s, 7, 7);
    CHECK(!s.missing);
}

static void test_a_stream_that_begins_anew_has_no_gaps(void)
{
    struct sent s = with_gaps(2);

    sent_begin(&s, at(9000), 8);
    CHECK_SENT(&s, 9000, 9000, 0);
    CHECK_FRAMES(&s, 8, 8);
    CHECK(sent_check(&s) == NULL);
}

static void test_what_follows_moves_both_edges_and_names_its_frame(void)
{
    struct sent s = {0};

    pass(&s, 1, 101, 1);
    pass(&s, 101, 201, 2);
    CHECK_SENT(&s, 201, 201, 0);
    CHECK_FRAMES(&s, 2, 2);
    pass(&s, 1, 101, 3); /* old bytes move nothing */
    pass(&s, 101, 201, 3);
    CHECK_SENT(&s, 201, 201, 0);
    CHECK_FRAMES(&s, 2, 2);
    pass(&s, 151, 301, 4); /* old and new */
    CHECK_SENT(&s, 301, 301, 0);
    CHECK_FRAMES(&s, 4, 4);
    CHECK(!s.missing);
}

static void test_a_gap_stops_the_edge_until_it_is_filled(void)
{
    struct sent s = with_gaps(1);

    CHECK_SENT(&s, 101, 301, 1);
    CHECK_FRAMES(&s, 1, 2);
    CHECK(s.missing);
    pass(&s, 51, 101, 3); /* old bytes */
    CHECK_FRAMES(&s, 1, 2);
    pass(&s, 101, 151, 3);
    CHECK_SENT(&s, 151, 301, 1);
    CHECK_FRAMES(&s, 3, 2);
    pass(&s, 151, 201, 4);
    CHECK_SENT(&s, 301, 301, 0);
    CHECK_FRAMES(&s, 2, 2); /* where the last byte stands */
}

static void test_two_gaps_are_kept_apart_and_filled_in_either_order(void)
{
    for (int later_first = 0; later_first <= 1; later_first++) {
        struct sent s = with_gaps(2);

        CHECK_SENT(&s, 101, 501, 2);
        pass(&s, later_first ? 301 : 101, later_first ? 401 : 201, 4);
        CHECK_SENT(&s, later_first ? 101 : 301, 501, 1);
        pass(&s, later_first ? 101 : 301, later_first ? 201 : 401, 5);
        CHECK_SENT(&s, 501, 501, 0);
    }
}

static void test_what_was_behind_a_filled_gap_has_no_frame(void)
{
    struct sent s = with_gaps(2);

    pass(&s, 101, 201, 4);
    CHECK_FRAMES(&s, 0, 3); /* the frame that ends at 301 isn't kept */

    s = with_gaps(2);
    pass(&s, 101, 301, 4); /* but this one ends there itself */
    CHECK_SENT(&s, 301, 501, 1);
    CHECK_FRAMES(&s, 4, 3);
}

static void test_of_three_gaps_the_later_count_as_filled(void)
{
    struct sent s = with_gaps(2);

    pass(&s, 601, 701, 4);
    CHECK_SENT(&s, 101, 701, 2);
    pass(&s, 101, 201, 5);
    CHECK_SENT(&s, 501, 701, 1); /* 301 to 400 is forgotten, 501 to 600 is not */
}

static void test_a_piece_in_the_middle_of_a_gap_splits_it(void)
{
    struct sent s = with_gaps(1);

    pass(&s, 141, 161, 3);
    CHECK_SENT(&s, 101, 301, 2);
    pass(&s, 101, 141, 4);
    CHECK_SENT(&s, 161, 301, 1);
}

static void test_a_piece_at_the_end_of_a_gap_shortens_it(void)
{
    struct sent s = with_gaps(1);

    pass(&s, 151, 201, 3);
    CHECK_SENT(&s, 101, 301, 1);
    pass(&s, 101, 151, 4);
    CHECK_SENT(&s, 301, 301, 0);
}

static void test_a_block_grows_at_both_of_its_sides(void)
{
    static const uint32_t pieces[][2] = {{181, 201}, {301, 321}, {181, 321}, {181, 250}, {250, 321}};

    for (unsigned i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        uint32_t from = pieces[i][0] < 201 ? pieces[i][0] : 201;
        uint32_t to = pieces[i][1] > 301 ? pieces[i][1] : 301;
        struct sent s = with_gaps(2);

        pass(&s, pieces[i][0], pieces[i][1], 4);
        CHECK_SENT(&s, 101, 501, 2);
        CHECK_EQUAL(seq_diff(s.first_left, at(0)), from);
        CHECK_EQUAL(seq_diff(s.first_right, at(0)), to);
    }
}

static void test_a_third_piece_that_touches_no_block_is_forgotten(void)
{
    static const uint32_t pieces[][2] = {{121, 141}, {321, 341}};

    for (unsigned i = 0; i < 2; i++) {
        struct sent s = with_gaps(2);
        struct sent before = s;

        pass(&s, pieces[i][0], pieces[i][1], 4);
        CHECK(is_same_sent(&s, &before));
    }
}

static void test_a_piece_that_reaches_nothing_new_changes_nothing(void)
{
    for (unsigned gaps = 1; gaps <= 2; gaps++) {
        struct sent s = with_gaps(gaps), before = s;

        pass(&s, 1, 51, 9);
        pass(&s, gaps == 2 ? 411 : 211, gaps == 2 ? 501 : 301, 9);
        pass(&s, 221, 231, 9);
        CHECK(is_same_sent(&s, &before));
    }
}

static void test_data_from_the_last_gap_on_beyond_the_end_closes_it(void)
{
    struct sent s = with_gaps(1);

    pass(&s, 101, 401, 4);
    CHECK_SENT(&s, 401, 401, 0);
    CHECK_FRAMES(&s, 4, 4);
    s = with_gaps(1);
    pass(&s, 151, 401, 4);
    CHECK_SENT(&s, 101, 401, 1);
    CHECK_EQUAL(seq_diff(s.last_left, at(0)), 151);
}

int main(void)
{
    test_the_first_segment_begins_the_stream();
    test_a_stream_that_begins_anew_has_no_gaps();
    test_what_follows_moves_both_edges_and_names_its_frame();
    test_a_gap_stops_the_edge_until_it_is_filled();
    test_two_gaps_are_kept_apart_and_filled_in_either_order();
    test_what_was_behind_a_filled_gap_has_no_frame();
    test_of_three_gaps_the_later_count_as_filled();
    test_a_piece_in_the_middle_of_a_gap_splits_it();
    test_a_piece_at_the_end_of_a_gap_shortens_it();
    test_a_block_grows_at_both_of_its_sides();
    test_a_third_piece_that_touches_no_block_is_forgotten();
    test_a_piece_that_reaches_nothing_new_changes_nothing();
    test_data_from_the_last_gap_on_beyond_the_end_closes_it();
    return check_result();
}
