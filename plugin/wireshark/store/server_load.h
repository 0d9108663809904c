/* server_load.h - how many unfinished or idle connections does a server have at once?
 *
 * A server is an address and a port. A connection whose handshake isn't complete a
 * second after it began counts as unfinished there; one that never carried a byte
 * idle_timeout after its handshake counts as idle, each until that changes. A client
 * is an address: there it counts to how many addresses and ports it has sent a SYN
 * that isn't answered a second later.
 *
 * The limit is reported once for a server, or client, and load: on the segment with
 * which it is seen to be passed or, if none comes any more, on the summary of the
 * connection with which it was passed, once the capture has ended.
 *
 * That covers what is counted after that one, while the load stays above the limit: a
 * note is made of it, no warning (timeout_findings_covered()). It is decided while the
 * capture is read, before any time-out, so that both passes tell the same. A client's
 * SYN that was sent three times has a warning nevertheless, up to the limit.
 *
 * What can't be known: connections that the server has dropped without a word, and
 * whether SYN cookies spare it the cost of unfinished ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVER_LOAD_H
#define TCPFSM_WIRESHARK_SERVER_LOAD_H

#include "store/counted.h"

/* `limit`: more than so many are too many; `idle_timeout` in ns. */
void server_load_open(uint32_t limit, int64_t idle_timeout);
void server_load_close(void);

/* When there is nothing to do: while nobody is counted and time is within `span` behind `from`. */
extern struct server_load_calm {
    uint64_t from, span;
} server_load_calm;

findings_t server_load_look(uint32_t number, unsigned client_from, int64_t now);

/* To be called after a segment was added to connection `number`, whose summary said before that its
 * client was `client_from`. A set of FINDINGS_OF_LOAD. */
static inline findings_t server_load_observe(uint32_t number, unsigned client_from, int64_t now)
{
    bool calm = counted_connections == 0 && (uint64_t)now - server_load_calm.from < server_load_calm.span;
    return calm ? 0 : server_load_look(number, client_from, now);
}

/* Sets `server_passed` and `client_passed` of the summary. */
void server_load_mark(uint32_t number, struct summary *summary);

/* To be called when anything else has changed the summary of a connection. */
void server_load_review(uint32_t number);

/* Lets time go on to `end` without a segment, and marks summaries with what was not reported on a segment. */
void server_load_finish(int64_t end);

size_t server_load_bytes(void);

#endif
