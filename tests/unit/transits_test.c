/* transits_test.c - how long segments take, and the median of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "points/transits.h"

static void none(void)
{
    struct transits t = {.count = 0};
    CHECK_EQUAL(transits_median(&t), NO_TIME);
}

static void few(void)
{
    struct transits t = {.count = 0};
    const int64_t times[] = {30, -10, 20, 1000000, 20};
    for (unsigned i = 0; i < 5; i++) {
        transits_add(&t, times[i]);
    }
    CHECK_EQUAL(transits_median(&t), 20);
    CHECK_EQUAL(t.least, -10);
    CHECK_EQUAL(t.greatest, 1000000);
    CHECK_EQUAL(t.seen, 5);
}

/* What is kept is spread over all that were seen: the median moves when the transit does. */
static void many(void)
{
    struct transits t = {.count = 0};
    for (unsigned i = 0; i < 100000; i++) {
        transits_add(&t, i);
        CHECK(t.count <= TRANSITS_KEPT);
    }
    int64_t median = transits_median(&t);
    CHECK(median > 40000 && median < 60000);
    CHECK_EQUAL(t.least, 0);
    CHECK_EQUAL(t.greatest, 99999);
    for (unsigned i = 0; i < 300000; i++) {
        transits_add(&t, 7);
    }
    CHECK_EQUAL(transits_median(&t), 7);
}

int main(void)
{
    none();
    few();
    many();
    return check_result();
}
