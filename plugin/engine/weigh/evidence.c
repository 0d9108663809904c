/* evidence.c - see evidence.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "weigh/evidence.h"

#include "judge/judge.h"
#include "thresholds.h"

bool evidence_is_late(const struct seg_ctx *ctx, const struct judgment *j)
{
    return ctx->ack && j->ack_verdict == ACK_OLD && !seq_brings(j->seq_verdict, BRINGS_NEXT) &&
           !seq_brings(j->seq_verdict, BRINGS_AHEAD) && !seq_brings(j->seq_verdict, BRINGS_OLD_AND_NEW);
}

/* May the sender be in SYN-RECEIVED still? It sends data there with Fast Open, and answers an unacceptable
 * segment with a bare ACK (RFC 9293 3.10.7.4, first). */
static bool may_be_unopened(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    bool acks_syn_only = ctx->ack && p->isn_known && seq_equal(ctx->seg->ack, seq_add(p->isn, 1));
    return judge_may_be_fast_open(ctx, ctx->c->dialogue.complete) ||
           (ctx->pure_ack && acks_syn_only && ctx->seg->sack_blocks == 0);
}

static enum evidence of_opening(const struct seg_ctx *ctx, const struct judgment *j, enum fact fact)
{
    if (ctx->rst) {
        return SILENT;
    }
    switch (fact) {
    case FACT_SYN: return ctx->syn ? LACKED : ctx->syn_ack || judge_covers_syn(ctx, j) ? CONFIRMED : SILENT;
    case FACT_SYN_ACK:
        return ctx->syn || ctx->syn_ack ? LACKED : judge_covers_syn(ctx, j) ? CONFIRMED : SILENT;
    default: /* FACT_ACK_OF_SYN */
        return ctx->syn || ctx->syn_ack ? LACKED : may_be_unopened(ctx) ? SILENT : CONFIRMED;
    }
}

static bool repeats_fin(const struct seg_ctx *ctx)
{
    return ctx->fin && ctx->sender->stream.fin_sent && seq_equal(ctx->end, ctx->sender->sent.nxt);
}

/* With what takes effect before the ACK of its FIN, the sender is in LAST-ACK: with that ACK it would be
 * CLOSED, and send nothing but RSTs. */
static bool would_be_gone(const struct seg_ctx *ctx)
{
    return end_state(ctx->c, ctx->sender, (uint8_t)~FACTS_BEFORE(FACT_ACK_OF_FIN)) == LAST_ACK;
}

/* What the peer sent after its first ACK of this FIN carries that ACK, too. */
static bool knows_ack_of_fin(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct dialogue *d = &ctx->c->dialogue;
    bool closed_first = ctx->seg->from == d->closer;
    bool fin_acked = (d->steps & (closed_first ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN)) != 0;
    return fin_acked && ctx->ack && j->acceptable &&
           seq_after(ctx->seg->ack, ctx->sender->stream.fin_acked_at);
}

static enum evidence of_fin(const struct seg_ctx *ctx, const struct judgment *j)
{
    return !ctx->ack || !j->acceptable ? SILENT : j->ack_verdict == ACK_OF_FIN ? CONFIRMED : LACKED;
}

static enum evidence of_ack_of_fin(const struct seg_ctx *ctx, const struct judgment *j)
{
    return repeats_fin(ctx) || would_be_gone(ctx) ? LACKED : knows_ack_of_fin(ctx, j) ? CONFIRMED : SILENT;
}

static bool tells_of_closing(const struct seg_ctx *ctx)
{
    return !ctx->rst && !ctx->syn && (!ctx->syn_ack || ctx->sender->belief.proven == SYN_RECEIVED);
}

/* What was sent before a RST may be captured behind it. */
static bool is_reordered(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    uint32_t age = seg_ctx_since_ms(ctx, ctx->peer->belief.arrival[SLOT_FLAG].ms);
    /* Who closes while data is on the way sends a FIN and, when that meets it, a RST. */
    bool fin_alone = ctx->fin && ctx->seg->data == 0 && age <= DISORDER_MS &&
                     (!s->sent.nxt_known || seq_equal(ctx->seg->seq, s->sent.nxt));
    bool older = s->sent.nxt_known &&
                 (!seq_after(ctx->end, s->sent.nxt) ||
                  (s->stream.has_acked_unseen && !seq_after(ctx->end, s->stream.acked_unseen)));
    return s->belief.reset_counted && age < seg_ctx_crossing_ms(ctx, CROSSING_MS) && (older || fin_alone);
}

/* Nobody answers a RST: who aborts by one with an ACK had not got the peer's. */
static bool aborts_itself(const struct seg_ctx *ctx, const struct judgment *j)
{
    return j->reset_cause == RESET_ABORT && ctx->ack && j->rst_counts;
}

enum evidence evidence_of(const struct seg_ctx *ctx, const struct judgment *j, enum fact fact)
{
    switch (fact) {
    case FACT_SYN:
    case FACT_SYN_ACK:
    case FACT_ACK_OF_SYN: return of_opening(ctx, j, fact);
    case FACT_FIN: return tells_of_closing(ctx) ? of_fin(ctx, j) : SILENT;
    case FACT_ACK_OF_FIN: return tells_of_closing(ctx) ? of_ack_of_fin(ctx, j) : SILENT;
    case FACT_RST_SENT: return ctx->rst || is_reordered(ctx) ? SILENT : LACKED;
    case FACT_RST: return ctx->rst && !aborts_itself(ctx, j) ? SILENT : LACKED;
    default: /* FACT_EXPIRED */ return ctx->rst ? SILENT : LACKED;
    }
}

bool evidence_of_open(const struct seg_ctx *ctx, const struct judgment *j, enum state before)
{
    const struct end *s = ctx->sender, *p = ctx->peer;
    switch (before) {
    case UNKNOWN: return true;
    case CLOSED:
    case LISTEN: return !s->stream.fin_sent && !s->belief.reset_counted;
    case SYN_SENT:
        return s->sent.nxt_known && ctx->ack && !seq_before(ctx->seg->seq, s->sent.nxt) &&
               !p->stream.syn_sent;
    case SYN_RECEIVED: /* a bare ACK may be a challenge, or the first half of a split open */
        return ctx->ack && !judge_may_be_fast_open(ctx, ctx->c->dialogue.complete || j->step.completes) &&
               (ctx->seg->data > 0 || (s->stream.syn_sent && seq_after(ctx->seg->seq, s->sent.nxt)) ||
                (s->stream.syn_ack_sent && p->stream.una_known && seq_after(ctx->seg->ack, p->stream.una)));
    default: return false;
    }
}
