/* connections.c - see connections.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/connections.h"

#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "store/server_load.h"
#include "store/pool.h"
#include "store/conn_cache.h"
#include "summary/captured.h"

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
    struct pool refusals; /* by frame */
} all;

static struct connection *connection_at(void *context, uint32_t number)
{
    (void)context;
    struct slot *slot = conn_cache_at(number);
    return slot != NULL ? slot_connection(slot) : NULL;
}

void connections_open(const struct limits *limits)
{
    tuples_open();
    conn_cache_open();
    witnesses_open();
    capture_filter_open();
    server_load_open(limits->many, limits->timeouts.idle);
    pool_init(&all.refusals, sizeof(struct refusal));
    all.observer = (struct observer){.time_wait = limits->time_wait, .connection = connection_at};
    all.timeouts = limits->timeouts;
}

void connections_close(void)
{
    tuples_close();
    conn_cache_close();
    server_load_close();
    witnesses_close();
    pool_free(&all.refusals);
}

struct entry *connections_entry(const struct tuple *tuple)
{
    return tuples_entry(tuple);
}

/* The slot of the connection of that number plus one; NULL for 0, and without memory. */
static struct slot *slot_of(uint32_t number)
{
    return number != 0 ? conn_cache_at(number - 1) : NULL;
}

static unsigned book(const struct segment *segment, struct observation *observation,
                     struct rejection *rejection)
{
    uint32_t number = observation->connection;
    struct slot *slot = conn_cache_at(number);
    if (slot == NULL) {
        return 0;
    }
    capture_clock_cross(observation);
    uint32_t before = connection_previous(slot_connection(slot));
    struct slot *previous = slot_of(before);
    unsigned client_from = slot->summary.client_from, captured = captured_of(&slot->summary);
    unsigned told = timeout_findings_update(&slot->summary, previous ? &previous->summary : NULL, before,
                                            segment, observation, &all.timeouts);
    witnesses_hear(number, before, segment, observation, &slot->summary, rejection);
    capture_filter_count(captured, captured_of(&slot->summary));
    if (previous != NULL) {
        server_load_review(before - 1);
    }
    observation->findings |= server_load_observe(number, client_from, segment->time);
    return capture_filter_pass(&slot->summary, told);
}

unsigned connections_observe(struct entry *entry, const struct segment *segment,
                             struct observation *observation, struct rejection *rejection)
{
    uint32_t newest = entry->newest, count = conn_cache_count();
    connection_observe(&newest, segment, &all.observer, observation);
    entry->newest = newest & NUMBERS;
    if (conn_cache_count() != count) {
        conn_cache_card(count)->entry = tuples_handle(entry) & NUMBERS;
    }
    rejection->findings = 0;
    unsigned told = observation->findings & FINDING_UNUSABLE ? 0 : book(segment, observation, rejection);
    conn_cache_sweep();
    return told;
}

/* ---------------------------------------------------------------------- ICMP */

static struct refusal *refusal_at(uint32_t number)
{
    return (struct refusal *)pool_at(&all.refusals, number);
}

static void note_refusal(uint32_t frame, uint32_t connection)
{
    uint32_t number = pool_add(&all.refusals);
    if (number != POOL_NONE) {
        *refusal_at(number) = (struct refusal){frame, connection};
    }
}

bool connections_icmp(const struct tuple *tuple, unsigned from, seq_t seq, uint32_t frame, int64_t time,
                      uint32_t *number)
{
    const struct entry *entry = tuples_find(tuple);
    struct slot *slot = entry != NULL ? slot_of(entry->newest) : NULL;
    bool found = false;
    for (unsigned i = 0; slot != NULL && i < ICMP_REACH && !found; i++) {
        *number = slot->owner - 1;
        found = summary_update_icmp(&slot->summary, from, seq, frame, time);
        slot = slot_of(connection_previous(slot_connection(slot)));
    }
    if (found) {
        note_refusal(frame, *number);
        server_load_review(*number);
    }
    conn_cache_sweep();
    return found;
}

/* The number of the first refusal in that frame or a later one. */
static uint32_t refusals_from(uint32_t frame)
{
    uint32_t low = 0, high = all.refusals.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
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
    const struct entry *entry = tuples_find(tuple);
    for (uint32_t i = refusals_from(frame); i < all.refusals.count && refusal_at(i)->frame == frame; i++) {
        *number = refusal_at(i)->connection;
        if (tuples_at(conn_cache_card(*number)->entry) == entry) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------- readers */

void connections_finish(int64_t end)
{
    server_load_finish(end);
    conn_cache_sweep();
}

bool connections_summary(uint32_t number, struct summary *summary)
{
    struct slot scratch;
    const struct slot *slot = conn_cache_peek(number, &scratch);
    if (slot != NULL) {
        *summary = slot->summary;
    }
    return slot != NULL;
}

uint32_t connections_stream(uint32_t number)
{
    struct slot scratch;
    const struct slot *slot = conn_cache_peek(number, &scratch);
    return slot != NULL ? slot->stream : STREAM_NONE;
}

void connections_set_stream(uint32_t number, uint32_t stream)
{
    struct slot *slot = number < conn_cache_count() ? conn_cache_at(number) : NULL;
    if (slot != NULL) {
        slot->stream = stream;
    }
}

bool connections_ends(uint32_t number, struct end ends[2], size_t *address_length)
{
    if (number >= conn_cache_count()) {
        return false;
    }
    tuples_ends(conn_cache_card(number)->entry, ends, address_length);
    return true;
}

uint32_t connections_count(void)
{
    return conn_cache_count();
}

size_t connections_bytes(void)
{
    return conn_cache_bytes() + tuples_bytes() + server_load_bytes() + witnesses_bytes() +
           pool_bytes(&all.refusals);
}
