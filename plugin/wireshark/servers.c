/* servers.c - see servers.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "servers.h"

#include "conclusion.h"
#include "pool.h"
#include "slots.h"
#include "tuples.h"

#include <glib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

enum { PLACES_MIN = 64, EMPTY = 0 }; /* a place holds the number of its server plus one */

struct tally {
    uint32_t count : 30; /* connections now */
    uint32_t told : 1;   /* that they were too many */
    uint32_t marked : 1; /* `passer` is marked */
    uint32_t passer;     /* the connection with which they became too many; meaningful while they are */
};

struct server {
    uint32_t example : 31; /* a connection of its, that tells its address and port: */
    uint32_t side : 1;     /* the end of the tuple that is the server */
    struct tally tally[CROWD_COUNT];
};

/* Walks over the connections in the order of their numbers. */
struct cursor {
    uint32_t next;
    int64_t due; /* before that there is nothing to do */
};

static struct {
    struct pool servers;
    uint32_t *places;
    uint32_t mask; /* places less one */
    struct cursor cursor[CROWD_COUNT];
    uint32_t limit;
    int64_t idle_timeout;
    uint32_t waiting; /* tallies that are too many and not told */
} all;

void servers_open(uint32_t limit, int64_t idle_timeout)
{
    pool_init(&all.servers, sizeof(struct server));
    all.places = NULL;
    all.mask = all.waiting = 0;
    all.limit = limit;
    all.idle_timeout = idle_timeout;
    all.cursor[CROWD_EMBRYONIC] = all.cursor[CROWD_IDLE] = (struct cursor){0, INT64_MIN};
}

void servers_close(void)
{
    pool_free(&all.servers);
    g_free(all.places);
    all.places = NULL;
}

/* ------------------------------------------------------------------ servers */

static struct server *server_at(uint32_t number)
{
    return (struct server *)pool_at(&all.servers, number);
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
    tuples_ends(slots_card(connection)->entry, ends, &length);
    memcpy(key.address, ends[side].address, length);
    key.port = ends[side].port;
    key.length = (uint32_t)length;
    return key;
}

static uint32_t place_of(const struct place_key *key)
{
    uint32_t at = tuples_hash(key, sizeof *key) & all.mask;
    while (all.places[at] != EMPTY) {
        const struct server *server = server_at(all.places[at] - 1);
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
    for (uint32_t i = 0; i < all.servers.count; i++) {
        struct place_key key = key_of(server_at(i)->example, server_at(i)->side);
        all.places[place_of(&key)] = i + 1;
    }
    g_free(old);
    return true;
}

/* NULL: nothing was counted there yet. */
static struct server *server_find(uint32_t connection, unsigned side)
{
    if (all.places == NULL) {
        return NULL;
    }
    struct place_key key = key_of(connection, side);
    uint32_t at = place_of(&key);
    return all.places[at] != EMPTY ? server_at(all.places[at] - 1) : NULL;
}

/* NULL without memory. */
static struct server *server_get(uint32_t connection, unsigned side)
{
    bool full = all.places == NULL || all.servers.count >= all.mask / 4 * 3;
    if (full && !grow()) {
        return NULL;
    }
    struct server *server = server_find(connection, side);
    uint32_t number = server == NULL ? pool_add(&all.servers) : POOL_NONE;
    if (number == POOL_NONE) {
        return server;
    }
    struct place_key key = key_of(connection, side);
    all.places[place_of(&key)] = number + 1;
    server = server_at(number);
    server->example = connection & POOL_NONE;
    server->side = side & 1u;
    return server;
}

/* ------------------------------------------------------------------- counts */

static void mark(struct tally *tally, enum crowd crowd, bool set)
{
    struct slot *slot = slots_at(tally->passer);
    tally->marked = set && slot != NULL;
    if (slot != NULL && crowd == CROWD_EMBRYONIC) {
        slot->account.passes_embryonic = set;
    } else if (slot != NULL) {
        slot->account.passes_idle = set;
    }
}

static bool is_waiting(const struct tally *tally)
{
    return tally->count > all.limit && !tally->told;
}

static bool is_counted(const struct card *card, enum crowd crowd)
{
    return crowd == CROWD_EMBRYONIC ? card->counted_embryonic : card->counted_idle;
}

static void set_counted(struct card *card, enum crowd crowd, bool counted)
{
    if (crowd == CROWD_EMBRYONIC) {
        card->counted_embryonic = counted;
    } else {
        card->counted_idle = counted;
    }
}

static void count(uint32_t number, unsigned side, enum crowd crowd)
{
    struct server *server = server_get(number, side);
    if (server == NULL) {
        return;
    }
    struct tally *tally = &server->tally[crowd];
    set_counted(slots_card(number), crowd, true);
    tally->count++;
    if (tally->count == all.limit + 1) {
        tally->passer = number;
        all.waiting += is_waiting(tally);
    }
}

static void discount(uint32_t number, unsigned side, enum crowd crowd)
{
    struct server *server = server_find(number, side);
    set_counted(slots_card(number), crowd, false);
    if (server == NULL || server->tally[crowd].count == 0) {
        return;
    }
    struct tally *tally = &server->tally[crowd];
    if (tally->count == all.limit + 1) {
        all.waiting -= is_waiting(tally);
        if (tally->marked) {
            mark(tally, crowd, false);
        }
    }
    tally->count--;
}

/* Only the newest connection on its addresses and ports can be alive at the server. */
static bool is_newest(uint32_t number)
{
    return tuples_at(slots_card(number)->entry)->newest == number + 1;
}

static bool belongs(const struct account *account, enum crowd crowd)
{
    return crowd == CROWD_EMBRYONIC ? account_is_embryonic(account) : account_is_idle(account);
}

/* Counts a connection no longer that isn't what it was counted as, or has other roles. */
static void review(uint32_t number, const struct account *account, unsigned client_from)
{
    const struct card *card = slots_card(number);
    for (enum crowd crowd = CROWD_EMBRYONIC; crowd < CROWD_COUNT; crowd++) {
        if (!is_counted(card, crowd)) {
            continue;
        }
        bool stays = belongs(account, crowd) && is_newest(number);
        if (!stays || account->client_from != client_from) {
            discount(number, !client_from, crowd);
            if (stays) {
                count(number, !account->client_from, crowd);
            }
        }
    }
}

void servers_review(uint32_t number)
{
    const struct card *card = slots_card(number);
    struct slot scratch;
    const struct slot *slot = card->counted_embryonic || card->counted_idle ? slots_peek(number, &scratch)
                                                                            : NULL;
    if (slot != NULL) {
        review(number, &slot->account, slot->account.client_from);
    }
}

/* ------------------------------------------------------------------ cursors */

/* When a connection is old enough to be counted, or passed over; INT64_MIN: it never will be counted. */
static int64_t ripe_at(const struct account *account, enum crowd crowd)
{
    if (crowd == CROWD_EMBRYONIC) {
        return account_is_embryonic(account) ? account->start + SECOND : INT64_MIN;
    }
    if (account_is_idle(account)) {
        return account->start + account->milestone[MILESTONE_ACK].time + all.idle_timeout;
    }
    return account_is_embryonic(account) ? account->start + all.idle_timeout : INT64_MIN;
}

static void walk(enum crowd crowd, int64_t now)
{
    struct cursor *cursor = &all.cursor[crowd];
    uint32_t connections = slots_count();
    for (; cursor->next < connections; cursor->next++) {
        const struct card *card = slots_card(cursor->next);
        if (!card->live && card->settled) {
            continue;
        }
        struct slot scratch;
        const struct slot *slot = slots_peek(cursor->next, &scratch);
        bool may_count = slot != NULL && is_newest(cursor->next);
        int64_t ripe = may_count ? ripe_at(&slot->account, crowd) : INT64_MIN;
        if (ripe > now) {
            cursor->due = ripe;
            return;
        }
        if (ripe != INT64_MIN && belongs(&slot->account, crowd)) {
            count(cursor->next, !slot->account.client_from, crowd);
        }
    }
    cursor->due = now + (crowd == CROWD_EMBRYONIC ? SECOND : all.idle_timeout); /* of a new one */
}

/* -------------------------------------------------------------------- tells */

static void tell(uint32_t number, unsigned side, struct observation *observation)
{
    static const unsigned remarks[] = {REMARK_MANY_EMBRYONIC, REMARK_MANY_IDLE};
    struct server *server = server_find(number, side);
    for (enum crowd crowd = CROWD_EMBRYONIC; server != NULL && crowd < CROWD_COUNT; crowd++) {
        struct tally *tally = &server->tally[crowd];
        if (is_waiting(tally)) {
            observation->remarks |= remarks[crowd];
            all.waiting--;
            tally->told = true;
            if (tally->marked) {
                mark(tally, crowd, false);
            }
        }
    }
}

void servers_observe(uint32_t number, unsigned client_from, const struct segment *segment,
                     struct observation *observation)
{
    const struct card *card = slots_card(number);
    const struct account *account = &slots_at(number)->account;
    if (card->counted_embryonic || card->counted_idle) {
        review(number, account, client_from);
    }
    for (enum crowd crowd = CROWD_EMBRYONIC; crowd < CROWD_COUNT; crowd++) {
        if (segment->time >= all.cursor[crowd].due) {
            walk(crowd, segment->time);
        }
    }
    if (all.waiting != 0) {
        tell(number, !account->client_from, observation);
    }
}

void servers_finish(int64_t end)
{
    walk(CROWD_EMBRYONIC, end);
    walk(CROWD_IDLE, end);
    for (uint32_t i = 0; all.waiting != 0 && i < all.servers.count; i++) {
        for (enum crowd crowd = CROWD_EMBRYONIC; crowd < CROWD_COUNT; crowd++) {
            struct tally *tally = &server_at(i)->tally[crowd];
            if (is_waiting(tally) && !tally->marked) {
                mark(tally, crowd, true);
            }
        }
    }
}

uint32_t servers_crowd(uint32_t number, enum crowd crowd)
{
    struct slot scratch;
    const struct slot *slot = slots_peek(number, &scratch);
    const struct server *server = slot != NULL ? server_find(number, !slot->account.client_from) : NULL;
    return server != NULL ? server->tally[crowd].count : 0;
}

size_t servers_bytes(void)
{
    return pool_bytes(&all.servers) + (all.places ? (all.mask + 1) * sizeof *all.places : 0);
}
