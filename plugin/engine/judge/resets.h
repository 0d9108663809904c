/* resets.h - what both files on RSTs ask: whether its number counts, and why it was sent
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_RESETS_H
#define TCPFSM_ENGINE_RESETS_H

#include "seg_ctx.h"

/* What the receiver acknowledged last, so what it expects next, be it another number than was captured:
 * it answered an old duplicate SYN, belongs to a connection that its peer has lost, or got what the
 * capture missed. */
static inline bool reset_is_at_ack(const struct seg_ctx *ctx)
{
    const struct stream *p = &ctx->peer->stream;
    return p->acks_seen > 0 && seq_equal(ctx->seg->seq, p->last_ack);
}

/* Before the handshake was seen to end, a number behind the ISN + 1 that nobody asked for: its sender was
 * open, and what it sent was not captured. */
static inline bool reset_proves_open(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    return s->stream.syn_sent && !s->belief.from_previous && !ctx->c->dialogue.complete &&
           seq_after(ctx->seg->seq, seq_add(s->stream.isn, 1)) && !reset_is_at_ack(ctx);
}

#endif
