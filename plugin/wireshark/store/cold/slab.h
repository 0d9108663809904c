/* slab.h - many blocks of different sizes, found by a number
 *
 * Blocks never move. What a block of a size leaves behind is the next one's of that size.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SLAB_H
#define TCPFSM_WIRESHARK_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLAB_UNIT_SHIFT = 3,   /* sizes are rounded up to units of 8 bytes */
    SLAB_UNITS_MAX = 255,  /* of a block */
    SLAB_CHUNK_SHIFT = 13, /* units that are allocated at once */
    SLAB_NONE = 0,
};

struct slab {
    unsigned char **chunks;
    uint32_t count, room; /* chunks in use; that `chunks` could point to */
    uint32_t used;        /* units of the newest chunk */
    uint32_t free[SLAB_UNITS_MAX +
                  1]; /* by units: the block that was left behind last, which knows the one before */
};

/* An empty slab; needs no memory yet. */
void slab_init(struct slab *slab);

/* The units that `size` bytes take. */
static inline size_t slab_units(size_t size)
{
    return (size + (1u << SLAB_UNIT_SHIFT) - 1) >> SLAB_UNIT_SHIFT;
}

/* The number of a block of so many units, 1 to SLAB_UNITS_MAX; at most 30 bits. SLAB_NONE: no memory. */
uint32_t slab_take(struct slab *slab, size_t units);

void slab_give_back(struct slab *slab, uint32_t block, size_t units);

void slab_free(struct slab *slab);

size_t slab_bytes(const struct slab *slab);

static inline unsigned char *slab_at(const struct slab *slab, uint32_t block)
{
    uint32_t unit = block - 1;
    return slab->chunks[unit >> SLAB_CHUNK_SHIFT] +
           ((size_t)(unit & ((1u << SLAB_CHUNK_SHIFT) - 1)) << SLAB_UNIT_SHIFT);
}

#endif
