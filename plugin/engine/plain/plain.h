/* plain.h - is this one of the many segments that surprise nobody, and what does it move?
 *
 * Most segments are the next one of an open connection: no flag but ACK, the expected number, an ACK of what
 * was sent, and nothing is doubtful at either end. Of these judge, weigh and apply find the same each time.
 * (Receivers know such a shortcut as header prediction.)
 *
 * It only saves time: connection and observation are what stages_run() would make of them, and every test
 * program holds each such segment to that (tests/support/checked.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_PLAIN_H
#define TCPFSM_ENGINE_PLAIN_H

#include "endpoint/endpoint.h"
#include "route/route.h"

/* Is a connection calm: nothing in it that the stages would doubt, whoever sends the next segment? */
bool plain_is_calm(const struct connection *c);

/* `c`: the newest connection of its four-tuple, as it was before the segment. */
static inline bool plain_is(const struct connection *c, const struct segment *seg)
{
    const unsigned flags = FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK;
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    return c->dialogue.calm && c->lineage.previous == 0 && (seg->flags & flags) == FLAG_ACK &&
           seq_equal(seg->seq, s->sent.nxt) && seg->length_known && seg->sack_blocks == 0 &&
           (seq_equal(seg->ack, p->sent.nxt) || /* all that the peer sent, or more than before */
            (seq_before(seg->ack, p->sent.nxt) && seq_after(seg->ack, p->stream.una))) &&
           s->belief.presumed == 0 && /* it proves nothing of its sender */
           p->stream.window != 0 && s->path.folded == path_fold(seg->path);
}

/* Applies such a segment, and fills the observation whole. */
void plain_take(const struct routing *routing, const struct segment *seg, struct observation *observation);

#endif
