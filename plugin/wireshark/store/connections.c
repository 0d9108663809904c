/* connections.c - see connections.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/connections.h"

#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "store/connections_alone.h"
#include "store/points/points.h"
#include "store/server_load.h"
#include "store/cold/conn_cache.h"
#include "summary/captured.h"

#include <glib.h>
#include <string.h>

enum {
    NUMBERS = (1 << 30) - 1,
    ICMP_REACH = 8, /* connections on a four-tuple that an ICMP error may mean */
};

/* An ICMP error that answered a SYN. */
struct refusal {
    uint32_t frame, connection;
};

static struct {
    struct observer observer;
    struct timeouts timeouts;
    GArray *refusals; /* of struct refusal, by frame */
} all;

static struct connection *connection_at(void *context, uint32_t number)
{
    (void)context;
    struct cached *cached = conn_cache_at(number);
    return cached != NULL ? cached_connection(cached) : NULL;
}

void connections_open(const struct limits *limits)
{
    tuples_open();
    conn_cache_open();
    witnesses_open();
    capture_filter_open();
    server_load_open(limits->many, limits->timeouts.idle);
    all.refusals = g_array_new(FALSE, FALSE, sizeof(struct refusal));
    all.observer = (struct observer){.time_wait = limits->time_wait, .connection = connection_at};
    all.timeouts = limits->timeouts;
    points_open(limits);
}

void connections_close(void)
{
    tuples_close();
    conn_cache_close();
    server_load_close();
    witnesses_close();
    points_close();
    if (all.refusals != NULL) {
        g_array_free(all.refusals, TRUE);
        all.refusals = NULL;
    }
}

struct tuple_entry *connections_entry(const struct tuple *tuple)
{
    return tuples_entry(tuple);
}

/* The connection of that number plus one; NULL for 0, and without memory. */
static struct cached *cached_of(uint32_t number)
{
    return number != 0 ? conn_cache_at(number - 1) : NULL;
}

static unsigned add_segment(const struct segment *segment, struct record *record, struct rejection *rejection)
{
    struct observation *observation = &record->observation;
    uint32_t number = observation->connection;
    struct cached *cached = conn_cache_at(number);
    if (cached == NULL) {
        return 0;
    }
    capture_clock_cross(observation);
    uint32_t before = connection_previous(cached_connection(cached));
    struct cached *previous = cached_of(before);
    unsigned client_from = cached->summary.client_from, captured = captured_of(&cached->summary);
    unsigned reported = timeout_findings_update(&cached->summary, previous ? &previous->summary : NULL,
                                                before, segment, observation, &all.timeouts);
    witnesses_hear(number, before, segment, observation, &cached->summary, rejection);
    if (!captured_is_settled(captured)) {
        capture_filter_count(captured, captured_of(&cached->summary));
    }
    if (previous != NULL) {
        server_load_review(before - 1);
    }
    record->of_load = server_load_observe(number, client_from, segment->time);
    if (reported == 0) {
        return 0;
    }
    server_load_mark(number, &cached->summary);
    return timeout_findings_covered(&cached->summary, capture_filter_pass(&cached->summary, reported));
}

unsigned connections_observe_alone_as(uint32_t *newest, struct tuple_entry *entry,
                                      const struct segment *segment, struct record *record,
                                      struct rejection *rejection)
{
    uint32_t count = conn_cache_count();
    connection_observe(newest, segment, &all.observer, &record->observation);
    if (conn_cache_count() != count) {
        conn_cache_index(count)->tuple = tuples_handle(entry) & NUMBERS;
    }
    record->of_load = 0;
    rejection->findings = 0;
    bool usable = !(record->observation.findings & FINDING_UNUSABLE);
    return usable ? add_segment(segment, record, rejection) : 0;
}

unsigned connections_observe_alone(struct tuple_entry *entry, const struct segment *segment,
                                   struct record *record, struct rejection *rejection)
{
    uint32_t newest = entry->newest;
    unsigned reported = connections_observe_alone_as(&newest, entry, segment, record, rejection);
    entry->newest = newest & NUMBERS;
    return reported;
}

struct observer *connections_observer(void)
{
    return &all.observer;
}

void connections_copy(const struct tuple_entry *entry, const struct segment *segment, struct record *record)
{
    connection_pass(entry->newest, segment, &all.observer, &record->observation);
    record->of_load = 0;
}

uint32_t connections_adopt(const struct connection *connection, const struct summary *summary,
                           const struct tuple_entry *entry)
{
    uint32_t number = connection_reserve(&all.observer);
    struct cached *cached = cached_of(number);
    if (cached == NULL) {
        return 0;
    }
    memcpy(cached_connection(cached), connection, connection_size());
    connection_unlink(cached_connection(cached));
    cached->summary = *summary;
    conn_cache_index(number - 1)->tuple = tuples_handle(entry) & NUMBERS;
    return number;
}

unsigned connections_observe(struct tuple_entry *entry, const struct segment *segment, struct record *record,
                             struct rejection *rejection, struct crossing *crossing)
{
    bool here = entry->place[segment->from] == segment->place && !(segment->flags & FLAG_SYN);
    unsigned reported = here ? connections_observe_alone(entry, segment, record, rejection)
                             : points_observe(entry, segment, record, rejection, crossing);
    conn_cache_sweep();
    return reported;
}

/* ---------------------------------------------------------------------- ICMP */

static const struct refusal *refusal_at(guint place)
{
    return &g_array_index(all.refusals, struct refusal, place);
}

bool connections_icmp(const struct tuple *tuple, unsigned from, seq_t seq, uint32_t frame, int64_t time,
                      uint32_t *number)
{
    const struct tuple_entry *entry = tuples_find(tuple);
    struct cached *cached = entry != NULL ? cached_of(entry->newest) : NULL;
    bool found = false;
    for (unsigned i = 0; cached != NULL && i < ICMP_REACH && !found; i++) {
        *number = cached->owner - 1;
        found = summary_update_icmp(&cached->summary, from, seq, frame, time);
        cached = cached_of(connection_previous(cached_connection(cached)));
    }
    if (found) {
        struct refusal refusal = {frame, *number};
        g_array_append_val(all.refusals, refusal);
        server_load_review(*number);
    }
    conn_cache_sweep();
    return found;
}

/* The place of the first refusal in that frame or a later one. */
static guint refusals_from(uint32_t frame)
{
    guint low = 0, high = all.refusals->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (refusal_at(middle)->frame < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool connections_icmp_find(const struct tuple *tuple, uint32_t frame, uint32_t *number)
{
    const struct tuple_entry *entry = tuples_find(tuple);
    for (guint i = refusals_from(frame); i < all.refusals->len && refusal_at(i)->frame == frame; i++) {
        *number = refusal_at(i)->connection;
        if (tuples_at(conn_cache_index(*number)->tuple) == entry) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------- readers */

void connections_finish(int64_t end)
{
    server_load_finish(end);
    points_finish(end);
    conn_cache_sweep();
}

bool connections_summary(uint32_t number, struct summary *summary)
{
    struct cached scratch;
    const struct cached *cached = conn_cache_peek(number, &scratch);
    if (cached != NULL) {
        *summary = cached->summary;
        server_load_mark(number, summary);
        points_join(number, summary);
    }
    return cached != NULL;
}

uint32_t connections_stream(uint32_t number)
{
    struct cached scratch;
    const struct cached *cached = conn_cache_peek(number, &scratch);
    return cached != NULL ? cached->stream : STREAM_NONE;
}

void connections_set_stream(uint32_t number, uint32_t stream)
{
    struct cached *cached = number < conn_cache_count() ? conn_cache_at(number) : NULL;
    if (cached != NULL) {
        cached->stream = stream;
    }
}

bool connections_ends(uint32_t number, struct tuple_end ends[2], size_t *address_length)
{
    if (number >= conn_cache_count()) {
        return false;
    }
    tuples_ends(conn_cache_index(number)->tuple, ends, address_length);
    return true;
}

uint32_t connections_count(void)
{
    return conn_cache_count();
}

size_t connections_bytes(void)
{
    return conn_cache_bytes() + tuples_bytes() + server_load_bytes() + witnesses_bytes() + points_bytes() +
           all.refusals->len * sizeof(struct refusal);
}
