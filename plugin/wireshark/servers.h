/* servers.h - how many unfinished or idle connections does a server have at once?
 *
 * A server is an address and a port. A connection whose handshake isn't complete a
 * second after it began counts as unfinished there; one that never carried a byte
 * idle_timeout after its handshake counts as idle, each until that changes. Two
 * cursors walk over the connections as they grow old enough, so those that behave
 * cost next to nothing.
 *
 * The limit is told of once for a server and kind: on the segment with which it is
 * seen to be passed or, if none comes any more, on the account of the connection
 * with which it was passed, once the capture has ended.
 *
 * What can't be known: connections that the server has dropped without a word, and
 * whether SYN cookies spare it the cost of unfinished ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVERS_H
#define TCPFSM_WIRESHARK_SERVERS_H

#include "account.h"

enum crowd { CROWD_EMBRYONIC, CROWD_IDLE, CROWD_COUNT };

/* `limit`: more than so many are too many; `idle_timeout` in ns. */
void servers_open(uint32_t limit, int64_t idle_timeout);
void servers_close(void);

/* To be called after a segment was booked on connection `number`, whose account said before that its
 * client was `client_from`. Adds REMARK_MANY_EMBRYONIC and REMARK_MANY_IDLE to `observation`. */
void servers_observe(uint32_t number, unsigned client_from, const struct segment *segment,
                     struct observation *observation);

/* To be called when anything else has changed the account of a connection. */
void servers_review(uint32_t number);

/* Lets time go on to `end` without a segment, and marks accounts with what was not told on a segment. */
void servers_finish(int64_t end);

/* How many there are now at the server of that connection. */
uint32_t servers_crowd(uint32_t number, enum crowd crowd);

size_t servers_bytes(void);

#endif
