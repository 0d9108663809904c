/* sent_check_test.c - a struct sent that can't be is noticed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pieces.h"

static const char *const DISORDER =
    "sent: RCV.NXT < first block < last block <= SND.NXT, as far as there are gaps";

/* nxt is 501; with a gap: 101 to 400; with two, a block from 201 to 300 in it. */
static struct sent good(unsigned gaps)
{
    struct sent s = {.nxt = at(501), .nxt_known = true, .missing = gaps > 0, .gaps = gaps & 3u};

    if (gaps >= 1) {
        s.first_gap = at(101);
        s.last_left = at(401);
    }
    if (gaps == 2) {
        s.first_left = at(201);
        s.first_right = at(301);
    }
    return s;
}

/* One member of good(gaps) is `value`. */
#define CHECK_FAULT(gaps_, member, value, fault)   \
    do {                                           \
        struct sent broken_ = good(gaps_);         \
        broken_.member = (value);                  \
        CHECK_STRING(sent_check(&broken_), fault); \
    } while (0)

#define CHECK_FINE(gaps_, member, value)   \
    do {                                   \
        struct sent fine_ = good(gaps_);   \
        fine_.member = (value);            \
        CHECK(sent_check(&fine_) == NULL); \
    } while (0)

static void test_streams_without_a_gap_with_one_and_with_two_are_fine(void)
{
    struct sent unknown = {0};

    CHECK(sent_check(&unknown) == NULL);
    for (unsigned gaps = 0; gaps <= 2; gaps++) {
        struct sent s = good(gaps);

        CHECK(sent_check(&s) == NULL);
    }
}

static void test_gaps_need_a_stream(void)
{
    CHECK_FAULT(1, nxt_known, false, "sent: gaps in a stream that isn't known");
    CHECK_FINE(0, nxt_known, false);
}

static void test_without_a_gap_nothing_is_said_of_one(void)
{
    CHECK_FAULT(0, first_gap, at(101), DISORDER);
    CHECK_FAULT(0, first_left, at(101), DISORDER);
    CHECK_FAULT(0, first_right, at(101), DISORDER);
    CHECK_FAULT(0, last_left, at(101), DISORDER);
}

static void test_a_gap_lies_before_the_block_behind_it(void)
{
    CHECK_FAULT(1, first_gap, at(401), DISORDER);
    CHECK_FINE(1, first_gap, at(400));
    CHECK_FAULT(1, last_left, at(502), DISORDER);
    CHECK_FINE(1, last_left, at(501)); /* a pure ACK */
}

static void test_of_two_gaps_the_first_lies_before_the_first_block(void)
{
    CHECK_FAULT(2, first_gap, at(201), DISORDER);
    CHECK_FINE(2, first_gap, at(200));
    CHECK_FAULT(2, first_right, at(200), DISORDER);
    CHECK_FINE(2, first_right, at(201));
}

static void test_of_two_gaps_the_second_lies_before_the_last_block(void)
{
    CHECK_FAULT(2, first_right, at(401), DISORDER);
    CHECK_FINE(2, first_right, at(400));
    CHECK_FAULT(2, last_left, at(502), DISORDER);
    CHECK_FINE(2, last_left, at(501));
}

static void test_there_are_no_three_gaps(void)
{
    CHECK_FAULT(2, gaps, 3, DISORDER);
}

static void test_a_hole_is_of_what_is_missing(void)
{
    CHECK_FINE(1, hole, HOLE_OPEN);
    CHECK_FAULT(0, hole, HOLE_OPEN, "sent: a hole, but nothing is missing");
}

int main(void)
{
    test_a_hole_is_of_what_is_missing();
    test_streams_without_a_gap_with_one_and_with_two_are_fine();
    test_gaps_need_a_stream();
    test_without_a_gap_nothing_is_said_of_one();
    test_a_gap_lies_before_the_block_behind_it();
    test_of_two_gaps_the_first_lies_before_the_first_block();
    test_of_two_gaps_the_second_lies_before_the_last_block();
    test_there_are_no_three_gaps();
    return check_result();
}
