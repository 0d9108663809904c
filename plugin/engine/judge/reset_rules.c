/* reset_rules.c - does a RST count, and why was it sent?
 *
 * Read RFC 9293 sections 3.5.2 (who sends a RST and with which numbers), 3.5.3
 * (who believes it), 3.10.7.3 (in SYN-SENT the ACK decides), RFC 5961 section 3.
 *
 * What can't be known: whether a device in between sent it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/rules.h"

#include "judge/judge.h"
#include "judge/reach.h"
#include "thresholds.h"

/* --- where it lies --- */

/* What the receiver acknowledged last. In the handshake that is its RCV.NXT, be it another than we
 * thought: it answered an old duplicate SYN, or belongs to a connection that its peer has lost. */
static bool is_at_ack(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->acks_seen > 0 && seq_equal(ctx->seg->seq, p->last_ack);
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

/* Right for its sender; the receiver lacks what came before. */
static bool is_in_hole(const struct seg_ctx *ctx)
{
    const struct sent *s = &ctx->sender->sent;
    return !s->nxt_known || (seq_equal(ctx->seg->seq, sent_rcv_nxt(s)) && has_hole(ctx));
}

static bool is_at_ack_in_hole(const struct seg_ctx *ctx)
{
    return is_in_hole(ctx) && is_at_ack(ctx);
}

static bool is_at_edge(const struct seg_ctx *ctx)
{
    return seq_equal(ctx->seg->seq, rcv_nxt(ctx));
}

/* Its sender had come further; what arrived of it can't be told. */
static bool is_at_gap(const struct seg_ctx *ctx)
{
    return ctx->sender->sent.gaps > 0 && is_at_edge(ctx) && !is_at_ack(ctx);
}

static bool is_at_ack_in_opening(const struct seg_ctx *ctx)
{
    bool opening = !ctx->c->dialogue.complete || ctx->peer->belief.proven == SYN_RECEIVED;
    return opening && is_at_ack(ctx);
}

/* Is it a number that the peer has acknowledged with earlier? Its first and last are known; between
 * them, more than two can't be told apart. */
static bool is_at_earlier_ack(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream, *p = &ctx->peer->stream;
    seq_t seq = ctx->seg->seq;
    if (p->acks_seen == 0) {
        return false;
    }
    if (is_at_ack(ctx) || (s->una_known && seq_equal(seq, s->una))) {
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

/* What arrived of it can't be told. */
static bool is_outstanding(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    return is_below_edge(ctx) && (!s->una_known || seq_after(ctx->seg->seq, s->una));
}

/* The peer has acknowledged it in a former life, before it listened anew. */
static bool is_old_unknown(const struct seg_ctx *ctx)
{
    return is_below_edge(ctx) && !ctx->sender->stream.isn_known;
}

/* The segments up to this one may just not have been captured. */
static bool is_behind_missing(const struct seg_ctx *ctx)
{
    const struct sent *s = &ctx->sender->sent;
    return s->missing || s->gaps > 0 || !ctx->peer->stream.right_known || !scale_is_known(ctx->c);
}

static bool is_beyond_window(const struct seg_ctx *ctx)
{
    return reach_is_beyond(ctx, ctx->peer, ctx->peer->stream.right, ctx->seg->seq);
}

static bool is_ahead_of_window(const struct seg_ctx *ctx)
{
    return seq_after(ctx->seg->seq, ctx->peer->stream.right);
}

/* Hosts that count their packets in the IP ID show whether some of them are missing before this one;
 * without an IP ID (IPv6) nothing shows it. */
static bool is_behind_skipped(const struct seg_ctx *ctx)
{
    return path_skips(&ctx->sender->path, ctx->seg);
}

void judge_reset(const struct seg_ctx *ctx, struct judgment *j)
{
#define CAUSE_RULE(name, predicate, cause, section)
#define RESET_RULE(name, predicate, verdict, bound, section) \
    if (predicate(ctx)) {                                    \
        j->seq_rule = RESET_RULE_##name;                     \
        j->seq_verdict = verdict;                            \
        rules_break(j, bound(ctx));                          \
        return;                                              \
    }
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
}

/* --- why it was sent --- */

static bool is_not_of_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx;
    return j->peer_before == SYN_SENT && !j->rst_counts && j->pardon == PARDON_NONE;
}

static bool has_invalid_seq(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx;
    return seq_is_invalid(j->seq_verdict);
}

static bool has_stale_seq(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx;
    return j->seq_verdict == SEQ_STALE_RESET;
}

static bool refuses_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    return j->ack_verdict == ACK_HANDSHAKE && !ctx->peer->stream.syn_ack_sent &&
           !ctx->sender->stream.syn_sent;
}

static bool rejects_syn_ack(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->peer->stream.syn_ack_sent && !ctx->peer->belief.from_previous && !ctx->c->dialogue.complete;
}

static bool gives_up(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->sender->attempts.tries >= TRIES_BEFORE_ABORT && ctx->c->dialogue.last_from == ctx->seg->from;
}

static bool answers_probe(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->sender->attempts.probed;
}

static bool comes_after_close(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    bool gone = state_is_gone(end_state(ctx->c, ctx->sender, 0));
    return ctx->sender->stream.fin_sent || (gone && ctx->peer->stream.fin_sent);
}

static bool is_at_peers_ack(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    const struct stream *s = &ctx->sender->stream;
    bool at_una = ctx->peer->stream.acks_seen > 0 && s->una_known && seq_equal(ctx->seg->seq, s->una);
    return !ctx->ack && (is_at_ack(ctx) || at_una);
}

static bool aborts(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    const struct sent *s = &ctx->sender->sent;
    return ctx->ack && s->nxt_known && seq_equal(ctx->seg->seq, s->nxt);
}

static bool is_anything_at_all(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx, (void)j;
    return true;
}

/* RFC 9293 3.10.7.3: in SYN-SENT only if the ACK covers the SYN. */
static bool counts(const struct seg_ctx *ctx, const struct judgment *j)
{
    return j->peer_before == SYN_SENT ? judge_covers_syn(ctx, j) : j->seq_verdict == SEQ_IN_ORDER;
}

void judge_cause(const struct seg_ctx *ctx, struct judgment *j)
{
    j->rst_counts = counts(ctx, j);
#define RESET_RULE(name, predicate, verdict, bound, section)
#define CAUSE_RULE(name, predicate, cause, section) \
    if (predicate(ctx, j)) {                        \
        j->cause_rule = CAUSE_RULE_##name;          \
        j->reset_cause = cause;                     \
        return;                                     \
    }
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
}

bool judge_reset_only_answers(const struct seg_ctx *ctx, enum state sender)
{
    const struct end *s = ctx->sender;
    if ((sender != LISTEN && !state_is_opening(sender)) || ctx->ack || !is_at_ack(ctx)) {
        return false;
    }
    /* Unacceptable to this end: it doesn't lie in ISN+1 ... SND.NXT, or there is no SYN of its own. */
    return !s->stream.syn_sent ||
           !seq_between(ctx->peer->stream.last_ack, seq_add(s->stream.isn, 1), s->sent.nxt);
}
