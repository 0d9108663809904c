/* sent.c - see sent.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/sent.h"

#include <stddef.h>

/* Without gaps there is nothing to say of them. */
static void forget_gaps(struct sent *s)
{
    s->gaps = 0;
    s->first_gap = s->first_left = s->first_right = s->last_left = seq_of(0);
    s->first_gap_frame = 0;
}

void sent_close(struct sent *s)
{
    if (s->gaps > 0) {
        forget_gaps(s);
    }
}

/* The second gap is all that is left. */
static void forget_first_block(struct sent *s)
{
    s->gaps = 1;
    s->first_left = s->first_right = seq_of(0);
}

/* RCV.NXT moved on: swallow the blocks that it reached. */
static void swallow(struct sent *s)
{
    if (s->gaps == 2 && !seq_before(s->first_gap, s->first_left)) {
        if (seq_before(s->first_gap, s->first_right)) {
            s->first_gap = s->first_right;
            s->first_gap_frame = 0; /* the frame that ended there is not kept */
        }
        forget_first_block(s);
    }
    if (!seq_before(s->first_gap, s->last_left)) {
        forget_gaps(s);
    }
}

/* A piece in the only gap, not at its left edge. */
static void split_gap(struct sent *s, seq_t from, seq_t to)
{
    if (!seq_before(to, s->last_left)) {
        s->last_left = from;
    } else {
        s->first_left = from;
        s->first_right = to;
        s->gaps = 2;
    }
}

/* A piece in one of two gaps, not at the left edge of the first. */
static void grow_block(struct sent *s, seq_t from, seq_t to)
{
    bool touches_first = !seq_after(from, s->first_right) && !seq_before(to, s->first_left);
    if (touches_first) {
        s->first_left = seq_before(from, s->first_left) ? from : s->first_left;
        s->first_right = seq_max(to, s->first_right);
        if (!seq_before(s->first_right, s->last_left)) {
            s->last_left = s->first_left;
            forget_first_block(s);
        }
    } else if (!seq_before(to, s->last_left) && seq_before(from, s->last_left)) {
        s->last_left = from;
    }
}

/* A piece that lies in a gap or fills it, with nothing of it above nxt. */
static void fill(struct sent *s, seq_t from, seq_t to, uint32_t frame)
{
    if (!seq_after(from, s->first_gap)) {
        if (seq_after(to, s->first_gap)) {
            s->first_gap = to;
            s->first_gap_frame = frame;
        }
        swallow(s);
    } else if (s->gaps == 2) {
        grow_block(s, from, to);
    } else if (seq_before(from, s->last_left)) {
        split_gap(s, from, to);
    }
}

/* No window is larger: what lies further back has arrived, or nothing would have been sent here. */
static void outrun_gaps(struct sent *s)
{
    if (s->gaps > 0 && seq_distance(s->first_gap, s->nxt) > WINDOW_MAX) {
        forget_gaps(s);
    }
}

/* A piece that begins above nxt: a gap lies before it. */
static void leap(struct sent *s, seq_t from, seq_t to, uint32_t frame)
{
    if (s->gaps == 0) {
        s->first_gap = s->nxt;
        s->first_gap_frame = s->nxt_frame;
        s->gaps = 1;
    } else if (s->gaps == 1) {
        s->first_left = s->last_left;
        s->first_right = s->nxt;
        s->gaps = 2;
    } else {
        s->first_right = s->nxt; /* the second gap counts as filled */
    }
    s->last_left = from;
    s->nxt = to;
    s->nxt_frame = frame;
    s->missing = true;
    s->hole = HOLE_OPEN;
    outrun_gaps(s);
}

void sent_extend(struct sent *s, seq_t from, seq_t to, uint32_t frame)
{
    if (seq_after(from, s->nxt)) {
        leap(s, from, to, frame);
        return;
    }
    if (seq_after(to, s->nxt)) {
        s->nxt = to;
        s->nxt_frame = frame;
        outrun_gaps(s);
    }
    if (s->gaps > 0) {
        fill(s, from, to, frame);
    }
}

void sent_begin(struct sent *s, seq_t to, uint32_t frame)
{
    s->nxt = to;
    s->nxt_frame = frame;
    s->nxt_known = true;
    sent_close(s);
}

void sent_acknowledged(struct sent *s, seq_t ack)
{
    if (seq_after(ack, s->nxt)) { /* only a probe's byte, or what was acknowledged twice */
        sent_restart(s, ack);
        s->missing = true;
        s->hole = HOLE_OPEN;
    } else if (s->gaps > 0 && seq_after(ack, s->first_gap)) {
        bool bare = sent_ends_in_gap(s) && seq_equal(ack, s->nxt);
        s->first_gap = ack;
        s->first_gap_frame = 0;
        swallow(s);
        if (bare) { /* only a pure ACK behind the gap showed nxt: what ends there was not captured */
            s->nxt_frame = 0;
        }
    }
}

void sent_reopen_gap(struct sent *s, seq_t acked, seq_t left)
{
    if (s->gaps == 0 && seq_before(acked, left) && seq_before(left, s->nxt)) {
        s->first_gap = acked;
        s->first_gap_frame = 0;
        s->last_left = left;
        s->gaps = 1;
    }
}

void sent_restart(struct sent *s, seq_t next)
{
    s->nxt = next;
    s->nxt_frame = 0;
    sent_close(s);
}

void sent_cover(struct sent *s)
{
    if (s->gaps == 0 && s->hole != HOLE_NONE) {
        s->hole = s->hole == HOLE_OPEN ? HOLE_COVERED : HOLE_NONE;
    }
}

void sent_trim(struct sent *s, uint32_t bytes)
{
    if (s->gaps == 0) {
        s->nxt = seq_sub(s->nxt, bytes);
    }
}

void sent_miss(struct sent *s)
{
    s->missing = true;
    s->hole = HOLE_OPEN;
}

void sent_forget(struct sent *s)
{
    *s = (struct sent){0};
}

void sent_inherit(struct sent *s, const struct sent *old)
{
    *s = *old;
}

static bool has_order(const struct sent *s)
{
    switch (s->gaps) {
    case 0:
        return s->first_gap.n == 0 && s->last_left.n == 0 && s->first_left.n == 0 && s->first_right.n == 0;
    case 1: return seq_before(s->first_gap, s->last_left) && !seq_after(s->last_left, s->nxt);
    case 2:
        return seq_before(s->first_gap, s->first_left) && !seq_after(s->first_left, s->first_right) &&
               seq_before(s->first_right, s->last_left) && !seq_after(s->last_left, s->nxt);
    default: return false;
    }
}

const char *sent_check(const struct sent *s)
{
    if (!s->nxt_known && s->gaps > 0) {
        return "sent: gaps in a stream that isn't known";
    }
    if (s->hole != HOLE_NONE && !s->missing) {
        return "sent: a hole, but nothing is missing";
    }
    if (!has_order(s)) {
        return "sent: RCV.NXT < first block < last block <= SND.NXT, as far as there are gaps";
    }
    return NULL;
}
