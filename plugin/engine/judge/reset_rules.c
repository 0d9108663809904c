/* reset_rules.c - does a RST count?
 *
 * Read RFC 9293 sections 3.5.2 (with which numbers a RST is sent), 3.5.3 (who believes it), 3.10.7.3 (in
 * SYN-SENT the ACK decides), RFC 5961 section 3.
 *
 * What can't be known: whether a device in between sent it; how much its receiver got of what the
 * capture missed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/resets.h"
#include "judge/rules.h"

#include "judge/judge.h"
#include "judge/reach.h"
#include "thresholds.h"

/* --- where it is exact --- */

/* OBSERVER: captured near the receiver, data has arrived behind this number, for which there was room, and
 * the receiver has said nothing since that was sure to know. If it goes on to acknowledge less, that was lost
 * behind the point. */
static bool comes_behind_data(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    const struct dialogue *d = &ctx->c->dialogue;
    seq_t edge = sent_rcv_nxt(&ctx->sender->sent);
    return ctx->seg->arrives && seq_before(ctx->seg->seq, edge) && p->right_known &&
           !seq_after(edge, p->right) && (d->spoke_from == ctx->seg->from || d->spoke_at_once);
}

/* OBSERVER: RCV.NXT is what the receiver says it is. What this end sent since may not have arrived, what
 * it sent before may not have been captured. Only an ACK that others have overtaken says nothing. */
static bool is_at_latest_ack(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    bool overtaken = s->una_known && seq_before(ctx->seg->seq, s->una);
    return reset_is_at_ack(ctx) && !overtaken && !comes_behind_data(ctx);
}

/* Hosts without the data before it take the highest edge that they reported for exact, too. */
static bool is_at_sack_edge(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->has_sack_edge && seq_equal(ctx->seg->seq, p->sack_edge);
}

/* Its receiver lacks some of what came before. */
static bool has_hole(const struct seg_ctx *ctx)
{
    const struct attempts *s = &ctx->sender->attempts;
    return s->data_lost || s->loss_reported;
}

/* RCV.NXT of its receiver. */
static seq_t rcv_nxt(const struct seg_ctx *ctx)
{
    return has_hole(ctx) ? ctx->sender->stream.una : sent_rcv_nxt(&ctx->sender->sent);
}

static struct bound bound_rcv_nxt(const struct seg_ctx *ctx)
{
    return bound_at(rcv_nxt(ctx));
}

static struct bound bound_right(const struct seg_ctx *ctx)
{
    return bound_at(ctx->peer->stream.right);
}

static bool is_at_edge(const struct seg_ctx *ctx)
{
    return seq_equal(ctx->seg->seq, rcv_nxt(ctx));
}

/* One below RCV.NXT lies the sender's own FIN: some hosts send their RST from there, and some accept it.
 * In TIME-WAIT nobody does. */
static bool is_at_own_fin(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    if (!s->stream.fin_sent || !seq_equal(ctx->seg->seq, seq_sub(s->sent.nxt, 1))) {
        return false;
    }
    enum state peer = end_state(ctx->c, ctx->peer, 0);
    return peer == CLOSE_WAIT || peer == LAST_ACK || peer == CLOSING;
}

/* Right for its sender; the receiver lacks what came before. */
static bool is_in_hole(const struct seg_ctx *ctx)
{
    const struct sent *s = &ctx->sender->sent;
    return !s->nxt_known || (seq_equal(ctx->seg->seq, sent_rcv_nxt(s)) && has_hole(ctx));
}

/* Its sender had come further; what arrived of it can't be told. */
static bool is_at_gap(const struct seg_ctx *ctx)
{
    return ctx->sender->sent.gaps > 0 && is_at_edge(ctx);
}

/* --- below --- */

/* Is it a number that the peer has acknowledged with earlier? Its first and last are known; between
 * them, more than two can't be told apart. */
static bool is_at_earlier_ack(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream, *p = &ctx->peer->stream;
    seq_t seq = ctx->seg->seq;
    if (p->acks_seen == 0) {
        return false;
    }
    if (reset_is_at_ack(ctx) || (s->una_known && seq_equal(seq, s->una))) {
        return true;
    }
    if (s->isn_known && seq_equal(seq, seq_add(s->isn, 1))) {
        return true; /* what the SYN-ACK acknowledged */
    }
    if (s->fin_sent && seq_equal(seq, seq_sub(ctx->sender->sent.nxt, 1))) {
        return true; /* all but its FIN: what is on the way when that comes */
    }
    bool in_range = s->una_known && seq_before(seq, s->una) && !stream_is_before_isn(s, seq);
    return in_range && (p->acks_seen == ACKS_SEEN_MANY || !s->isn_known);
}

/* What a host without the connection sends when a copy of the SYN reaches it (RFC 9293 3.10.7.1):
 * <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. Data in the SYN is no longer than a segment. */
static bool answers_syn(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    uint32_t length = ctx->seg->ack.n - p->isn.n;
    return ctx->ack && ctx->seg->seq.n == 0 && p->isn_known && !p->isn_far && length >= 1 &&
           length <= (ctx->c->dialogue.fast_open ? (uint32_t)SYN_DATA_MAX : 1);
}

static bool is_below_edge(const struct seg_ctx *ctx)
{
    return seq_before(ctx->seg->seq, rcv_nxt(ctx));
}

/* What arrived of it can't be told; or the peer has acknowledged it before it listened anew. */
static bool is_outstanding(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    return is_below_edge(ctx) && (!s->una_known || seq_after(ctx->seg->seq, s->una) || !s->isn_known);
}

/* --- ahead --- */

/* As far as the window may have moved while the capture missed packets. */
static bool is_in_reach(const struct seg_ctx *ctx, seq_t from)
{
    const struct stream *p = &ctx->peer->stream;
    uint32_t more = p->right_known ? reach_max_window(ctx->c, ctx->peer) : (uint32_t)STRAY_REACH;
    return seq_diff(ctx->seg->seq, p->right_known ? p->right : from) <= (int32_t)more;
}

/* Of its sender nothing was captured but what its peer acknowledges. */
static bool is_behind_unheard(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return !ctx->sender->sent.nxt_known && p->acks_seen > 0 && seq_after(ctx->seg->seq, p->last_ack) &&
           is_in_reach(ctx, p->last_ack);
}

/* Packets of its sender aren't in the capture. */
static bool is_behind_missing(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return s->sent.missing || s->sent.gaps > 0 || s->stream.has_acked_unseen || !s->stream.syn_sent;
}

static bool is_behind_hole(const struct seg_ctx *ctx)
{
    return is_behind_missing(ctx) && is_in_reach(ctx, ctx->sender->sent.nxt);
}

static bool is_beyond_window(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->right_known && reach_is_beyond(ctx, ctx->peer, p->right, ctx->seg->seq);
}

/* Hosts that count their packets in the IP ID show whether some of them are missing before this one. */
static bool is_behind_skipped(const struct seg_ctx *ctx)
{
    return !ctx->seg->early && path_skips(&ctx->sender->path, ctx->seg) &&
           is_in_reach(ctx, ctx->sender->sent.nxt);
}

void judge_reset(const struct seg_ctx *ctx, struct judgment *j)
{
#define CAUSE_RULE(name, predicate, cause, section)
#define RESET_RULE(name, predicate, verdict, effect, bound, section) \
    if (predicate(ctx)) {                                            \
        j->seq_rule = RESET_RULE_##name;                             \
        j->seq_verdict = verdict;                                    \
        j->reset_effect = effect;                                    \
        rules_break(j, bound(ctx));                                  \
        return;                                                      \
    }
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
}

bool judge_reset_only_answers(const struct seg_ctx *ctx, enum state sender)
{
    const struct end *s = ctx->sender;
    if ((sender != LISTEN && !state_is_opening(sender)) || ctx->ack || !reset_is_at_ack(ctx)) {
        return false;
    }
    /* Unacceptable to this end: it doesn't lie in ISN+1 ... SND.NXT, or there is no SYN of its own. */
    return !s->stream.syn_sent ||
           !seq_between(ctx->peer->stream.last_ack, seq_add(s->stream.isn, 1), s->sent.nxt);
}
