/* seq_test.c - sequence numbers modulo 2^32, RFC 9293 section 3.4
 *
 * Every statement is made at several places of the number circle, those around
 * the wrap among them: it must hold at each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "wire/seq.h"

static const uint32_t origins[] = {
    0, 1, 100, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xfffffffe, 0xffffffff,
};

enum { ORIGINS = sizeof origins / sizeof origins[0] };

static void test_adding_and_subtracting_go_round_the_circle(void)
{
    for (unsigned i = 0; i < ORIGINS; i++) {
        seq_t a = seq_of(origins[i]);

        CHECK_EQUAL(seq_add(a, 0).n, a.n);
        CHECK_EQUAL(seq_sub(seq_add(a, 4096), 4096).n, a.n);
        CHECK_EQUAL(seq_diff(seq_add(a, 1), a), 1);
        CHECK_EQUAL(seq_diff(a, seq_add(a, 1)), -1);
        CHECK_EQUAL(seq_diff(seq_add(a, 0x7fffffff), a), INT32_MAX);
        CHECK_EQUAL(seq_diff(a, seq_add(a, 0x7fffffff)), -INT32_MAX);
    }
    CHECK_EQUAL(seq_add(seq_of(0xffffffff), 1).n, 0);
    CHECK_EQUAL(seq_sub(seq_of(0), 1).n, 0xffffffff);
}

static void test_a_distance_goes_forward_only(void)
{
    for (unsigned i = 0; i < ORIGINS; i++) {
        seq_t a = seq_of(origins[i]);

        CHECK_EQUAL(seq_distance(a, a), 0);
        CHECK_EQUAL(seq_distance(a, seq_add(a, 1)), 1);
        CHECK_EQUAL(seq_distance(a, seq_add(a, 0x80000001)), 0x80000001);
        CHECK_EQUAL(seq_distance(a, seq_sub(a, 1)), 0xffffffff);
    }
}

static void test_less_than_half_the_circle_on_is_later(void)
{
    for (unsigned i = 0; i < ORIGINS; i++) {
        seq_t a = seq_of(origins[i]);

        CHECK(seq_equal(a, a));
        CHECK(!seq_before(a, a));
        CHECK(!seq_after(a, a));
        CHECK_EQUAL(seq_max(a, a).n, a.n);
        for (unsigned bit = 0; bit < 31; bit++) {
            seq_t later = seq_add(a, UINT32_C(1) << bit);

            CHECK(seq_before(a, later));
            CHECK(!seq_before(later, a));
            CHECK(seq_after(later, a));
            CHECK(!seq_after(a, later));
            CHECK(!seq_equal(a, later));
            CHECK_EQUAL(seq_max(a, later).n, later.n);
            CHECK_EQUAL(seq_max(later, a).n, later.n);
        }
    }
}

static void test_between_includes_both_borders(void)
{
    for (unsigned i = 0; i < ORIGINS; i++) {
        seq_t a = seq_of(origins[i]);
        seq_t first = seq_sub(a, 10), last = seq_add(a, 10);

        CHECK(seq_between(a, first, last));
        CHECK(seq_between(first, first, last));
        CHECK(seq_between(last, first, last));
        CHECK(seq_between(a, a, a));
        CHECK(!seq_between(seq_sub(first, 1), first, last));
        CHECK(!seq_between(seq_add(last, 1), first, last));
    }
}

static void test_the_earlier_and_the_later_of_two(void)
{
    for (unsigned i = 0; i < ORIGINS; i++) {
        seq_t a = seq_of(origins[i]), b = seq_add(a, 10);

        CHECK_EQUAL(seq_min(a, b).n, a.n);
        CHECK_EQUAL(seq_min(b, a).n, a.n);
        CHECK_EQUAL(seq_max(a, b).n, b.n);
        CHECK_EQUAL(seq_max(b, a).n, b.n);
    }
}

int main(void)
{
    test_the_earlier_and_the_later_of_two();
    test_adding_and_subtracting_go_round_the_circle();
    test_a_distance_goes_forward_only();
    test_less_than_half_the_circle_on_is_later();
    test_between_includes_both_borders();
    return check_result();
}
