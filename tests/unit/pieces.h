/* pieces.h - pieces of one stream, for tests that need no connection around it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_PIECES_H
#define TCPFSM_TESTS_UNIT_PIECES_H

#include "check.h"
#include "endpoint/sent.h"
#include "wire/seq.h"

/* The number circle is entered just below its wrap. */
static inline seq_t at(uint32_t offset)
{
    return seq_add(seq_of(0xfffffffe), offset);
}

/* Bytes from ... to - 1 pass, in a frame of that number. */
static inline void pass(struct sent *s, uint32_t from, uint32_t to, uint32_t frame)
{
    if (s->nxt_known)
        sent_extend(s, at(from), at(to), frame);
    else
        sent_begin(s, at(to), frame);
    CHECK(sent_check(s) == NULL);
}

static inline void acknowledge(struct sent *s, uint32_t ack)
{
    sent_acknowledged(s, at(ack));
    CHECK(sent_check(s) == NULL);
}

/* 1 to 100 in frame 1, 201 to 300 in frame 2, and with `gaps` == 2: 401 to 500 in frame 3. */
static inline struct sent with_gaps(unsigned gaps)
{
    struct sent s = {0};

    pass(&s, 1, 101, 1);
    pass(&s, 201, 301, 2);
    if (gaps == 2)
        pass(&s, 401, 501, 3);
    return s;
}

/* Member by member: what pads a struct has no value. */
static inline bool is_same_sent(const struct sent *a, const struct sent *b)
{
    return seq_equal(a->nxt, b->nxt) && seq_equal(a->first_gap, b->first_gap) &&
           seq_equal(a->first_left, b->first_left) && seq_equal(a->first_right, b->first_right) &&
           seq_equal(a->last_left, b->last_left) && a->nxt_frame == b->nxt_frame &&
           a->first_gap_frame == b->first_gap_frame && a->gaps == b->gaps && a->nxt_known == b->nxt_known &&
           a->missing == b->missing;
}

#define CHECK_SENT(s, rcv_nxt, nxt_, gaps_)                       \
    do {                                                          \
        CHECK_EQUAL(seq_diff(sent_rcv_nxt(s), at(0)), (rcv_nxt)); \
        CHECK_EQUAL(seq_diff((s)->nxt, at(0)), (nxt_));           \
        CHECK_EQUAL((s)->gaps, (gaps_));                          \
    } while (0)

#define CHECK_FRAMES(s, rcv_nxt, nxt_)                 \
    do {                                               \
        CHECK_EQUAL(sent_rcv_nxt_frame(s), (rcv_nxt)); \
        CHECK_EQUAL((s)->nxt_frame, (nxt_));           \
    } while (0)

#endif
