/* connections.c - whose connection is this segment part of?
 *
 * Two open-addressing tables, for short and long addresses. A slot holds the
 * number of an entry; entries (a head, then the key) and connections live in
 * pools, so that nothing moves when a table grows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connections.h"

#include "pool.h"

#include <glib.h>
#include <string.h>

enum {
    SLOTS_MIN = 1024,
    EMPTY = 0, /* a slot holds the number of its entry plus one */
    WORD = 4,
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
    struct pool pool;
    struct observer observer;
    uint32_t seed; /* so that nobody can make a capture whose tuples all collide */
} all;

static uint32_t mix(uint32_t hash, uint32_t word)
{
    uint64_t product = (uint64_t)(hash ^ word) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(product >> 32) ^ (uint32_t)product;
}

static uint32_t key_hash(const uint8_t *key, size_t size)
{
    uint32_t hash = all.seed, word;
    for (size_t i = 0; i < size; i += WORD) {
        memcpy(&word, key + i, WORD);
        hash = mix(hash, word);
    }
    return hash;
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
static void key_write(uint8_t *key, const struct end *a, const struct end *b, size_t length)
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

bool tuple_make(struct tuple *tuple, struct end source, struct end destination, size_t length)
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

static struct connection *connection_at(void *context, uint32_t number)
{
    struct pool *pool = (struct pool *)context;
    if (number == pool->count && pool_add(pool) == POOL_NONE) {
        return NULL;
    }
    return (struct connection *)pool_at(pool, number);
}

static void table_open(struct table *table, size_t key)
{
    table->key = key;
    table->slots = NULL; /* made for the first entry */
    table->mask = table->room = 0;
    pool_init(&table->entries, sizeof(struct entry) + table->key);
}

static void table_close(struct table *table)
{
    pool_free(&table->entries);
    g_free(table->slots);
    table->slots = NULL;
    table->mask = table->room = 0;
}

void connections_open(int64_t time_wait)
{
    size_t size = (connection_size() + 7) & ~(size_t)7;
    table_open(&all.shorts, KEY_SHORT);
    table_open(&all.longs, KEY_LONG);
    pool_init(&all.pool, size);
    all.seed = g_random_int();
    all.observer = (struct observer){
        .time_wait = time_wait,
        .connection = connection_at,
        .context = &all.pool,
    };
}

void connections_close(void)
{
    table_close(&all.shorts);
    table_close(&all.longs);
    pool_free(&all.pool);
}

static uint8_t *entry_key(struct entry *entry)
{
    return (uint8_t *)(entry + 1);
}

static struct entry *entry_at(const struct table *table, uint32_t number)
{
    return (struct entry *)pool_at(&table->entries, number);
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

static struct entry *entry_new(struct table *table, const struct tuple *tuple, uint32_t slot)
{
    uint32_t number = pool_add(&table->entries);
    if (number == POOL_NONE) {
        return NULL;
    }
    struct entry *entry = entry_at(table, number);
    *entry = (struct entry){.stream = STREAM_NONE};
    memcpy(entry_key(entry), tuple->key, table->key);
    table->slots[slot] = number + 1;
    return entry;
}

struct entry *connections_entry(const struct tuple *tuple)
{
    struct table *table = tuple->size == KEY_SHORT ? &all.shorts : &all.longs;
    if (table_is_full(table) && !table_grow(table)) {
        return NULL;
    }
    uint32_t at = tuple->hash & table->mask;
    for (; table->slots[at] != EMPTY; at = (at + 1) & table->mask) {
        struct entry *entry = entry_at(table, table->slots[at] - 1);
        if (keys_equal(entry_key(entry), tuple->key, table->key)) {
            return entry;
        }
    }
    return entry_new(table, tuple, at);
}

void connections_observe(struct entry *entry, const struct segment *segment, struct observation *observation)
{
    uint32_t newest = entry->newest;
    connection_observe(&newest, segment, &all.observer, observation);
    entry->newest = newest & POOL_NONE;
}

uint32_t connections_count(void)
{
    return all.pool.count;
}

static size_t table_bytes(const struct table *table)
{
    return pool_bytes(&table->entries) + (table->slots ? (table->mask + 1) * sizeof *table->slots : 0);
}

size_t connections_bytes(void)
{
    return pool_bytes(&all.pool) + table_bytes(&all.shorts) + table_bytes(&all.longs);
}
