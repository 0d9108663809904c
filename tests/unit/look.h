/* look.h - a segment on its connection, and what the stages of the engine say of it, one by one
 *
 *     struct look *l = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
 *     CHECK_SEQ(talk_judge(l), SEQ_IN_ORDER);
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_LOOK_H
#define TCPFSM_TESTS_UNIT_LOOK_H

#include "apply/apply.h"
#include "judge/judge.h"
#include "learn/learn.h"
#include "seg_ctx.h"
#include "tell/findings.h"
#include "weigh/weigh.h"

#include <string.h>

struct look {
    struct seg_ctx ctx;
    struct connection *c;
    struct end *sender, *peer; /* those of ctx, to be written */
    struct learnt learnt;
    struct judgment j;
    struct weighing w;
    findings_t findings;
    struct effects e;
};

/* Nothing is learnt, judged or moved yet. */
static inline void look_begin(struct look *l, struct connection *c, const struct connection *previous,
                              const struct segment *seg)
{
    memset(l, 0xa5, sizeof *l); /* all of it has to be written */
    l->ctx = seg_ctx_of(c, previous, seg);
    l->c = c;
    l->sender = &c->end[seg->from];
    l->peer = &c->end[!seg->from];
    l->learnt = (struct learnt){.findings = 0};
}

/* The stages in their order; each but the first goes through those before it. Learning is left out
 * unless it is asked for. */
static inline struct learnt *talk_learn(struct look *l, int64_t time_wait)
{
    learn(l->c, &l->ctx, time_wait, &l->learnt);
    return &l->learnt;
}

static inline struct judgment *talk_judge(struct look *l)
{
    judge(&l->ctx, &l->j);
    return &l->j;
}

static inline struct weighing *talk_weigh(struct look *l)
{
    talk_judge(l);
    weigh(&l->sender->belief, &l->ctx, &l->j, &l->learnt, &l->w);
    return &l->w;
}

static inline struct effects *talk_apply(struct look *l)
{
    talk_weigh(l);
    l->findings = findings_of(&l->ctx, &l->j, &l->w);
    apply(l->c, &l->ctx, &l->j, &l->learnt, &l->w, l->findings, &l->e);
    return &l->e;
}

#endif
