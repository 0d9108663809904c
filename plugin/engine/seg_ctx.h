/* seg_ctx.h - one segment on its connection: what the stages of connection_observe() look at
 *
 * Nothing can be changed through it. Who may write gets the connection beside it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_SEG_CTX_H
#define TCPFSM_ENGINE_SEG_CTX_H

#include "endpoint/endpoint.h"
#include "thresholds.h"
#include "wire/age.h"

struct seg_ctx {
    const struct segment *seg;
    const struct connection *c;
    const struct connection *previous; /* the incarnation before, or NULL */
    const struct end *sender, *peer;
    seq_t end;     /* SEG.SEQ + SEG.LEN */
    seq_t had_nxt; /* the sender's SND.NXT before anything was learnt from this segment, or SEG.SEQ */
    /* Its kind, exclusive but for fin and ack: RST before SYN before FIN counts. */
    bool syn, syn_ack, fin, rst, ack;
    bool pure_ack; /* ACK and nothing else that takes a sequence number */
};

static inline struct seg_ctx seg_ctx_of(const struct connection *c, const struct connection *previous,
                                        const struct segment *seg)
{
    bool rst = segment_is_rst(seg), ack = (seg->flags & FLAG_ACK) != 0;
    return (struct seg_ctx){
        .seg = seg,
        .c = c,
        .previous = previous,
        .sender = &c->end[seg->from],
        .peer = &c->end[!seg->from],
        .end = segment_end(seg),
        .had_nxt = c->end[seg->from].sent.nxt_known ? c->end[seg->from].sent.nxt : seg->seq,
        .syn = segment_is_syn(seg),
        .syn_ack = segment_is_syn_ack(seg),
        .fin = segment_is_fin(seg),
        .rst = rst,
        .ack = ack,
        .pure_ack = ack && !rst && segment_length(seg) == 0,
    };
}

/* Milliseconds since the last segment of the connection; very many if the clock has run back. */
static inline uint32_t seg_ctx_idle_ms(const struct seg_ctx *ctx)
{
    return time_age_ms(ctx->seg->time, ctx->c->dialogue.last_ms);
}

/* Milliseconds since then; 0 if the clock has run back a little, as where several queues are captured. */
static inline uint32_t seg_ctx_since_ms(const struct seg_ctx *ctx, uint32_t ms)
{
    return time_age_ms(ctx->seg->time, ms);
}

/* For how long may what was sent cross what answers it: `ms`, or the round trip if that is longer. */
static inline uint32_t seg_ctx_crossing_ms(const struct seg_ctx *ctx, uint32_t ms)
{
    int64_t round_trip = dialogue_round_trip(&ctx->c->dialogue);
    return round_trip > ms * NS_PER_MS ? (uint32_t)(round_trip / NS_PER_MS) : ms;
}

/* May the last segment of the connection have been sent after this one? */
static inline bool seg_ctx_may_be_disorder(const struct seg_ctx *ctx)
{
    return seg_ctx_since_ms(ctx, ctx->c->dialogue.last_ms) <= DISORDER_MS;
}

static inline bool seg_ctx_is_client(const struct seg_ctx *ctx)
{
    return ctx->seg->from == ctx->c->lineage.client;
}

#endif
