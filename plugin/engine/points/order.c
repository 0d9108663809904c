/* order.c - see order.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/order.h"

#include "thresholds.h"
#include "wire/age.h"

/* Does a segment arrive before it has departed, by more than two capture devices may exchange packets?
 * `end_0_first`: the first point is nearer to end 0. */
static bool runs_back(const struct transits *end_0, const struct transits *end_1, bool end_0_first)
{
    int64_t earliest = -INVERTED_MS * NS_PER_MS;
    return end_0_first ? end_0->least < earliest || -end_1->greatest < earliest
                       : end_1->least < earliest || -end_0->greatest < earliest;
}

enum order order_of(const struct transits *end_0, const struct transits *end_1, bool one_clock)
{
    if (end_0->seen == 0 || end_1->seen == 0) {
        return ORDER_UNKNOWN;
    }
    int64_t there = transits_median(end_0), back = transits_median(end_1), both_ways = there - back;
    if (one_clock && ((there >= 0 && back >= 0) || (there <= 0 && back <= 0))) {
        return ORDER_SAME;
    }
    bool end_0_first = both_ways > 0;
    if ((end_0_first ? both_ways : -both_ways) <= SAME_PLACE_US * NS_PER_MS / 1000) {
        return ORDER_SAME;
    }
    if (runs_back(end_0, end_1, end_0_first)) {
        return one_clock ? ORDER_SAME : ORDER_CLOCKS;
    }
    return end_0_first ? ORDER_0_FIRST : ORDER_1_FIRST;
}
