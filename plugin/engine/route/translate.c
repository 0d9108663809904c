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

/* What it acknowledges, with all the blocks. */
static void translate_ack(struct segment *seg, uint32_t by)
{
    seg->ack = seq_sub(seg->ack, by);
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        seg->sack[i].left = seq_sub(seg->sack[i].left, by);
        seg->sack[i].right = seq_sub(seg->sack[i].right, by);
    }
}

const struct segment *translate(struct connection *c, const struct segment *seg, struct segment *copy)
{
    struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    if (!(s->stream.has_other_isn || p->stream.has_other_isn) || !c->dialogue.complete ||
        (seg->flags & FLAG_SYN)) {
        return seg;
    }
    *copy = *seg;
    bool rst = segment_is_rst(seg);
    if (is_of_other(s, seg->seq) && (!rst || s->stream.other_isn_used)) {
        copy->seq = seq_sub(seg->seq, offset(s));
    }
    if ((seg->flags & FLAG_ACK) && is_of_other(p, seg->ack)) {
        translate_ack(copy, offset(p));
        if (!rst) {
            stream_use_other_isn(&p->stream);
        }
    }
    return copy;
}
