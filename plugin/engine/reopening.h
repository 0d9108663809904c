/* reopening.h - what does a SYN or SYN-ACK meet at either end?
 *
 * Read RFC 9293 section 3.10.7.4 (a SYN in TIME-WAIT), 3.5.1 (one end has lost the
 * connection), RFC 1122 section 4.2.2.13 and RFC 6191 (which SYN may reuse a TIME-WAIT),
 * RFC 5961 section 4 (a SYN in a connection).
 *
 * What can't be known: whether the host in TIME-WAIT heeds these rules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_REOPENING_H
#define TCPFSM_ENGINE_REOPENING_H

#include "endpoint.h"

/* Prepares both ends for a segment that they could not have met in their present state: remarks on
 * reuse, roles, an end that listens again, one that answers as somebody new. */
void reopening_prepare(struct view *view, int64_t time_wait);

#endif
