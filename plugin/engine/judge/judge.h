/* judge.h - what do the numbers of a segment say, measured by the connection as it was before?
 *
 * Read RFC 9293 section 3.10.7, RFC 5961 sections 3 to 5.
 *
 * Nothing is changed here: the connection can only be looked at. The verdicts are tables, a line a rule:
 * seq_rules.def, ack_rules.def, reset_rules.def, pardons.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_JUDGE_H
#define TCPFSM_ENGINE_JUDGE_H

#include "judge/judgment.h"
#include "seg_ctx.h"

/* All of a judgment. */
void judge(const struct seg_ctx *ctx, struct judgment *judgment);

/* Of a packet that was captured twice: what was said of the first copy isn't said again. */
void judge_copy(const struct seg_ctx *ctx, struct judgment *judgment);

/* Does the sender's ACK cover the peer's SYN? */
bool judge_covers_syn(const struct seg_ctx *ctx, const struct judgment *judgment);

/* With Fast Open (RFC 7413) a server sends data before its SYN-ACK is acknowledged. `complete`: the
 * handshake is over, be it with this segment. */
bool judge_may_be_fast_open(const struct seg_ctx *ctx, bool complete);

/* Is this what earns a challenge ACK (RFC 5961, RFC 9293 3.10.7.4): a SYN, a RST ahead, an
 * unacceptable ACK? */
bool judge_earns_challenge(const struct seg_ctx *ctx, const struct judgment *judgment);

/* Is it a challenge ACK: a pure ACK with nothing new, directly after what earns one? */
bool judge_is_challenge(const struct seg_ctx *ctx, const struct judgment *judgment);

/* Does a timer ask with it whether the peer is still there, or its window still closed? */
bool judge_is_probe(const struct judgment *judgment);

/* Does this RST leave its sender's state alone? In LISTEN, SYN-SENT and SYN-RECEIVED an
 * unacceptable ACK is answered with a RST, and nothing else happens (RFC 9293 3.10.7). */
bool judge_reset_only_answers(const struct seg_ctx *ctx, enum state sender);

#endif
