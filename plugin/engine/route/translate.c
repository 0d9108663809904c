/* translate.c - see translate.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/translate.h"

#include "thresholds.h"

static bool is_near(seq_t number, seq_t reached)
{
    return seq_between(number, seq_sub(reached, STRAY_REACH), seq_add(reached, STRAY_REACH));
}

/* From the first ISN to the other. */
static uint32_t offset(const struct end *end)
{
    return seq_distance(end->stream.isn, end->stream.other_isn);
}

static bool is_of_other(const struct end *end, seq_t number)
{
    return end->stream.has_other_isn && end->sent.nxt_known && !is_near(number, end->sent.nxt) &&
           is_near(number, seq_add(end->sent.nxt, offset(end)));
}

const struct segment *translate(struct connection *c, const struct segment *seg, struct segment *copy)
{
    struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    if (!(s->stream.has_other_isn || p->stream.has_other_isn) || !c->dialogue.complete ||
        (seg->flags & FLAG_SYN)) {
        return seg;
    }
    bool rst = segment_is_rst(seg);
    bool of_other = is_of_other(s, seg->seq) && (!rst || s->stream.other_isn_used);
    bool acks_other = (seg->flags & FLAG_ACK) && is_of_other(p, seg->ack);
    if (acks_other && !rst) {
        stream_use_other_isn(&p->stream);
    }
    segment_shift(copy, seg, of_other ? offset(s) : 0, acks_other ? offset(p) : 0);
    return copy;
}
