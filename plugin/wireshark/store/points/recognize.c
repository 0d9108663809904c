/* recognize.c - where was a segment captured before, and which point is this?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/passage.h"

#include "store/connections_alone.h"
#include "store/points/far.h"
#include "thresholds.h"

/* The same SYN, or a copy of it: by what hosts count. */
static bool is_same_packet(const struct opening_syn *syn, const struct segment *seg)
{
    for (unsigned i = 0; i < syn->copies; i++) {
        const struct flight *copy = &syn->copy[i];
        if ((seg->has_ip_id && seg->ip_id != 0 && seg->ip_id == copy->ip_id) ||
            (seg->has_timestamps && seg->tsval == copy->tsval)) {
            return true;
        }
    }
    return false;
}

/* A device that replaces the ISN or answers in the server's place, or clocks that differ by more than copies
 * may: a SYN of this four-tuple stands there that is the same packet, or was sent on another interface a
 * moment ago. */
static const struct opening_syn *earlier_syn(const struct tuple_entry *entry, const struct segment *seg)
{
    if (!segment_is_syn(seg) || entry->newest == 0) {
        return NULL;
    }
    const struct summary *s = passage_primary_summary(entry->newest - 1);
    bool opens = s != NULL && s->begun && s->end[0].syn_seen && s->client_from == seg->from;
    const struct opening_syn *syn = opens ? trunks_syn(entry, s->end[0].isn) : NULL;
    if (syn == NULL || syn->place == seg->place) {
        return NULL;
    }
    bool soon = seg->time - syn->time <= CROSSING_UNTIMED_MS * NS_PER_MS;
    bool elsewhere = place_interface(syn->place) != place_interface(seg->place);
    return is_same_packet(syn, seg) || (soon && elsewhere) ? syn : NULL;
}

/* The SYN comes to the second point when it was answered at the first: another clock, or another device. */
static bool is_answered(const struct tuple_entry *entry, const struct segment *seg)
{
    const struct summary *s = segment_is_syn(seg) ? passage_primary_summary(entry->newest - 1) : NULL;
    return s != NULL &&
           (s->milestone[MILESTONE_SYN_ACK].frame != 0 || (s->end[1].seen && !s->end[1].syn_seen));
}

/* Which point is near to end 0, as far as one segment tells: where it was captured first, or where its
 * TTL is higher. */
static enum order hint_of(const struct segment *seg, const struct opening_syn *first, bool answered)
{
    uint8_t ttl = first->opener.known ? first->opener.ttl : seg->ttl;
    bool first_near_sender = ttl == seg->ttl ? !answered : ttl > seg->ttl;
    return first_near_sender == (seg->from == 0) ? ORDER_0_FIRST : ORDER_1_FIRST;
}

/* One packet comes to the second point when it was answered at the first, or much later or earlier: the
 * clocks differ, unless a device held it back and changed it. A SYN of its own is that of a device, too: one
 * with another ISN is of a connection of its own. */
static void judge_late(struct trunk *trunk, const struct segment *seg, const struct opening_syn *first,
                       bool answered)
{
    int64_t late = seg->time - first->time;
    const struct opener opener = opener_of(seg);
    bool changed = segment_is_syn(seg) && changes_between(&first->opener, &opener, true) != 0;
    bool too_late = (answered && late > INVERTED_MS * NS_PER_MS) ||
                    (segment_is_syn(seg) && late > COPY_OTHER_PATH_MS * NS_PER_MS);
    bool one_packet = !changed && (!segment_is_syn(seg) || first->copies == 0 || is_same_packet(first, seg));
    if (one_packet && (too_late || late < -INVERTED_MS * NS_PER_MS)) {
        trunk->order = ORDER_CLOCKS;
    }
    trunk->spliced = answered && !one_packet;
    trunk->ended = trunk->spliced && !seq_equal(first->opener.isn, seg->seq);
}

/* The connection at the first point that a SYN at the second is of: the one with its ISN, for an old SYN may
 * come before a newer one (RFC 9293 figure 8), or else the newest. A handle; 0: none. */
static uint32_t opened_by(const struct passage *p)
{
    uint32_t handle = p->entry->newest;
    for (unsigned i = 0; i < EARLIER && handle != 0; i++) {
        const struct summary *s = passage_primary_summary(handle - 1);
        if (s != NULL && s->begun && s->client_from == p->seg.from && s->end[0].syn_seen &&
            seq_equal(s->end[0].isn, p->seg.seq)) {
            return handle;
        }
        handle = s != NULL ? connection_previous(passage_primary(handle - 1)) : 0;
    }
    return p->entry->newest;
}

uint32_t recognize_primary(const struct passage *p)
{
    return (segment_is_syn(&p->seg) ? opened_by(p) : p->entry->newest) - 1;
}

void recognize_late_syn(struct passage *p, struct opening_syn *first)
{
    uint32_t handle = segment_is_syn(&p->seg) ? opened_by(p) : 0;
    const struct summary *s = handle != 0 && far_of(handle - 1) == NULL ? passage_primary_summary(handle - 1)
                                                                        : NULL;
    bool opens = s != NULL && s->begun && s->end[0].syn_seen && s->client_from == p->seg.from;
    const struct opening_syn *syn = opens ? trunks_syn(p->entry, s->end[0].isn) : NULL;
    if (syn == NULL || p->spot != SPOT_SECOND) {
        return;
    }
    *first = *syn;
    first->time = syn->copy[syn->copies - 1].time;
    first->frame = syn->copy[syn->copies - 1].frame;
    judge_late(p->trunk, &p->seg, first, is_answered(p->entry, &p->seg));
    p->first = first;
    p->first_of = handle - 1;
}

/* Was it captured elsewhere before? *first: when it was, in which frame. */
struct trunk *recognize_trunk(struct tuple_entry *entry, const struct segment *seg, struct opening_syn *first)
{
    uint16_t *place = &entry->place[seg->from];
    if (*place == PLACE_NONE || *place == seg->place) {
        bool syn = segment_is_syn(seg);
        struct trunk *trunk = syn && *place == PLACE_NONE ? trunks_translate(entry, seg, first) : NULL;
        *place = trunk == NULL ? seg->place : *place;
        if (syn) {
            trunks_note_syn(entry, seg);
        }
        return trunk == NULL && syn ? trunks_on_route(entry, seg) : trunk;
    }
    const struct recent *recent = connection_sighting(connections_observer(), entry->newest, seg);
    const struct opening_syn *syn = recent == NULL ? earlier_syn(entry, seg) : trunks_syn(entry, seg->seq);
    if (recent == NULL && syn == NULL) {
        *place = seg->place; /* it came another way */
        return NULL;
    }
    *first = syn != NULL ? *syn : (struct opening_syn){.from = seg->from};
    first->time = recent != NULL ? recent->time : syn->copy[syn->copies - 1].time;
    first->frame = recent != NULL ? recent->frame : syn->copy[syn->copies - 1].frame;
    struct trunk *trunk = trunks_make(entry, *place, seg->place);
    bool answered = is_answered(entry, seg);
    judge_late(trunk, seg, first, answered);
    trunk->hint = hint_of(seg, first, answered && !trunk->spliced);
    return trunk;
}

/* A place that is new: the outermost two are the points. What neither saw before is nearer to its sender
 * than both, what both saw is nearer to its receiver; a place of one interface goes with the side that it
 * shows. */
enum spot recognize_spot(struct passage *p)
{
    struct trunk *trunk = p->trunk;
    bool first = connection_sighting(connections_observer(), p->entry->newest, &p->seg) != NULL;
    bool second = far_sighting(trunk->far_newest, &p->seg) != NULL;
    enum spot near = trunk_is_first_near(trunk, p->seg.from) ? SPOT_FIRST : SPOT_SECOND;
    enum spot opposite = near == SPOT_FIRST ? SPOT_SECOND : SPOT_FIRST;
    if (!trunk->by_interface) { /* the other direction has MAC addresses of its own */
        enum spot spot = first != second ? (first ? SPOT_SECOND : SPOT_FIRST) : near;
        trunk_add_place(trunk, p->seg.place, spot);
        return spot;
    }
    trunk->points++;
    if (first == second) {
        trunk_take_spot(trunk, p->seg.place, first ? opposite : near);
        if (trunk->order == ORDER_0_FIRST || trunk->order == ORDER_1_FIRST) {
            trunks_note_route(trunk);
        }
        return first ? opposite : near;
    }
    trunk_add_place(trunk, p->seg.place, SPOT_BETWEEN);
    return SPOT_BETWEEN;
}
