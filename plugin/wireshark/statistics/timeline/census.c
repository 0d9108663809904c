/* census.c - see census.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/timeline/census.h"

#include "capture/capture_clock.h"
#include "preferences.h"
#include "store/connections.h"
#include "words/words.h"

#include <string.h>

/* Where a connection counts. */
struct seat {
    int64_t time;     /* of its newest move; in TIME-WAIT, since when 2MSL count */
    uint32_t waiting; /* its moves that nobody wants so far: the place of the newest one, plus one */
    uint8_t state;
    bool known : 1;  /* a segment of it was heard */
    bool wanted : 1; /* the sink gets its moves */
    bool heard[2];   /* each end, as segments have it in `from` */
};

/* A move that may be wanted later. */
struct waiting {
    struct move move;
    uint32_t next; /* of the same connection, or of the free ones: place plus one */
};

struct census {
    enum role end;
    census_sink sink;
    void *data;
    GArray *seats;   /* of struct seat, by connection */
    GArray *waiting; /* of struct waiting */
    uint32_t free;   /* the first free one of these: place plus one */
    int64_t latest, time_wait;
};

struct census *census_new(enum role end, census_sink sink, void *data)
{
    struct census *census = g_new0(struct census, 1);
    census->end = end;
    census->sink = sink;
    census->data = data;
    census->seats = g_array_new(FALSE, TRUE, sizeof(struct seat));
    census->waiting = g_array_new(FALSE, FALSE, sizeof(struct waiting));
    census_clear(census);
    return census;
}

void census_free(struct census *census)
{
    g_array_free(census->seats, TRUE);
    g_array_free(census->waiting, TRUE);
    g_free(census);
}

void census_clear(struct census *census)
{
    g_array_set_size(census->seats, 0);
    g_array_set_size(census->waiting, 0);
    census->free = 0;
    census->latest = INT64_MIN;
    census->time_wait = capture_clock_ns(preferences.time_wait);
}

int64_t census_latest(const struct census *census)
{
    return census->latest;
}

static struct seat *seat_of(struct census *census, uint32_t connection)
{
    if (connection >= census->seats->len) {
        g_array_set_size(census->seats, connection + 1);
    }
    return &g_array_index(census->seats, struct seat, connection);
}

/* ------------------------------------------------------------- moves, and who wants them */

static struct waiting *waiting_at(const struct census *census, uint32_t place)
{
    return &g_array_index(census->waiting, struct waiting, place);
}

static void keep(struct census *census, struct seat *seat, const struct move *move)
{
    uint32_t place = census->free;
    if (place == 0) {
        g_array_set_size(census->waiting, census->waiting->len + 1);
        place = census->waiting->len;
    } else {
        census->free = waiting_at(census, place - 1)->next;
    }
    *waiting_at(census, place - 1) = (struct waiting){*move, seat->waiting};
    seat->waiting = place;
}

static void tell(struct census *census, struct seat *seat, const struct move *move)
{
    if (seat->wanted) {
        census->sink(census->data, move);
    } else {
        keep(census, seat, move);
    }
}

void census_want(struct census *census, uint32_t connection)
{
    struct seat *seat = seat_of(census, connection);
    seat->wanted = true;
    while (seat->waiting != 0) {
        uint32_t place = seat->waiting;
        struct waiting *waiting = waiting_at(census, place - 1);
        census->sink(census->data, &waiting->move);
        seat->waiting = waiting->next;
        waiting->next = census->free;
        census->free = place;
    }
}

/* -------------------------------------------------------------------------- seats */

/* Tells of the end of TIME-WAIT, or takes that back. */
static void foresee(struct census *census, struct seat *seat, int sign)
{
    struct move move = {seat->time + census->time_wait, TIME_WAIT, CLOSED, false, sign};
    tell(census, seat, &move);
}

/* 2MSL are over before that time. */
static void let_expire(const struct census *census, struct seat *seat, int64_t time)
{
    if (seat->state == TIME_WAIT && time > seat->time + census->time_wait) {
        seat->time += census->time_wait;
        seat->state = CLOSED;
    }
}

static void move_to(struct census *census, struct seat *seat, enum state state, const struct segment *segment)
{
    if (state == (enum state)seat->state) {
        return;
    }
    if (seat->state == TIME_WAIT) {
        foresee(census, seat, -1);
    }
    seat->time = MAX(seat->time, segment->time);
    struct move move = {seat->time, (enum state)seat->state, state, (segment->flags & FLAG_RST) != 0, 1};
    tell(census, seat, &move);
    seat->state = (uint8_t)state;
    if (state == TIME_WAIT) {
        foresee(census, seat, 1);
    }
}

/* 2MSL count from now. */
static void restart_time_wait(struct census *census, struct seat *seat, int64_t time)
{
    foresee(census, seat, -1);
    seat->time = MAX(seat->time, time);
    foresee(census, seat, 1);
}

/* The connection before on the same addresses and ports makes room. */
static void succeed(struct census *census, uint32_t connection, const struct segment *segment)
{
    struct summary summary;
    if (connections_summary(connection, &summary) && summary.previous != 0 &&
        summary.previous - 1 < census->seats->len) {
        struct seat *previous = seat_of(census, summary.previous - 1);
        let_expire(census, previous, segment->time);
        move_to(census, previous, CLOSED, segment);
    }
}

/* The state of that end, if it tells. */
static enum state state_of_end(const struct seat *seat, const struct tcpfsm_segment *segment, enum role role)
{
    const struct observation *o = segment->observation;
    unsigned from = segment->segment->from ^ (o->sender_role != role);
    return seat->heard[from] ? end_of(o, role)->after : UNKNOWN;
}

static enum state state_that_counts(const struct seat *seat, const struct tcpfsm_segment *segment,
                                    enum role role)
{
    enum state state = state_of_end(seat, segment, role);
    if (state == UNKNOWN) {
        state = state_of_end(seat, segment, other_role(role));
    }
    return state == LISTEN ? CLOSED : state;
}

void census_hear(struct census *census, const struct tcpfsm_segment *segment)
{
    const struct observation *o = segment->observation;
    const struct segment *seg = segment->segment;
    if (o->findings & FINDING_UNUSABLE) {
        return; /* it may be of no connection at all */
    }
    census->latest = MAX(census->latest, seg->time);
    if (!seat_of(census, o->connection)->known) {
        succeed(census, o->connection, seg);
    }
    struct seat *seat = seat_of(census, o->connection);
    seat->time = seat->known ? seat->time : seg->time;
    seat->known = true;
    seat->heard[seg->from] = true;
    let_expire(census, seat, seg->time);
    enum state state = state_that_counts(seat, segment, census->end);
    if (state == TIME_WAIT && seat->state == TIME_WAIT && o->timer == TIMER_2MSL) {
        restart_time_wait(census, seat, seg->time);
    }
    move_to(census, seat, state, seg);
}
