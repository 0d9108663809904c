/* steps.c - which of the textbook's seven steps is this segment?
 *
 * Read RFC 9293 sections 3.5 (three-way handshake) and 3.6 (closing).
 *
 * Steps go by identity, not by order: 2 acknowledges the first FIN, 4 the second.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/judge.h"
#include "judge/rules.h"
#include "thresholds.h"

static void make(struct step_judgment *step, enum step_bit bit)
{
    step->steps |= (unsigned)bit;
    step->made |= (unsigned)bit;
}

static void repeat(struct step_judgment *step, enum step_bit bit, uint32_t of_frame)
{
    step->steps |= (unsigned)bit;
    step->repeat = true;
    step->repeat_of = of_frame;
}

static void judge_syn(const struct seg_ctx *ctx, const struct judgment *j, struct step_judgment *step)
{
    enum step_bit bit = ctx->syn ? STEP_SYN : STEP_SYN_ACK;
    if (j->seq_verdict == SEQ_NOT_JUDGED) {
        return;
    }
    if (j->seq_verdict == SEQ_RETRANSMISSION) {
        uint32_t first = ctx->sender->stream.fin_sent ? 0 : ctx->sender->attempts.flag_frame;
        repeat(step, bit, first); /* behind its FIN, the frame of its SYN isn't kept */
        step->asks_again = true;
        return;
    }
    make(step, bit);
    step->first_flag = true;
    /* Simultaneous open: each SYN-ACK completes the other's handshake. */
    step->completes = j->ack_verdict == ACK_HANDSHAKE && ctx->peer->stream.syn_ack_sent &&
                      ctx->sender->stream.syn_sent;
}

/* Is it the next behind the SYN and the data in that? */
static bool follows_syn(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return seq_equal(ctx->seg->seq, s->sent.nxt) && s->sent.nxt_frame != 0 &&
           s->sent.nxt_frame == s->attempts.flag_frame;
}

/* Is this the client's ACK of a SYN-ACK, be that captured or not? Data of the server may have come before:
 * with Fast Open, or because nothing of what the client sent before was captured. */
static bool is_third_step(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct stream *s = &ctx->sender->stream, *p = &ctx->peer->stream;
    const struct dialogue *d = &ctx->c->dialogue;
    if (!ctx->ack || (d->steps & STEP_ACK) || s->syn_ack_sent) {
        return false;
    }
    if (p->syn_ack_sent && !ctx->peer->belief.from_previous) {
        bool opens = j->acks_syn || (p->una_known && seq_after(p->una, p->isn));
        bool late = s->acks_seen == 0 && !state_is_closed(j->peer_before) && judge_covers_syn(ctx, j);
        return d->complete ? late : opens;
    }
    return seg_ctx_is_client(ctx) && s->syn_sent && !p->syn_sent && !ctx->c->lineage.ambiguous &&
           (seq_equal(ctx->seg->seq, seq_add(s->isn, 1)) || follows_syn(ctx));
}

/* It acknowledges what the server sent behind its SYN-ACK, and that was not captured: nor was step 3. */
static bool is_behind_third_step(const struct seg_ctx *ctx, const struct judgment *j)
{
    return !ctx->c->dialogue.complete && j->ack_verdict == ACK_NOT_CAPTURED &&
           !ctx->sender->stream.syn_ack_sent && judge_covers_syn(ctx, j);
}

static void judge_third_step(const struct seg_ctx *ctx, const struct judgment *j, struct step_judgment *step)
{
    const struct attempts *s = &ctx->sender->attempts;
    const struct stream *p = &ctx->peer->stream;
    if (is_third_step(ctx, j)) {
        make(step, STEP_ACK);
        step->first_ack = step->completes = true;
    } else if (is_behind_third_step(ctx, j)) {
        step->completes = true;
    } else if (s->answer_due && p->syn_ack_sent && !p->fin_sent && (ctx->c->dialogue.steps & STEP_ACK) &&
               (ctx->pure_ack || (ctx->ack && s->step_lost))) {
        repeat(step, STEP_ACK, s->ack_frame);
        step->mends_step = true;
    }
}

static bool closed_first(const struct seg_ctx *ctx, unsigned index)
{
    return index == ctx->c->dialogue.closer;
}

static void judge_ack_of_fin(const struct seg_ctx *ctx, const struct judgment *j, struct step_judgment *step)
{
    const struct attempts *s = &ctx->sender->attempts;
    if (j->ack_verdict != ACK_OF_FIN) {
        return;
    }
    enum step_bit bit = closed_first(ctx, !ctx->seg->from) ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN;
    if (!(ctx->c->dialogue.steps & bit)) {
        make(step, bit);
        step->first_ack = true;
    } else if (s->answer_due && ctx->pure_ack) {
        repeat(step, bit, step->first_ack ? 0 : s->ack_frame); /* 0: the first was not captured */
    }
}

/* Is this FIN captured behind its ACK? One that was acknowledged and is sent again, later, is not. */
static bool was_acknowledged(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    bool counted = s->una_known && seq_equal(s->una, ctx->end);
    bool claimed = s->has_acked_unseen && seq_equal(s->acked_unseen, ctx->end) &&
                   seq_equal(ctx->peer->stream.last_ack, ctx->end) && seg_ctx_may_be_disorder(ctx);
    return counted || claimed;
}

static void judge_fin(const struct seg_ctx *ctx, struct step_judgment *step)
{
    const struct end *s = ctx->sender;
    if (s->belief.from_previous) {
        return; /* it closes what was before */
    }
    if (s->stream.fin_sent) {
        if (seq_equal(ctx->end, s->sent.nxt)) {
            repeat(step, closed_first(ctx, ctx->seg->from) ? STEP_FIN : STEP_SECOND_FIN,
                   s->attempts.flag_frame);
            step->asks_again = true;
        }
        return;
    }
    /* Its number was passed, but nothing captured there. */
    bool was_missed = s->sent.gaps > 0 || s->sent.nxt_frame == 0;
    if (s->sent.nxt_known &&
        (seq_before(ctx->end, s->sent.nxt) || (seq_equal(ctx->end, s->sent.nxt) && !was_missed))) {
        return; /* its number was sent with something else: no FIN that a receiver could honour */
    }
    step->first_fin = !(ctx->c->dialogue.steps & STEP_FIN);
    make(step, step->first_fin ? STEP_FIN : STEP_SECOND_FIN);
    step->first_flag = true;
    if (was_acknowledged(ctx)) {
        step->made |= step->first_fin ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN;
        step->fin_acked = true;
    }
}

void judge_steps(const struct seg_ctx *ctx, struct judgment *j)
{
    if (ctx->rst) {
        return;
    }
    if (ctx->syn || ctx->syn_ack) {
        judge_syn(ctx, j, &j->step);
    } else if (j->acceptable) {
        judge_third_step(ctx, j, &j->step);
        judge_ack_of_fin(ctx, j, &j->step);
        if (ctx->fin) {
            judge_fin(ctx, &j->step);
        }
    }
}
