/* weigh.h - what does a segment prove about what its sender had received?
 *
 * Read RFC 9293 sections 3.3.2 (states) and 3.10.7 (segment arrives).
 *
 * When an end sends, its numbers confirm a fact (it moves into the proven
 * state), show that the end lacked it (a correction), or are silent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_WEIGH_H
#define TCPFSM_ENGINE_WEIGH_H

#include "judge/judgment.h"
#include "learn/learn.h"
#include "seg_ctx.h"

struct weighing {
    enum state before; /* the sender's state before this segment, as this segment proves it */
    enum rule rule;    /* what moved the sender */
    bool corrected;    /* it isn't the one that was shown, which is: */
    enum state presumed;
    bool crossed;             /* what the sender seems not to know crossed this segment */
    uint32_t lost_frame;      /* or this one was lost; 0: none */
    bool data_after_reset;    /* it goes on after a RST */
    bool untouched;           /* the SYN that was sent to it did not touch its connection */
    bool fin_lost, step_lost; /* of the peer: proven not to have arrived */
    bool hole;                /* SACK shows that the peer's FIN lies behind a hole: */
    seq_t hole_left, hole_right;
    bool opened; /* an ordinary segment proves an open end where we thought of none */
};

/* Writes the belief of the sender, and no other: confirms or overturns what it was presumed to have
 * received. */
void weigh(struct belief *sender, const struct seg_ctx *ctx, const struct judgment *judgment,
           const struct learnt *learnt, struct weighing *weighing);

#endif
