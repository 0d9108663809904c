/* order.h - which of two capture points is nearer to the client?
 *
 * What the clocks of the points differ by falls out of the sum of both directions: the median of second less
 * first from client to server, and that of first less second from server to client. It is positive if the
 * first point is nearer to the client, and about zero if both are one place: a mirror port that shows a
 * packet twice.
 *
 * What can't be known: how much of the difference in one direction is the clocks', and how much is the way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ORDER_H
#define TCPFSM_ENGINE_ORDER_H

#include "points/transits.h"

enum order {
    ORDER_UNKNOWN,      /* one direction has not been seen at both points */
    ORDER_CLIENT_FIRST, /* the first point is nearer to the client */
    ORDER_SERVER_FIRST,
    ORDER_SAME,   /* one place */
    ORDER_CLOCKS, /* a segment arrives before it departs: the clocks differ */
};

/* Both: the time at the second point less that at the first, of what the client, the server sent. */
enum order order_of(const struct transits *client, const struct transits *server);

#endif
