/* reach.c - see reach.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/reach.h"

#include "thresholds.h"

enum { US_PER_MS = 1000 };

uint32_t reach_max_window(const struct connection *c, const struct end *offerer)
{
    uint32_t window = offerer->stream.max_window;
    return window ? window << scale_of(c, offerer) : (uint32_t)UNSCALED_MAX;
}

/* OBSERVER: RFC 9293 3.10.7.4 compares with the window as the receiver knows it. A capture that
 * drops packets drops window updates, too, and pure ACKs leave no gap behind. Where a gap shows, nothing
 * is beyond reach. Else a window moves by its own size at most once a round trip, so we allow for as many
 * as the time may have brought. */
bool reach_is_beyond(const struct seg_ctx *ctx, const struct end *offerer, seq_t right, seq_t number)
{
    const struct connection *c = ctx->c;
    int32_t beyond = seq_diff(number, right);
    bool window_known = scale_is_known(c) && (offerer->stream.max_window != 0 || scale_of(c, offerer) == 0);
    if (beyond <= 0 || !window_known || c->dialogue.round_trip_us == 0 || c->end[0].sent.missing ||
        c->end[1].sent.missing) {
        return false;
    }
    uint64_t idle_us = ((uint64_t)seg_ctx_idle_ms(ctx) + DISORDER_MS) * US_PER_MS;
    uint64_t windows = 1 + WINDOWS_A_ROUND * idle_us / c->dialogue.round_trip_us;
    return (uint64_t)beyond > windows * reach_max_window(c, offerer);
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

/* Whether the sender's own counting allows that it sent this packet before its last one. */
static bool may_be_overtaken(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    if (seg_ctx_idle_ms(ctx) > DISORDER_MS) {
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
    uint32_t round_us = c->dialogue.round_trip_us;
    uint64_t windows = round_us ? (uint64_t)WINDOWS_A_ROUND * DISORDER_MS * US_PER_MS / round_us : 1;
    return (uint64_t)(uint32_t)seq_diff(lowest, number) <=
           (windows ? windows : 1) * reach_max_window(c, ctx->sender);
}
