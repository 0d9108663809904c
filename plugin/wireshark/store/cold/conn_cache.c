/* conn_cache.c - see conn_cache.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/cold/conn_cache.h"

#include "store/cold/slab.h"
#include "connection.h"
#include "summary/timeout_finding.h"
#include "store/packing.h"
#include "store/pool.h"
#include "store/cold/word_codec.h"

#include <glib.h>
#include <string.h>

#ifndef CONN_CACHE_MIN
#define CONN_CACHE_MIN 128 /* so many are never packed; tests have all packed */
#endif

enum {
    SWEEP = 3, /* connections that are passed for each that comes into the cache */
    NUMBERS = (1 << 30) - 1,
    BLOCK_MAX = SLAB_UNITS_MAX << SLAB_UNIT_SHIFT,
    PACKED_FROM = offsetof(struct cached, summary),
    STEPS = 16, /* the seven bits of the steps, folded */
    MODELS = 2 * STEPS,
    HEAD = (sizeof(struct cached) - PACKED_FROM + WORD_CODEC_GROUP - 1) / WORD_CODEC_GROUP * WORD_CODEC_GROUP,
};

_Static_assert(sizeof(struct cached) % _Alignof(int64_t) == 0, "the connection behind it is aligned");
_Static_assert(WORD_CODEC_MAX(HEAD + CONNECTION_SIZE_MAX) < BLOCK_MAX, "whatever is in it, it can be packed");

static struct {
    struct pool cache, indexes;
    struct slab slab;
    size_t size;            /* of what is packed */
    uint8_t *model[MODELS]; /* what connections are packed against, by kind */
    uint32_t free, cached, sweep;
    uint32_t taken; /* since the last sweep */
} all;

struct conn_cache_hot conn_cache_hot = {UINT32_MAX, NULL};

void conn_cache_open(void)
{
    size_t size = sizeof(struct cached) - PACKED_FROM + connection_size();
    all.size = (size + WORD_CODEC_GROUP - 1) / WORD_CODEC_GROUP * WORD_CODEC_GROUP;
    pool_init(&all.cache, PACKED_FROM + all.size);
    pool_init(&all.indexes, sizeof(struct index));
    slab_init(&all.slab);
    all.free = all.cached = all.sweep = all.taken = 0;
    conn_cache_hot.number = UINT32_MAX;
}

void conn_cache_close(void)
{
    pool_free(&all.cache);
    pool_free(&all.indexes);
    slab_free(&all.slab);
    for (unsigned i = 0; i < MODELS; i++) {
        g_free(all.model[i]);
        all.model[i] = NULL;
    }
    conn_cache_hot.number = UINT32_MAX;
}

static struct cached *cached_at(uint32_t at)
{
    return (struct cached *)pool_at(&all.cache, at);
}

struct index *conn_cache_index(uint32_t number)
{
    return (struct index *)pool_at(&all.indexes, number);
}

/* Where there is room for one more, be it zero or not; POOL_NONE without memory. */
static uint32_t cached_take(uint32_t owner)
{
    uint32_t at = all.free != 0 ? all.free - 1 : pool_add(&all.cache);
    if (at == POOL_NONE) {
        return POOL_NONE;
    }
    struct cached *cached = cached_at(at);
    if (all.free != 0) {
        all.free = cached->next_free;
    }
    cached->owner = owner + 1;
    all.cached++;
    all.taken++;
    return at;
}

static void cached_give_back(struct cached *cached, uint32_t at)
{
    cached->owner = 0;
    cached->next_free = all.free;
    all.free = at + 1;
    all.cached--;
}

static struct cached *cached_new(uint32_t number)
{
    uint32_t at = number < NUMBERS ? cached_take(number) : POOL_NONE;
    if (at == POOL_NONE) {
        return NULL;
    }
    struct cached *cached = cached_at(at);
    if (pool_add(&all.indexes) == POOL_NONE) {
        cached_give_back(cached, at);
        return NULL;
    }
    *conn_cache_index(number) = (struct index){.at = at & NUMBERS, .cached = 1};
    memset(&cached->summary, 0, all.size);
    cached->stream = STREAM_NONE;
    return cached;
}

/* A block is its units, the number of its model, then what was packed. */
enum { BLOCK_HEAD = 2 };

/* Unpacks the first `size` bytes of a block. */
static bool block_unpack(uint32_t block, void *memory, size_t size)
{
    const uint8_t *bytes = slab_at(&all.slab, block);
    size_t length = ((size_t)bytes[0] << SLAB_UNIT_SHIFT) - BLOCK_HEAD;
    memcpy(memory, all.model[bytes[1]], size);
    return word_codec_unpack(memory, size, bytes + BLOCK_HEAD, length);
}

/* Those that have made the same steps from the same end are alike. */
static unsigned kind_of(const struct summary *summary)
{
    return summary->steps % STEPS * 2 + summary->client_from;
}

/* The first connection of its kind becomes the model of those to come. False without memory. */
static bool model_make(unsigned kind, const void *memory)
{
    if (all.model[kind] == NULL) {
        all.model[kind] = (uint8_t *)g_try_malloc(all.size);
        if (all.model[kind] != NULL) {
            memcpy(all.model[kind], memory, all.size);
        }
    }
    return all.model[kind] != NULL;
}

static struct cached *cached_unpack(uint32_t number, struct index *index)
{
    uint32_t at = cached_take(number), block = index->at;
    if (at == POOL_NONE) {
        return NULL;
    }
    struct cached *cached = cached_at(at);
    if (!block_unpack(block, &cached->summary, all.size)) {
        cached_give_back(cached, at);
        return NULL;
    }
    slab_give_back(&all.slab, block, *slab_at(&all.slab, block));
    index->at = at & NUMBERS;
    index->cached = 1;
    return cached;
}

/* Without memory it stays in the cache. */
static void cached_pack(struct cached *cached, uint32_t at)
{
    uint8_t packed[BLOCK_HEAD + BLOCK_MAX];
    struct index *index = conn_cache_index(cached->owner - 1);
    unsigned kind = kind_of(&cached->summary);
    if (!model_make(kind, &cached->summary)) {
        return;
    }
    size_t size = BLOCK_HEAD +
                  word_codec_pack(packed + BLOCK_HEAD, &cached->summary, all.model[kind], all.size);
    size_t units = slab_units(size);
    uint32_t block = units <= SLAB_UNITS_MAX ? slab_take(&all.slab, units) : SLAB_NONE;
    if (block == SLAB_NONE) {
        return;
    }
    packed[0] = (uint8_t)units;
    packed[1] = (uint8_t)kind;
    memcpy(slab_at(&all.slab, block), packed, size);
    index->at = block & NUMBERS;
    index->cached = 0;
    index->settled = !summary_is_embryonic(&cached->summary) && !summary_is_idle(&cached->summary);
    cached_give_back(cached, at);
}

struct cached *conn_cache_fetch(uint32_t number)
{
    struct cached *cached;
    if (number < all.indexes.count) {
        struct index *index = conn_cache_index(number);
        cached = index->cached ? cached_at(index->at) : cached_unpack(number, index);
    } else {
        cached = cached_new(number);
    }
    if (cached != NULL) {
        cached->touched = true;
        conn_cache_hot = (struct conn_cache_hot){number, cached};
    }
    return cached;
}

const struct cached *conn_cache_peek(uint32_t number, struct cached *scratch)
{
    uint64_t head[HEAD / sizeof(uint64_t)];
    if (number >= all.indexes.count) {
        return NULL;
    }
    const struct index *index = conn_cache_index(number);
    if (index->cached) {
        return cached_at(index->at);
    }
    if (!block_unpack(index->at, head, HEAD)) {
        return NULL;
    }
    memcpy(&scratch->summary, head, sizeof *scratch - PACKED_FROM);
    return scratch;
}

/* Over one connection. */
static void pass(void)
{
    uint32_t at = all.sweep;
    all.sweep = at + 1 < all.cache.count ? at + 1 : 0;
    struct cached *cached = cached_at(at);
    if (cached->owner != 0 && cached->touched) {
        cached->touched = false;
    } else if (cached->owner != 0) {
        cached_pack(cached, at);
    }
}

void conn_cache_sweep(void)
{
    if (all.taken == 0) {
        return;
    }
    conn_cache_hot.number = UINT32_MAX; /* so that its next use is seen */
    for (uint32_t i = 0; i < SWEEP * all.taken && all.cached > CONN_CACHE_MIN; i++) {
        pass();
    }
    all.taken = 0;
}

uint32_t conn_cache_count(void)
{
    return all.indexes.count;
}

size_t conn_cache_bytes(void)
{
    size_t models = 0;
    for (unsigned i = 0; i < MODELS; i++) {
        models += all.model[i] != NULL ? all.size : 0;
    }
    return pool_bytes(&all.cache) + pool_bytes(&all.indexes) + slab_bytes(&all.slab) + models;
}
