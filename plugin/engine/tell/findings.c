/* findings.c - see findings.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tell/findings.h"

#include "judge/judge.h"

static findings_t finding(findings_t what, bool condition)
{
    return condition ? what : 0;
}

/* --- opening --- */

static findings_t on_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct end *p = ctx->peer;
    const struct stream *s = &ctx->sender->stream;
    bool fast_open = ctx->c->dialogue.fast_open || ctx->seg->fast_open;
    bool second = ctx->syn && !j->step.repeat && p->stream.syn_sent && !p->belief.from_previous &&
                  !p->stream.syn_ack_sent && !s->syn_sent && !ctx->c->lineage.ambiguous;
    bool acked = p->stream.una_known && seq_after(p->stream.una, p->stream.isn);
    return finding(FINDING_SYN_RETRANSMITTED, ctx->syn && j->step.repeat) |
           finding(FINDING_SYN_ACK_RETRANSMITTED, ctx->syn_ack && j->step.repeat) |
           finding(fast_open ? FINDING_FAST_OPEN : FINDING_SYN_DATA, ctx->seg->data > 0) |
           finding(acked ? FINDING_SPLIT_OPEN : FINDING_SIMULTANEOUS_OPEN, second);
}

static bool acks_syn_data(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct stream *p = &ctx->peer->stream;
    bool opens = (j->step.steps & (STEP_SYN_ACK | STEP_ACK)) && j->ack_verdict == ACK_HANDSHAKE;
    bool alone = seq_equal(ctx->seg->ack, seq_add(p->isn, 1)) || stream_is_other_isn(p, ctx->seg->ack);
    return opens && p->isn_known && !alone;
}

/* --- closing --- */

static bool is_half_closed_data(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct end *s = ctx->sender;
    return ctx->seg->data > 0 && ctx->peer->stream.fin_sent && !s->stream.fin_sent &&
           j->ack_verdict == ACK_OF_FIN && s->sent.nxt_known && seq_after(ctx->end, s->sent.nxt) && !ctx->fin;
}

static findings_t on_closing(const struct seg_ctx *ctx, const struct judgment *j, const struct weighing *w)
{
    const struct stream *s = &ctx->sender->stream, *p = &ctx->peer->stream;
    const struct dialogue *d = &ctx->c->dialogue;
    if (!ctx->fin && !p->fin_sent) {
        return 0;
    }
    bool second = ctx->fin && !s->fin_sent && p->fin_sent && (j->step.steps & STEP_SECOND_FIN);
    bool crossed = second && ctx->ack && j->ack_verdict != ACK_OF_FIN && w->crossed;
    return finding(FINDING_FIN_RETRANSMITTED, ctx->fin && s->fin_sent && j->step.repeat) |
           finding(FINDING_HALF_CLOSED, !d->half_closed && is_half_closed_data(ctx, j)) |
           finding(FINDING_SIMULTANEOUS_CLOSE, crossed && !d->crossed_fins);
}

/* --- resets --- */

/* Those of a host without the connection may tell of a lost one: the summary knows. */
static bool is_abort(const struct judgment *j)
{
    return j->reset_cause == RESET_ABORT || j->reset_cause == RESET_UNANSWERED_TRIES ||
           j->reset_cause == RESET_CANNOT_TELL;
}

static findings_t on_reset(const struct judgment *j)
{
    bool ends = j->rst_counts && !state_is_closed(j->peer_before);
    return finding(FINDING_RESET_ABORT, ends && is_abort(j)) |
           finding(FINDING_NOT_ACCEPTED, ends && j->reset_cause == RESET_NOT_ACCEPTED) |
           finding(FINDING_SYN_ACK_REJECTED, j->reset_cause == RESET_SYN_ACK_REJECTED) |
           finding(FINDING_RESET_STALE, j->reset_cause == RESET_STALE) |
           finding(FINDING_RESET_SUSPECT, j->reset_cause == RESET_NOT_ACCEPTABLE) |
           finding(FINDING_TIME_WAIT_ASSASSINATION, j->rst_counts && j->peer_before == TIME_WAIT);
}

/* --- any segment --- */

/* Whether its receiver rejects it, too, only shows later. Data behind a FIN or after a reset has a finding
 * of its own, which says more, and so has a RST. */
static findings_t on_invalid(const struct seg_ctx *ctx, const struct judgment *j, const struct weighing *w)
{
    /* A peer that acknowledged its FIN and nothing behind it denies such bytes: they are padding. */
    bool after_fin = j->seq_verdict == SEQ_AFTER_FIN && !ctx->sender->stream.padded;
    bool seq = seq_is_invalid(j->seq_verdict) && !after_fin && !w->data_after_reset;
    return finding(FINDING_SEQ_SUSPECT, seq && !ctx->rst) |
           finding(FINDING_ACK_SUSPECT, ack_is_invalid(j->ack_verdict) && !ctx->rst) |
           finding(FINDING_DATA_AFTER_FIN, after_fin);
}

static findings_t on_step(const struct seg_ctx *ctx, const struct judgment *j)
{
    return finding(FINDING_ACKS_SYN_DATA, acks_syn_data(ctx, j)) |
           finding(FINDING_FIN_ACKED, j->step.fin_acked);
}

static findings_t on_connection(const struct seg_ctx *ctx, const struct weighing *w)
{
    return finding(FINDING_JOINED_LATE, ctx->c->lineage.joined_late && !ctx->c->dialogue.begun) |
           finding(FINDING_LENGTH_UNKNOWN, !ctx->seg->length_known) |
           finding(FINDING_MULTIPATH, ctx->c->dialogue.multipath) | finding(FINDING_CROSSED, w->crossed) |
           finding(FINDING_DATA_AFTER_RESET, w->data_after_reset);
}

findings_t findings_of(const struct seg_ctx *ctx, const struct judgment *j, const struct weighing *w)
{
    findings_t set = on_connection(ctx, w);
    set |= finding(FINDING_CHALLENGE_ACK, judge_is_challenge(ctx, j));
    set |= j->step.steps != 0 ? on_step(ctx, j) : 0;
    set |= !j->acceptable ? on_invalid(ctx, j, w) : 0;
    if (ctx->syn || ctx->syn_ack) {
        return set | on_syn(ctx, j);
    }
    if (ctx->rst) {
        return set | on_reset(j);
    }
    return j->acceptable ? set | on_closing(ctx, j, w) : set;
}
