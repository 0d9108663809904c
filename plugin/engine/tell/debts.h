/* debts.h - what has an end yet to send?
 *
 * Read RFC 9293 sections 3.5 and 3.6 (who answers what), 3.8.4 (keepalives),
 * 3.8.6 (window updates), RFC 5681 section 3.2 and RFC 2018 (retransmission asked for).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_DEBTS_H
#define TCPFSM_ENGINE_DEBTS_H

#include "endpoint/endpoint.h"

/* The set (bit n: enum debt n) that `end` owes its `peer` after the segment, in that state. */
unsigned debts_of(const struct connection *connection, const struct end *end, const struct end *peer,
                  enum state state);

#endif
