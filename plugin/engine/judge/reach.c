/* reach.c - see reach.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/reach.h"

#include "thresholds.h"

enum { US_PER_MS = 1000 };

/* The largest window that it offered, not scaled; 0: not known. That of a SYN, which isn't scaled, says
 * nothing of the later ones. */
static uint32_t largest_window(const struct connection *c, const struct end *offerer)
{
    const struct stream *s = &offerer->stream;
    return s->offers_more || !c->dialogue.complete ? s->max_window : 0;
}

uint32_t reach_max_window(const struct connection *c, const struct end *offerer)
{
    uint32_t window = largest_window(c, offerer);
    return window ? window << scale_of(c, offerer) : (uint32_t)UNSCALED_MAX;
}

/* OBSERVER: where the capture's clock ticks less often than the segments come, a tick is all one knows. */
static uint64_t round_trip_us(const struct connection *c)
{
    return c->dialogue.round_trip_us > 0 ? c->dialogue.round_trip_us : CLOCK_TICK_US;
}

/* How many times a window may have moved by its own size, and packets stood in disorder besides. */
static uint64_t windows_within(const struct connection *c, uint32_t ms)
{
    return 1 + WINDOWS_A_ROUND * ((uint64_t)ms + DISORDER_MS) * US_PER_MS / round_trip_us(c);
}

/* OBSERVER: RFC 9293 3.10.7.4 compares with the window as the receiver knows it. A capture that drops packets
 * drops window updates, too, and pure ACKs leave no gap behind. Where a gap shows, or the stream has passed
 * the highest right edge, nothing is beyond reach. Else a window moves by its own size at most once a round
 * trip, so we allow for as many as the time may have brought. */
bool reach_is_beyond(const struct seg_ctx *ctx, const struct end *offerer, seq_t right, seq_t number)
{
    const struct connection *c = ctx->c;
    const struct end *owner = offerer == ctx->sender ? ctx->peer : ctx->sender;
    int32_t beyond = seq_diff(number, right);
    bool window_known = scale_is_known(c) && (largest_window(c, offerer) != 0 || scale_of(c, offerer) == 0);
    bool right_known = !offerer->belief.from_previous && c->end[0].sent.hole == HOLE_NONE &&
                       c->end[1].sent.hole == HOLE_NONE && !seq_after(owner->sent.nxt, right);
    if (beyond <= 0 || c->dialogue.halves == 0 || !window_known || !right_known) {
        return false;
    }
    if (!c->dialogue.complete) { /* until step 3 has arrived nobody moves a window, nor closes */
        return !ctx->fin && seg_ctx_idle_ms(ctx) <= CROSSING_MS;
    }
    return (uint64_t)beyond > windows_within(c, seg_ctx_idle_ms(ctx)) * reach_max_window(c, offerer);
}

static bool is_missed(seq_t number, const struct sent *sent)
{
    return sent->nxt_known && seq_after(number, sent->nxt) &&
           seq_distance(sent->nxt, number) < (uint32_t)MISSED_MAX;
}

bool reach_acks_unseen(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender, *p = ctx->peer;
    seq_t right = p->sent.nxt;
    if (!ctx->ack || p->belief.from_previous || !is_missed(ctx->seg->ack, &p->sent)) {
        return false;
    }
    reach_right_edge(s, p, &right);
    return !ctx->c->dialogue.complete || !reach_is_beyond(ctx, s, right, ctx->seg->ack);
}

bool reach_follows_unseen(const struct seg_ctx *ctx)
{
    return is_missed(ctx->seg->seq, &ctx->sender->sent);
}

bool reach_right_edge(const struct end *offerer, const struct end *stream, seq_t *right)
{
    if (offerer->stream.right_known) {
        *right = offerer->stream.right;
        return true;
    }
    if (offerer->stream.syn_sent && stream->stream.isn_known) { /* a SYN's window has no ACK to begin at */
        *right = seq_add(stream->stream.isn, 1u + offerer->stream.window);
        return true;
    }
    return false;
}

bool reach_opening_is_known(const struct connection *c)
{
    return c->end[c->lineage.client].stream.syn_sent;
}

/* Its own clock says that it was sent before what came last, however long it was under way: a network that
 * doubles packets lets the second copy wait. */
static bool is_older(const struct seg_ctx *ctx)
{
    const struct stream *s = &ctx->sender->stream;
    int32_t age = (int32_t)(s->ts_recent - ctx->seg->tsval);
    return s->ts_known && ctx->seg->has_timestamps && age > 0 && age <= PAWS_MS;
}

/* Whether the sender's own counting allows that it sent this packet before its last one. */
static bool may_be_overtaken(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    if (is_older(ctx)) {
        return true;
    }
    if (!seg_ctx_may_be_disorder(ctx)) {
        return false;
    }
    if (path_is_overtaken(&s->path, ctx->seg)) {
        return true;
    }
    if (path_counts(&s->path, ctx->seg)) {
        return false;
    }
    return s->stream.ts_known && ctx->seg->has_timestamps &&
           (int32_t)(ctx->seg->tsval - s->stream.ts_recent) <= 0;
}

bool reach_may_be_disorder(const struct seg_ctx *ctx, seq_t lowest, seq_t number)
{
    const struct connection *c = ctx->c;
    if (may_be_overtaken(ctx)) { /* whatever the round trip: that of the handshake may have been a slow one */
        return true;
    }
    /* One at least: the packets that told the round trip may have been delayed themselves. */
    uint64_t windows = c->dialogue.halves ? windows_within(c, 0) - 1 : 1;
    return (uint64_t)(uint32_t)seq_diff(lowest, number) <=
           (windows ? windows : 1) * reach_max_window(c, ctx->sender);
}
