/* rest_test.c - what has not been seen of a segment's bytes, against a set of them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "points/rest.h"

enum { SIZE = 6, ALL = (1 << SIZE) - 1, OUTSIDE = 2, PIECES = 3 };

static const uint32_t origin = 0xfffffffd; /* the numbers go round */

static seq_t at(int byte)
{
    return seq_add(seq_of(origin), (uint32_t)byte);
}

static unsigned bytes(int from, int to)
{
    unsigned set = 0;
    for (int i = from; i < to; i++) {
        set |= i >= 0 && i < SIZE ? 1u << i : 0;
    }
    return set;
}

/* The edges stand where they have to, or further out; and never is anything taken off that wasn't seen. */
static void check(const struct rest *rest, unsigned seen)
{
    int left = seq_diff(rest->left, at(0)), right = seq_diff(rest->right, at(0));
    CHECK(left >= 0 && left <= right && right <= SIZE);
    CHECK_EQUAL(ALL & ~seen & ~bytes(left, right), 0);
    CHECK_EQUAL(rest_is_over(rest), left == right);
    unsigned middle = bytes(seq_diff(rest->middle_left, at(0)), seq_diff(rest->middle_right, at(0)));
    CHECK_EQUAL(middle & ~seen, 0);
}

static void take(struct rest rest, unsigned seen, unsigned pieces)
{
    check(&rest, seen);
    for (int from = -OUTSIDE; pieces > 0 && from < SIZE + OUTSIDE; from++) {
        for (int to = from + 1; to <= SIZE + OUTSIDE; to++) {
            struct rest next = rest;
            rest_take(&next, at(from), at(to));
            take(next, seen | bytes(from, to), pieces - 1);
        }
    }
}

static void test_nothing_is_taken_off_that_was_not_seen(void)
{
    take(rest_of(at(0), at(SIZE)), 0, PIECES);
}

static void test_in_turn_around_one_hole_it_is_exact(void)
{
    for (int from = 0; from < SIZE; from++) {
        for (int to = from + 1; to <= SIZE; to++) {
            struct rest rest = rest_of(at(0), at(SIZE));
            for (int i = 0; i < SIZE; i++) {
                if (i < from || i >= to) {
                    rest_take(&rest, at(i), at(i + 1));
                }
            }
            CHECK_EQUAL(seq_diff(rest.left, at(0)), from);
            CHECK_EQUAL(seq_diff(rest.right, at(0)), to);
        }
    }
}

static void test_a_piece_that_is_joined_later_goes_with_the_edge(void)
{
    struct rest rest = rest_of(at(0), at(SIZE));
    rest_take(&rest, at(2), at(3));
    rest_take(&rest, at(3), at(4));
    CHECK_EQUAL(seq_diff(rest.right, at(0)), SIZE);
    rest_take(&rest, at(0), at(2));
    CHECK_EQUAL(seq_diff(rest.left, at(0)), 4);
    rest_take(&rest, at(4), at(SIZE));
    CHECK(rest_is_over(&rest));
}

static void test_numbers_move_together(void)
{
    struct rest rest = rest_of(at(0), at(SIZE));
    rest_take(&rest, at(2), at(3));
    rest_shift(&rest, 1);
    rest_take(&rest, at(-1), at(1));
    CHECK_EQUAL(seq_diff(rest.left, at(0)), 2);
    CHECK_EQUAL(seq_diff(rest.right, at(0)), SIZE - 1);
    rest_end(&rest);
    CHECK(rest_is_over(&rest));
}

static void test_what_others_have(void)
{
    struct rest own = rest_of(at(0), at(SIZE)), only = own;
    CHECK(!rest_has_nothing_of(&only, &own));
    rest_take(&only, at(0), at(4));
    CHECK(!rest_has_nothing_of(&only, &own));
    rest_take(&own, at(4), at(SIZE));
    CHECK(rest_has_nothing_of(&only, &own));
}

int main(void)
{
    test_nothing_is_taken_off_that_was_not_seen();
    test_in_turn_around_one_hole_it_is_exact();
    test_a_piece_that_is_joined_later_goes_with_the_edge();
    test_numbers_move_together();
    test_what_others_have();
    return check_result();
}
