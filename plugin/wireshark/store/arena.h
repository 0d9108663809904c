/* arena.h - many blocks of different sizes, found by a number
 *
 * Blocks never move. What a block of a size leaves behind is the next one's of that size.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_ARENA_H
#define TCPFSM_WIRESHARK_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ARENA_UNIT_SHIFT = 3,   /* sizes are rounded up to units of 8 bytes */
    ARENA_UNITS_MAX = 255,  /* of a block */
    ARENA_CHUNK_SHIFT = 13, /* units that are allocated at once */
    ARENA_NONE = 0,
};

struct arena {
    unsigned char **chunks;
    uint32_t count, room; /* chunks in use; that `chunks` could point to */
    uint32_t used;        /* units of the newest chunk */
    uint32_t free[ARENA_UNITS_MAX +
                  1]; /* by units: the block that was left behind last, which knows the one before */
};

/* An empty arena; needs no memory yet. */
void arena_init(struct arena *arena);

/* The units that `size` bytes take. */
static inline size_t arena_units(size_t size)
{
    return (size + (1u << ARENA_UNIT_SHIFT) - 1) >> ARENA_UNIT_SHIFT;
}

/* The number of a block of so many units, 1 to ARENA_UNITS_MAX; at most 30 bits. ARENA_NONE: no memory. */
uint32_t arena_add(struct arena *arena, size_t units);

void arena_remove(struct arena *arena, uint32_t block, size_t units);

void arena_free(struct arena *arena);

size_t arena_bytes(const struct arena *arena);

static inline unsigned char *arena_at(const struct arena *arena, uint32_t block)
{
    uint32_t unit = block - 1;
    return arena->chunks[unit >> ARENA_CHUNK_SHIFT] +
           ((size_t)(unit & ((1u << ARENA_CHUNK_SHIFT) - 1)) << ARENA_UNIT_SHIFT);
}

#endif
