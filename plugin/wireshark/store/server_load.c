/* server_load.c - see server_load.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/server_load.h"

#include "summary/timeout_finding.h"
#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "store/conn_cache.h"
#include "store/tuples.h"

#define SECOND INT64_C(1000000000)

/* Walks over the connections in the order of their numbers. */
struct cursor {
    uint32_t next;
    int64_t due; /* before that there is nothing to do */
};

static struct {
    struct cursor cursor[CROWD_COUNT];
    uint32_t limit;
    int64_t idle_timeout;
    uint32_t waiting; /* tallies that are too many and not told */
} all;

struct server_load_calm server_load_calm;

void server_load_open(uint32_t limit, int64_t idle_timeout)
{
    all.waiting = 0;
    server_load_calm = (struct server_load_calm){0, 0, 0};
    all.limit = limit;
    all.idle_timeout = idle_timeout;
    all.cursor[CROWD_EMBRYONIC] = all.cursor[CROWD_IDLE] = (struct cursor){0, INT64_MIN};
}

/* ------------------------------------------------------------------- counts */

static void mark(struct tally *tally, enum crowd crowd, bool set)
{
    struct slot *slot = conn_cache_at(tally->passer);
    tally->marked = set && slot != NULL;
    if (slot != NULL && crowd == CROWD_EMBRYONIC) {
        slot->summary.passes_embryonic = set;
    } else if (slot != NULL) {
        slot->summary.passes_idle = set;
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
    server_load_calm.counted += counted ? 1u : UINT32_MAX;
    if (crowd == CROWD_EMBRYONIC) {
        card->counted_embryonic = counted;
    } else {
        card->counted_idle = counted;
    }
}

/* The frame in which somebody began to wait for it. */
static uint32_t begin_of(const struct summary *summary, enum crowd crowd)
{
    uint32_t ack = crowd == CROWD_IDLE ? summary->milestone[MILESTONE_ACK].frame : 0;
    return ack != 0 ? ack : summary->milestone[MILESTONE_SYN].frame;
}

/* What waited before a hole of the capture isn't there at once with what waits behind it. If they were too
 * many, that stays with the one with which they became so. */
static void start_over(struct tally *tally, enum crowd crowd)
{
    if (is_waiting(tally)) {
        mark(tally, crowd, true);
        tally->marked = false;
        tally->told = true;
        all.waiting--;
    }
    tally->count = 0;
}

static void count(uint32_t number, unsigned side, enum crowd crowd, uint32_t frame)
{
    struct server *server = servers_get(number, side);
    if (server == NULL) {
        return;
    }
    struct tally *tally = &server->tally[crowd];
    bool joins = tally->count == 0 || capture_clock_joins(tally->frame, frame);
    if (!joins && frame < tally->frame) {
        return; /* they are counted behind the hole already */
    }
    if (!joins) {
        start_over(tally, crowd);
    }
    tally->frame = frame;
    set_counted(conn_cache_card(number), crowd, true);
    tally->count++;
    if (tally->count == all.limit + 1) {
        tally->passer = number;
        all.waiting += is_waiting(tally);
    }
}

static void discount(uint32_t number, unsigned side, enum crowd crowd, uint32_t frame)
{
    struct server *server = servers_find(number, side);
    set_counted(conn_cache_card(number), crowd, false);
    if (server == NULL || server->tally[crowd].count == 0 ||
        !capture_clock_joins(server->tally[crowd].frame, frame)) {
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
    return tuples_at(conn_cache_card(number)->entry)->newest == number + 1;
}

/* Where a filter of the capture explains what is missing, nothing is unfinished. */
static bool belongs(const struct summary *summary, enum crowd crowd)
{
    if (crowd == CROWD_IDLE) {
        return summary_is_idle(summary);
    }
    unsigned finding = 1u << (summary->end[1].seen ? TIMEOUT_FINDING_EMBRYONIC : TIMEOUT_FINDING_UNANSWERED);
    return summary_is_embryonic(summary) && capture_filter_pass(summary, finding) != 0;
}

/* Counts a connection no longer that isn't what it was counted as, or has other roles. */
static void review(uint32_t number, const struct summary *summary, unsigned client_from)
{
    const struct card *card = conn_cache_card(number);
    for (enum crowd crowd = CROWD_EMBRYONIC; crowd < CROWD_COUNT; crowd++) {
        if (!is_counted(card, crowd)) {
            continue;
        }
        bool stays = belongs(summary, crowd) && is_newest(number);
        if (!stays || summary->client_from != client_from) {
            uint32_t frame = begin_of(summary, crowd);
            discount(number, !client_from, crowd, frame);
            if (stays) {
                count(number, !summary->client_from, crowd, frame);
            }
        }
    }
}

void server_load_review(uint32_t number)
{
    const struct card *card = conn_cache_card(number);
    struct slot scratch;
    const struct slot *slot = card->counted_embryonic || card->counted_idle
                                  ? conn_cache_peek(number, &scratch)
                                  : NULL;
    if (slot != NULL) {
        review(number, &slot->summary, slot->summary.client_from);
    }
}

/* ------------------------------------------------------------------ cursors */

/* When a connection is old enough to be counted, or passed over; INT64_MIN: it never will be counted. */
static int64_t ripe_at(const struct summary *summary, enum crowd crowd)
{
    if (crowd == CROWD_EMBRYONIC) {
        return summary_is_embryonic(summary) ? summary->start + SECOND : INT64_MIN;
    }
    if (summary_is_idle(summary)) {
        return summary->start + summary->milestone[MILESTONE_ACK].time + all.idle_timeout;
    }
    return summary_is_embryonic(summary) ? summary->start + all.idle_timeout : INT64_MIN;
}

static int64_t later(int64_t time, int64_t by)
{
    return time < INT64_MAX - by ? time + by : INT64_MAX;
}

static void walk(enum crowd crowd, int64_t now)
{
    struct cursor *cursor = &all.cursor[crowd];
    uint32_t connections = conn_cache_count();
    for (; cursor->next < connections; cursor->next++) {
        const struct card *card = conn_cache_card(cursor->next);
        if (!card->live && card->settled) {
            continue;
        }
        struct slot scratch;
        const struct slot *slot = conn_cache_peek(cursor->next, &scratch);
        uint32_t frame = slot != NULL ? begin_of(&slot->summary, crowd) : 0;
        int64_t until = capture_clock_until(frame, now);
        bool may_count = slot != NULL && slot->summary.start <= later(until, SECOND) &&
                         is_newest(cursor->next);
        int64_t ripe = may_count ? ripe_at(&slot->summary, crowd) : INT64_MIN;
        if (ripe > until && until == now) {
            cursor->due = ripe;
            return;
        }
        if (ripe != INT64_MIN && ripe <= until && belongs(&slot->summary, crowd)) {
            count(cursor->next, !slot->summary.client_from, crowd, frame);
        }
    }
    cursor->due = later(now, crowd == CROWD_EMBRYONIC ? SECOND : all.idle_timeout); /* of a new one */
}

/* -------------------------------------------------------------------- tells */

static void tell(uint32_t number, unsigned side, struct observation *observation)
{
    static const findings_t findings[] = {FINDING_MANY_EMBRYONIC, FINDING_MANY_IDLE};
    struct server *server = servers_find(number, side);
    for (enum crowd crowd = CROWD_EMBRYONIC; server != NULL && crowd < CROWD_COUNT; crowd++) {
        struct tally *tally = &server->tally[crowd];
        if (is_waiting(tally)) {
            observation->findings |= findings[crowd];
            all.waiting--;
            tally->told = true;
            if (tally->marked) {
                mark(tally, crowd, false);
            }
        }
    }
}

/* The cursors move on as far as they can, and say when they can again. */
static void advance(int64_t now)
{
    bool set_back = (uint64_t)now - server_load_calm.from > INT64_MAX; /* then nobody waits for what was */
    for (enum crowd crowd = CROWD_EMBRYONIC; crowd < CROWD_COUNT; crowd++) {
        if (set_back || now >= all.cursor[crowd].due) {
            walk(crowd, now);
        }
    }
    int64_t embryonic = all.cursor[CROWD_EMBRYONIC].due, idle = all.cursor[CROWD_IDLE].due;
    int64_t due = embryonic < idle ? embryonic : idle;
    server_load_calm.from = (uint64_t)now - (uint64_t)SECOND;
    server_load_calm.span = (uint64_t)due - server_load_calm.from;
}

void server_load_look(uint32_t number, unsigned client_from, const struct segment *segment,
                      struct observation *observation)
{
    const struct card *card = conn_cache_card(number);
    const struct summary *summary = &conn_cache_at(number)->summary;
    if (card->counted_embryonic || card->counted_idle) {
        review(number, summary, client_from);
    }
    if ((uint64_t)segment->time - server_load_calm.from >= server_load_calm.span) {
        advance(segment->time);
    }
    if (all.waiting != 0) {
        tell(number, !summary->client_from, observation);
    }
}

void server_load_finish(int64_t end)
{
    walk(CROWD_EMBRYONIC, end);
    walk(CROWD_IDLE, end);
    server_load_calm.span = 0; /* the next segment looks anew */
    for (uint32_t i = 0; all.waiting != 0 && i < servers_count(); i++) {
        for (enum crowd crowd = CROWD_EMBRYONIC; crowd < CROWD_COUNT; crowd++) {
            struct tally *tally = &servers_at(i)->tally[crowd];
            if (is_waiting(tally) && !tally->marked) {
                mark(tally, crowd, true);
            }
        }
    }
}

uint32_t server_load_size(uint32_t number, enum crowd crowd)
{
    struct slot scratch;
    const struct slot *slot = conn_cache_peek(number, &scratch);
    const struct server *server = slot != NULL ? servers_find(number, !slot->summary.client_from) : NULL;
    return server != NULL ? server->tally[crowd].count : 0;
}
