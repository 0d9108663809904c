/* observe.c - the one path that a segment takes; see connection.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include "apply/apply.h"
#include "judge/judge.h"
#include "learn/learn.h"
#include "plain/plain.h"
#include "route/route.h"
#include "route/translate.h"
#include "stages.h"
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

bool connection_nxt(const struct connection *c, unsigned from, seq_t *nxt)
{
    *nxt = c->end[from].sent.nxt;
    return c->end[from].sent.nxt_known;
}

void connection_name_client(struct connection *connection, unsigned client)
{
    lineage_set_client(&connection->lineage, client);
}

void connection_unlink(struct connection *connection)
{
    lineage_relink(&connection->lineage, 0);
}

static void pass(const struct routing *at, const struct seg_ctx *ctx, struct observation *o)
{
    struct judgment j;
    if (ctx->seg->usable) {
        judge_copy(ctx, &j);
    }
    tell_passing(o, at, ctx, ctx->seg->usable ? &j : NULL);
}

void connection_pass(uint32_t newest, const struct segment *seg, const struct observer *observer,
                     struct observation *o)
{
    struct routing at;
    route_newest(newest, observer, &at);
    if (!at.c) {
        tell_nothing(o, seg);
        return;
    }
    const struct seg_ctx ctx = seg_ctx_of(at.c, at.previous, seg);
    pass(&at, &ctx, o);
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
    if (!at.copy && plain_is(at.c, seg)) {
        plain_take(&at, seg, o);
        return;
    }
    struct segment translated;
    seg = translate(at.c, seg, &translated);
    const struct seg_ctx ctx = seg_ctx_of(at.c, at.previous, seg);
    if (!seg->usable || at.copy) {
        pass(&at, &ctx, o);
    } else {
        stages_run(&at, &ctx, observer->time_wait, o);
    }
}

void stages_run(const struct routing *at, const struct seg_ctx *ctx, int64_t time_wait, struct observation *o)
{
    struct learnt learnt;
    struct judgment judgment;
    struct weighing weighing;
    struct effects effects;
    learn(at->c, ctx, time_wait, &learnt);
    judge(ctx, &judgment);
    weigh(&at->c->end[ctx->seg->from].belief, ctx, &judgment, &learnt, &weighing);
    findings_t findings = learnt.findings | findings_of(ctx, &judgment, &weighing);
    apply(at->c, ctx, &judgment, &learnt, &weighing, findings, &effects);
    dialogue_calm(&at->c->dialogue, plain_is_calm(at->c));
    tell(o, at, ctx, &judgment, &weighing, &effects, findings);
}
