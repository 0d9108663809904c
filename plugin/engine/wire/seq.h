/* seq.h - sequence numbers modulo 2^32
 *
 * RFC 9293 section 3.4: "all arithmetic dealing with sequence numbers must be
 * performed modulo 2^32". A number is a struct of one member, so that `<`, `+`
 * and mixing with lengths do not compile; write seq_before(a, b) instead.
 *
 * A comparison is meaningful for numbers less than 2^31 apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_SEQ_H
#define TCPFSM_ENGINE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t n;
} seq_t;

static inline seq_t seq_of(uint32_t n)
{
    return (seq_t){n};
}

/* The number `count` further on. */
static inline seq_t seq_add(seq_t a, uint32_t count)
{
    return seq_of(a.n + count);
}

/* The number `count` further back. */
static inline seq_t seq_sub(seq_t a, uint32_t count)
{
    return seq_of(a.n - count);
}

/* How far `a` lies ahead of `b`; negative if it lies behind. */
static inline int32_t seq_diff(seq_t a, seq_t b)
{
    return (int32_t)(a.n - b.n);
}

/* How many numbers lie from `from` on before `to`, which is not before it: up to 2^32 - 1. */
static inline uint32_t seq_distance(seq_t from, seq_t to)
{
    return to.n - from.n;
}

static inline bool seq_equal(seq_t a, seq_t b)
{
    return a.n == b.n;
}

static inline bool seq_before(seq_t a, seq_t b)
{
    return seq_diff(a, b) < 0;
}

static inline bool seq_after(seq_t a, seq_t b)
{
    return seq_diff(a, b) > 0;
}

/* first <= a <= last */
static inline bool seq_between(seq_t a, seq_t first, seq_t last)
{
    return !seq_before(a, first) && !seq_after(a, last);
}

static inline seq_t seq_max(seq_t a, seq_t b)
{
    return seq_before(a, b) ? b : a;
}

static inline seq_t seq_min(seq_t a, seq_t b)
{
    return seq_before(b, a) ? b : a;
}

#endif
