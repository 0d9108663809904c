/* pool.h - many items of one size that never move
 *
 * Items are numbered from 0, so a 4-byte number can stand for a pointer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_POOL_H
#define TCPFSM_WIRESHARK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    POOL_CHUNK_SHIFT = 5,
    POOL_CHUNK_ITEMS = 1 << POOL_CHUNK_SHIFT, /* items that are allocated at once */
    POOL_NONE = UINT32_MAX >> 1,              /* the number of no item, and more than there can be */
};

struct pool {
    unsigned char **chunks;
    uint32_t count, room; /* items in use; items that `chunks` could point to */
    size_t item;          /* bytes an item */
};

/* An empty pool of items of `item` bytes; needs no memory yet. */
void pool_init(struct pool *pool, size_t item);

/* Adds an item of zeroes, aligned as far as its size allows; returns its number, or POOL_NONE
 * if there is no more memory. */
uint32_t pool_add(struct pool *pool);

/* The number of an item; the newest are found at once. POOL_NONE: it is none of the pool's. */
uint32_t pool_number(const struct pool *pool, const void *item);

void pool_free(struct pool *pool);

size_t pool_bytes(const struct pool *pool);

static inline void *pool_at(const struct pool *pool, uint32_t number)
{
    return pool->chunks[number >> POOL_CHUNK_SHIFT] + (number & (POOL_CHUNK_ITEMS - 1)) * pool->item;
}

#endif
