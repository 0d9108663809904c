/* ack_rules.c - is the acknowledgment number of a segment acceptable?
 *
 * Read RFC 9293 sections 3.4 and 3.10.7.3 to 3.10.7.4 (fifth), RFC 5961 section 5.
 *
 * What can't be known: whether a number ahead of all that was captured was made up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/rules.h"

#include "judge/reach.h"
#include "thresholds.h"

/* Where the number lies. */
enum place {
    ABSENT = 1 << 0,
    UNKNOWN_PEER = 1 << 1,
    SYN_COVERED = 1 << 2,
    FOREIGN = 1 << 3,
    AHEAD = 1 << 4,
    IN_RANGE = 1 << 5,
};

/* --- places --- */

/* RFC 9293 3.10.7.4: has the number to lie in ISN+1 ... SND.NXT of the peer? */
static bool is_in_handshake(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->isn_known && p->syn_sent && (!ctx->c->dialogue.complete || ctx->syn_ack);
}

static bool covers_syn(const struct seg_ctx *ctx)
{
    const struct end *p = ctx->peer;
    seq_t most = seq_add(p->sent.nxt, ctx->rst && p->stream.syn_with_fin ? 1 : 0);
    return seq_between(ctx->seg->ack, seq_add(p->stream.isn, 1), most) ||
           stream_is_other_isn(&p->stream, ctx->seg->ack);
}

/* Has anybody answered a SYN? Before, a RST has to fit the SYN exactly. */
static bool is_answered(const struct seg_ctx *ctx)
{
    return ctx->sender->stream.syn_ack_sent || ctx->peer->stream.syn_ack_sent;
}

/* As good or bad as what its sender said before. */
static bool repeats_ack(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    return s->acks_seen > 0 && seq_equal(ctx->seg->ack, s->last_ack);
}

/* Far off, it is a challenge by a connection that we don't know. */
static bool is_near_isn(const struct seg_ctx *ctx)
{
    return ctx->seg->ack.n - ctx->peer->stream.isn.n < (uint32_t)MISSED_MAX;
}

/* OBSERVER: an ACK above SND.NXT in the handshake is called a mismatch only if it comes with a SYN or
 * lies beyond any window: else a third step and what followed it may just not have been captured. */
static bool is_far_ahead(const struct seg_ctx *ctx)
{
    return seq_after(ctx->seg->ack, ctx->peer->sent.nxt) && !ctx->syn_ack &&
           (!ctx->rst || is_answered(ctx) || repeats_ack(ctx)) && !ctx->sender->belief.from_previous;
}

static enum place place_of(const struct seg_ctx *ctx)
{
    const struct end *p = ctx->peer;
    if (!ctx->ack) {
        return ABSENT;
    }
    if (!p->sent.nxt_known || p->belief.from_previous) {
        return UNKNOWN_PEER;
    }
    if (!is_in_handshake(ctx)) {
        return seq_after(ctx->seg->ack, p->sent.nxt) ? AHEAD : IN_RANGE;
    }
    if (covers_syn(ctx)) {
        return SYN_COVERED;
    }
    return is_far_ahead(ctx) && (is_answered(ctx) || is_near_isn(ctx)) ? AHEAD : FOREIGN;
}

/* --- absent --- */

/* A synchronized connection requires an ACK, and in no other state does a segment without ACK, SYN and RST
 * mean anything to its receiver. */
static bool is_needed(const struct seg_ctx *ctx)
{
    return !ctx->syn && !ctx->rst;
}

/* --- in the handshake --- */

/* It acknowledges the SYN for the first time. */
static bool acks_syn(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return !p->una_known || !seq_after(p->una, p->isn);
}

static bool acks_all(const struct seg_ctx *ctx)
{
    return seq_equal(ctx->seg->ack, ctx->peer->sent.nxt);
}

static bool acks_fin(const struct seg_ctx *ctx)
{
    return ctx->peer->stream.fin_sent && acks_all(ctx);
}

/* OBSERVER: the length of an IP packet may count its padding; who acknowledges the FIN alone says so. */
static bool acks_padded_fin(const struct seg_ctx *ctx)
{
    return stream_is_padded_fin(&ctx->peer->stream, &ctx->peer->sent, ctx->seg->ack);
}

static bool opens(const struct seg_ctx *ctx)
{
    return (ctx->syn_ack || acks_syn(ctx)) && !acks_fin(ctx);
}

static struct bound bound_first(const struct seg_ctx *ctx)
{
    return bound_at(seq_add(ctx->peer->stream.isn, 1));
}

static bool lacks_opening(const struct seg_ctx *ctx)
{
    return !reach_opening_is_known(ctx->c);
}

/* Of two SYN-ACKs, what followed the first may be meant. */
static bool is_near_other_isn(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->has_other_isn && ctx->seg->ack.n - p->other_isn.n < (uint32_t)MISSED_MAX;
}

static bool is_rewritten(const struct seg_ctx *ctx)
{
    return ctx->peer->stream.rewritten;
}

/* What answered the SYN of the connection before doesn't count. */
static bool may_challenge(const struct seg_ctx *ctx)
{
    return ctx->pure_ack && (ctx->sender->belief.from_previous || !is_answered(ctx));
}

/* From TIME-WAIT; or the SYN-ACK that ended that was not captured, nor what this acknowledges. */
static bool may_have_waited(const struct seg_ctx *ctx)
{
    return ctx->sender->belief.from_previous && !ctx->c->lineage.ambiguous && !ctx->syn_ack && !ctx->rst &&
           is_near_isn(ctx);
}

/* --- ahead --- */

static bool acks_probe_byte(const struct seg_ctx *ctx)
{
    const struct end *p = ctx->peer;
    return p->stream.probe_byte && seq_equal(ctx->seg->ack, seq_add(p->sent.nxt, 1));
}

/* Where the window that the sender offered ends, as far as any is known. */
static struct bound bound_right(const struct seg_ctx *ctx)
{
    struct bound right = no_bound(ctx);
    right.is = reach_right_edge(ctx->sender, ctx->peer, &right.number);
    return right;
}

static bool is_beyond_window(const struct seg_ctx *ctx)
{
    struct bound right = bound_right(ctx);
    return right.is && reach_is_beyond(ctx, ctx->sender, right.number, ctx->seg->ack) &&
           (ctx->c->dialogue.complete || !reach_follows_unseen(ctx));
}

static bool is_beyond_opening(const struct seg_ctx *ctx)
{
    return !ctx->c->dialogue.complete && is_beyond_window(ctx);
}

static struct bound bound_nxt(const struct seg_ctx *ctx)
{
    return bound_at(ctx->peer->sent.nxt);
}

/* --- in range --- */

static bool acks_more(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return !p->una_known || seq_after(ctx->seg->ack, p->una);
}

static bool acks_the_same(const struct seg_ctx *ctx)
{
    return seq_equal(ctx->seg->ack, ctx->peer->stream.una);
}

static bool is_before_isn(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->syn_sent && !p->isn_far && !seq_after(ctx->seg->ack, p->isn);
}

/* Who says so may mean a connection that wasn't captured: nothing of this one was acknowledged so far. */
static bool is_below_unknown(const struct seg_ctx *ctx)
{
    return !ctx->peer->stream.una_known && is_before_isn(ctx);
}

/* SND.UNA - MAX.SND.WND, RFC 5961 5. */
static struct bound bound_lowest(const struct seg_ctx *ctx)
{
    return bound_at(seq_sub(ctx->peer->stream.una, reach_max_window(ctx->c, ctx->sender)));
}

static bool is_below_any_window(const struct seg_ctx *ctx)
{
    if (!scale_is_known(ctx->c) || ctx->peer->sent.hole || ctx->sender->sent.hole) {
        return false;
    }
    seq_t lowest = bound_lowest(ctx).number;
    return seq_before(ctx->seg->ack, lowest) && !reach_may_be_disorder(ctx, lowest, ctx->seg->ack);
}

/* --- the table --- */

void judge_ack(const struct seg_ctx *ctx, struct judgment *j)
{
    enum place place = place_of(ctx);
    j->acks_syn = place == SYN_COVERED && acks_syn(ctx);
#define ACK_RULE(name, places, predicate, verdict, bound, section) \
    if ((place & (places)) != 0 && predicate(ctx)) {               \
        j->ack_rule = ACK_RULE_##name;                             \
        j->ack_verdict = verdict;                                  \
        rules_break(j, bound(ctx));                                \
        return;                                                    \
    }
#include "judge/ack_rules.def"
#undef ACK_RULE
}
