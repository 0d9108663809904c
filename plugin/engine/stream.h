/* stream.h - the numbers of one direction: what was sent, what is presumed to have arrived
 *
 * Read RFC 9293 section 3.3.1 (send and receive sequence variables).
 *
 * What can't be known: what was sent and acknowledged beside the capture. It counts
 * as soon as the sender goes on from there, or the same number comes again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_STREAM_H
#define TCPFSM_ENGINE_STREAM_H

#include "endpoint.h"

/* The sender sent what its segment carries: moves nxt, edge and the gaps. */
void stream_sent(struct view *view);

/* Its FIN, sent just now, had been acknowledged by what was captured before. */
void stream_fin_was_acknowledged(struct view *view);

/* The sender acknowledged the peer's stream and offered its window. */
void stream_acknowledged(struct view *view);

/* The stream goes on at `next`, and what lay before is not known. */
void stream_restart(struct end *end, seq_t next);

/* Of several SYN-ACKs, that one counts whose ISN + 1 is `number`. */
void stream_choose_isn(struct end *end, seq_t number);

/* Is all up to and with this end's FIN presumed to have arrived? */
static inline bool stream_fin_arrived(const struct end *end)
{
    return end->fin_sent && end->gaps == 0 && !end->fin_lost;
}

/* SACK showed that the peer holds `left` up to this end's FIN, but not what lies between `acked` and
 * `left`. */
void stream_reopen_gap(struct end *end, seq_t acked, seq_t left);

#endif
