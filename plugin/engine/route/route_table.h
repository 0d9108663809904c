/* route_table.h - which row of route.def applies to a segment?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ROUTE_TABLE_H
#define TCPFSM_ENGINE_ROUTE_TABLE_H

#include "endpoint/endpoint.h"
#include "route/route_id.h"

/* Where a segment belongs: see route.def. */
enum route_goal { NEWEST, PREVIOUS, RETURN, BEGIN };

/* A segment on its four-tuple. Nothing can be changed through it. */
struct route_ctx {
    const struct connection *c;      /* the newest, or NULL */
    const struct connection *before; /* the one before it, or NULL */
    const struct segment *seg;
    const struct end *s, *p; /* of the newest: the segment's sender, its peer */
};

/* The first row that applies, and its goal. */
enum route_id route_of(const struct route_ctx *ctx, enum route_goal *goal);

#endif
