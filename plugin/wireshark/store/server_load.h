/* server_load.h - how many unfinished or idle connections does a server have at once?
 *
 * A server is an address and a port. A connection whose handshake isn't complete a
 * second after it began counts as unfinished there; one that never carried a byte
 * idle_timeout after its handshake counts as idle, each until that changes. Two
 * cursors walk over the connections as they grow old enough, so those that behave
 * cost next to nothing.
 *
 * The limit is told of once for a server and kind: on the segment with which it is
 * seen to be passed or, if none comes any more, on the summary of the connection
 * with which it was passed, once the capture has ended.
 *
 * What can't be known: connections that the server has dropped without a word, and
 * whether SYN cookies spare it the cost of unfinished ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVER_LOAD_H
#define TCPFSM_WIRESHARK_SERVER_LOAD_H

#include "summary/summary.h"
#include "store/servers.h"

/* `limit`: more than so many are too many; `idle_timeout` in ns. */
void server_load_open(uint32_t limit, int64_t idle_timeout);

/* When there is nothing to do: while nobody is counted and time is within `span` behind `from`. */
extern struct server_load_calm {
    uint64_t from, span;
    uint32_t counted; /* connections */
} server_load_calm;

void server_load_look(uint32_t number, unsigned client_from, const struct segment *segment,
                      struct observation *observation);

/* To be called after a segment was booked on connection `number`, whose summary said before that its
 * client was `client_from`. Adds FINDING_MANY_EMBRYONIC and FINDING_MANY_IDLE to `observation`. */
static inline void server_load_observe(uint32_t number, unsigned client_from, const struct segment *segment,
                                       struct observation *observation)
{
    if (server_load_calm.counted != 0 ||
        (uint64_t)segment->time - server_load_calm.from >= server_load_calm.span) {
        server_load_look(number, client_from, segment, observation);
    }
}

/* To be called when anything else has changed the summary of a connection. */
void server_load_review(uint32_t number);

/* Lets time go on to `end` without a segment, and marks summaries with what was not told on a segment. */
void server_load_finish(int64_t end);

/* How many there are now at the server of that connection. */
uint32_t server_load_size(uint32_t number, enum crowd crowd);

#endif
