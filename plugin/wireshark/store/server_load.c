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
#include "store/cold/conn_cache.h"
#include "store/counted.h"
#include "summary/timeout_finding.h"

#include <glib.h>

#define SECOND INT64_C(1000000000)

/* Where a kind stands in the connections. */
struct cursor {
    uint32_t next;
    int64_t due; /* before that there is nothing to do */
};

static struct {
    struct cursor cursor[LOADS_OF_SERVER];
    int64_t idle_timeout;
} all;

struct server_load_calm server_load_calm;

void server_load_close(void)
{
    counted_close();
    server_load_calm = (struct server_load_calm){0, 0};
}

void server_load_open(uint32_t limit, int64_t idle_timeout)
{
    server_load_close();
    counted_open(limit);
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOADS_OF_SERVER; kind++) {
        all.cursor[kind] = (struct cursor){0, INT64_MIN};
    }
    all.idle_timeout = idle_timeout;
}

size_t server_load_bytes(void)
{
    return counted_bytes();
}

void server_load_mark(uint32_t number, struct summary *summary)
{
    enum passed passed = counted_passed(number);
    summary->server_passed = passed == PASSED_SERVER;
    summary->client_passed = passed == PASSED_CLIENT;
}

void server_load_review(uint32_t number)
{
    struct cached scratch;
    const struct cached *cached = counted_is(number) ? conn_cache_peek(number, &scratch) : NULL;
    if (cached != NULL) {
        counted_review(number, &cached->summary, cached->summary.client_from);
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
    int64_t wait = kind == LOAD_EMBRYONIC ? SECOND : all.idle_timeout;
    if (kind == LOAD_IDLE && summary_is_idle(summary)) {
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
        int64_t until = capture_clock_until(counted_begin(&cached->summary, kind), now);
        bool ahead = cached->summary.start > later(until, SECOND); /* of a clock that was set back */
        int64_t ripe = ahead ? INT64_MIN : ripe_at(&cached->summary, kind);
        if (ripe > until && until == now) {
            cursor->due = ripe;
            return;
        }
        if (ripe != INT64_MIN && ripe <= until && counted_belongs(cursor->next, &cached->summary, kind)) {
            counted_add(cursor->next, &cached->summary, kind);
        }
    }
    cursor->due = later(now, kind == LOAD_EMBRYONIC ? SECOND : all.idle_timeout); /* of a new one */
}

/* The cursors move on as far as they can, and say when they can again. */
static void advance(int64_t now)
{
    bool set_back = (uint64_t)now - server_load_calm.from > INT64_MAX; /* then nobody waits for what was */
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOADS_OF_SERVER; kind++) {
        if (set_back || now >= all.cursor[kind].due) {
            walk(kind, now);
        }
    }
    server_load_calm.from = (uint64_t)now - (uint64_t)SECOND;
    server_load_calm.span = (uint64_t)MIN(all.cursor[LOAD_EMBRYONIC].due, all.cursor[LOAD_IDLE].due) -
                            server_load_calm.from;
}

findings_t server_load_look(uint32_t number, unsigned client_from, int64_t now)
{
    const struct summary *summary = &conn_cache_at(number)->summary;
    if (counted_is(number)) {
        counted_review(number, summary, client_from);
    }
    if ((uint64_t)now - server_load_calm.from >= server_load_calm.span) {
        advance(now);
    }
    return counted_report(number, summary->client_from);
}

void server_load_finish(int64_t end)
{
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOADS_OF_SERVER; kind++) {
        walk(kind, end);
    }
    counted_finish();
    server_load_calm.span = 0; /* the next segment looks anew */
}
