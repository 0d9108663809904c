/* tuples.c - see tuples.h
 *
 * Two open-addressing tables, for short and long addresses. A slot holds the
 * number of an entry; entries (a head, then the key) live in pools, so that
 * nothing moves when a table grows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/tuples.h"

#include "store/pool.h"

#include <glib.h>
#include <string.h>

enum {
    SLOTS_MIN = 1024,
    EMPTY = 0, /* a slot holds the number of its entry plus one */
    WORD = 4,
    HANDLES = 1 << 29, /* entries of a table that a handle can tell apart */
};

struct table {
    struct pool entries;
    uint32_t *slots;
    uint32_t mask; /* slots less one */
    uint32_t room; /* entries that the slots are good for: five sixths */
    size_t key;    /* bytes of a key */
};

static struct {
    struct table shorts, longs;
    uint32_t seed; /* so that nobody can make a capture whose tuples all collide */
} all;

static uint32_t mix(uint32_t hash, uint32_t word)
{
    uint64_t product = (uint64_t)(hash ^ word) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(product >> 32) ^ (uint32_t)product;
}

static inline uint32_t words_hash(const uint8_t *key, size_t size)
{
    uint32_t hash = all.seed, word;
    for (size_t i = 0; i < size; i += WORD) {
        memcpy(&word, key + i, WORD);
        hash = mix(hash, word);
    }
    return hash;
}

/* Most are short: of a size that the compiler knows there. */
static uint32_t key_hash(const uint8_t *key, size_t size)
{
    return size == KEY_SHORT ? words_hash(key, KEY_SHORT) : words_hash(key, size);
}

/* Any order will do, as long as it is one. */
static int address_order(const void *a, const void *b, size_t length)
{
    if (length == ADDRESS_SHORT) {
        uint32_t first, second;
        memcpy(&first, a, ADDRESS_SHORT);
        memcpy(&second, b, ADDRESS_SHORT);
        return (first > second) - (first < second);
    }
    return memcmp(a, b, length);
}

/* `key` of the ends `a` and `b`, in that order; it is zero already. */
static void key_write(uint8_t *key, const struct tuple_end *a, const struct tuple_end *b, size_t length)
{
    uint8_t *second = key + ADDRESS_LONG, *ports = key + KEY_LONG - WORD;
    if (length == ADDRESS_SHORT) {
        memcpy(key, a->address, ADDRESS_SHORT);
        memcpy(key + ADDRESS_SHORT, b->address, ADDRESS_SHORT);
        ports = key + KEY_SHORT - WORD;
    } else {
        memcpy(key, a->address, length);
        memcpy(second, b->address, length);
    }
    memcpy(ports, &a->port, sizeof a->port);
    memcpy(ports + sizeof a->port, &b->port, sizeof b->port);
}

bool tuple_make(struct tuple *tuple, struct tuple_end source, struct tuple_end destination, size_t length)
{
    if (length == 0 || length > ADDRESS_LONG || source.address == NULL || destination.address == NULL) {
        return false;
    }
    int order = address_order(source.address, destination.address, length);
    if (order == 0) {
        order = source.port - destination.port;
    }
    if (length != ADDRESS_SHORT && length < ADDRESS_LONG) {
        memset(tuple->key, 0, sizeof tuple->key);
    }
    tuple->size = length == ADDRESS_SHORT ? KEY_SHORT : KEY_LONG;
    tuple->same = order == 0;
    tuple->from = order > 0;
    key_write(tuple->key, order > 0 ? &destination : &source, order > 0 ? &source : &destination, length);
    tuple->hash = key_hash(tuple->key, tuple->size);
    return true;
}

static void table_open(struct table *table, size_t key)
{
    table->key = key;
    table->slots = NULL; /* made for the first entry */
    table->mask = table->room = 0;
    pool_init(&table->entries, sizeof(struct tuple_entry) + table->key);
}

static void table_close(struct table *table)
{
    pool_free(&table->entries);
    g_free(table->slots);
    table->slots = NULL;
    table->mask = table->room = 0;
}

void tuples_open(void)
{
    table_open(&all.shorts, KEY_SHORT);
    table_open(&all.longs, KEY_LONG);
    all.seed = g_random_int();
}

void tuples_close(void)
{
    table_close(&all.shorts);
    table_close(&all.longs);
}

static uint8_t *entry_key(struct tuple_entry *entry)
{
    return (uint8_t *)(entry + 1);
}

static struct tuple_entry *entry_at(const struct table *table, uint32_t number)
{
    return (struct tuple_entry *)pool_at(&table->entries, number);
}

/* Doubles the slots. */
static bool table_grow(struct table *table)
{
    uint32_t slots = table->slots ? 2 * (table->mask + 1) : SLOTS_MIN;
    uint32_t *fresh = g_try_new0(uint32_t, slots);
    if (fresh == NULL) {
        return false;
    }
    g_free(table->slots);
    table->slots = fresh;
    table->mask = slots - 1;
    table->room = slots / 6 * 5;
    for (uint32_t i = 0; i < table->entries.count; i++) {
        uint32_t at = key_hash(entry_key(entry_at(table, i)), table->key) & table->mask;
        while (fresh[at] != EMPTY) {
            at = (at + 1) & table->mask;
        }
        fresh[at] = i + 1;
    }
    return true;
}

static bool table_is_full(const struct table *table)
{
    return table->entries.count >= table->room;
}

static bool keys_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    return size == KEY_SHORT ? memcmp(a, b, KEY_SHORT) == 0 : memcmp(a, b, KEY_LONG) == 0;
}

static struct tuple_entry *entry_new(struct table *table, const struct tuple *tuple, uint32_t slot)
{
    uint32_t number = table->entries.count < HANDLES ? pool_add(&table->entries) : POOL_NONE;
    if (number == POOL_NONE) {
        return NULL;
    }
    struct tuple_entry *entry = entry_at(table, number);
    *entry = (struct tuple_entry){.stream = STREAM_NONE, .is_short = table == &all.shorts};
    memcpy(entry_key(entry), tuple->key, table->key);
    table->slots[slot] = number + 1;
    return entry;
}

static struct table *table_of(const struct tuple *tuple)
{
    return tuple->size == KEY_SHORT ? &all.shorts : &all.longs;
}

/* The slot of the entry of `tuple`, or the one where it would stand. */
static uint32_t slot_of(const struct table *table, const struct tuple *tuple)
{
    uint32_t at = tuple->hash & table->mask;
    while (table->slots[at] != EMPTY &&
           !keys_equal(entry_key(entry_at(table, table->slots[at] - 1)), tuple->key, table->key)) {
        at = (at + 1) & table->mask;
    }
    return at;
}

struct tuple_entry *tuples_entry(const struct tuple *tuple)
{
    struct table *table = table_of(tuple);
    if (table_is_full(table) && !table_grow(table)) {
        return NULL;
    }
    uint32_t at = slot_of(table, tuple);
    return table->slots[at] != EMPTY ? entry_at(table, table->slots[at] - 1) : entry_new(table, tuple, at);
}

struct tuple_entry *tuples_find(const struct tuple *tuple)
{
    const struct table *table = table_of(tuple);
    uint32_t at = table->slots ? slot_of(table, tuple) : 0;
    return table->slots && table->slots[at] != EMPTY ? entry_at(table, table->slots[at] - 1) : NULL;
}

uint32_t tuples_handle(const struct tuple_entry *entry)
{
    const struct table *table = entry->is_short ? &all.shorts : &all.longs;
    return pool_number(&table->entries, entry) << 1 | entry->is_short;
}

static const struct table *table_at(uint32_t handle)
{
    return handle & 1 ? &all.shorts : &all.longs;
}

struct tuple_entry *tuples_at(uint32_t handle)
{
    return entry_at(table_at(handle), handle >> 1);
}

void tuples_ends(uint32_t handle, struct tuple_end ends[2], size_t *address_length)
{
    const struct table *table = table_at(handle);
    const uint8_t *key = entry_key(entry_at(table, handle >> 1)), *ports = key + table->key - WORD;
    *address_length = table->key == KEY_SHORT ? ADDRESS_SHORT : ADDRESS_LONG;
    for (unsigned i = 0; i < 2; i++) {
        ends[i].address = key + i * *address_length;
        memcpy(&ends[i].port, ports + i * sizeof ends[i].port, sizeof ends[i].port);
    }
}

uint32_t tuples_hash(const void *key, size_t size)
{
    return key_hash((const uint8_t *)key, size);
}

static size_t table_bytes(const struct table *table)
{
    return pool_bytes(&table->entries) + (table->slots ? (table->mask + 1) * sizeof *table->slots : 0);
}

size_t tuples_bytes(void)
{
    return table_bytes(&all.shorts) + table_bytes(&all.longs);
}
