/* observe.c - the one path that a segment takes; see connection.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include "apply/apply.h"
#include "judge/judge.h"
#include "learn/learn.h"
#include "route/inherit.h"
#include "route/route.h"
#include "tell/findings.h"
#include "tell/tell.h"
#include "weigh/weigh.h"

_Static_assert(sizeof(struct connection) <= CONNECTION_SIZE_MAX, "a connection costs what it promises");

size_t connection_size(void)
{
    return sizeof(struct connection);
}

uint32_t connection_previous(const struct connection *connection)
{
    return connection->lineage.previous;
}

/* Another way than before makes it uncertain that there is one connection only. */
static void take_path(struct connection *c, const struct segment *seg)
{
    if (path_take(&c->end[seg->from].path, seg)) {
        dialogue_branch(&c->dialogue);
    }
}

static void pass(const struct routing *at, const struct seg_ctx *ctx, struct observation *o)
{
    struct judgment j;
    if (ctx->seg->usable) {
        judge_copy(ctx, &j);
    }
    tell_passing(o, at, ctx, ctx->seg->usable ? &j : NULL);
}

void connection_observe(uint32_t *newest, const struct segment *seg, struct observer *observer,
                        struct observation *o)
{
    struct routing at;
    route(newest, seg, observer, &at);
    if (!at.c) {
        tell_nothing(o, seg);
        return;
    }
    const struct seg_ctx ctx = seg_ctx_of(at.c, at.previous, seg);
    if (!seg->usable || at.copy) {
        pass(&at, &ctx, o);
        return;
    }
    take_path(at.c, seg);
    unsigned findings = inherit_findings(&ctx, observer->time_wait);
    inherit_prepare(at.c, &ctx);

    struct judgment j;
    struct weighing w;
    struct effects e;
    struct learnt learnt = learn(at.c, &ctx, observer->time_wait);
    judge(&ctx, &j);
    weigh(&at.c->end[seg->from].belief, &ctx, &j, &learnt, &w);
    if (w.untouched) {
        lineage_doubt(&at.c->lineage, true);
    }
    findings |= findings_of(&ctx, &j, &w);
    apply(at.c, &ctx, &j, &learnt, &w, findings, &e);
    tell(o, &at, &ctx, &j, &w, &e, findings);
}
