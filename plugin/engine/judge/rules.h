/* rules.h - what the files of judge/ share: how a row of a rule table is applied
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_RULES_H
#define TCPFSM_ENGINE_RULES_H

#include "judge/judgment.h"
#include "seg_ctx.h"

/* The number that a segment has to keep to. */
struct bound {
    bool is;
    seq_t number;
};

static inline struct bound bound_at(seq_t number)
{
    return (struct bound){true, number};
}

static inline struct bound no_bound(const struct seg_ctx *ctx)
{
    (void)ctx;
    return (struct bound){false, {0}};
}

#define NO_BOUND no_bound

/* The last row of a table. */
static inline bool is_anything(const struct seg_ctx *ctx)
{
    (void)ctx;
    return true;
}

/* Notes the bound that was broken; that of the sequence number goes first. */
static inline void rules_break(struct judgment *j, struct bound bound)
{
    if (bound.is && !j->has_bound) {
        j->has_bound = true;
        j->bound = bound.number;
    }
}

/* Set the verdict, the row that applied and the bound; each is a table: seq_rules.def, ack_rules.def,
 * reset_rules.def. Those of the ACK and of the cause need what the former set. */
void judge_seq(const struct seg_ctx *ctx, struct judgment *judgment);
void judge_ack(const struct seg_ctx *ctx, struct judgment *judgment);
void judge_reset(const struct seg_ctx *ctx, struct judgment *judgment);
void judge_cause(const struct seg_ctx *ctx, struct judgment *judgment);

/* The steps that the segment makes or repeats: judgment->step. */
void judge_steps(const struct seg_ctx *ctx, struct judgment *judgment);

#endif
