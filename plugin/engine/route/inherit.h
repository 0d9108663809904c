/* inherit.h - what does a new connection, or a SYN, SYN-ACK or answer, find at either end?
 *
 * Read RFC 9293 section 3.10.7.4 (a SYN in TIME-WAIT), 3.5.1 (one end has lost the
 * connection), RFC 1122 section 4.2.2.13 and RFC 6191 (which SYN may reuse a TIME-WAIT),
 * RFC 5961 section 4 (a SYN in a connection).
 *
 * What can't be known: whether the host in TIME-WAIT heeds these rules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_INHERIT_H
#define TCPFSM_ENGINE_INHERIT_H

#include "seg_ctx.h"

/* Begins the zeroed `c` with `segment`, behind `before` (or NULL), whose number plus one is `previous`. */
void inherit_begin(struct connection *c, uint32_t previous, const struct connection *before,
                   const struct segment *segment, int64_t time_wait);

/* Prepares both ends for a segment that they could not have met in their present state: roles, an end that
 * listens again, one that answers as somebody new. */
void inherit_prepare(struct connection *c, const struct seg_ctx *ctx);

/* A challenge ACK with exactly the numbers of the connection before: what had ended that didn't arrive at the
 * sender (*lost_frame), which has it still. Says whether it is so. */
bool inherit_revive(struct connection *c, const struct seg_ctx *ctx, uint32_t *lost_frame);

/* What there is to say of a SYN that begins a connection on ports that were used before: a set of
 * FINDING_TIME_WAIT_REUSE, FINDING_TIME_WAIT_REUSE_ALLOWED, FINDING_SYN_IN_CONNECTION. */
findings_t inherit_findings(const struct seg_ctx *ctx, int64_t time_wait);

#endif
