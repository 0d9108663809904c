/* servers.c - see servers.h
 *
 * An open-addressing table whose places hold numbers of servers. A server's address stands in the
 * entry of one of its connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/servers.h"

#include "store/pool.h"
#include "store/conn_cache.h"
#include "store/tuples.h"

#include <glib.h>
#include <string.h>

enum { PLACES_MIN = 64, EMPTY = 0 }; /* a place holds the number of its server plus one */

static struct {
    struct pool pool;
    uint32_t *places;
    uint32_t mask; /* places less one */
} all;

void servers_open(void)
{
    pool_init(&all.pool, sizeof(struct server));
    all.places = NULL;
    all.mask = 0;
}

void servers_close(void)
{
    pool_free(&all.pool);
    g_free(all.places);
    all.places = NULL;
}

uint32_t servers_count(void)
{
    return all.pool.count;
}

size_t servers_bytes(void)
{
    return pool_bytes(&all.pool) + (all.places ? (all.mask + 1) * sizeof *all.places : 0);
}

struct server *servers_at(uint32_t number)
{
    return (struct server *)pool_at(&all.pool, number);
}

/* An end of a connection; `key` is its address, padded, and its port. */
struct place_key {
    uint8_t address[ADDRESS_LONG];
    uint32_t port, length;
};

static struct place_key key_of(uint32_t connection, unsigned side)
{
    struct place_key key = {{0}, 0, 0};
    struct end ends[2];
    size_t length;
    tuples_ends(conn_cache_card(connection)->entry, ends, &length);
    memcpy(key.address, ends[side].address, length);
    key.port = ends[side].port;
    key.length = (uint32_t)length;
    return key;
}

static uint32_t place_of(const struct place_key *key)
{
    uint32_t at = tuples_hash(key, sizeof *key) & all.mask;
    while (all.places[at] != EMPTY) {
        const struct server *server = servers_at(all.places[at] - 1);
        struct place_key other = key_of(server->example, server->side);
        if (memcmp(&other, key, sizeof other) == 0) {
            break;
        }
        at = (at + 1) & all.mask;
    }
    return at;
}

/* Doubles the places. */
static bool grow(void)
{
    uint32_t count = all.places ? 2 * (all.mask + 1) : PLACES_MIN, *old = all.places;
    uint32_t *fresh = g_try_new0(uint32_t, count);
    if (fresh == NULL) {
        return false;
    }
    all.places = fresh;
    all.mask = count - 1;
    for (uint32_t i = 0; i < all.pool.count; i++) {
        struct place_key key = key_of(servers_at(i)->example, servers_at(i)->side);
        all.places[place_of(&key)] = i + 1;
    }
    g_free(old);
    return true;
}

struct server *servers_find(uint32_t connection, unsigned side)
{
    if (all.places == NULL) {
        return NULL;
    }
    struct place_key key = key_of(connection, side);
    uint32_t at = place_of(&key);
    return all.places[at] != EMPTY ? servers_at(all.places[at] - 1) : NULL;
}

struct server *servers_get(uint32_t connection, unsigned side)
{
    bool full = all.places == NULL || all.pool.count >= all.mask / 4 * 3;
    if (full && !grow()) {
        return NULL;
    }
    struct server *server = servers_find(connection, side);
    uint32_t number = server == NULL ? pool_add(&all.pool) : POOL_NONE;
    if (number == POOL_NONE) {
        return server;
    }
    struct place_key key = key_of(connection, side);
    all.places[place_of(&key)] = number + 1;
    server = servers_at(number);
    server->example = connection & POOL_NONE;
    server->side = side & 1u;
    return server;
}
