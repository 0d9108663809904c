/* seq_rules.c - is the sequence number of a segment acceptable?
 *
 * Read RFC 9293 sections 3.4 and 3.10.7.4, RFC 7323 section 5 (timestamps).
 *
 * What can't be known: what was not captured may have moved the window. Where
 * missing packets could explain a number, it is not called invalid.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/rules.h"

#include "judge/reach.h"
#include "thresholds.h"

enum { MS_PER_DAY = 24 * 60 * 60 * 1000 };

/* --- SYNs --- */

static bool is_syn_again(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    seq_t seq = ctx->seg->seq;
    bool again = s->syn_sent &&
                 (seq_equal(seq, s->isn) || (s->has_other_isn && seq_equal(seq, s->other_isn)));
    return again && (!ctx->syn_ack || s->syn_ack_sent);
}

/* A SYN-ACK with another ISN when the handshake is over: a second host behind the same address, a proxy, a
 * firewall; or the server was restarted. What it has begun before goes on until it shows otherwise. */
static bool is_second_isn(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return ctx->syn_ack && ctx->c->dialogue.complete && s->stream.syn_sent && !s->belief.from_previous;
}

/* It opens nothing any more: the connection whose SYN it answers is over. */
static bool is_stray_answer(const struct seg_ctx *ctx)
{
    return is_second_isn(ctx) && connection_is_over(ctx->c);
}

/* --- of which connection --- */

static bool is_unknown_stream(const struct seg_ctx *ctx)
{
    return !ctx->sender->sent.nxt_known;
}

/* Does the segment fit the same end of the incarnation before, and not this one? */
static bool is_of_previous(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    if (!ctx->previous || !s->stream.syn_sent || s->belief.from_previous) {
        return false;
    }
    const struct end *old = &ctx->previous->end[ctx->seg->from];
    if (!old->stream.isn_known || !old->sent.nxt_known || old->stream.isn_far) {
        return false;
    }
    seq_t right = s->sent.nxt;
    reach_right_edge(ctx->peer, s, &right);
    bool fits_here = seq_between(ctx->seg->seq, s->stream.isn, seq_max(right, s->sent.nxt));
    return !fits_here && seq_between(ctx->seg->seq, old->stream.isn, old->sent.nxt);
}

/* The SYN may have come into a live connection that was not captured, and whose segment this is. */
static bool may_be_of_unseen(const struct seg_ctx *ctx)
{
    return ctx->c->lineage.ambiguous && !ctx->previous;
}

/* The receiver has acknowledged more than the FIN: that was none of this stream. */
static bool is_asked_for(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->acks_seen > 0 && seq_after(p->last_ack, ctx->sender->sent.nxt) &&
           !seq_before(ctx->seg->seq, p->last_ack);
}

static bool is_after_fin(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return s->stream.fin_sent && ctx->seg->data > 0 && seq_after(ctx->end, s->sent.nxt) && !is_asked_for(ctx);
}

/* --- in the handshake --- */

static bool is_near_other_isn(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    int32_t ahead = seq_diff(ctx->seg->seq, s->other_isn);
    return s->has_other_isn && ahead >= 1 && ahead <= UNSCALED_MAX;
}

/* Does the number have to follow the ISN? */
static bool has_to_follow(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return !ctx->c->dialogue.complete && s->stream.syn_sent && !s->belief.from_previous &&
           reach_opening_is_known(ctx->c) && !is_near_other_isn(ctx);
}

static struct bound bound_first(const struct seg_ctx *ctx)
{
    return bound_at(seq_add(ctx->sender->stream.isn, 1));
}

static bool is_before_opening(const struct seg_ctx *ctx)
{
    if (!has_to_follow(ctx)) {
        return false;
    }
    bool keepalive = seq_equal(ctx->seg->seq, ctx->sender->stream.isn) && ctx->seg->data <= 1 && !ctx->fin;
    return seq_before(ctx->seg->seq, bound_first(ctx).number) && !keepalive;
}

/* Where the peer's window ends, as far as any is known. */
static struct bound bound_right(const struct seg_ctx *ctx)
{
    struct bound right = no_bound(ctx);
    right.is = reach_right_edge(ctx->peer, ctx->sender, &right.number);
    return right;
}

static bool is_beyond_opening(const struct seg_ctx *ctx)
{
    struct bound right = bound_right(ctx);
    return has_to_follow(ctx) && right.is && reach_is_beyond(ctx, ctx->peer, right.number, ctx->seg->seq) &&
           !reach_acks_unseen(ctx);
}

static bool is_of_unseen(const struct seg_ctx *ctx)
{
    return may_be_of_unseen(ctx) && (is_before_opening(ctx) || is_beyond_opening(ctx));
}

/* --- probes --- */

/* RFC 9293 3.8.6.1. OBSERVER: an empty segment at SND.NXT is a probe only if nothing else explains it:
 * it repeats what its sender said, and its sender spoke last. */
static bool is_window_probe(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    const struct stream *p = &ctx->peer->stream;
    const struct segment *seg = ctx->seg;
    if (ctx->fin || seg->data > 1 || p->acks_seen == 0 || p->window != 0) {
        return false;
    }
    if (seq_equal(seg->seq, s->sent.nxt)) {
        bool repeats = s->stream.acks_seen > 0 && seq_equal(seg->ack, s->stream.last_ack) &&
                       seg->window == s->stream.window;
        return seg->data == 1 || (repeats && ctx->c->dialogue.last_from == seg->from);
    }
    return seq_equal(seg->seq, seq_sub(s->sent.nxt, 1)) ||
           (s->stream.una_known && seq_equal(seg->seq, seq_sub(s->stream.una, 1)));
}

/* RFC 9293 3.8.4: one below SND.NXT, nothing outstanding. */
static bool is_keepalive(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return !ctx->fin && ctx->seg->data <= 1 && seq_equal(ctx->seg->seq, seq_sub(s->sent.nxt, 1)) &&
           (!s->stream.una_known || seq_equal(s->stream.una, s->sent.nxt));
}

/* --- old and new --- */

static bool begins_old(const struct seg_ctx *ctx)
{
    return seq_before(ctx->seg->seq, ctx->sender->sent.nxt);
}

static bool is_old(const struct seg_ctx *ctx)
{
    return begins_old(ctx) && !seq_after(ctx->end, ctx->sender->sent.nxt);
}

static bool is_before_isn(const struct seg_ctx *ctx)
{
    return is_old(ctx) && stream_is_before_isn(&ctx->sender->stream, ctx->seg->seq) &&
           reach_opening_is_known(ctx->c);
}

static bool is_unseen_before_isn(const struct seg_ctx *ctx)
{
    return may_be_of_unseen(ctx) && is_before_isn(ctx);
}

static struct bound bound_isn(const struct seg_ctx *ctx)
{
    return bound_at(ctx->sender->stream.isn);
}

static bool is_next(const struct seg_ctx *ctx)
{
    return seq_equal(ctx->seg->seq, ctx->sender->sent.nxt);
}

static struct bound bound_nxt(const struct seg_ctx *ctx)
{
    return bound_at(ctx->sender->sent.nxt);
}

/* RFC 7323 5.3 (PAWS). */
static bool is_old_timestamp(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    return s->ts_known && ctx->seg->has_timestamps && (int32_t)(s->ts_recent - ctx->seg->tsval) > PAWS_MS &&
           seg_ctx_idle_ms(ctx) < (uint32_t)PAWS_IDLE_DAYS * MS_PER_DAY;
}

static bool is_beyond_window(const struct seg_ctx *ctx)
{
    const struct end *p = ctx->peer;
    return p->stream.right_known && p->sent.gaps == 0 &&
           reach_is_beyond(ctx, p, p->stream.right, ctx->seg->seq) && !reach_acks_unseen(ctx);
}

/* --- the table --- */

static void judge_syn(const struct seg_ctx *ctx, struct judgment *j)
{
#define SEQ_RULE(name, predicate, verdict, bound, section)
#define SYN_RULE(name, predicate, verdict, bound, section) \
    if (predicate(ctx)) {                                  \
        j->seq_rule = SYN_RULE_##name;                     \
        j->seq_verdict = verdict;                          \
        rules_break(j, bound(ctx));                        \
        return;                                            \
    }
#include "judge/seq_rules.def"
#undef SEQ_RULE
#undef SYN_RULE
}

void judge_seq(const struct seg_ctx *ctx, struct judgment *j)
{
    if (ctx->syn || ctx->syn_ack) {
        judge_syn(ctx, j);
        return;
    }
#define SYN_RULE(name, predicate, verdict, bound, section)
#define SEQ_RULE(name, predicate, verdict, bound, section) \
    if (predicate(ctx)) {                                  \
        j->seq_rule = SEQ_RULE_##name;                     \
        j->seq_verdict = verdict;                          \
        rules_break(j, bound(ctx));                        \
        return;                                            \
    }
#include "judge/seq_rules.def"
#undef SEQ_RULE
#undef SYN_RULE
}
