/* points.c - see points.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/points.h"

#include "capture/capture_filter.h"
#include "store/connections_alone.h"
#include "store/points/passage.h"
#include "tell/addition.h"
#include "thresholds.h"

#include <glib.h>

enum { INTERFACES = 32 };

bool points_exist;

static struct {
    struct timeouts timeouts;
    int64_t last[INTERFACES]; /* time of the last packet of each */
} all;

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

/* Departures of this direction up to then had to be seen at the other point. */
int64_t passage_watched_until(const struct passage *p)
{
    const struct trunk *trunk = p->trunk;
    enum spot far = trunk_is_first_near(trunk, p->seg.from) ? SPOT_SECOND : SPOT_FIRST;
    int64_t usual = passage_usual_transit(p),
            margin = passage_later(usual == NO_TIME ? 0 : 4 * usual, BETWEEN_MS * NS_PER_MS);
    int64_t last = INT64_MIN;
    for (unsigned i = 0; i < trunk->places; i++) {
        if (trunk->place[i].spot == far) {
            last = passage_later(last, all.last[place_interface(trunk->place[i].place)]);
        }
    }
    return last == INT64_MIN ? last : last - margin;
}

/* The other end, as it is known at its own point. */
static void compose(struct passage *p)
{
    struct observation *o = &p->record->observation;
    bool at_first = p->spot == SPOT_FIRST;
    struct far *far = p->far;
    const struct summary *s = at_first ? &far->summary : passage_primary_summary(far->primary);
    const struct connection *c = at_first ? far_connection(far) : passage_primary(far->primary);
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

/* A SYN of the second point that the first one has not seen: its clock is ahead, or it missed the SYN. */
static void begin_at_first(struct passage *p)
{
    const struct summary *s = p->entry->newest != 0 ? passage_primary_summary(p->entry->newest - 1) : NULL;
    bool opens = s != NULL && s->begun && s->end[0].state == SYN_SENT; /* or both do at once */
    bool known =
        s != NULL && s->begun &&
        ((s->client_from == p->seg.from && (seq_equal(s->end[0].isn, p->flat.seq) || p->first != NULL)) ||
         (opens && s->client_from != p->seg.from));
    if (!segment_is_syn(&p->seg) || known ||
        connection_sighting(connections_observer(), p->entry->newest, &p->seg) != NULL) {
        return;
    }
    struct segment there = p->seg;
    struct record unseen;
    struct rejection nothing;
    there.path = p->trunk->path[0];
    there.point = p->trunk->point[0];
    there.flags |= FLAG_PSH; /* it tells nothing, and its arrival is no copy of this */
    there.has_ip_id = false;
    connections_observe_alone(p->entry, &there, &unseen, &nothing);
}

static unsigned observe_at_first(struct passage *p, struct rejection *rejection)
{
    p->far = p->entry->newest != 0 ? far_of(p->entry->newest - 1) : NULL;
    passage_flatten(p);
    missed_hear(p);
    unsigned told = connections_observe_alone(p->entry, &p->seg, p->record, rejection);
    p->far = far_of(p->record->observation.connection);
    return told;
}

static void observe_at_second(struct passage *p, struct rejection *rejection)
{
    struct trunk *trunk = p->trunk;
    struct observation *o = &p->record->observation;
    begin_at_first(p);
    p->far = p->entry->newest != 0 ? far_of(p->entry->newest - 1) : NULL;
    passage_flatten(p);
    missed_hear(p);
    p->record->of_load = 0;
    bool first = p->trunk->far_newest == 0, crosses = segment_is_syn(&p->seg);
    if (first && !crosses) {
        opening_observe_behind(p);
    }
    p->far = far_observe(&trunk->far_newest, &p->seg, recognize_primary(p), o);
    const struct summary *s = p->far != NULL ? passage_primary_summary(p->far->primary) : NULL;
    if (s != NULL && s->begun && (o->sender_role == ROLE_CLIENT) != (s->client_from == p->seg.from)) {
        connection_name_client(far_connection(p->far), s->client_from); /* both points have the same roles */
        tell_role(o, s->client_from == p->seg.from ? ROLE_CLIENT : ROLE_SERVER);
    }
    if (p->far != NULL && !(o->findings & FINDING_UNUSABLE)) {
        far_add(p->far, &p->seg, o, rejection);
    }
    if (first && crosses) {
        opening_observe_behind(p);
    }
}

/* A SYN departs on a way that is known, and nothing has come to the other point. */
static void await(struct passage *p)
{
    struct observation *o = &p->record->observation;
    const struct summary *s = passage_primary_summary(o->connection);
    bool waits = p->spot == SPOT_FIRST && !p->arrives && segment_is_syn(&p->seg) && p->trunk->on_route &&
                 s != NULL && s->end[0].state == SYN_SENT && !s->end[1].seen;
    if (waits) {
        const struct end_there there = {.state = LISTEN, .basis = BASIS_EXPECTED, .owes = 1u << OWES_NOTHING};
        tell_other_point(o, &there, false);
    }
}

/* A packet that passes between the points is one that departed. */
static unsigned pass_between(struct passage *p, struct rejection *rejection)
{
    bool near_first = trunk_is_first_near(p->trunk, p->seg.from);
    uint32_t newest = near_first ? p->entry->newest : p->trunk->far_newest;
    const struct recent *recent = near_first ? connection_sighting(connections_observer(), newest, &p->seg)
                                             : far_sighting(newest, &p->seg);
    if (recent != NULL) {
        links_add(p->seg.frame, recent->frame, p->seg.time - recent->time);
    }
    p->spot = near_first ? SPOT_FIRST : SPOT_SECOND;
    p->seg.path = p->trunk->path[p->spot];
    passage_direct(p);
    if (near_first || !trunk_is_active(p->trunk)) {
        observe_at_first(p, rejection);
    } else {
        observe_at_second(p, rejection);
    }
    if (p->far != NULL && trunk_is_active(p->trunk)) {
        compose(p);
        p->record->observation.connection = p->far->primary;
    } else if (p->far == NULL) {
        await(p);
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
    far_forget_flights(far);
}

/* Each side for itself: behind a proxy, or of clocks that differ. */
static unsigned observe_apart(struct passage *p, struct rejection *rejection)
{
    if (p->trunk->ended && p->spot == SPOT_SECOND) {
        return connections_observe_alone_as(&p->trunk->adopted, p->entry, &p->seg, p->record, rejection);
    }
    if (p->trunk->order == ORDER_CLOCKS && p->spot != SPOT_FIRST) {
        connections_copy(p->entry, &p->seg, p->record);
        rejection->findings = 0;
        return 0;
    }
    return connections_observe_alone(p->entry, &p->seg, p->record, rejection);
}

/* One point shows a packet twice. */
static void link_copy(const struct passage *p)
{
    const struct recent *recent = p->spot == SPOT_FIRST
                                      ? connection_sighting(connections_observer(), p->entry->newest, &p->seg)
                                      : far_sighting(p->trunk->far_newest, &p->seg);
    struct link links[4];
    if (recent == NULL || recent->frame == p->seg.frame) { /* the first, as far as is remembered */
        return;
    }
    unsigned count = links_of(recent->frame, links, 4);
    for (unsigned i = 0; i < count && i < 4; i++) { /* to where it departed */
        links_add(p->seg.frame, links[i].other, NO_TIME);
    }
    if (count == 0) {
        links_add(p->seg.frame, recent->frame, NO_TIME);
    }
}

static unsigned observe_both(struct passage *p, struct rejection *rejection)
{
    struct trunk *trunk = p->trunk;
    unsigned due = due_before(p), changed = 0, told = 0;
    bool at_first = p->spot == SPOT_FIRST;
    passage_direct(p);
    if (at_first) {
        told = observe_at_first(p, rejection);
    } else {
        observe_at_second(p, rejection);
    }
    trunk->path[!at_first] = p->seg.path;
    trunk->point[!at_first] = p->seg.point;
    struct observation *o = &p->record->observation;
    if (p->far == NULL && p->arrives && !(o->findings & FINDING_UNUSABLE)) {
        match_stranger(p);
    } else if (p->far == NULL && !(o->findings & FINDING_UNUSABLE)) {
        await(p);
    }
    if (p->far == NULL || (o->findings & FINDING_UNUSABLE)) {
        return told;
    }
    changed = p->far->changed;
    bool copy = o->seq_verdict == SEQ_COPY && trunk_is_active(trunk); /* before, the first point gets all */
    if (!copy && !opening_is_spliced(p)) {
        opening_enter(p);
        opening_compare(p);
        passage_flatten(p);
        if (p->arrives) {
            match_arrival(p);
        } else {
            match_departure(p);
        }
        match_order(p);
    }
    if (copy) {
        link_copy(p);
    }
    uint32_t number = p->far->primary;
    if (!trunk_is_active(trunk)) {
        return at_first ? told : connections_observe_alone(p->entry, &p->seg, p->record, rejection);
    }
    if (trunk->order != ORDER_CLOCKS) {
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

static unsigned observe(struct passage *p, struct rejection *rejection)
{
    if (p->trunk->ended || p->trunk->order == ORDER_CLOCKS) {
        return observe_apart(p, rejection);
    }
    return p->spot == SPOT_BETWEEN ? pass_between(p, rejection) : observe_both(p, rejection);
}

unsigned points_observe(struct tuple_entry *entry, const struct segment *segment, struct record *record,
                        struct rejection *rejection, struct crossing *crossing)
{
    struct opening_syn first = {.frame = 0};
    struct trunk *trunk = trunks_of(entry);
    bool fresh = trunk == NULL;
    if (fresh) {
        trunk = recognize_trunk(entry, segment, &first);
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
        p.spot = recognize_spot(&p);
    }
    enum spot spot = p.spot; /* what passes between is told as if it departed */
    if (segment_is_syn(segment) && p.spot == SPOT_FIRST && !fresh) {
        trunks_note_syn(p.entry, &p.seg);
    }
    bool agreed = fresh || trunk->order != ORDER_CLOCKS;
    if (fresh && first.frame != 0) {
        points_see(place_interface(trunk->place[0].place), first.time);
        p.first = &first;
        p.first_of = recognize_primary(&p);
    } else {
        recognize_late_syn(&p, &first);
    }
    unsigned told = observe(&p, rejection);
    if (agreed && trunk->order == ORDER_CLOCKS) {
        tell_finding(&record->observation, FINDING_CLOCKS_DIFFER);
        return told;
    }
    bool client = record->observation.sender_role == ROLE_CLIENT;
    crossing->point = trunk_point(trunk, spot, client ? p.seg.from : !p.seg.from);
    return told;
}
