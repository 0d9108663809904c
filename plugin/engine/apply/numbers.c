/* numbers.c - which numbers does a segment move: sent, acknowledged, offered?
 *
 * Read RFC 9293 sections 3.3.1 and 3.4, RFC 7323 section 2.3 (which windows are scaled).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apply/parts.h"

#include "judge/judge.h"

/* --- sent --- */

static void open(const struct application *a)
{
    if (a->j->seq_rule == SYN_RULE_second_isn) {
        stream_set_aside(&a->s->stream, a->ctx->seg);
    } else if (a->j->seq_verdict == SEQ_SYN) {
        stream_open(&a->s->stream, &a->s->sent, a->ctx->seg);
        belief_assume(&a->s->belief, false);
    }
    stream_take_timestamp(&a->s->stream, a->ctx->seg);
}

/* A RST ahead of its stream that counts tells how far its sender had come: what follows from below is older.
 * One behind another RST doesn't: a device that guesses sends several. */
static void reset(const struct application *a)
{
    const struct end *s = a->s;
    bool first = a->j->rst_counts && !state_is_closed(a->e->sender.before);
    if (first && s->sent.nxt_known && !s->stream.fin_sent && seq_after(a->ctx->seg->seq, s->sent.nxt)) {
        stream_claim(&a->s->stream, a->ctx->seg->seq);
    }
}

static void probe(const struct application *a)
{
    if (a->j->seq_verdict == SEQ_WINDOW_PROBE && a->ctx->seg->data == 1 &&
        seq_equal(a->ctx->seg->seq, a->s->sent.nxt)) {
        stream_take_probe_byte(&a->s->stream);
    }
}

/* Captured behind the ACK of it: that counts now. */
static void keep_claim(const struct application *a)
{
    struct stream *s = &a->s->stream;
    seq_t ack = s->acked_unseen;
    bool reached = s->has_acked_unseen && !seq_before(a->s->sent.nxt, ack);
    if (reached && a->p->stream.acks_seen > 0 && seq_equal(a->p->stream.last_ack, ack)) {
        enum raised raised = stream_acknowledged(s, &a->s->sent, ack);
        if (raised != RAISED_NOTHING) {
            attempts_acknowledged(&a->s->attempts, raised == RAISED_ALL);
        }
    }
}

static void extend(const struct application *a)
{
    struct stream *stream = &a->s->stream;
    struct sent *sent = &a->s->sent;
    if (a->j->seq_verdict != SEQ_NOT_JUDGED) {
        stream_extend(stream, sent, a->ctx->seg);
    } else if (!sent->nxt_known) {
        stream_begin(stream, sent, a->ctx->seg);
    }
    keep_claim(a);
    stream_settle(stream, sent);
    stream_take_timestamp(stream, a->ctx->seg);
    if (a->ctx->seg->data > 0) {
        attempts_lose_data(&a->s->attempts, false);
    }
}

static void send(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    if (ctx->syn || ctx->syn_ack) { /* even with an ACK that its peer rejects */
        open(a);
    } else if (ctx->rst) {
        reset(a);
    } else if (!a->j->acceptable) {
        if (ctx->seg->data > 0 && a->s->sent.nxt_known && a->j->pardon == PARDON_NONE) {
            stream_suspect(&a->s->stream, ctx->end);
        }
    } else {
        stream_speak(&a->s->stream);
        if (!ctx->seg->length_known) {
            sent_miss(&a->s->sent);
        }
        if (judge_is_probe(a->j)) {
            probe(a);
        } else {
            extend(a);
        }
    }
}

/* --- acknowledged --- */

/* Data was acknowledged that the observer has not seen. */
static bool skips(const struct end *p, seq_t ack)
{
    return (p->sent.gaps > 0 && seq_after(ack, p->sent.first_gap)) ||
           (seq_after(ack, p->sent.nxt) && !p->stream.probe_byte);
}

static void raise(const struct application *a)
{
    if (skips(a->p, a->ctx->seg->ack)) {
        a->e->skipped |= (uint8_t)(1u << !a->ctx->seg->from);
    }
    enum raised raised = stream_acknowledged(&a->p->stream, &a->p->sent, a->ctx->seg->ack);
    if (raised != RAISED_NOTHING) {
        attempts_acknowledged(&a->p->attempts, raised == RAISED_ALL);
    }
}

/* What was acknowledged beside the capture counts when the same number comes again. */
static void claim(const struct application *a)
{
    struct stream *p = &a->p->stream;
    if (p->has_acked_unseen && seq_equal(p->acked_unseen, a->ctx->seg->ack)) {
        stream_drop_claim(p);
        raise(a);
    } else if (!p->fin_sent) {
        stream_claim(p, a->ctx->seg->ack);
    }
}

static void acknowledge(const struct application *a)
{
    const struct step_judgment *step = &a->j->step;
    seq_t ack = a->ctx->seg->ack;
    switch (a->j->ack_verdict) {
    case ACK_NOT_CAPTURED: claim(a); break;
    case ACK_HANDSHAKE:
        stream_choose_isn(&a->p->stream, &a->p->sent, ack);
        raise(a);
        break;
    case ACK_CURRENT:
    case ACK_PARTIAL: raise(a); break;
    case ACK_OF_FIN:
        if (stream_is_padded_fin(&a->p->stream, &a->p->sent, ack)) {
            stream_unpad(&a->p->stream, &a->p->sent);
        }
        raise(a);
        if ((step->steps & (STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN)) && (!step->repeat || a->ctx->fin)) {
            stream_fin_acknowledged(&a->p->stream, a->ctx->had_nxt);
        }
        break;
    default: break;
    }
    if (seq_equal(ack, a->p->sent.nxt)) {
        sent_cover(&a->p->sent);
    }
}

static void receive(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    bool whole = ctx->syn_ack || (a->p->stream.syn_sent && a->c->end[a->c->lineage.client].stream.syn_sent);
    stream_send_ack(&a->s->stream, ctx->seg->ack, whole);
    if (ctx->seg->sack_blocks > 0 || a->s->stream.has_sack_edge) {
        stream_send_sack(&a->s->stream, ctx->seg);
    }
    if (a->p->sent.nxt_known) {
        acknowledge(a);
    } else if (ctx->syn_ack) {
        stream_learn_isn(&a->p->stream, &a->p->sent, ctx->seg->ack);
    } else {
        stream_learn_una(&a->p->stream, ctx->seg->ack);
    }
}

/* --- offered --- */

static void offer(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    struct stream *s = &a->s->stream;
    if (a->j->acceptable || ctx->syn_ack) {
        stream_offer(s, ctx->seg->window);
    }
    if (!a->j->acceptable) {
        return;
    }
    stream_offer_largest(s, ctx->seg);
    bool scaled = !ctx->syn_ack; /* RFC 7323 2.2: the window of a SYN isn't */
    if (ctx->ack && (!scaled || scale_is_known(a->c))) {
        uint32_t window = (uint32_t)ctx->seg->window << (scaled ? scale_of(a->c, a->s) : 0);
        stream_offer_right(s, seq_add(ctx->seg->ack, window));
    }
}

void apply_numbers(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    struct end *s = a->s;
    send(a);
    if (a->j->step.fin_acked) { /* what the peer sends from now on tells so, too */
        sent_close(&s->sent);
        stream_fin_acknowledged(&s->stream, a->p->sent.nxt_known ? a->p->sent.nxt : ctx->seg->ack);
    }
    if (!ctx->rst) {
        if (ctx->ack) {
            receive(a);
        }
        offer(a);
    }
    if (ctx->fin && (a->j->step.steps & (STEP_FIN | STEP_SECOND_FIN))) {
        stream_close(&s->stream, seq_brings(a->j->seq_verdict, BRINGS_NEXT) ? ctx->seg->data : 0);
    }
}
