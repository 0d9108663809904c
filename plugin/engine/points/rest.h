/* rest.h - which of a segment's bytes have not been seen at the other capture point?
 *
 * They come in any order. What comes at the edges is taken off; of what comes in the middle one piece is
 * remembered, which is enough if a long segment arrives in pieces and loses some that lie together.
 *
 * What can't be known: with more holes than that, what lies between them. It counts as not seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_REST_H
#define TCPFSM_ENGINE_REST_H

#include "wire/seq.h"

/* Written by rest.c alone. */
struct rest {
    seq_t left, right;               /* not seen; equal: all were */
    seq_t middle_left, middle_right; /* of those, seen all the same; equal: nothing */
};

/* Nothing of it was seen. */
struct rest rest_of(seq_t seq, seq_t end);

/* The bytes from `left` to `right` were seen, as far as they belong to it. */
void rest_take(struct rest *rest, seq_t left, seq_t right);

/* All were seen. */
void rest_end(struct rest *rest);

/* All numbers were `by` too high. */
void rest_shift(struct rest *rest, uint32_t by);

static inline bool rest_is_over(const struct rest *rest)
{
    return seq_equal(rest->left, rest->right);
}

/* Have those of `a` all been seen that `b` lacks? */
bool rest_has_nothing_of(const struct rest *a, const struct rest *b);

#endif
