/* route.h - to which connection on its four-tuple does a segment belong?
 *
 * Read RFC 9293 sections 3.4.1 (initial sequence numbers), 3.5 and 3.5.1 (old
 * duplicates, one end lost the connection), 3.10.7.4 (a SYN in TIME-WAIT).
 *
 * What can't be known: see lineage.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ROUTE_H
#define TCPFSM_ENGINE_ROUTE_H

#include "endpoint/endpoint.h"
#include "route/route_id.h"

/* Numbers of connections, everywhere in this header: plus one, so that 0 is none. */
struct routing {
    uint32_t newest;                   /* of the four-tuple */
    uint32_t number;                   /* of the segment; 0: no connection, or no memory for it */
    struct connection *c;              /* NULL likewise */
    const struct connection *previous; /* the incarnation before, or NULL */
    enum route_id route;
    bool first; /* it has no segment yet */
    bool copy;  /* this packet was captured before */
};

/* Fills `routing` whole: finds the connection of `segment`, or begins one. *newest is the newest of the
 * four-tuple, before and after. A copy goes where the first went. */
void route(uint32_t *newest, const struct segment *segment, struct observer *observer,
           struct routing *routing);

/* The newest connection, for a copy. */
void route_newest(uint32_t newest, const struct observer *observer, struct routing *routing);

#endif
