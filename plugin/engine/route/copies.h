/* copies.h - was this packet captured twice?
 *
 * Mirror ports, captures on several interfaces, and captures on both sides of a router show one packet
 * several times. A copy has the same numbers. Where packets have an IP ID, that is the same, too, and the
 * copy comes within COPY_MS, at another point (interface, VLAN, MAC addresses, TTL) within
 * COPY_OTHER_PATH_MS. Without one, only another point tells a copy from a second packet. And a file that
 * was appended to itself goes back in time and brings nothing new.
 *
 * What can't be known: whether a host that counts no IP IDs has sent the same packet twice on two ways.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_COPIES_H
#define TCPFSM_ENGINE_COPIES_H

#include "endpoint/endpoint.h"

/* Tells, and remembers the segment. */
bool copies_have_seen(struct observer *observer, uint32_t connection, const struct segment *segment);

/* Its first sighting, or NULL; remembers nothing. */
const struct recent *copies_find(const struct observer *observer, uint32_t connection,
                                 const struct segment *segment);

/* Is it the SYN of this connection once more, just behind its end? Whatever else came between: nobody opens
 * again so soon, at the same ISN. */
bool copies_behind_end(const struct connection *connection, const struct segment *segment);

/* Is it captured with an earlier time than the last segment of this connection, which knows all of it? */
bool copies_replay(const struct connection *connection, const struct segment *segment);

#endif
