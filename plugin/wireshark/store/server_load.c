/* server_load.c - see server_load.h
 *
 * A connection is looked at once it is old enough, and counted if it is still unfinished, or idle: those that
 * behave cost next to nothing, and a flood no more a connection than a few. Two cursors do that, in the order
 * in which connections began.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/server_load.h"

#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "store/cold/conn_cache.h"
#include "store/tuples.h"
#include "summary/timeout_finding.h"

#include <glib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

enum load_kind { EMBRYONIC, IDLE, KINDS };

struct load {
    uint32_t count : 31;   /* connections now */
    uint32_t reported : 1; /* that they were too many */
    uint32_t passer;       /* the connection with which they became too many; meaningful while they are */
    uint32_t frame;        /* in which the one began to wait that was counted last */
};

/* One that a connection was counted at. */
struct server {
    uint32_t example : 31; /* a connection of its, that tells its address and port: */
    uint32_t side : 1;     /* the end of the tuple that is the server */
    struct load load[KINDS];
};

/* Where a kind stands in the connections. */
struct cursor {
    uint32_t next;
    int64_t due; /* before that there is nothing to do */
};

static struct {
    GHashTable *servers;   /* a set of struct server */
    GArray *marked[KINDS]; /* connections */
    struct cursor cursor[KINDS];
    uint32_t limit;
    int64_t idle_timeout;
    uint32_t waiting; /* loads that are too many and not reported */
} all;

struct server_load_calm server_load_calm;

/* ------------------------------------------------------------------ servers */

struct key {
    uint8_t address[ADDRESS_LONG]; /* with zeroes behind shorter ones */
    uint32_t port, length;
};

static struct key key_of(const struct server *server)
{
    struct key key = {{0}, 0, 0};
    struct tuple_end ends[2];
    size_t length;
    tuples_ends(conn_cache_index(server->example)->tuple, ends, &length);
    memcpy(key.address, ends[server->side].address, length);
    key.port = ends[server->side].port;
    key.length = (uint32_t)length;
    return key;
}

static guint server_hash(gconstpointer server)
{
    struct key key = key_of((const struct server *)server);
    return tuples_hash(&key, sizeof key);
}

static gboolean server_equal(gconstpointer a, gconstpointer b)
{
    struct key first = key_of((const struct server *)a), second = key_of((const struct server *)b);
    return memcmp(&first, &second, sizeof first) == 0;
}

/* The one that is the end `side` of a connection, or NULL. */
static struct server *server_find(uint32_t number, unsigned side)
{
    struct server wanted = {.example = number & INT32_MAX, .side = side & 1u};
    return (struct server *)g_hash_table_lookup(all.servers, &wanted);
}

static struct server *server_get(uint32_t number, unsigned side)
{
    struct server *server = server_find(number, side);
    if (server == NULL) {
        server = g_new(struct server, 1);
        *server = (struct server){.example = number & INT32_MAX, .side = side & 1u};
        g_hash_table_add(all.servers, server);
    }
    return server;
}

void server_load_close(void)
{
    if (all.servers != NULL) {
        g_hash_table_destroy(all.servers);
        g_array_free(all.marked[EMBRYONIC], TRUE);
        g_array_free(all.marked[IDLE], TRUE);
    }
    all.servers = NULL;
    server_load_calm = (struct server_load_calm){0, 0, 0};
}

void server_load_open(uint32_t limit, int64_t idle_timeout)
{
    server_load_close();
    all.servers = g_hash_table_new_full(server_hash, server_equal, g_free, NULL);
    for (enum load_kind kind = EMBRYONIC; kind < KINDS; kind++) {
        all.marked[kind] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        all.cursor[kind] = (struct cursor){0, INT64_MIN};
    }
    all.limit = limit;
    all.idle_timeout = idle_timeout;
    all.waiting = 0;
}

size_t server_load_bytes(void)
{
    return all.servers ? g_hash_table_size(all.servers) * (sizeof(struct server) + sizeof(gpointer)) : 0;
}

/* ------------------------------------------------------------------- counts */

static void mark(uint32_t number, enum load_kind kind, bool set)
{
    struct cached *cached = conn_cache_at(number);
    if (cached != NULL && kind == EMBRYONIC) {
        cached->summary.passes_embryonic = set;
    } else if (cached != NULL) {
        cached->summary.passes_idle = set;
    }
}

static bool is_waiting(const struct load *load)
{
    return load->count > all.limit && !load->reported;
}

static bool is_counted(const struct index *index, enum load_kind kind)
{
    return index->counted >> kind & 1u;
}

/* The frame in which somebody began to wait for it. */
static uint32_t begin_of(const struct summary *summary, enum load_kind kind)
{
    uint32_t ack = kind == IDLE ? summary->milestone[MILESTONE_ACK].frame : 0;
    return ack != 0 ? ack : summary->milestone[MILESTONE_SYN].frame;
}

static void count(uint32_t number, unsigned side, enum load_kind kind, uint32_t frame)
{
    struct load *load = &server_get(number, side)->load[kind];
    bool joins = load->count == 0 || capture_clock_joins(load->frame, frame);
    if (!joins && frame < load->frame) {
        return; /* they are counted behind the hole already */
    }
    if (!joins) { /* what waited before a hole isn't there at once with what waits behind it */
        if (is_waiting(load)) {
            mark(load->passer, kind, true);
            load->reported = true;
            all.waiting--;
        }
        load->count = 0;
    }
    load->frame = frame;
    load->count++;
    if (load->count == all.limit + 1) {
        load->passer = number;
        all.waiting += is_waiting(load);
    }
    struct index *index = conn_cache_index(number);
    index->counted |= 1u << kind;
    server_load_calm.counted++;
}

static void discount(uint32_t number, unsigned side, enum load_kind kind, uint32_t frame)
{
    struct load *load = &server_get(number, side)->load[kind];
    struct index *index = conn_cache_index(number);
    index->counted &= ~(1u << kind);
    server_load_calm.counted--;
    if (load->count != 0 && capture_clock_joins(load->frame, frame)) {
        all.waiting -= load->count == all.limit + 1 && is_waiting(load);
        load->count--;
    }
}

/* Does it wait, as far as is known? Only the newest connection on its addresses and ports can be alive at the
 * server; and where a filter of the capture explains what is missing, nothing is unfinished. */
static bool belongs(uint32_t number, const struct summary *summary, enum load_kind kind)
{
    if (tuples_at(conn_cache_index(number)->tuple)->newest != number + 1) {
        return false;
    }
    if (kind == IDLE) {
        return summary_is_idle(summary);
    }
    unsigned finding = 1u << (summary->end[1].seen ? TIMEOUT_FINDING_EMBRYONIC : TIMEOUT_FINDING_UNANSWERED);
    return summary_is_embryonic(summary) && capture_filter_pass(summary, finding) != 0;
}

/* Counts a connection no longer that isn't what it was counted as, or has other roles. */
static void review(uint32_t number, const struct summary *summary, unsigned client_from)
{
    for (enum load_kind kind = EMBRYONIC; kind < KINDS; kind++) {
        if (is_counted(conn_cache_index(number), kind)) {
            bool stays = belongs(number, summary, kind);
            uint32_t frame = begin_of(summary, kind);
            if (!stays || summary->client_from != client_from) {
                discount(number, !client_from, kind, frame);
            }
            if (stays && summary->client_from != client_from) {
                count(number, !summary->client_from, kind, frame);
            }
        }
    }
}

void server_load_review(uint32_t number)
{
    struct cached scratch;
    const struct cached *cached = conn_cache_index(number)->counted ? conn_cache_peek(number, &scratch)
                                                                    : NULL;
    if (cached != NULL) {
        review(number, &cached->summary, cached->summary.client_from);
    }
}

/* ------------------------------------------------------------------ cursors */

static int64_t later(int64_t time, int64_t by)
{
    return time < INT64_MAX - by ? time + by : INT64_MAX;
}

/* When a connection is old enough to be counted, or passed over; INT64_MIN: it never will be counted. */
static int64_t ripe_at(const struct summary *summary, enum load_kind kind)
{
    int64_t wait = kind == EMBRYONIC ? SECOND : all.idle_timeout;
    if (kind == IDLE && summary_is_idle(summary)) {
        return later(summary->start + summary->milestone[MILESTONE_ACK].time, wait);
    }
    return summary_is_embryonic(summary) ? later(summary->start, wait) : INT64_MIN;
}

static void walk(enum load_kind kind, int64_t now)
{
    struct cursor *cursor = &all.cursor[kind];
    for (; cursor->next < conn_cache_count(); cursor->next++) {
        const struct index *index = conn_cache_index(cursor->next);
        if (!index->cached && index->settled) {
            continue;
        }
        struct cached scratch;
        const struct cached *cached = conn_cache_peek(cursor->next, &scratch);
        if (cached == NULL) {
            continue;
        }
        uint32_t frame = begin_of(&cached->summary, kind);
        int64_t until = capture_clock_until(frame, now);
        bool ahead = cached->summary.start > later(until, SECOND); /* of a clock that was set back */
        int64_t ripe = ahead ? INT64_MIN : ripe_at(&cached->summary, kind);
        if (ripe > until && until == now) {
            cursor->due = ripe;
            return;
        }
        if (ripe != INT64_MIN && ripe <= until && belongs(cursor->next, &cached->summary, kind)) {
            count(cursor->next, !cached->summary.client_from, kind, frame);
        }
    }
    cursor->due = later(now, kind == EMBRYONIC ? SECOND : all.idle_timeout); /* of a new one */
}

/* The cursors move on as far as they can, and say when they can again. */
static void advance(int64_t now)
{
    bool set_back = (uint64_t)now - server_load_calm.from > INT64_MAX; /* then nobody waits for what was */
    for (enum load_kind kind = EMBRYONIC; kind < KINDS; kind++) {
        if (set_back || now >= all.cursor[kind].due) {
            walk(kind, now);
        }
    }
    server_load_calm.from = (uint64_t)now - (uint64_t)SECOND;
    server_load_calm.span = (uint64_t)MIN(all.cursor[EMBRYONIC].due, all.cursor[IDLE].due) -
                            server_load_calm.from;
}

/* ------------------------------------------------------------------ reports */

static findings_t report(struct server *server)
{
    static const findings_t findings[KINDS] = {FINDING_MANY_EMBRYONIC, FINDING_MANY_IDLE};
    findings_t set = 0;
    for (enum load_kind kind = EMBRYONIC; server != NULL && kind < KINDS; kind++) {
        if (is_waiting(&server->load[kind])) {
            set |= findings[kind];
            server->load[kind].reported = true;
            all.waiting--;
        }
    }
    return set;
}

findings_t server_load_look(uint32_t number, unsigned client_from, int64_t now)
{
    const struct summary *summary = &conn_cache_at(number)->summary;
    if (conn_cache_index(number)->counted) {
        review(number, summary, client_from);
    }
    if ((uint64_t)now - server_load_calm.from >= server_load_calm.span) {
        advance(now);
    }
    return all.waiting != 0 ? report(server_find(number, !summary->client_from)) : 0;
}

/* Of all marks only those stay, and come again, that are still true. */
static void mark_all(enum load_kind kind)
{
    GHashTableIter iter;
    gpointer server;
    for (guint i = 0; i < all.marked[kind]->len; i++) {
        mark(g_array_index(all.marked[kind], uint32_t, i), kind, false);
    }
    g_array_set_size(all.marked[kind], 0);
    g_hash_table_iter_init(&iter, all.servers);
    while (all.waiting != 0 && g_hash_table_iter_next(&iter, &server, NULL)) {
        const struct load *load = &((const struct server *)server)->load[kind];
        if (is_waiting(load)) {
            mark(load->passer, kind, true);
            g_array_append_val(all.marked[kind], load->passer);
        }
    }
}

void server_load_finish(int64_t end)
{
    for (enum load_kind kind = EMBRYONIC; kind < KINDS; kind++) {
        walk(kind, end);
        mark_all(kind);
    }
    server_load_calm.span = 0; /* the next segment looks anew */
}
