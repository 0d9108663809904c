/* arena.c - see arena.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/arena.h"

#include <glib.h>
#include <string.h>

enum { CHUNK_UNITS = 1 << ARENA_CHUNK_SHIFT, CHUNKS_MAX = 1 << (29 - ARENA_CHUNK_SHIFT), ROOM_MIN = 16 };

void arena_init(struct arena *arena)
{
    *arena = (struct arena){.used = CHUNK_UNITS};
}

static bool arena_grow(struct arena *arena)
{
    if (arena->count == arena->room) {
        uint32_t room = arena->room ? 2 * arena->room : ROOM_MIN;
        unsigned char **chunks = room <= CHUNKS_MAX ? g_try_renew(unsigned char *, arena->chunks, room)
                                                    : NULL;
        if (chunks == NULL) {
            return false;
        }
        arena->chunks = chunks;
        arena->room = room;
    }
    unsigned char *chunk = (unsigned char *)g_try_malloc((gsize)CHUNK_UNITS << ARENA_UNIT_SHIFT);
    if (chunk == NULL) {
        return false;
    }
    arena->chunks[arena->count++] = chunk;
    arena->used = 0;
    return true;
}

uint32_t arena_add(struct arena *arena, size_t units)
{
    uint32_t block = arena->free[units];
    if (block != ARENA_NONE) {
        memcpy(&arena->free[units], arena_at(arena, block), sizeof block);
        return block;
    }
    if (arena->used + units > CHUNK_UNITS && !arena_grow(arena)) {
        return ARENA_NONE;
    }
    block = ((arena->count - 1) << ARENA_CHUNK_SHIFT) + arena->used + 1;
    arena->used += (uint32_t)units;
    return block;
}

void arena_remove(struct arena *arena, uint32_t block, size_t units)
{
    memcpy(arena_at(arena, block), &arena->free[units], sizeof block);
    arena->free[units] = block;
}

void arena_free(struct arena *arena)
{
    for (uint32_t i = 0; i < arena->count; i++) {
        g_free(arena->chunks[i]);
    }
    g_free(arena->chunks);
    arena_init(arena);
}

size_t arena_bytes(const struct arena *arena)
{
    return ((size_t)arena->count << (ARENA_CHUNK_SHIFT + ARENA_UNIT_SHIFT)) +
           arena->room * sizeof *arena->chunks;
}
