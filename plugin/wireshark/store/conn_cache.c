/* conn_cache.c - see conn_cache.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/conn_cache.h"

#include "store/arena.h"
#include "connection.h"
#include "summary/timeout_finding.h"
#include "store/packing.h"
#include "store/pool.h"
#include "store/word_codec.h"

#include <string.h>

enum {
    LIVE_MIN = 256, /* so many are never packed */
    SWEEP = 3,      /* slots that the hand passes for each that is taken */
    NUMBERS = (1 << 30) - 1,
    BLOCK_MAX = ARENA_UNITS_MAX << ARENA_UNIT_SHIFT,
    PACKED_FROM = offsetof(struct slot, summary),
    HEAD = (sizeof(struct slot) - PACKED_FROM + WORD_CODEC_GROUP - 1) / WORD_CODEC_GROUP * WORD_CODEC_GROUP,
};

_Static_assert(sizeof(struct slot) % sizeof(int64_t) == 0, "the connection behind it is aligned");
_Static_assert(WORD_CODEC_MAX(HEAD + CONNECTION_SIZE_MAX) < BLOCK_MAX, "whatever is in it, it can be packed");

static struct {
    struct pool slots, cards;
    struct arena arena;
    size_t size; /* of what is packed */
    uint32_t free, live, hand;
    uint32_t taken; /* slots since the last sweep */
} all;

struct conn_cache_hot conn_cache_hot = {UINT32_MAX, NULL};

void conn_cache_open(void)
{
    size_t size = sizeof(struct slot) - PACKED_FROM + connection_size();
    all.size = (size + WORD_CODEC_GROUP - 1) / WORD_CODEC_GROUP * WORD_CODEC_GROUP;
    pool_init(&all.slots, PACKED_FROM + all.size);
    pool_init(&all.cards, sizeof(struct card));
    arena_init(&all.arena);
    all.free = all.live = all.hand = all.taken = 0;
    conn_cache_hot.number = UINT32_MAX;
}

void conn_cache_close(void)
{
    pool_free(&all.slots);
    pool_free(&all.cards);
    arena_free(&all.arena);
    conn_cache_hot.number = UINT32_MAX;
}

static struct slot *slot_at(uint32_t place)
{
    return (struct slot *)pool_at(&all.slots, place);
}

struct card *conn_cache_card(uint32_t number)
{
    return (struct card *)pool_at(&all.cards, number);
}

/* A slot that nobody has, be it zero or not; POOL_NONE without memory. */
static uint32_t slot_take(uint32_t owner)
{
    uint32_t place = all.free != 0 ? all.free - 1 : pool_add(&all.slots);
    if (place == POOL_NONE) {
        return POOL_NONE;
    }
    struct slot *slot = slot_at(place);
    if (all.free != 0) {
        all.free = slot->next;
    }
    slot->owner = owner + 1;
    all.live++;
    all.taken++;
    return place;
}

static void slot_give_back(struct slot *slot, uint32_t place)
{
    slot->owner = 0;
    slot->next = all.free;
    all.free = place + 1;
    all.live--;
}

static struct slot *slot_new(uint32_t number)
{
    uint32_t place = number < NUMBERS ? slot_take(number) : POOL_NONE;
    if (place == POOL_NONE) {
        return NULL;
    }
    struct slot *slot = slot_at(place);
    if (pool_add(&all.cards) == POOL_NONE) {
        slot_give_back(slot, place);
        return NULL;
    }
    *conn_cache_card(number) = (struct card){.place = place & NUMBERS, .live = 1};
    memset(&slot->summary, 0, all.size);
    slot->stream = STREAM_NONE;
    return slot;
}

/* A block is its units, then what was packed. */
static const uint8_t *block_at(uint32_t block, size_t *length)
{
    const uint8_t *bytes = arena_at(&all.arena, block);
    *length = ((size_t)bytes[0] << ARENA_UNIT_SHIFT) - 1;
    return bytes + 1;
}

static struct slot *slot_unpack(uint32_t number, struct card *card)
{
    uint32_t place = slot_take(number), block = card->place;
    if (place == POOL_NONE) {
        return NULL;
    }
    struct slot *slot = slot_at(place);
    size_t length;
    const uint8_t *packed = block_at(block, &length);
    if (!word_codec_unpack(&slot->summary, all.size, packed, length)) {
        slot_give_back(slot, place);
        return NULL;
    }
    arena_remove(&all.arena, block, packed[-1]);
    card->place = place & NUMBERS;
    card->live = 1;
    return slot;
}

/* Leaves the slot as it is without memory. */
static void slot_pack(struct slot *slot, uint32_t place)
{
    uint8_t packed[1 + BLOCK_MAX];
    struct card *card = conn_cache_card(slot->owner - 1);
    size_t size = 1 + word_codec_pack(packed + 1, &slot->summary, all.size), units = arena_units(size);
    uint32_t block = units <= ARENA_UNITS_MAX ? arena_add(&all.arena, units) : ARENA_NONE;
    if (block == ARENA_NONE) {
        return;
    }
    packed[0] = (uint8_t)units;
    memcpy(arena_at(&all.arena, block), packed, size);
    card->place = block & NUMBERS;
    card->live = 0;
    card->settled = !summary_is_embryonic(&slot->summary) && !summary_is_idle(&slot->summary);
    slot_give_back(slot, place);
}

struct slot *conn_cache_fetch(uint32_t number)
{
    struct slot *slot;
    if (number < all.cards.count) {
        struct card *card = conn_cache_card(number);
        slot = card->live ? slot_at(card->place) : slot_unpack(number, card);
    } else {
        slot = slot_new(number);
    }
    if (slot != NULL) {
        slot->touched = true;
        conn_cache_hot = (struct conn_cache_hot){number, slot};
    }
    return slot;
}

const struct slot *conn_cache_peek(uint32_t number, struct slot *scratch)
{
    uint64_t head[HEAD / sizeof(uint64_t)];
    if (number >= all.cards.count) {
        return NULL;
    }
    const struct card *card = conn_cache_card(number);
    if (card->live) {
        return slot_at(card->place);
    }
    size_t length;
    const uint8_t *packed = block_at(card->place, &length);
    if (!word_codec_unpack(head, HEAD, packed, length)) {
        return NULL;
    }
    memcpy(&scratch->summary, head, sizeof *scratch - PACKED_FROM);
    return scratch;
}

/* The hand passes one slot. */
static void pass(void)
{
    uint32_t place = all.hand;
    all.hand = place + 1 < all.slots.count ? place + 1 : 0;
    struct slot *slot = slot_at(place);
    if (slot->owner != 0 && slot->touched) {
        slot->touched = false;
    } else if (slot->owner != 0) {
        slot_pack(slot, place);
    }
}

void conn_cache_sweep(void)
{
    if (all.taken == 0) {
        return;
    }
    conn_cache_hot.number = UINT32_MAX; /* so that its next use is seen */
    for (uint32_t i = 0; i < SWEEP * all.taken && all.live > LIVE_MIN; i++) {
        pass();
    }
    all.taken = 0;
}

uint32_t conn_cache_count(void)
{
    return all.cards.count;
}

size_t conn_cache_bytes(void)
{
    return pool_bytes(&all.slots) + pool_bytes(&all.cards) + arena_bytes(&all.arena);
}
