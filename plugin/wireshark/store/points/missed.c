/* missed.c - what one of the points has missed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/passage.h"

#include "points/fates.h"
#include "store/connections_alone.h"

/* The segment again, as far as it is remembered: without options. */
struct segment missed_segment(const struct flight *flight)
{
    uint32_t length = seq_distance(flight->seq, flight->end);
    uint32_t numbers = ((flight->flags & FLAG_SYN) != 0) + ((flight->flags & FLAG_FIN) != 0);
    return (struct segment){
        .seq = flight->seq,
        .ack = flight->ack,
        .flags = flight->flags,
        .window = flight->window,
        .data = length - numbers,
        .usable = true,
        .options_known = true,
        .length_known = true,
        .has_ip_id = flight->ip_id != 0,
        .ip_id = flight->ip_id,
        .ttl = flight->ttl,
        .frame = flight->frame,
        .time = flight->time,
    };
}

/* What one point has missed is observed there all the same, as far as the other one remembers it. `flight`
 * is in the numbers of the first point, and sent by the end `from`. */
static void observe_missed(struct passage *p, const struct flight *flight, unsigned from)
{
    struct segment seg, flat = missed_segment(flight);
    struct record unseen;
    struct rejection nothing;
    uint32_t other = p->far->primary;
    if (flight->flags & FLAG_SYN) { /* without its options it would tell wrong things */
        return;
    }
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
    p->trunk->misses[p->spot == SPOT_SECOND] = true;
    observe_missed(p, flight, !p->seg.from);
}

static void note_nothing(void *context, const struct flight *flight)
{
    (void)context;
    (void)flight;
}

/* Before an ACK is observed that arrives: what it acknowledges must have departed here, even if nobody saw
 * that. */
static void hear_of_departed(struct passage *p)
{
    struct strays *strays = &p->far->strays[!p->seg.from];
    const struct flight *stray;
    if (p->seg.flags & FLAG_ACK) {
        flights_acknowledge(p->far->flights[!p->seg.from], &p->flat, note_nothing, NULL);
    }
    bool misses = p->trunk->misses[p->spot == SPOT_SECOND]; /* else it may be forged */
    while ((p->seg.flags & FLAG_ACK) && (stray = strays_acknowledge(strays, &p->flat, misses)) != NULL) {
        if (misses) {
            observe_missed(p, stray, !p->seg.from);
        }
    }
}

/* An ACK of one of the connections before, on the same ports: its host answers what is new to it so. */
static void hear_of_earlier(const struct passage *p)
{
    uint32_t number = p->trunk->far_newest;
    for (unsigned i = 0; i < EARLIER && number != 0; i++) {
        struct passage earlier = *p;
        seq_t nxt;
        earlier.far = far_at(number - 1);
        passage_flatten(&earlier);
        if (earlier.far != p->far && passage_peer_nxt(&earlier, &nxt) && !seq_after(earlier.flat.ack, nxt)) {
            flights_acknowledge(earlier.far->flights[!p->seg.from], &earlier.flat, note_nothing, NULL);
        }
        number = connection_previous(far_connection(earlier.far));
    }
}

/* Before a departure is observed: what it acknowledges has arrived here, even if nobody saw that, and what
 * it is behind has departed. */
void missed_hear(struct passage *p)
{
    struct flight stray, departure = flight_of(&p->flat);
    seq_t had;
    const bool plain = !(p->seg.flags & (FLAG_RST | FLAG_SYN));
    if (plain && (p->seg.flags & FLAG_ACK)) {
        hear_of_earlier(p);
    }
    if (p->far == NULL) {
        return;
    }
    if (p->arrives) {
        if (plain) {
            hear_of_departed(p);
        }
        p->seg.early = (p->seg.flags & FLAG_RST) && passage_nxt(p, &had) &&
                       fate_overtakes(p->far->flights[p->seg.from], &departure, had);
        return;
    }
    if (plain && passage_nxt(p, &had)) {
        p->fresh = !seq_before(p->flat.seq, had);
        while (strays_confirm(&p->far->strays[p->seg.from], &departure, &stray)) {
            flights_note_missed(p->far->flights[!p->seg.from], stray.time, true);
            p->trunk->misses[p->spot == SPOT_SECOND] = true;
            observe_missed(p, &stray, p->seg.from);
        }
    }
    if (p->seg.flags & FLAG_ACK) {
        flights_acknowledge(p->far->flights[!p->seg.from], &p->flat, note_missed, p);
    }
}
