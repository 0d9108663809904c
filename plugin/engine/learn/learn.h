/* learn.h - what does a segment tell of its stream before its numbers can be judged?
 *
 * Read RFC 9293 sections 3.4 and 3.10.8 (time-outs).
 *
 * The sender itself shows how far it had come, and which of two ISNs counts; the receiver, that a
 * segment was not invalid; and time has passed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_LEARN_H
#define TCPFSM_ENGINE_LEARN_H

#include "seg_ctx.h"

struct learnt {
    bool sender_expired, peer_expired; /* 2MSL have passed there */
    bool redeemed;                     /* the sender goes on behind what was not captured */
    findings_t findings;               /* of ports that are used again */
    bool revived;                      /* the sender still has the connection before */
    uint32_t lost_frame;               /* then: what had ended that, but didn't arrive */
};

/* Why an end has moved before the segment. */
static inline enum rule learnt_rule(bool expired)
{
    return expired ? fsm_step(TIME_WAIT, TIMEOUT_2MSL).rule : RULE_NO_EVENT;
}

/* Fills `learnt` whole. Writes streams and paths, that 2MSL have passed (`time_wait`, ns), and what a SYN or
 * its answer finds at an end that was in use before. */
void learn(struct connection *c, const struct seg_ctx *ctx, int64_t time_wait, struct learnt *learnt);

#endif
