/* gaps.c - see gaps.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gaps.h"

void gaps_close(struct end *s)
{
    s->gaps = 0;
    s->edge = s->nxt;
    s->edge_frame = s->nxt_frame;
}

/* The edge moved on to `edge`: swallow the pieces that it reached. */
void gaps_swallow(struct end *s)
{
    if (s->gaps == 2 && !seq_before(s->edge, s->island[0])) {
        if (seq_before(s->edge, s->island[1])) {
            s->edge = s->island[1];
            s->edge_frame = 0; /* the frame that ended there is not kept */
        }
        s->gaps = 1;
    }
    if (s->gaps == 1 && !seq_before(s->edge, s->tail)) {
        gaps_close(s);
    }
}

/* A piece that lies in the first gap or fills it, with nothing of it above nxt. */
static void fill(struct end *s, seq_t from, seq_t to, uint32_t frame)
{
    if (!seq_after(from, s->edge)) {
        if (seq_after(to, s->edge)) {
            s->edge = to;
            s->edge_frame = frame;
        }
        gaps_swallow(s);
    } else if (s->gaps == 1 && seq_before(from, s->tail)) {
        if (!seq_before(to, s->tail)) {
            s->tail = from;
        } else {
            s->island[0] = from;
            s->island[1] = to;
            s->gaps = 2;
        }
    } else if (s->gaps == 2) {
        if (!seq_after(from, s->island[1]) && !seq_before(to, s->island[0])) { /* touches the island */
            s->island[0] = seq_before(from, s->island[0]) ? from : s->island[0];
            s->island[1] = seq_max(to, s->island[1]);
            if (!seq_before(s->island[1], s->tail)) {
                s->tail = s->island[0];
                s->gaps = 1;
            }
        } else if (!seq_before(to, s->tail) && seq_before(from, s->tail)) {
            s->tail = from;
        }
    }
}

/* A piece that begins above nxt: a gap lies before it. */
static void leap(struct end *s, seq_t from, seq_t to, uint32_t frame)
{
    if (s->gaps == 0) {
        s->edge = s->nxt;
        s->edge_frame = s->nxt_frame;
        s->gaps = 1;
    } else if (s->gaps == 1) {
        s->island[0] = s->tail;
        s->island[1] = s->nxt;
        s->gaps = 2;
    } else {
        s->island[1] = s->nxt; /* the second gap counts as filled */
    }
    s->tail = from;
    s->nxt = to;
    s->nxt_frame = frame;
    s->missing = true;
}

void gaps_extend(struct end *s, seq_t from, seq_t to, uint32_t frame)
{
    if (seq_after(from, s->nxt)) {
        leap(s, from, to, frame);
        return;
    }
    if (seq_after(to, s->nxt)) {
        s->nxt = to;
        s->nxt_frame = frame;
        if (s->gaps == 0) {
            gaps_close(s);
            return;
        }
    }
    if (s->gaps > 0) {
        fill(s, from, to, frame);
    }
}

void gaps_begin(struct end *s, seq_t from, seq_t to, uint32_t frame)
{
    s->nxt = s->edge = to;
    s->nxt_frame = s->edge_frame = frame;
    s->nxt_known = true;
    s->gaps = 0;
    if (!s->una_known) {
        s->una = from;
    } else if (seq_after(s->una, to)) { /* the peer had acknowledged more before we saw this */
        s->nxt = s->edge = s->una;
        s->nxt_frame = s->edge_frame = 0;
        s->missing = true;
    }
}
