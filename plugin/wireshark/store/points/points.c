/* points.c - see points.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/points.h"

#include "capture/capture_filter.h"
#include "points/joined.h"
#include "store/cold/conn_cache.h"
#include "store/connections_alone.h"
#include "store/points/far.h"
#include "store/points/trunks.h"
#include "tell/addition.h"
#include "thresholds.h"

#include <glib.h>

#define MS NS_PER_MS

enum { INTERFACES = 32 };

bool points_exist;

static struct {
    struct timeouts timeouts;
    int64_t last[INTERFACES]; /* time of the last packet of each */
} all;

/* A segment on its way through here. */
struct passage {
    struct trunk *trunk;
    struct tuple_entry *entry; /* of the first point */
    enum spot spot;
    struct segment seg;  /* with `from` as at the first point */
    struct segment flat; /* the same in the numbers of the first point */
    struct record *record;
    struct crossing *crossing;
    struct far *far; /* NULL: not seen at the second point */
    bool client;     /* its sender */
    bool arrives;
    bool matched; /* it departed before, at the other point */
    bool fresh;   /* what departs is new to its point */
    const struct opening_syn
        *first; /* where it departed, if nothing else was seen at two points yet; or NULL */
};

void points_open(const struct limits *limits)
{
    points_close();
    far_open(limits->time_wait);
    trunks_open();
    links_open();
    all.timeouts = limits->timeouts;
    for (unsigned i = 0; i < INTERFACES; i++) {
        all.last[i] = INT64_MIN;
    }
}

void points_close(void)
{
    far_close();
    trunks_close();
    links_close();
    points_exist = false;
}

size_t points_bytes(void)
{
    return far_bytes() + trunks_bytes() + links_bytes();
}

void points_see(unsigned interface, int64_t time)
{
    int64_t *last = &all.last[interface % INTERFACES];
    *last = MAX(*last, time);
}

/* ------------------------------------------------------------------- recognition */

static struct connection *primary_at(uint32_t number)
{
    struct cached *cached = conn_cache_at(number);
    return cached != NULL ? cached_connection(cached) : NULL;
}

static const struct summary *primary_summary(uint32_t number)
{
    struct cached *cached = conn_cache_at(number);
    return cached != NULL ? &cached->summary : NULL;
}

/* What is known of the SYN that departed at the first point, if that is all there is of it. */
static void note_opener(struct far *far, const struct opening_syn *syn)
{
    far->opener[syn->from][0] = syn->opener;
}

static bool is_same_packet(const struct opening_syn *syn, const struct segment *seg)
{
    return (seg->has_ip_id && seg->ip_id != 0 && seg->ip_id == syn->ip_id) ||
           (seg->has_timestamps && seg->tsval == syn->tsval);
}

/* A device that replaces the ISN or answers in the server's place, or clocks that differ by more than copies may: a SYN
 * of this four-tuple stands there that is the same packet, or was sent on another interface a moment ago. */
static const struct opening_syn *earlier_syn(const struct tuple_entry *entry, const struct segment *seg)
{
    if (!segment_is_syn(seg) || entry->newest == 0) {
        return NULL;
    }
    const struct summary *s = primary_summary(entry->newest - 1);
    bool opens = s != NULL && s->begun && s->end[0].syn_seen && s->client_from == seg->from;
    const struct opening_syn *syn = opens ? trunks_syn(entry, s->end[0].isn) : NULL;
    if (syn == NULL || syn->place == seg->place) {
        return NULL;
    }
    bool soon = seg->time - syn->time <= CROSSING_UNTIMED_MS * MS;
    bool elsewhere = place_interface(syn->place) != place_interface(seg->place);
    return is_same_packet(syn, seg) || (soon && elsewhere) ? syn : NULL;
}

/* The SYN comes to the second point when it was answered at the first: another clock, or another device. */
static bool is_answered(const struct tuple_entry *entry)
{
    const struct summary *s = primary_summary(entry->newest - 1);
    return s != NULL && s->end[1].seen;
}

/* The client, as far as it is known before the segment is observed. */
static unsigned client_of(const struct tuple_entry *entry, const struct segment *seg)
{
    const struct summary *s = entry->newest != 0 ? primary_summary(entry->newest - 1) : NULL;
    return s != NULL && s->begun && !segment_is_syn(seg) ? s->client_from : seg->from;
}

/* Was it captured elsewhere before? *first: when it was, in which frame. */
static struct trunk *recognize(struct tuple_entry *entry, const struct segment *seg,
                               struct opening_syn *first)
{
    uint16_t *place = &entry->place[seg->from];
    if (*place == PLACE_NONE || *place == seg->place) {
        bool syn = segment_is_syn(seg);
        struct trunk *trunk = syn && *place == PLACE_NONE ? trunks_translate(entry, seg, first) : NULL;
        *place = trunk == NULL ? seg->place : *place;
        if (syn) {
            trunks_note_syn(entry, seg);
        }
        return trunk;
    }
    const struct recent *recent = connection_sighting(connections_observer(), entry->newest, seg);
    const struct opening_syn *syn = recent == NULL ? earlier_syn(entry, seg) : trunks_syn(entry, seg->seq);
    if (recent == NULL && syn == NULL) {
        *place = seg->place; /* it came another way */
        return NULL;
    }
    *first = syn != NULL ? *syn : (struct opening_syn){.from = seg->from};
    first->time = recent != NULL ? recent->time : syn->time;
    first->frame = recent != NULL ? recent->frame : syn->frame;
    struct trunk *trunk = trunks_make(entry, *place, seg->place);
    bool one_packet = recent != NULL || is_same_packet(syn, seg);
    int64_t late = seg->time - first->time;
    bool answered = segment_is_syn(seg) && is_answered(entry);
    bool too_late = (answered && late > INVERTED_MS * MS) ||
                    (segment_is_syn(seg) && late > COPY_OTHER_PATH_MS * MS);
    if (one_packet && (too_late || late < -INVERTED_MS * MS)) {
        trunk->order = ORDER_CLOCKS;
    }
    trunk->spliced = !one_packet && answered;
    bool nearer = first->opener.known && first->opener.ttl < seg->ttl; /* the second point, to the sender */
    bool sent_by_client = segment_is_syn(seg) || seg->from == client_of(entry, seg);
    trunk->hint = (one_packet && answered) || (nearer && sent_by_client) ? ORDER_SERVER_FIRST
                                                                         : ORDER_CLIENT_FIRST;
    return trunk;
}

/* --------------------------------------------------------------------- direction */

static bool is_first_near(const struct trunk *trunk, bool client)
{
    enum order order = trunk->order == ORDER_UNKNOWN ? trunk->hint : trunk->order;
    return (order != ORDER_SERVER_FIRST) == client;
}

static unsigned client_from(const struct passage *p)
{
    return client_of(p->entry, &p->seg);
}

static void find_direction(struct passage *p)
{
    p->client = client_from(p) == p->seg.from;
    p->arrives = (p->spot == SPOT_FIRST) != is_first_near(p->trunk, p->client);
}

static uint8_t point_of(const struct trunk *trunk, enum spot spot)
{
    if (!trunk_is_active(trunk)) {
        return 0;
    }
    return spot == SPOT_BETWEEN ? 3 : (spot == SPOT_FIRST) == is_first_near(trunk, true) ? 1 : 2;
}

/* In the numbers of the first point. */
static void flatten(struct passage *p)
{
    const struct far *far = p->far;
    unsigned from = p->seg.from;
    if (far != NULL && p->spot == SPOT_SECOND) {
        segment_shift(&p->flat, &p->seg, far->offset[from], far->offset[!from]);
    } else {
        p->flat = p->seg;
    }
}

/* ------------------------------------------------------------------------- places */

/* A place that is new: the outermost two are the points. What neither saw before is nearer to its sender than both, what
 * both saw is nearer to its receiver; a place of one interface goes with the side that it shows. */
static enum spot find_spot(struct passage *p)
{
    struct trunk *trunk = p->trunk;
    bool first = connection_sighting(connections_observer(), p->entry->newest, &p->seg) != NULL;
    bool second = far_sighting(trunk->far_newest, &p->seg) != NULL;
    bool client = client_from(p) == p->seg.from;
    enum spot near = is_first_near(trunk, client) ? SPOT_FIRST : SPOT_SECOND;
    enum spot opposite = near == SPOT_FIRST ? SPOT_SECOND : SPOT_FIRST;
    if (!trunk->by_interface) { /* the other direction has MAC addresses of its own */
        enum spot spot = first != second ? (first ? SPOT_SECOND : SPOT_FIRST) : near;
        trunk_add_place(trunk, p->seg.place, spot);
        return spot;
    }
    trunk->points++;
    if (first == second) {
        trunk_take_spot(trunk, p->seg.place, first ? opposite : near);
        return first ? opposite : near;
    }
    trunk_add_place(trunk, p->seg.place, SPOT_BETWEEN);
    return SPOT_BETWEEN;
}

/* ---------------------------------------------------------------------- matching */

static int64_t usual_transit(const struct passage *p)
{
    int64_t median = transits_median(&p->trunk->difference[p->seg.from]);
    return median == NO_TIME ? NO_TIME : is_first_near(p->trunk, p->client) ? median : -median;
}

static int64_t at_least(int64_t time, int64_t least)
{
    return time > least ? time : least;
}

/* Departures of this direction up to then had to be seen at the other point. */
static int64_t watched_until(const struct passage *p)
{
    const struct trunk *trunk = p->trunk;
    enum spot far = is_first_near(trunk, p->client) ? SPOT_SECOND : SPOT_FIRST;
    int64_t usual = usual_transit(p), margin = at_least(usual == NO_TIME ? 0 : 4 * usual, BETWEEN_MS * MS);
    int64_t last = INT64_MIN;
    for (unsigned i = 0; i < trunk->places; i++) {
        if (trunk->place[i].spot == far) {
            last = at_least(last, all.last[place_interface(trunk->place[i].place)]);
        }
    }
    return last == INT64_MIN ? last : last - margin;
}

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
    int64_t difference = is_first_near(p->trunk, p->client) ? transit : -transit;
    transits_add(&p->trunk->difference[p->seg.from], difference);
}

/* By how much the TTL is lower where it arrives. */
static void note_hops(struct passage *p, uint8_t departed, uint8_t arrived)
{
    if (departed != 0 && arrived != 0) {
        p->trunk->hops[p->seg.from] = (int8_t)(arrived - departed);
    }
}

/* What the first point knows of a SYN or SYN-ACK that was captured before there were two; else as at the second. */
static struct opener opener_answered(uint32_t primary, enum role role, const struct opener *second)
{
    const struct summary *s = primary_summary(primary);
    const struct summary_end *end = s != NULL ? &s->end[role == ROLE_SERVER] : NULL;
    struct opener opener = *second;
    opener.known = end != NULL && end->syn_seen;
    if (opener.known) {
        opener.isn = end->isn;
        opener.mss = end->mss;
        opener.has_scale = end->scale_plus_one != 0;
        opener.scale = (uint8_t)(opener.has_scale ? end->scale_plus_one - 1 : 0);
        opener.sack_permitted = end->sack_permitted;
        opener.timestamps = end->timestamps;
    }
    return opener;
}

/* A SYN or SYN-ACK tells what a device changes. */
static void compare_openers(struct passage *p)
{
    struct far *far = p->far;
    unsigned from = p->seg.from, here = p->spot == SPOT_SECOND;
    if (!(p->seg.flags & FLAG_SYN) || (p->seg.flags & FLAG_RST)) {
        return;
    }
    far->opener[from][here] = opener_of(&p->seg);
    struct opener *first = &far->opener[from][0], *second = &far->opener[from][1];
    if (here && !first->known) {
        *first = opener_answered(far->primary, p->client ? ROLE_CLIENT : ROLE_SERVER, second);
    }
    far->changed |= p->trunk->translated;
    if (first->known && second->known) {
        uint32_t before = far->offset[from];
        far->offset[from] = second->isn.n - first->isn.n;
        far->changed |= changes_between(first, second, p->client);
        if (p->arrives && !here) { /* it departed in numbers that nobody could translate */
            flights_shift(far->flights[from], far->offset[from] - before);
        }
    }
    far->changed |= p->trunk->spliced ? CHANGE_SPLICED : 0u;
}

static bool may_be_made(const struct passage *p, const struct flight *arrival)
{
    if (arrival->flags & (FLAG_RST | FLAG_SYN)) {
        return !(arrival->flags & FLAG_SYN);
    }
    seq_t nxt;
    unsigned from = p->seg.from;
    bool at_second = p->spot == SPOT_FIRST; /* it departed there */
    struct connection *c = at_second ? far_connection(p->far) : primary_at(p->far->primary);
    if (seq_equal(arrival->seq, arrival->end) || c == NULL || !connection_nxt(c, from, &nxt)) {
        return false;
    }
    return seq_after(arrival->end, at_second ? seq_sub(nxt, p->far->offset[from]) : nxt);
}

/* An ACK that never departed, of bytes that have not passed: a proxy. It shows when they do pass, later. */
static void note_early_ack(struct passage *p, const struct flight *arrival)
{
    struct far *far = p->far;
    unsigned from = p->seg.from;
    const struct flights *acked = far->flights[!from];
    if ((arrival->flags & FLAG_ACK) && !(arrival->flags & (FLAG_RST | FLAG_SYN)) && acked->count > 0 &&
        seq_after(arrival->ack, acked->flight[acked->settled < acked->count ? acked->settled : 0].left)) {
        far->acked[from] = arrival->ack;
        far->acked_time[from] = arrival->time;
    }
}

static bool was_acked_early(const struct passage *p, const struct flight *arrival, int64_t departed)
{
    const struct far *far = p->far;
    unsigned acker = !p->seg.from;
    int64_t since = far->acked_time[acker];
    return since != NO_TIME && departed < since && arrival->time > since + INVERTED_MS * MS &&
           !seq_after(arrival->end, far->acked[acker]) && !seq_equal(arrival->seq, arrival->end);
}

static void link_parts(const struct passage *p, const struct parts *parts)
{
    for (unsigned i = 0; i < parts->count; i++) {
        int64_t difference = p->seg.time - parts->part[i].time;
        links_add(p->seg.frame, parts->part[i].frame, p->arrives ? difference : -difference);
    }
}

static bool nxt_of(const struct passage *p, seq_t *nxt)
{
    bool second = p->spot == SPOT_SECOND;
    struct connection *c = second ? far_connection(p->far) : primary_at(p->far->primary);
    bool known = c != NULL && connection_nxt(c, p->seg.from, nxt);
    *nxt = known && second ? seq_sub(*nxt, p->far->offset[p->seg.from]) : *nxt;
    return known;
}

/* The other point has seen all of it before: clocks that differ a little, and too much of it to remember. */
static bool has_arrived(const struct passage *p, const struct flight *flight)
{
    seq_t nxt;
    bool second = p->spot == SPOT_FIRST;
    struct connection *c = second ? far_connection(p->far) : primary_at(p->far->primary);
    if (seq_equal(flight->seq, flight->end) || c == NULL || !connection_nxt(c, p->seg.from, &nxt)) {
        return false;
    }
    return !seq_after(flight->end, second ? seq_sub(nxt, p->far->offset[p->seg.from]) : nxt);
}

static void depart(struct passage *p)
{
    struct far *far = p->far;
    unsigned from = p->seg.from;
    struct flight flight = flight_of(&p->flat);
    struct parts parts;
    seq_t nxt;
    if (strays_claim(&far->strays[from], &flight, &parts)) {
        link_parts(p, &parts);
        note_difference(p, parts.part[0].time - flight.time);
    } else if (!p->fresh || !has_arrived(p, &flight)) {
        far_make_room(far, from);
        flights_depart(far->flights[from], &flight);
    }
    if (nxt_of(p, &nxt)) {
        const struct flight *made = strays_contradict(&far->strays[from], &flight, nxt);
        if (made != NULL) {
            p->crossing->findings |= FINDING_MADE_BETWEEN;
            p->crossing->made = made->frame;
        }
    }
    flights_settle(far->flights[from], flight.time - LATE_MS * MS, note_lost, p);
}

static void arrive(struct passage *p)
{
    struct far *far = p->far;
    unsigned from = p->seg.from;
    struct flight flight = flight_of(&p->flat);
    struct parts parts;
    int64_t usual = usual_transit(p);
    flights_arrive(far->flights[from], &flight, usual, &parts);
    p->matched = parts.count != 0;
    if (!p->matched) {
        strays_add(&far->strays[from], &flight, may_be_made(p, &flight));
        note_early_ack(p, &flight);
        return;
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
    int64_t margin = at_least(usual == NO_TIME ? 0 : usual / 4, INVERTED_MS * MS);
    const struct flight *lost = flights_overtake(far->flights[from], departed - margin);
    if (lost != NULL) {
        p->crossing->findings |= FINDING_LOST_BETWEEN;
        p->crossing->lost = lost->frame;
    }
}

/* What one point has missed is observed there all the same, as far as the other one remembers it. `flight` is in the
 * numbers of the first point, and sent by the end `from`. */
static void observe_missed(struct passage *p, const struct flight *flight, unsigned from)
{
    struct segment flat, seg;
    struct record unseen;
    struct rejection nothing;
    uint32_t other = p->far->primary;
    if (flight->flags & FLAG_SYN) { /* without its options it would tell wrong things */
        return;
    }
    flight_segment(&flat, flight);
    flat.from = from & 1u;
    flat.source_port = from == p->seg.from ? p->seg.source_port : p->seg.destination_port;
    flat.destination_port = from == p->seg.from ? p->seg.destination_port : p->seg.source_port;
    flat.time = p->seg.time;
    flat.path = p->trunk->path[p->spot];
    flat.point = p->trunk->point[p->spot];
    if (p->spot == SPOT_FIRST) {
        connections_observe_alone(p->entry, &flat, &unseen, &nothing);
        return;
    }
    segment_shift(&seg, &flat, 0u - p->far->offset[from], 0u - p->far->offset[!from]);
    struct far *far = far_observe(&p->trunk->far_newest, &seg, other, &unseen.observation);
    if (far != NULL && !(unseen.observation.findings & FINDING_UNUSABLE)) {
        far_add(far, &seg, &unseen.observation, &nothing);
    }
}

static void note_missed(void *context, const struct flight *flight)
{
    struct passage *p = (struct passage *)context;
    observe_missed(p, flight, !p->seg.from);
}

/* Before an ACK is observed that arrives: what it acknowledges must have departed here, even if nobody saw that. */
static void hear_of_departed(struct passage *p)
{
    struct strays *strays = &p->far->strays[!p->seg.from];
    const struct flight *stray;
    while ((p->seg.flags & FLAG_ACK) && (stray = strays_acknowledge(strays, p->flat.ack)) != NULL) {
        observe_missed(p, stray, !p->seg.from);
    }
}

/* Before a departure is observed: what it acknowledges has arrived here, even if nobody saw that, and what it is
 * behind has departed. */
static void hear_of_missed(struct passage *p)
{
    struct flight stray, departure = flight_of(&p->flat);
    seq_t had;
    if (p->seg.flags & (FLAG_RST | FLAG_SYN)) {
        return;
    }
    if (p->arrives) {
        hear_of_departed(p);
        return;
    }
    if (nxt_of(p, &had)) {
        p->fresh = !seq_before(p->flat.seq, had);
        while (strays_confirm(&p->far->strays[p->seg.from], &departure, &stray)) {
            observe_missed(p, &stray, p->seg.from);
        }
    }
    if (p->seg.flags & FLAG_ACK) {
        flights_acknowledge(p->far->flights[!p->seg.from], &p->flat, note_missed, p);
    }
}

/* ------------------------------------------------------------------------- order */

static void forget_flights(struct far *far)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t room = far->flights[i]->room;
        *far->flights[i] = (struct flights){.room = room};
        far->strays[i] = (struct strays){.count = 0};
    }
}

/* The side of a point is decided once. After that only clocks that run apart change it. */
static void find_order(struct passage *p)
{
    struct trunk *trunk = p->trunk;
    unsigned client = p->client ? p->seg.from : !p->seg.from;
    enum order order = order_of(&trunk->difference[client], &trunk->difference[!client]);
    bool decided = trunk->order != ORDER_UNKNOWN;
    if (order == ORDER_UNKNOWN || (decided && order != ORDER_CLOCKS)) {
        return;
    }
    if (!decided && trunk->hops[client] > 0 && trunk->hops[!client] > 0) {
        order = ORDER_SAME; /* TTLs that rise on the way contradict */
    }
    trunk->order = order;
    if (order == ORDER_SERVER_FIRST) {
        forget_flights(p->far);
    }
    if (order == ORDER_CLOCKS) {
        tell_finding(&p->record->observation, FINDING_CLOCKS_DIFFER);
    }
}

/* ---------------------------------------------------------------------- what is told */

/* The other end, as it is known at its own point. */
static void compose(struct passage *p)
{
    struct observation *o = &p->record->observation;
    bool at_first = p->spot == SPOT_FIRST;
    struct far *far = p->far;
    const struct summary *s = at_first ? &far->summary : primary_summary(far->primary);
    const struct connection *c = at_first ? far_connection(far) : primary_at(far->primary);
    if (c == NULL || s == NULL || !s->begun || (o->findings & FINDING_UNUSABLE)) {
        return;
    }
    bool client_sends = o->sender_role == ROLE_CLIENT;
    unsigned end = p->arrives ? p->seg.from : !p->seg.from;
    enum role role = client_sends == p->arrives ? ROLE_CLIENT : ROLE_SERVER;
    struct end_there there;
    tell_end_there(&there, c, end);
    there.owed = summary_owed(s, role, p->seg.frame, p->seg.time);
    tell_other_point(o, &there, p->arrives);
    if (p->arrives && p->matched) {
        tell_arrival(o);
    }
}

static bool has_told_of_change(const struct far *far, unsigned before)
{
    const unsigned plain = CHANGE_SEGMENTS | CHANGE_TTL; /* cards and routers do that */
    return (far->changed & ~plain & ~before) != 0;
}

/* What time has brought, as both points together show it; `before`: before this segment. */
static unsigned told_in_time(struct passage *p, uint32_t number, unsigned before)
{
    struct summary joined;
    if (p->far == NULL || !connections_summary(number, &joined)) {
        return 0;
    }
    unsigned fresh = before != 0 ? before & timeout_findings_at(&joined, &all.timeouts, NEVER) : 0;
    fresh |= joined.overflowed ? 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW : 0u;
    fresh &= ~p->far->reported;
    p->far->reported |= fresh;
    return fresh == 0 ? 0 : timeout_findings_covered(&joined, capture_filter_pass(&joined, fresh));
}

static unsigned due_before(const struct passage *p)
{
    struct summary joined;
    bool known = p->entry->newest != 0 && connections_summary(p->entry->newest - 1, &joined);
    return known && timeout_findings_due(&joined, &all.timeouts, p->seg.time)
               ? timeout_findings_at(&joined, &all.timeouts, p->seg.time)
               : 0;
}

/* --------------------------------------------------------------------------- the path */

/* A SYN of the second point that the first one has not seen: its clock is ahead, or it missed the SYN. */
static void begin_at_first(struct passage *p)
{
    const struct summary *s = p->entry->newest != 0 ? primary_summary(p->entry->newest - 1) : NULL;
    bool known = s != NULL && s->begun && s->client_from == p->seg.from &&
                 (seq_equal(s->end[0].isn, p->flat.seq) ||
                  (s->end[0].state == SYN_SENT && far_of(p->entry->newest - 1) == NULL));
    if (!segment_is_syn(&p->seg) || known ||
        connection_sighting(connections_observer(), p->entry->newest, &p->seg) != NULL) {
        return;
    }
    struct segment there = p->seg;
    struct record unseen;
    struct rejection nothing;
    there.path = p->trunk->path[0];
    there.point = p->trunk->point[0];
    connections_observe_alone(p->entry, &there, &unseen, &nothing);
}

static void observe_at_first(struct passage *p, struct rejection *rejection)
{
    p->far = p->entry->newest != 0 ? far_of(p->entry->newest - 1) : NULL;
    flatten(p);
    if (p->far != NULL) {
        hear_of_missed(p);
    }
    connections_observe_alone(p->entry, &p->seg, p->record, rejection);
    p->far = far_of(p->record->observation.connection);
}

static void observe_at_second(struct passage *p, struct rejection *rejection)
{
    struct trunk *trunk = p->trunk;
    struct observation *o = &p->record->observation;
    begin_at_first(p);
    p->far = p->entry->newest != 0 ? far_of(p->entry->newest - 1) : NULL;
    flatten(p);
    if (p->far != NULL) {
        hear_of_missed(p);
    }
    p->record->of_load = 0;
    p->far = far_observe(&trunk->far_newest, &p->seg, p->entry->newest - 1, o);
    if (p->far != NULL && !(o->findings & FINDING_UNUSABLE)) {
        far_add(p->far, &p->seg, o, rejection);
    }
}

/* A packet that passes between the points is one that departed. */
static unsigned pass_between(struct passage *p, struct rejection *rejection)
{
    bool near_first = is_first_near(p->trunk, client_from(p) == p->seg.from);
    uint32_t newest = near_first ? p->entry->newest : p->trunk->far_newest;
    const struct recent *recent = near_first ? connection_sighting(connections_observer(), newest, &p->seg)
                                             : far_sighting(newest, &p->seg);
    if (recent != NULL) {
        links_add(p->seg.frame, recent->frame, p->seg.time - recent->time);
    }
    p->spot = near_first ? SPOT_FIRST : SPOT_SECOND;
    p->seg.path = p->trunk->path[p->spot];
    find_direction(p);
    if (near_first) {
        observe_at_first(p, rejection);
    } else {
        observe_at_second(p, rejection);
    }
    if (p->far != NULL) {
        compose(p);
        p->record->observation.connection = p->far->primary;
    }
    tell_arrival(&p->record->observation);
    return 0;
}

/* Behind a proxy the other connection has a number of its own. */
static void part(struct passage *p)
{
    struct trunk *trunk = p->trunk;
    struct far *far = p->far;
    trunk->adopted = connections_adopt(far_connection(far), &far->summary, tuples_at(trunk->tuple[1]));
    far->adopted = trunk->adopted;
    far->changed |= CHANGE_ENDED;
    forget_flights(far);
}

/* Each side for itself: behind a proxy, or of clocks that differ. */
static unsigned observe_apart(struct passage *p, struct rejection *rejection)
{
    if (p->trunk->ended && p->trunk->adopted != 0 && p->spot == SPOT_SECOND) {
        return connections_observe_alone_as(&p->trunk->adopted, p->entry, &p->seg, p->record, rejection);
    }
    if (p->trunk->order == ORDER_CLOCKS && p->spot != SPOT_FIRST) {
        connections_copy(p->entry, &p->seg, p->record);
        rejection->findings = 0;
        return 0;
    }
    return connections_observe_alone(p->entry, &p->seg, p->record, rejection);
}

/* The first sighting, at the first point, of what was just captured at the second. */
static void enter_first(struct passage *p)
{
    const struct opening_syn *first = p->first;
    unsigned from = p->seg.from;
    if (first == NULL || first->frame == 0) {
        return;
    }
    if (first->opener.known) {
        note_opener(p->far, first);
    }
    for (unsigned i = 0; p->arrives && i < first->copies; i++) { /* those that nobody saw here, too */
        far_make_room(p->far, from);
        flights_depart(p->far->flights[from], &first->copy[i]);
    }
    struct flight flight = flight_of(&p->seg); /* the same packet */
    flight.time = first->time;
    flight.frame = first->frame;
    flight.ttl = first->opener.ttl;
    if (!p->arrives) { /* it came there earlier than it departs here: clocks that differ a little */
        strays_add(&p->far->strays[from], &flight, false);
    } else if (first->copies == 0) {
        flights_depart(p->far->flights[from], &flight);
    }
}

/* A device that splices opens with both ends by itself. */
static bool is_spliced_opening(struct passage *p)
{
    bool spliced = p->trunk->spliced && (p->seg.flags & FLAG_SYN);
    if (spliced) {
        compare_openers(p);
    }
    return spliced;
}

/* One point shows a packet twice. */
static void link_copy(const struct passage *p)
{
    const struct recent *recent = p->spot == SPOT_FIRST
                                      ? connection_sighting(connections_observer(), p->entry->newest, &p->seg)
                                      : far_sighting(p->trunk->far_newest, &p->seg);
    if (recent != NULL) {
        links_add(p->seg.frame, recent->frame, NO_TIME);
    }
}

static unsigned observe_both(struct passage *p, struct rejection *rejection)
{
    struct trunk *trunk = p->trunk;
    unsigned due = due_before(p), changed = 0;
    bool at_first = p->spot == SPOT_FIRST;
    find_direction(p);
    if (at_first) {
        observe_at_first(p, rejection);
    } else {
        observe_at_second(p, rejection);
    }
    trunk->path[!at_first] = p->seg.path;
    trunk->point[!at_first] = p->seg.point;
    struct observation *o = &p->record->observation;
    if (p->far == NULL || (o->findings & FINDING_UNUSABLE)) {
        return 0;
    }
    changed = p->far->changed;
    if (o->seq_verdict != SEQ_COPY && !is_spliced_opening(p)) {
        enter_first(p);
        compare_openers(p);
        flatten(p);
        if (p->arrives) {
            arrive(p);
        } else {
            depart(p);
        }
        find_order(p);
    }
    if (o->seq_verdict == SEQ_COPY) {
        link_copy(p);
    }
    uint32_t number = p->far->primary;
    if (trunk_is_active(trunk) && trunk->order != ORDER_CLOCKS) {
        compose(p);
        if (has_told_of_change(p->far, changed)) {
            tell_finding(o, FINDING_CHANGED_BETWEEN);
        }
    }
    o->connection = number;
    if (trunk->ended && trunk->adopted == 0) {
        part(p);
    }
    return told_in_time(p, number, due);
}

unsigned points_observe(struct tuple_entry *entry, const struct segment *segment, struct record *record,
                        struct rejection *rejection, struct crossing *crossing)
{
    struct opening_syn first = {.frame = 0};
    struct trunk *trunk = trunks_of(entry);
    bool fresh = trunk == NULL;
    if (fresh) {
        trunk = recognize(entry, segment, &first);
    }
    if (trunk == NULL || trunk->order == ORDER_SAME) {
        return connections_observe_alone(entry, segment, record, rejection);
    }
    struct passage p = {.trunk = trunk,
                        .entry = tuples_at(trunk->tuple[0]),
                        .seg = *segment,
                        .record = record,
                        .crossing = crossing};
    points_exist = true;
    points_see(place_interface(segment->place), segment->time);
    p.spot = trunk_spot(trunk, entry, segment);
    p.seg.from ^= p.spot == SPOT_SECOND && trunk->flip;
    if (p.spot == SPOT_NONE) {
        p.spot = find_spot(&p);
    }
    unsigned told = 0;
    if (fresh) {
        points_see(place_interface(trunk->place[0].place), first.time);
        p.first = &first;
        if (trunk->order == ORDER_CLOCKS) {
            told = observe_apart(&p, rejection);
            tell_finding(&record->observation, FINDING_CLOCKS_DIFFER);
            return told;
        }
    }
    if (trunk->ended || trunk->order == ORDER_CLOCKS) {
        told = observe_apart(&p, rejection);
    } else if (p.spot == SPOT_BETWEEN) {
        told = pass_between(&p, rejection);
    } else {
        told = observe_both(&p, rejection);
    }
    crossing->point = point_of(trunk, p.spot);
    return told;
}

/* ------------------------------------------------------------------------ hindsight */

static void mark_lost(void *context, const struct flight *flight)
{
    struct passage *p = (struct passage *)context;
    p->far->lost_at_end[p->seg.from]++;
    p->far->reset_between_at_end = p->far->reset_between_at_end || (flight->flags & FLAG_RST);
    links_mark(flight->frame, FINDING_LOST_BETWEEN, true);
}

static void mark_strays(struct far *far, unsigned from)
{
    const struct strays *strays = &far->strays[from];
    for (unsigned i = 0; i < strays->count; i++) {
        const struct stray *stray = &strays->stray[i];
        bool made = stray_is_made(strays, &far->strays[!from], stray);
        if (stray->suspect) {
            links_mark(stray->flight.frame, made ? FINDING_MADE_BETWEEN : FINDING_SEEN_ONCE, true);
        }
        far->reset_between_at_end = far->reset_between_at_end || (made && (stray->flight.flags & FLAG_RST));
    }
}

static struct trunk *trunk_of(const struct far *far)
{
    return trunks_of(tuples_at(conn_cache_index(far->primary)->tuple));
}

void points_finish(int64_t end)
{
    (void)end;
    links_forget_last();
    for (uint32_t i = 0; i < far_count(); i++) {
        struct far *far = far_at(i);
        struct trunk *trunk = trunk_of(far);
        far->lost_at_end[0] = far->lost_at_end[1] = 0;
        far->reset_between_at_end = false;
        if (trunk == NULL || !trunk_is_active(trunk) || trunk->order == ORDER_CLOCKS || trunk->ended) {
            continue;
        }
        const struct summary *s = primary_summary(far->primary);
        for (unsigned from = 0; from < 2 && s != NULL; from++) {
            struct passage p = {.trunk = trunk, .far = far, .client = s->client_from == from};
            p.seg.from = from & 1u;
            flights_finish(far->flights[from], watched_until(&p), mark_lost, &p);
            mark_strays(far, from);
        }
    }
    conn_cache_sweep();
}

uint8_t points_point(const struct tuple *tuple, const struct segment *segment)
{
    const struct tuple_entry *entry = points_exist ? tuples_find(tuple) : NULL;
    const struct trunk *trunk = entry != NULL ? trunks_of(entry) : NULL;
    if (trunk == NULL || trunk->order == ORDER_CLOCKS) {
        return 0;
    }
    enum spot spot = trunk_spot(trunk, entry, segment);
    return spot == SPOT_NONE ? 0 : point_of(trunk, spot);
}

/* In the order of roles, what is kept in that of segments. */
static void tell_between(struct between *between, const struct trunk *trunk, const struct far *far,
                         unsigned client)
{
    bool client_first = is_first_near(trunk, true);
    between->points = trunk->points;
    bool hops = trunk->hops[0] != 0 || trunk->hops[1] != 0;
    between->changed = (uint16_t)(far->changed | (hops ? CHANGE_TTL : 0u));
    between->reset_between = far->reset_between || far->reset_between_at_end;
    for (unsigned role = 0; role < 2; role++) {
        unsigned from = role == 0 ? client : !client;
        bool departs_first = (role == 0) == client_first;
        const struct opener *at[2] = {&far->opener[from][!departs_first], &far->opener[from][departs_first]};
        int64_t median = transits_median(&trunk->difference[from]);
        between->lost[role] = far->lost[from] + far->lost_at_end[from];
        between->transit[role] = median == NO_TIME || departs_first ? median : -median;
        between->hops[role] = trunk->hops[from];
        between->isn_offset[role] = client_first ? far->offset[from] : 0u - far->offset[from];
        between->mss[role][0] = at[0]->mss;
        between->mss[role][1] = at[1]->mss;
    }
}

void points_join(uint32_t number, struct summary *summary)
{
    struct far *far = points_exist ? far_of(number) : NULL;
    const struct trunk *trunk = far != NULL ? trunk_of(far) : NULL;
    if (trunk == NULL || !trunk_is_active(trunk) || trunk->order == ORDER_CLOCKS) {
        return;
    }
    struct between between = {0};
    struct summary first = *summary;
    tell_between(&between, trunk, far, first.client_from);
    if (far->adopted != 0) {
        summary->between = between;
    } else if (is_first_near(trunk, true)) {
        summary_join(summary, &first, &far->summary, &between);
    } else {
        summary_join(summary, &far->summary, &first, &between);
    }
}

uint32_t points_witness(uint32_t number)
{
    const struct far *far = points_exist ? far_of(number) : NULL;
    return far != NULL ? far_witness(far) : UINT32_MAX;
}
