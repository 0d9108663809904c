/* match.c - departures and arrivals
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/passage.h"

#include "store/points/links.h"
#include "tell/addition.h"
#include "thresholds.h"

static void note_lost(void *context, const struct flight *flight)
{
    const struct passage *p = (const struct passage *)context;
    struct far *far = p->far;
    far->lost[p->seg.from]++;
    far->reset_between = far->reset_between || (flight->flags & FLAG_RST);
    links_mark(flight->frame, FINDING_LOST_BETWEEN, false);
}

static void note_difference(struct passage *p, int64_t transit)
{
    int64_t difference = trunk_is_first_near(p->trunk, p->seg.from) ? transit : -transit;
    transits_add(&p->trunk->difference[p->seg.from], difference);
}

/* By how much the TTL is lower where it arrives. */
static void note_hops(struct passage *p, uint8_t departed, uint8_t arrived)
{
    if (departed != 0 && arrived != 0) {
        p->trunk->hops[p->seg.from] = (int8_t)(arrived - departed);
    }
}

/* SND.NXT of its sender at the other point. */
static bool departed_nxt(const struct passage *p, seq_t *nxt)
{
    bool second = p->spot == SPOT_FIRST;
    struct connection *c = second ? far_connection(p->far) : passage_primary(p->far->primary);
    bool known = c != NULL && connection_nxt(c, p->seg.from, nxt);
    *nxt = known && second ? seq_sub(*nxt, p->far->offset[p->seg.from]) : *nxt;
    return known;
}

/* What departed at the first point before the second one knew of the connection wasn't remembered. */
static bool has_departed_unseen(const struct passage *p)
{
    int64_t usual = passage_usual_transit(p);
    int64_t margin = usual == NO_TIME ? INVERTED_MS * NS_PER_MS : 2 * usual;
    return p->spot == SPOT_SECOND && p->seg.time - p->far->since <= margin;
}

static void add_stray(struct passage *p, const struct flight *arrival)
{
    seq_t nxt = {0};
    bool known = departed_nxt(p, &nxt), reset = (arrival->flags & FLAG_RST) != 0;
    bool behind = seq_after(arrival->end, nxt), fin = (arrival->flags & FLAG_FIN) && !behind;
    bool fresh = known && !seq_equal(arrival->seq, arrival->end) &&
                 (behind || (fin && !seq_equal(arrival->end, nxt))); /* nothing is behind a true FIN */
    bool suspect = !(arrival->flags & FLAG_SYN) && (reset ? !has_departed_unseen(p) : fresh);
    bool exact = !known || (reset ? seq_equal(arrival->seq, nxt) : !seq_before(arrival->seq, nxt));
    if (strays_add(&p->far->strays[p->seg.from], arrival, suspect, exact)) {
        flights_note_missed(p->far->flights[!p->seg.from], arrival->time, !suspect);
    }
}

static void note_nothing(void *context, const struct flight *flight)
{
    (void)context;
    (void)flight;
}

/* An ACK that never departed, of bytes that have not passed: a proxy. It shows when they do pass, later. */
static void note_early_ack(struct passage *p, const struct flight *arrival)
{
    struct far *far = p->far;
    unsigned from = p->seg.from;
    const struct flights *acked = far->flights[!from];
    if ((arrival->flags & FLAG_ACK) && !(arrival->flags & (FLAG_RST | FLAG_SYN)) && acked->count > 0 &&
        seq_after(arrival->ack, acked->flight[acked->recent < acked->count ? acked->recent : 0].rest.left)) {
        far->acked[from] = arrival->ack;
        far->acked_time[from] = arrival->time;
        p->trunk->ended = p->trunk->ended || p->trunk->spliced; /* it answers for the other end once more */
    }
}

static bool was_acked_early(const struct passage *p, const struct flight *arrival, int64_t departed)
{
    const struct far *far = p->far;
    unsigned acker = !p->seg.from;
    int64_t since = far->acked_time[acker];
    return since != NO_TIME && departed < since && arrival->time > since + INVERTED_MS * NS_PER_MS &&
           !seq_after(arrival->end, far->acked[acker]) && !seq_equal(arrival->seq, arrival->end);
}

static void link_parts(const struct passage *p, const struct parts *parts)
{
    for (unsigned i = 0; i < parts->count; i++) {
        int64_t difference = p->seg.time - parts->part[i].time;
        links_add(p->seg.frame, parts->part[i].frame, p->arrives ? difference : -difference);
    }
}

/* The other point has seen all of it before: clocks that differ a little, and too much of it to remember. */
static bool has_arrived(const struct passage *p, const struct flight *flight)
{
    seq_t nxt;
    return !seq_equal(flight->seq, flight->end) && departed_nxt(p, &nxt) && !seq_after(flight->end, nxt);
}

/* One of the connections before is meant: it is over where this arrives, and was not where it departed. */
static bool match_earlier(const struct passage *p, int64_t usual, struct parts *parts)
{
    uint32_t number = p->trunk->far_newest;
    for (unsigned i = 0; i < EARLIER && number != 0; i++) {
        struct passage earlier = *p;
        earlier.far = far_at(number - 1);
        passage_flatten(&earlier);
        struct flight flight = flight_of(&earlier.flat);
        if (earlier.far != p->far) {
            flights_arrive(earlier.far->flights[p->seg.from], &flight, usual, parts);
            if (parts->count != 0) {
                link_parts(p, parts);
                return true;
            }
        }
        number = connection_previous(far_connection(earlier.far));
    }
    return false;
}

void match_stranger(struct passage *p)
{
    struct parts parts;
    p->matched = match_earlier(p, passage_usual_transit(p), &parts);
}

/* Has the other point seen the next connection on the same ports begin? */
static bool is_over_there(const struct passage *p)
{
    return p->spot == SPOT_SECOND ? p->far->primary + 1 != p->entry->newest
                                  : p->far->number + 1 != p->trunk->far_newest;
}

/* This point may have missed the beginning of the connection that it is of, and take it for one of that
 * before, on the same ports: it acknowledges what nobody sent here, or the other point has come further.
 * What its receiver makes of it then isn't heard, and it contradicts nothing. */
static bool is_of_another(const struct passage *p)
{
    enum ack_verdict ack = p->record->observation.ack_verdict;
    bool unheard = (p->seg.flags & FLAG_ACK) && (ack == ACK_NOT_CAPTURED || ack == ACK_NOT_JUDGED);
    return unheard || is_over_there(p);
}

void match_departure(struct passage *p)
{
    struct far *far = p->far;
    unsigned from = p->seg.from;
    struct flight flight = flight_of(&p->flat);
    flight.stray = is_of_another(p);
    struct parts parts;
    /* As long as the order isn't known, it may be the other way round. */
    int64_t ms = p->trunk->order == ORDER_UNKNOWN ? COPY_OTHER_PATH_MS : INVERTED_MS;
    if (strays_claim(&far->strays[from], &flight, ms, &parts)) {
        link_parts(p, &parts);
        note_hops(p, flight.ttl, parts.ttl);
        note_difference(p, parts.part[0].time - flight.time);
    } else if (!p->fresh || !has_arrived(p, &flight)) {
        far_make_room(far, from);
        flights_depart(far->flights[from], &flight);
    }
    const struct flight *made = flight.stray ? NULL : strays_contradict(&far->strays[from], &flight);
    if (made != NULL && trunk_is_active(p->trunk)) {
        p->crossing->findings |= FINDING_MADE_BETWEEN;
        p->crossing->made = made->frame;
    }
    flights_settle(far->flights[from], flight.time - LATE_MS * NS_PER_MS, note_lost, p);
}

/* What departed before that is late. That it is lost, too, is told with hindsight, or once it is so late that
 * no other way takes as long. */
static void tell_overtaken(struct passage *p, int64_t departed, int64_t usual)
{
    int64_t late = passage_later(usual / 4, INVERTED_MS * NS_PER_MS);
    int64_t sure = passage_later(usual, OVERTAKEN_MS * NS_PER_MS);
    struct flights *flights = p->far->flights[p->seg.from];
    const struct flight *lost = flights_overtake(flights, departed - late, departed - sure);
    if (lost != NULL && trunk_is_active(p->trunk)) {
        p->crossing->findings |= FINDING_LOST_BETWEEN;
        p->crossing->lost = lost->frame;
    }
}

void match_arrival(struct passage *p)
{
    struct far *far = p->far;
    unsigned from = p->seg.from;
    struct flight flight = flight_of(&p->flat);
    struct parts parts;
    int64_t usual = passage_usual_transit(p);
    flights_arrive(far->flights[from], &flight, usual, &parts);
    p->matched = parts.count != 0;
    if (!p->matched && match_earlier(p, usual, &parts)) {
        p->matched = true;
        return;
    }
    if (!p->matched) {
        add_stray(p, &flight);
        note_early_ack(p, &flight);
        if (flight.flags & FLAG_ACK) { /* its receiver has it, and both were missed there */
            flights_acknowledge(far->flights[!from], &p->flat, note_nothing, p);
        }
        return;
    }
    if (!seq_equal(parts.end, flight.end)) { /* the rest of it has not departed */
        struct flight rest = flight;
        rest.seq = parts.end;
        add_stray(p, &rest);
    }
    link_parts(p, &parts);
    int64_t departed = parts.part[0].time;
    p->trunk->ended = p->trunk->ended || was_acked_early(p, &flight, departed);
    if (parts.whole) {
        note_difference(p, flight.time - departed);
    } else {
        far->changed |= CHANGE_SEGMENTS;
    }
    note_hops(p, parts.ttl, flight.ttl);
    strays_learn_ttl(&far->strays[from], flight.ttl);
    tell_overtaken(p, departed, usual == NO_TIME ? 0 : usual);
}

void far_forget_flights(struct far *far)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t room = far->flights[i]->room;
        *far->flights[i] = (struct flights){.room = room};
        far->strays[i] = (struct strays){.count = 0};
    }
}

/* Does the TTL rise from where a segment departs, in that order, to where it arrives? */
static bool ttl_contradicts(const struct trunk *trunk, enum order order)
{
    int sign = order == trunk->hint ? 1 : -1; /* they were noted as if the hint held */
    return sign * trunk->hops[0] > 0 || sign * trunk->hops[1] > 0;
}

/* The side of a point is decided once. After that only clocks that run apart change it. */
void match_order(struct passage *p)
{
    struct trunk *trunk = p->trunk;
    bool one_clock = !trunk->by_interface;
    enum order order = order_of(&trunk->difference[0], &trunk->difference[1], one_clock);
    bool decided = trunk->order != ORDER_UNKNOWN;
    bool apart = order == ORDER_CLOCKS || (one_clock && order == ORDER_SAME);
    if (order == ORDER_UNKNOWN || (decided && !apart)) {
        return;
    }
    if (!decided && ttl_contradicts(trunk, apart ? trunk->hint : order)) {
        order = ORDER_SAME;
    }
    if (!decided && !apart && order != ORDER_SAME && order != trunk->hint) {
        far_forget_flights(p->far);
    }
    trunk->order = order;
    if (order == ORDER_CLOCKS) {
        tell_finding(&p->record->observation, FINDING_CLOCKS_DIFFER);
    } else if (order != ORDER_SAME) {
        trunks_note_route(trunk);
    }
}
