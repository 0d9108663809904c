/* slab.c - see slab.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/cold/slab.h"

#include <glib.h>
#include <string.h>

enum { CHUNK_UNITS = 1 << SLAB_CHUNK_SHIFT, CHUNKS_MAX = 1 << (29 - SLAB_CHUNK_SHIFT), ROOM_MIN = 16 };

void slab_init(struct slab *slab)
{
    *slab = (struct slab){.used = CHUNK_UNITS};
}

static bool slab_grow(struct slab *slab)
{
    if (slab->count == slab->room) {
        uint32_t room = slab->room ? 2 * slab->room : ROOM_MIN;
        unsigned char **chunks = room <= CHUNKS_MAX ? g_try_renew(unsigned char *, slab->chunks, room) : NULL;
        if (chunks == NULL) {
            return false;
        }
        slab->chunks = chunks;
        slab->room = room;
    }
    unsigned char *chunk = (unsigned char *)g_try_malloc((gsize)CHUNK_UNITS << SLAB_UNIT_SHIFT);
    if (chunk == NULL) {
        return false;
    }
    slab->chunks[slab->count++] = chunk;
    slab->used = 0;
    return true;
}

uint32_t slab_take(struct slab *slab, size_t units)
{
    uint32_t block = slab->free[units];
    if (block != SLAB_NONE) {
        memcpy(&slab->free[units], slab_at(slab, block), sizeof block);
        return block;
    }
    if (slab->used + units > CHUNK_UNITS && !slab_grow(slab)) {
        return SLAB_NONE;
    }
    block = ((slab->count - 1) << SLAB_CHUNK_SHIFT) + slab->used + 1;
    slab->used += (uint32_t)units;
    return block;
}

void slab_give_back(struct slab *slab, uint32_t block, size_t units)
{
    memcpy(slab_at(slab, block), &slab->free[units], sizeof block);
    slab->free[units] = block;
}

void slab_free(struct slab *slab)
{
    for (uint32_t i = 0; i < slab->count; i++) {
        g_free(slab->chunks[i]);
    }
    g_free(slab->chunks);
    slab_init(slab);
}

size_t slab_bytes(const struct slab *slab)
{
    return ((size_t)slab->count << (SLAB_CHUNK_SHIFT + SLAB_UNIT_SHIFT)) + slab->room * sizeof *slab->chunks;
}
