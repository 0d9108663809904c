/* apply.h - what does a segment move, now that it is judged and weighed?
 *
 * Read RFC 9293 sections 3.3.2 and 3.10.7.
 *
 * Its sender has moved by sending it; it is presumed to reach the peer; the numbers of both streams go on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_APPLY_H
#define TCPFSM_ENGINE_APPLY_H

#include "judge/judgment.h"
#include "learn/learn.h"
#include "seg_ctx.h"
#include "weigh/weigh.h"

/* What became of one end. */
struct moved_end {
    enum state before, after;
    enum rule rule;        /* what moved it, or why it stayed */
    int64_t time_in_state; /* ns spent in `before`, if it left that; else NO_TIME */
};

struct effects {
    struct moved_end sender, peer;
    bool state_changed;     /* an after-state isn't the one last shown */
    struct attempt attempt; /* the timer that explains the segment */
    uint8_t skipped;        /* bit n: of end n segments were not captured that have arrived */
};

/* Writes all of the connection. `findings`: what there is to say of it. */
void apply(struct connection *c, const struct seg_ctx *ctx, const struct judgment *judgment,
           const struct learnt *learnt, const struct weighing *weighing, findings_t findings,
           struct effects *effects);

#endif
