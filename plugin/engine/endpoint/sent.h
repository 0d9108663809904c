/* sent.h - which numbers of a stream have passed the observer, and where are the gaps?
 *
 * Read RFC 9293 section 3.3.1 and 3.4. Names are those of the sender's variables; RCV.NXT is that
 * which its peer is presumed to have.
 *
 *       first_gap    first_left   first_right    last_left      nxt
 *    ------|............|-------------|............|-------------|
 *     all   first gap     out-of-order  second gap   out-of-order
 *     here                block                      block
 *
 * RCV.NXT is first_gap. With one gap there is only the last block; without any, RCV.NXT is nxt.
 *
 * What can't be known: at most two gaps are kept apart; of more, the later ones count as filled,
 * which an acknowledgment then corrects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_SENT_H
#define TCPFSM_ENGINE_SENT_H

#include "wire/seq.h"

enum { WINDOW_MAX = 1 << 30 }; /* RFC 7323 2.3 */

/* May windows have moved beside the capture? */
enum hole {
    HOLE_NONE,
    HOLE_COVERED, /* what wasn't captured is acknowledged: from the next window on all is known */
    HOLE_OPEN,
};

/* Written by sent.c alone. */
struct sent {
    seq_t nxt;                     /* SND.NXT: highest number ever sent, plus one; with nxt_known */
    seq_t first_gap;               /* with gaps >= 1: RCV.NXT, where the first gap begins; else 0 */
    seq_t first_left, first_right; /* with gaps == 2: the out-of-order block behind the first gap; else 0 */
    seq_t last_left;               /* with gaps >= 1: the block behind the last gap begins here; else 0 */
    uint32_t nxt_frame, first_gap_frame; /* the frames that end at nxt, at first_gap; 0: not captured */
    unsigned gaps : 2;                   /* 0, 1 or 2 */
    bool nxt_known : 1;
    unsigned hole : 2; /* enum hole */
    bool missing : 1;  /* a segment is known not to be captured */
};

/* The first numbers of the stream end before `to`, in frame `frame` (0: not captured). */
void sent_begin(struct sent *sent, seq_t to, uint32_t frame);

/* Another segment, `from` <= n < `to`: new numbers, old ones, or ones that fill a gap. */
void sent_extend(struct sent *sent, seq_t from, seq_t to, uint32_t frame);

/* All below `ack` has arrived, captured or not. */
void sent_acknowledged(struct sent *sent, seq_t ack);

/* An ACK came, and its window, that covers all up to nxt. */
void sent_cover(struct sent *sent);

/* All up to nxt has arrived. */
void sent_close(struct sent *sent);

/* SACK showed that the peer holds `left` up to nxt, but not what lies between `acked` and `left`. Only
 * without gaps. */
void sent_reopen_gap(struct sent *sent, seq_t acked, seq_t left);

/* The last `bytes` up to nxt were never sent. Only without gaps. */
void sent_trim(struct sent *sent, uint32_t bytes);

/* The stream goes on at `next`, and what lay before is not known. */
void sent_restart(struct sent *sent, seq_t next);

/* Packets of this stream aren't in the capture. */
void sent_miss(struct sent *sent);

/* Nothing is known. */
void sent_forget(struct sent *sent);

/* A new SYN finds the end of the connection before. */
void sent_inherit(struct sent *sent, const struct sent *old);

/* Up to here all is presumed to have arrived: RCV.NXT; and the frame that ends there, 0: not captured. */
static inline seq_t sent_rcv_nxt(const struct sent *sent)
{
    return sent->gaps > 0 ? sent->first_gap : sent->nxt;
}

static inline uint32_t sent_rcv_nxt_frame(const struct sent *sent)
{
    return sent->gaps > 0 ? sent->first_gap_frame : sent->nxt_frame;
}

/* Does the last thing known to be sent carry no number: a pure ACK, or RST, behind a gap? */
static inline bool sent_ends_in_gap(const struct sent *sent)
{
    return sent->gaps > 0 && seq_equal(sent->last_left, sent->nxt);
}

/* The first thing that isn't as it has to be, or NULL. */
const char *sent_check(const struct sent *sent);

#endif
