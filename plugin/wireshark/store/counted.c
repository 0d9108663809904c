/* counted.c - see counted.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/counted.h"

#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "store/cold/conn_cache.h"
#include "store/tuples.h"
#include "summary/timeout_finding.h"

#include <glib.h>
#include <string.h>

enum {
    TRIED = 3, /* a client that sends its SYN so often wants an answer: a scan sends it once or twice */
};

/* What a connection is counted as. */
enum counted {
    COUNTED_NOT,
    COUNTED_EMBRYONIC,
    COUNTED_UNANSWERED, /* as embryonic, and at its client */
    COUNTED_IDLE,
};

static struct {
    GArray *marked[LOAD_KINDS]; /* connections */
    GArray *passed;             /* a byte a connection, as far as there are any: enum passed */
    uint32_t paired;            /* the frame of the newest one that was counted at its client */
    uint32_t limit;
    uint32_t waiting; /* loads that are too many and not reported */
} all;

uint32_t counted_connections;

void counted_close(void)
{
    loads_close();
    for (enum load_kind kind = LOAD_EMBRYONIC; all.passed != NULL && kind < LOAD_KINDS; kind++) {
        g_array_free(all.marked[kind], TRUE);
    }
    if (all.passed != NULL) {
        g_array_free(all.passed, TRUE);
        all.passed = NULL;
    }
    counted_connections = 0;
}

void counted_open(uint32_t limit)
{
    counted_close();
    loads_open();
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOAD_KINDS; kind++) {
        all.marked[kind] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    }
    all.passed = g_array_new(FALSE, FALSE, 1);
    all.limit = limit;
    all.paired = all.waiting = 0;
}

size_t counted_bytes(void)
{
    return loads_bytes() + (all.passed != NULL ? all.passed->len : 0);
}

/* ------------------------------------------------------------------- passed */

enum passed counted_passed(uint32_t number)
{
    return number < all.passed->len ? (enum passed)g_array_index(all.passed, uint8_t, number) : PASSED_NONE;
}

static void set_passed(uint32_t number, enum passed passed)
{
    uint32_t length = all.passed->len;
    if (number >= length) {
        if (passed == PASSED_NONE) {
            return;
        }
        g_array_set_size(all.passed, number + 1);
        memset(all.passed->data + length, PASSED_NONE, number + 1 - length);
    }
    g_array_index(all.passed, uint8_t, number) = (uint8_t)passed;
}

/* A client that goes on trying keeps its warning, up to the limit. */
static void keep(uint32_t number, const struct summary *summary)
{
    if (counted_passed(number) == PASSED_CLIENT && summary->end[0].opening.count >= TRIED) {
        struct load *client = loads_find(LOAD_UNANSWERED, number, summary->client_from);
        if (client != NULL && client->kept < all.limit) {
            client->kept++;
            set_passed(number, PASSED_NONE);
        }
    }
}

/* ------------------------------------------------------------------- counts */

static void mark(uint32_t number, enum load_kind kind, bool set)
{
    struct cached *cached = conn_cache_at(number);
    if (cached == NULL) {
        return;
    }
    switch (kind) {
    case LOAD_EMBRYONIC: cached->summary.passes_embryonic = set; break;
    case LOAD_IDLE: cached->summary.passes_idle = set; break;
    default: cached->summary.passes_unanswered = set; break;
    }
}

static bool is_waiting(const struct load *load)
{
    return load->count > all.limit && !load->reported;
}

/* Are they too many for one more that began to wait in that frame? What waited before a hole isn't there at
 * once with what waits behind it. */
static bool is_passed(const struct load *load, uint32_t frame)
{
    return load != NULL && load->count > all.limit && capture_clock_joins(load->frame, frame);
}

bool counted_is(uint32_t number)
{
    return conn_cache_index(number)->counted != COUNTED_NOT;
}

uint32_t counted_begin(const struct summary *summary, enum load_kind kind)
{
    uint32_t ack = kind == LOAD_IDLE ? summary->milestone[MILESTONE_ACK].frame : 0;
    return ack != 0 ? ack : summary->milestone[MILESTONE_SYN].frame;
}

/* One more; false: they are counted behind the hole already. */
static bool add(struct load *load, enum load_kind kind, uint32_t number, uint32_t frame)
{
    bool joins = load->count == 0 || capture_clock_joins(load->frame, frame);
    if (!joins && frame < load->frame) {
        return false;
    }
    if (!joins) {
        if (is_waiting(load)) {
            mark(load->passer, kind, true);
            load->reported = true;
            all.waiting--;
        }
        load->count = load->kept = 0;
    }
    load->frame = frame;
    load->count++;
    if (load->count == all.limit + 1) {
        load->passer = number;
        all.waiting += is_waiting(load);
    }
    return true;
}

/* One less. */
static void take(struct load *load, uint32_t frame)
{
    if (load != NULL && load->count != 0 && capture_clock_joins(load->frame, frame)) {
        all.waiting -= load->count == all.limit + 1 && is_waiting(load);
        load->count--;
    }
}

static void set_counted(uint32_t number, enum counted counted)
{
    conn_cache_index(number)->counted = counted & 3u;
    counted_connections++;
}

static void count_idle(uint32_t number, const struct summary *summary)
{
    uint32_t frame = counted_begin(summary, LOAD_IDLE);
    struct load *server = loads_get(LOAD_IDLE, number, summary->client_from);
    if (server != NULL && add(server, LOAD_IDLE, number, frame)) {
        set_counted(number, COUNTED_IDLE);
    }
}

/* At its client; one that tries the same port again is the same. */
static bool count_unanswered(uint32_t number, const struct summary *summary, uint32_t frame)
{
    unsigned from = summary->client_from;
    struct load *client = loads_get(LOAD_UNANSWERED, number, from);
    if (is_passed(client, frame)) {
        set_passed(number, PASSED_CLIENT);
    }
    if (!capture_clock_joins(all.paired, frame)) {
        loads_pairs_forget(); /* what was tried before a hole was not tried behind it */
    }
    all.paired = frame;
    return client != NULL && loads_pair_add(number, from) && add(client, LOAD_UNANSWERED, number, frame);
}

/* What the warning of the server covers isn't counted at the client, too: a flood from addresses that are all
 * forged takes no memory for each. */
static void count_embryonic(uint32_t number, const struct summary *summary)
{
    uint32_t frame = counted_begin(summary, LOAD_EMBRYONIC);
    struct load *server = loads_get(LOAD_EMBRYONIC, number, summary->client_from);
    bool passed = is_passed(server, frame) ||
                  is_passed(loads_find(LOAD_IDLE, number, summary->client_from), frame);
    if (server == NULL || !add(server, LOAD_EMBRYONIC, number, frame)) {
        return;
    }
    enum counted counted = COUNTED_EMBRYONIC;
    set_passed(number, passed ? PASSED_SERVER : PASSED_NONE);
    if (!passed && !summary->end[1].seen && count_unanswered(number, summary, frame)) {
        counted = COUNTED_UNANSWERED;
    }
    set_counted(number, counted);
    keep(number, summary);
}

void counted_add(uint32_t number, const struct summary *summary, enum load_kind kind)
{
    if (kind == LOAD_IDLE) {
        count_idle(number, summary);
    } else {
        count_embryonic(number, summary);
    }
}

/* At its client no longer. */
static void discount_unanswered(uint32_t number, unsigned client_from, uint32_t frame)
{
    take(loads_find(LOAD_UNANSWERED, number, client_from), frame);
    loads_pair_remove(number, client_from);
    conn_cache_index(number)->counted = COUNTED_EMBRYONIC;
}

static void discount(uint32_t number, unsigned client_from, enum load_kind kind, uint32_t frame)
{
    struct index *index = conn_cache_index(number);
    if (index->counted == COUNTED_UNANSWERED) {
        discount_unanswered(number, client_from, frame);
    }
    take(loads_find(kind, number, client_from), frame);
    index->counted = COUNTED_NOT;
    counted_connections--;
}

bool counted_belongs(uint32_t number, const struct summary *summary, enum load_kind kind)
{
    if (tuples_at(conn_cache_index(number)->tuple)->newest != number + 1) {
        return false;
    }
    if (kind == LOAD_IDLE) {
        return summary_is_idle(summary);
    }
    unsigned finding = 1u << (summary->end[1].seen ? TIMEOUT_FINDING_EMBRYONIC : TIMEOUT_FINDING_UNANSWERED);
    return summary_is_embryonic(summary) && capture_filter_pass(summary, finding) != 0;
}

void counted_review(uint32_t number, const struct summary *summary, unsigned client_from)
{
    enum counted counted = (enum counted)conn_cache_index(number)->counted;
    enum load_kind kind = counted == COUNTED_IDLE ? LOAD_IDLE : LOAD_EMBRYONIC;
    uint32_t frame = counted_begin(summary, kind);
    if (!counted_belongs(number, summary, kind) || summary->client_from != client_from) {
        discount(number, client_from, kind, frame);
    } else if (counted == COUNTED_UNANSWERED && summary->end[1].seen) {
        discount_unanswered(number, client_from, frame);
    } else {
        keep(number, summary);
    }
}

/* ------------------------------------------------------------------ reports */

findings_t counted_report(uint32_t number, unsigned client_from)
{
    static const findings_t findings[LOAD_KINDS] = {FINDING_MANY_EMBRYONIC, FINDING_MANY_IDLE,
                                                    FINDING_MANY_UNANSWERED};
    findings_t set = 0;
    for (enum load_kind kind = LOAD_EMBRYONIC; all.waiting != 0 && kind < LOAD_KINDS; kind++) {
        struct load *load = loads_find(kind, number, client_from);
        if (load != NULL && is_waiting(load)) {
            set |= findings[kind];
            load->reported = true;
            all.waiting--;
        }
    }
    return set;
}

static void mark_waiting(const struct load *load, enum load_kind kind)
{
    if (is_waiting(load)) {
        mark(load->passer, kind, true);
        g_array_append_val(all.marked[kind], load->passer);
    }
}

/* Of all marks only those stay, and come again, that are still true. */
static void mark_all(enum load_kind kind)
{
    for (guint i = 0; i < all.marked[kind]->len; i++) {
        mark(g_array_index(all.marked[kind], uint32_t, i), kind, false);
    }
    g_array_set_size(all.marked[kind], 0);
    if (all.waiting != 0) {
        loads_each(kind, mark_waiting);
    }
}

void counted_finish(void)
{
    for (enum load_kind kind = LOAD_EMBRYONIC; kind < LOAD_KINDS; kind++) {
        mark_all(kind);
    }
}
