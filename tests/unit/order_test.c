/* order_test.c - which point is near to which end, whatever the clocks say
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "points/order.h"
#include "thresholds.h"

#define MS INT64_C(1000000)

static struct transits of(int64_t time)
{
    struct transits t = {.count = 0};
    transits_add(&t, time);
    return t;
}

/* `to_1`, `to_0`: what a segment takes to end 1, to end 0; `ahead`: the clock of the second point. */
static enum order seen(int64_t to_1, int64_t to_0, int64_t ahead, bool end_0_first)
{
    struct transits end_0 = of((end_0_first ? to_1 : -to_1) + ahead);
    struct transits end_1 = of((end_0_first ? -to_0 : to_0) + ahead);
    return order_of(&end_0, &end_1, false);
}

static void both_directions(void)
{
    struct transits none = {.count = 0}, some = of(5 * MS);
    CHECK_EQUAL(order_of(&some, &none, false), ORDER_UNKNOWN);
    CHECK_EQUAL(order_of(&none, &some, false), ORDER_UNKNOWN);
    CHECK_EQUAL(seen(5 * MS, 7 * MS, 0, true), ORDER_0_FIRST);
    CHECK_EQUAL(seen(5 * MS, 7 * MS, 0, false), ORDER_1_FIRST);
}

/* An offset of the clocks falls out of the sum, as long as nothing arrives more than 10 ms too early. */
static void offsets(void)
{
    const int64_t borne = INVERTED_MS * MS;
    for (int64_t way = 1 * MS; way <= 100 * MS; way *= 10) {
        CHECK_EQUAL(seen(way, way, -way - borne, true), ORDER_0_FIRST);
        CHECK_EQUAL(seen(way, way, way + borne, true), ORDER_0_FIRST);
        CHECK_EQUAL(seen(way, way, -way - borne, false), ORDER_1_FIRST);
        CHECK_EQUAL(seen(way, way, way + borne, false), ORDER_1_FIRST);
        CHECK_EQUAL(seen(way, way, -way - borne - 1, true), ORDER_CLOCKS);
        CHECK_EQUAL(seen(way, way, way + borne + 1, true), ORDER_CLOCKS);
        CHECK_EQUAL(seen(way, way, -way - borne - 1, false), ORDER_CLOCKS);
        CHECK_EQUAL(seen(way, way, way + borne + 1, false), ORDER_CLOCKS);
    }
    CHECK_EQUAL(seen(5 * MS, 5 * MS, -3000 * MS, true), ORDER_CLOCKS);
    CHECK_EQUAL(seen(5 * MS, 5 * MS, 7200000 * MS, false), ORDER_CLOCKS);
}

/* A mirror port that shows each packet twice. */
static void one_place(void)
{
    const int64_t most = SAME_PLACE_US * 1000;
    CHECK_EQUAL(seen(most, 0, 0, true), ORDER_SAME);
    CHECK_EQUAL(seen(most / 2, most / 2, 0, false), ORDER_SAME);
    CHECK_EQUAL(seen(0, 0, 0, true), ORDER_SAME);
    CHECK_EQUAL(seen(most + 1, 0, 0, true), ORDER_0_FIRST);
    CHECK_EQUAL(seen(0, most + 1, 0, false), ORDER_1_FIRST);
    CHECK_EQUAL(seen(0, 0, 3 * MS, true), ORDER_SAME); /* each second sighting 3 ms later, both ways */
}

/* The median decides, not a straggler. */
static void stragglers(void)
{
    struct transits end_0 = {.count = 0}, end_1 = {.count = 0};
    for (unsigned i = 0; i < 9; i++) {
        transits_add(&end_0, i == 4 ? 500 * MS : 2 * MS);
        transits_add(&end_1, i == 4 ? -500 * MS : -2 * MS);
    }
    CHECK_EQUAL(order_of(&end_0, &end_1, false), ORDER_0_FIRST);
}

/* One capture device has one clock: what it sees later in both directions is one place, captured twice. */
static void one_clock(void)
{
    struct transits later = of(30 * MS), earlier = of(-4 * MS), both = of(12 * MS);
    CHECK_EQUAL(order_of(&later, &both, true), ORDER_SAME);
    CHECK_EQUAL(order_of(&later, &both, false), ORDER_CLOCKS);
    CHECK_EQUAL(order_of(&later, &earlier, true), ORDER_0_FIRST);
    CHECK_EQUAL(order_of(&earlier, &later, true), ORDER_1_FIRST);
}

int main(void)
{
    both_directions();
    offsets();
    one_place();
    stragglers();
    one_clock();
    return check_result();
}
