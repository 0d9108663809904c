/* learn.c - see learn.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "learn/learn.h"

#include "route/inherit.h"

/* The peer had acknowledged what was not captured, and the sender now goes on from there. */
static bool redeems_claim(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    return s->has_acked_unseen && !ctx->rst && !seq_before(ctx->seg->seq, s->acked_unseen);
}

/* Whoever rewrites numbers on the way makes them look wrong to us only: the receiver acknowledges a
 * segment that we judged invalid. From there on that direction is not accused any more. */
static bool vindicates(const struct seg_ctx *ctx)
{
    const struct end *p = ctx->peer;
    return p->stream.suspect_rewrite && ctx->ack && !ctx->rst &&
           seq_equal(ctx->seg->ack, p->stream.rewritten_end) &&
           !seq_between(ctx->seg->ack, p->stream.una, p->sent.nxt);
}

/* Of two SYN-ACKs with different ISNs, the sender itself shows which one counts. */
static bool may_settle_isn(const struct seg_ctx *ctx)
{
    return !ctx->c->dialogue.complete && !ctx->syn && !ctx->syn_ack;
}

/* Presumes that TIME-WAIT ran out at an end where 2MSL have passed. */
static bool expire(struct belief *belief, int64_t now, int64_t time_wait)
{
    if (!belief_has_expired(belief, now, time_wait)) {
        return false;
    }
    belief_add(belief, FACT_EXPIRED);
    belief_assume(belief, true);
    return true;
}

void learn(struct connection *c, const struct seg_ctx *ctx, int64_t time_wait, struct learnt *learnt)
{
    struct end *s = &c->end[ctx->seg->from], *p = &c->end[!ctx->seg->from];
    if (path_take(&s->path, ctx->seg)) { /* perhaps there is more than one connection */
        dialogue_branch(&c->dialogue);
    }
    learnt->findings = inherit_findings(ctx, time_wait);
    inherit_prepare(c, ctx);
    learnt->revived = inherit_revive(c, ctx, &learnt->lost_frame);
    learnt->findings |= learnt->revived ? FINDING_SYN_IN_CONNECTION : 0;
    learnt->sender_expired = expire(&s->belief, ctx->seg->time, time_wait);
    learnt->peer_expired = expire(&p->belief, ctx->seg->time, time_wait);
    learnt->redeemed = redeems_claim(ctx);
    if (learnt->redeemed) {
        stream_redeem(&s->stream, &s->sent);
    }
    if (vindicates(ctx)) {
        stream_vindicate(&p->stream, &p->sent);
        belief_assume(&p->belief, true);
    }
    if (may_settle_isn(ctx)) {
        stream_choose_isn(&s->stream, &s->sent, ctx->seg->seq);
    }
}
