/* loads.c - see loads.h
 *
 * A flood has a client with each SYN. So a load is small, and what the hash tables keep of it are two
 * numbers: where it is, and a connection that tells whose it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/loads.h"

#include "store/cold/conn_cache.h"
#include "store/pool.h"
#include "store/tuples.h"

#include <glib.h>
#include <string.h>

static struct {
    GHashTable *places[LOAD_KINDS]; /* from an example to where its load is, plus one */
    GHashTable *pairs;              /* from an example to whether it is in the set */
    struct pool loads;
} all;

/* A connection that tells addresses and port, and which of its sides is the client. */
static gpointer example_of(uint32_t number, unsigned client_from)
{
    return GUINT_TO_POINTER(number << 1 | (client_from & 1u));
}

struct key {
    uint8_t address[2][ADDRESS_LONG]; /* client, server, with zeroes behind shorter ones */
    uint32_t port, length;
};

static struct key key_of(gconstpointer example, bool client, bool server)
{
    struct key key = {{{0}}, 0, 0};
    struct tuple_end ends[2];
    size_t length;
    unsigned side = GPOINTER_TO_UINT(example) & 1u;
    tuples_ends(conn_cache_index(GPOINTER_TO_UINT(example) >> 1)->tuple, ends, &length);
    key.length = (uint32_t)length;
    if (client) {
        memcpy(key.address[0], ends[side].address, length);
    }
    if (server) {
        memcpy(key.address[1], ends[!side].address, length);
        key.port = ends[!side].port;
    }
    return key;
}

static guint hash_of(gconstpointer example, bool client, bool server)
{
    struct key key = key_of(example, client, server);
    return tuples_hash(&key, sizeof key);
}

static gboolean are_equal(gconstpointer a, gconstpointer b, bool client, bool server)
{
    struct key first = key_of(a, client, server), second = key_of(b, client, server);
    return memcmp(&first, &second, sizeof first) == 0;
}

static guint server_hash(gconstpointer example)
{
    return hash_of(example, false, true);
}

static gboolean server_equal(gconstpointer a, gconstpointer b)
{
    return are_equal(a, b, false, true);
}

static guint client_hash(gconstpointer example)
{
    return hash_of(example, true, false);
}

static gboolean client_equal(gconstpointer a, gconstpointer b)
{
    return are_equal(a, b, true, false);
}

static guint pair_hash(gconstpointer example)
{
    return hash_of(example, true, true);
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    return are_equal(a, b, true, true);
}

void loads_open(void)
{
    all.places[LOAD_EMBRYONIC] = g_hash_table_new_full(server_hash, server_equal, NULL, NULL);
    all.places[LOAD_IDLE] = g_hash_table_new_full(server_hash, server_equal, NULL, NULL);
    all.places[LOAD_UNANSWERED] = g_hash_table_new_full(client_hash, client_equal, NULL, NULL);
    all.pairs = g_hash_table_new_full(pair_hash, pair_equal, NULL, NULL);
    pool_init(&all.loads, sizeof(struct load));
}

void loads_close(void)
{
    if (all.pairs == NULL) {
        return;
    }
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOAD_KINDS; kind++) {
        g_hash_table_destroy(all.places[kind]);
    }
    g_hash_table_destroy(all.pairs);
    all.pairs = NULL;
    pool_free(&all.loads);
}

static struct load *load_at(gpointer place)
{
    return place != NULL ? (struct load *)pool_at(&all.loads, GPOINTER_TO_UINT(place) - 1) : NULL;
}

struct load *loads_find(enum load_kind kind, uint32_t number, unsigned client_from)
{
    return load_at(g_hash_table_lookup(all.places[kind], example_of(number, client_from)));
}

struct load *loads_get(enum load_kind kind, uint32_t number, unsigned client_from)
{
    struct load *load = loads_find(kind, number, client_from);
    uint32_t place = load == NULL ? pool_add(&all.loads) : POOL_NONE;
    if (load != NULL || place == POOL_NONE) {
        return load;
    }
    g_hash_table_insert(all.places[kind], example_of(number, client_from), GUINT_TO_POINTER(place + 1));
    return (struct load *)pool_at(&all.loads, place);
}

bool loads_pair_add(uint32_t number, unsigned client_from)
{
    gpointer example = example_of(number, client_from);
    bool has = g_hash_table_lookup(all.pairs, example) != NULL;
    if (!has) {
        g_hash_table_insert(all.pairs, example, GUINT_TO_POINTER(1));
    }
    return !has;
}

void loads_pair_remove(uint32_t number, unsigned client_from)
{
    g_hash_table_insert(all.pairs, example_of(number, client_from), NULL);
}

void loads_pairs_forget(void)
{
    g_hash_table_destroy(all.pairs);
    all.pairs = g_hash_table_new_full(pair_hash, pair_equal, NULL, NULL);
}

void loads_each(enum load_kind kind, void (*visit)(const struct load *load, enum load_kind kind))
{
    GHashTableIter iter;
    gpointer example, place;
    g_hash_table_iter_init(&iter, all.places[kind]);
    while (g_hash_table_iter_next(&iter, &example, &place)) {
        visit(load_at(place), kind);
    }
}

size_t loads_bytes(void)
{
    size_t entries = 0; /* of the tables: an example, its hash, a value */
    if (all.pairs == NULL) {
        return 0;
    }
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOAD_KINDS; kind++) {
        entries += g_hash_table_size(all.places[kind]);
    }
    return pool_bytes(&all.loads) + (entries + g_hash_table_size(all.pairs)) * 3 * sizeof(uint32_t);
}
