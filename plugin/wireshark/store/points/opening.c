/* opening.c - SYN and SYN-ACK at two points
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/passage.h"

/* What is known of the SYN that departed at the first point, if that is all there is of it. */
static void note_opener(struct far *far, const struct opening_syn *syn)
{
    far->opener[syn->from][0] = syn->opener;
}

/* What the first point knows of a SYN or SYN-ACK that was captured before there were two; else as at the
 * second. */
static struct opener opener_answered(uint32_t primary, enum role role, const struct opener *second)
{
    const struct summary *s = passage_primary_summary(primary);
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
void opening_compare(struct passage *p)
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

/* The first sighting, at the first point, of what was just captured at the second. */
void opening_enter(struct passage *p)
{
    const struct opening_syn *first = p->first;
    unsigned from = p->seg.from;
    if (first == NULL || first->frame == 0 || p->far->primary != p->first_of) {
        return;
    }
    if (first->opener.known) {
        note_opener(p->far, first);
    }
    const struct summary *s = passage_primary_summary(p->far->primary);
    uint32_t begin = s != NULL ? s->milestone[MILESTONE_SYN].frame : 0; /* before: of one with the same ISN */
    for (unsigned i = 0; p->arrives && i < first->copies; i++) {        /* those that nobody saw here, too */
        if (first->copy[i].frame >= begin) {
            far_make_room(p->far, from);
            flights_depart(p->far->flights[from], &first->copy[i]);
        }
    }
    struct flight flight = flight_of(&p->seg); /* the same packet */
    flight.time = first->time;
    flight.frame = first->frame;
    flight.ttl = first->opener.ttl;
    if (!p->arrives) { /* it came there earlier than it departs here: clocks that differ a little */
        strays_add(&p->far->strays[from], &flight, false, false);
    } else if (first->copies == 0) {
        flights_depart(p->far->flights[from], &flight);
    }
}

/* A SYN of the other end that was captured at the second point, before there were two points. */
static const struct opening_syn *syn_behind(const struct passage *p)
{
    const struct summary *s = passage_primary_summary(p->entry->newest - 1);
    for (unsigned i = 0; s != NULL && i < 2; i++) {
        const struct opening_syn *syn = s->end[i].syn_seen ? trunks_syn(p->entry, s->end[i].isn) : NULL;
        if (syn != NULL && syn->from != p->seg.from && syn->place == p->seg.place) {
            return syn;
        }
    }
    return NULL;
}

void opening_observe_behind(struct passage *p)
{
    const struct opening_syn *syn = syn_behind(p);
    if (syn == NULL) {
        return;
    }
    struct segment seg = missed_segment(&syn->copy[0]);
    struct observation unseen;
    struct rejection nothing;
    seg.from = syn->from;
    seg.source_port = p->seg.destination_port;
    seg.destination_port = p->seg.source_port;
    seg.path = p->seg.path;
    seg.point = p->seg.point;
    seg.mss = syn->opener.mss;
    seg.has_scale = syn->opener.has_scale;
    seg.scale = syn->opener.scale;
    seg.sack_permitted = syn->opener.sack_permitted;
    seg.has_timestamps = syn->opener.timestamps;
    seg.tsval = syn->copy[0].tsval;
    seg.options_known = syn->opener.options_known;
    struct far *far = far_observe(&p->trunk->far_newest, &seg, p->entry->newest - 1, &unseen);
    if (far != NULL && !(unseen.findings & FINDING_UNUSABLE)) {
        far_add(far, &seg, &unseen, &nothing);
        far->opener[syn->from][1] = syn->opener;
    }
}

/* A device that splices opens with both ends by itself. */
bool opening_is_spliced(struct passage *p)
{
    bool spliced = p->trunk->spliced && (p->seg.flags & FLAG_SYN);
    if (spliced) {
        opening_compare(p);
    }
    return spliced;
}
