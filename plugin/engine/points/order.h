/* order.h - which of two capture points is nearer to which end?
 *
 * What the clocks of the points differ by falls out of the sum of both directions: the median of second less
 * first of what end 0 sent, and that of first less second of what end 1 sent. It is positive if the first
 * point is nearer to end 0, and about zero if both are one place: a mirror port that shows a packet twice.
 * Ends stay where they are; who is the client changes from connection to connection.
 *
 * What can't be known: how much of the difference in one direction is the clocks', and how much is the way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ORDER_H
#define TCPFSM_ENGINE_ORDER_H

#include "points/transits.h"

enum order {
    ORDER_UNKNOWN, /* one direction has not been seen at both points */
    ORDER_0_FIRST, /* the first point is nearer to end 0 */
    ORDER_1_FIRST,
    ORDER_SAME,   /* one place */
    ORDER_CLOCKS, /* a segment arrives before it departs: the clocks differ */
};

/* Both: the time at the second point less that at the first, of what end 0, end 1 sent. `one_clock`: of one
 * capture device; then one direction comes to the first point first, the other to the second, or else both
 * are one place. */
enum order order_of(const struct transits *end_0, const struct transits *end_1, bool one_clock);

#endif
