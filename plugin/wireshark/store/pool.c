/* pool.c - many items of one size that never move
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/pool.h"

#include <glib.h>

void pool_init(struct pool *pool, size_t item)
{
    *pool = (struct pool){.item = item};
}

static bool pool_grow(struct pool *pool)
{
    if (pool->count == pool->room) {
        uint32_t room = pool->room ? 2 * pool->room : POOL_CHUNK_ITEMS;
        unsigned char **chunks = room < POOL_NONE
                                     ? g_try_renew(unsigned char *, pool->chunks, room >> POOL_CHUNK_SHIFT)
                                     : NULL;
        if (chunks == NULL) {
            return false;
        }
        pool->chunks = chunks;
        pool->room = room;
    }
    unsigned char *chunk = (unsigned char *)g_try_malloc0(POOL_CHUNK_ITEMS * pool->item);
    pool->chunks[pool->count >> POOL_CHUNK_SHIFT] = chunk;
    return chunk != NULL;
}

uint32_t pool_add(struct pool *pool)
{
    if ((pool->count & (POOL_CHUNK_ITEMS - 1)) == 0 && !pool_grow(pool)) {
        return POOL_NONE;
    }
    return pool->count++;
}

uint32_t pool_number(const struct pool *pool, const void *item)
{
    for (uint32_t chunks = (pool->count + POOL_CHUNK_ITEMS - 1) >> POOL_CHUNK_SHIFT; chunks > 0; chunks--) {
        uintptr_t offset = (uintptr_t)item - (uintptr_t)pool->chunks[chunks - 1];
        if (offset < POOL_CHUNK_ITEMS * pool->item) {
            return ((chunks - 1) << POOL_CHUNK_SHIFT) + (uint32_t)(offset / pool->item);
        }
    }
    return POOL_NONE;
}

void pool_free(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i += POOL_CHUNK_ITEMS) {
        g_free(pool->chunks[i >> POOL_CHUNK_SHIFT]);
    }
    g_free(pool->chunks);
    pool_init(pool, pool->item);
}

size_t pool_bytes(const struct pool *pool)
{
    size_t chunks = (pool->count + POOL_CHUNK_ITEMS - 1) >> POOL_CHUNK_SHIFT;
    return chunks * POOL_CHUNK_ITEMS * pool->item + (pool->room >> POOL_CHUNK_SHIFT) * sizeof *pool->chunks;
}
