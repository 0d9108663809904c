/* gaps.h - which numbers of a stream have passed, and where are the gaps?
 *
 * Read RFC 9293 section 3.4.
 *
 * What can't be known: at most two gaps a direction are kept apart; of more, the
 * later ones count as filled, which an acknowledgment then corrects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_GAPS_H
#define TCPFSM_ENGINE_GAPS_H

#include "endpoint.h"

/* `s` is the end that sends. The first segment of its stream: `from` <= n < `to`, in frame `frame` (0: not
 * captured). */
void gaps_begin(struct end *s, seq_t from, seq_t to, uint32_t frame);

/* Another segment: new numbers, old ones, or ones that fill a gap. */
void gaps_extend(struct end *s, seq_t from, seq_t to, uint32_t frame);

/* All up to nxt has arrived. */
void gaps_close(struct end *s);

/* The edge was moved on: takes in what lies behind the gaps that it reached. */
void gaps_swallow(struct end *s);

#endif
