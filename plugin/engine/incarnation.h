/* incarnation.h - to which connection on its four-tuple does a segment belong?
 *
 * Read RFC 9293 sections 3.4.1 (initial sequence numbers), 3.5 and 3.5.1 (old
 * duplicates, one end lost the connection), 3.10.7.4 (a SYN in TIME-WAIT).
 *
 * What can't be known: whether a SYN into a live connection is a new client on the
 * old port or a forgery. Until one of both is answered, both are kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_INCARNATION_H
#define TCPFSM_ENGINE_INCARNATION_H

#include "endpoint.h"

/* Which connection `segment` belongs to: *newest, one before it, or a new one, which *newest then is. As
 * everywhere in this header: a number plus one; 0: none (here, if there is no memory for a new one). */
uint32_t incarnation_of(uint32_t *newest, const struct segment *segment, struct observer *observer);

/* The connection of that number plus one; NULL for 0. */
struct connection *incarnation_at(const struct observer *observer, uint32_t number);

/* Are both ends CLOSED, in LISTEN or in TIME-WAIT? */
bool incarnation_is_over(const struct connection *connection);

/* Is this end in TIME-WAIT, and 2MSL (ns) have not passed by `now`? */
bool incarnation_waits(const struct end *end, int64_t now, int64_t time_wait);

#endif
