/* flights.c - see flights.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/flights.h"

#include "points/fates.h"
#include "thresholds.h"

#include <string.h>

#define KIND (FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK)

struct flight flight_of(const struct segment *seg)
{
    seq_t end = segment_end(seg);
    return (struct flight){
        .time = seg->time,
        .frame = seg->frame,
        .seq = seg->seq,
        .end = end,
        .ack = seg->ack,
        .rest = rest_of(seg->seq, end),
        .only = rest_of(seg->seq, end),
        .tsval = seg->has_timestamps ? seg->tsval : 0,
        .sack = fate_sack(seg),
        .ip_id = seg->has_ip_id ? seg->ip_id : 0,
        .window = seg->window,
        .flags = (uint8_t)(seg->flags & KIND),
        .ttl = seg->ttl,
    };
}

static void take_out(struct flights *f, uint32_t at)
{
    f->count--;
    memmove(&f->flight[at], &f->flight[at + 1], (f->count - at) * sizeof *f->flight);
}

static void forget_half(struct flights *f)
{
    uint32_t half = f->count / 2;
    memmove(f->flight, f->flight + half, (f->count - half) * sizeof *f->flight);
    f->count -= half;
    f->settled = f->settled > half ? f->settled - half : 0;
    f->recent = f->recent > half ? f->recent - half : 0;
}

static bool is_within(int64_t time, int64_t first, int64_t last)
{
    return time >= first - LOST_ALONE_MS * NS_PER_MS && time <= last + LOST_ALONE_MS * NS_PER_MS;
}

void flights_depart(struct flights *f, const struct flight *flight)
{
    if (f->count == f->room) {
        forget_half(f);
    }
    struct flight *own = &f->flight[f->count++];
    *own = *flight;
    own->beside = f->any_missed && is_within(flight->time, f->missed_at, f->missed_at);
    if (fate_is_sent_again(f, flight)) {
        rest_end(&own->only);
    }
}

void flights_shift(struct flights *f, uint32_t by)
{
    f->acked = seq_sub(f->acked, by);
    for (uint32_t i = 0; i < f->count; i++) {
        fate_shift(&f->flight[i], by);
    }
}

static void note_kept(struct flights *f, const struct flight *flight, const struct flight *arrival)
{
    f->keeps_id = f->keeps_id || (flight->ip_id != 0 && flight->ip_id == arrival->ip_id);
    f->keeps_ts = f->keeps_ts || (flight->tsval != 0 && flight->tsval == arrival->tsval);
}

static const struct flight *whole_of(const struct flights *f, const struct flight *arrival, int64_t usual)
{
    const struct flight *best = NULL;
    for (uint32_t i = f->recent; i < f->count; i++) {
        const struct flight *flight = &f->flight[i];
        if (fate_is_same(flight, arrival) && !fate_is_other(f, flight, arrival) &&
            (best == NULL || fate_fits_better(flight, best, arrival, usual))) {
            best = flight;
            if (flight->ip_id != 0 && flight->ip_id == arrival->ip_id && flight->tsval == arrival->tsval) {
                break;
            }
        }
    }
    return best;
}

static void add_part(struct parts *parts, const struct flight *flight)
{
    parts->ttl = parts->count == 0 ? flight->ttl : parts->ttl;
    if (parts->count < PARTS_MAX) {
        parts->part[parts->count++] = (struct part){flight->frame, flight->time};
    }
}

/* What else is in flight of these bytes was lost if no more of it comes, whatever the receiver says. */
static void mark_copies(struct flights *f, const struct flight *arrival)
{
    for (uint32_t i = f->settled; i < f->count; i++) {
        struct flight *flight = &f->flight[i];
        flight->copies += flight->copies < 2 && fate_is_within(flight, arrival->seq, arrival->end);
        rest_take(&flight->only, arrival->seq, arrival->end);
        if (i < f->recent && !fate_may_be_acknowledged(flight)) {
            flight->overtaken = true;
            f->decidable = true;
        }
    }
}

/* The departure of the byte `next`, which is part of an arrival. */
static struct flight *part_of(struct flights *f, seq_t next, const struct flight *arrival, int64_t usual)
{
    struct flight *best = NULL;
    for (uint32_t i = f->recent; i < f->count; i++) {
        struct flight *flight = &f->flight[i];
        bool fits = fate_can_be_cut(flight) && !seq_after(flight->rest.left, next) &&
                    seq_after(flight->rest.right, next);
        seq_t right = seq_before(flight->rest.right, arrival->end) ? flight->rest.right : arrival->end;
        bool other = f->keeps_ts && flight->tsval != arrival->tsval;
        fits = fits && !other && fate_ends_alike(flight, arrival, right);
        if (fits && (best == NULL || fate_fits_better(flight, best, arrival, usual))) {
            best = flight;
        }
    }
    return best;
}

static void arrive_in_parts(struct flights *f, const struct flight *arrival, int64_t usual,
                            struct parts *parts)
{
    struct flight *flight;
    seq_t next = arrival->seq;
    while (seq_before(next, arrival->end) && (flight = part_of(f, next, arrival, usual)) != NULL) {
        seq_t right = seq_before(flight->rest.right, arrival->end) ? flight->rest.right : arrival->end;
        flight->partial = true;
        rest_take(&flight->rest, next, right);
        add_part(parts, flight);
        next = right;
        if (rest_is_over(&flight->rest)) {
            take_out(f, (uint32_t)(flight - f->flight));
        }
    }
    parts->end = next;
}

void flights_arrive(struct flights *f, const struct flight *arrival, int64_t usual, struct parts *parts)
{
    parts->count = 0;
    parts->whole = false;
    parts->end = arrival->end;
    const struct flight *same = whole_of(f, arrival, usual);
    if (same != NULL) {
        add_part(parts, same);
        parts->whole = true;
        note_kept(f, same, arrival);
        take_out(f, (uint32_t)(same - f->flight));
    } else if (fate_can_be_cut(arrival)) {
        arrive_in_parts(f, arrival, usual, parts);
    }
    if (!seq_equal(arrival->seq, arrival->end) && !(arrival->flags & FLAG_RST)) {
        mark_copies(f, arrival);
    }
}

/* --- what became of the rest --- */

/* The other point has missed some between these times. */
static void note_missed(struct flights *f, int64_t first, int64_t last)
{
    f->missed_at = last;
    f->any_missed = true;
    for (uint32_t i = f->count; i > 0 && f->flight[i - 1].time >= first - 2 * LOST_ALONE_MS * NS_PER_MS;
         i--) {
        struct flight *flight = &f->flight[i - 1];
        flight->beside = flight->beside || is_within(flight->time, first, last);
    }
}

void flights_note_missed(struct flights *f, int64_t time, bool certain)
{
    f->missed += certain;
    note_missed(f, time, time);
}

void flights_acknowledge(struct flights *f, const struct segment *seg, flight_note note, void *context)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    f->acked = seg->ack;
    f->any_acked = true;
    for (uint32_t i = f->settled; i < f->count; i++) {
        struct flight *flight = &f->flight[i];
        if (!flight->missed && fate_is_acknowledged(flight, seg)) {
            flight->missed = true;
            f->decidable = f->decidable || i < f->recent;
            f->missed++;
            first = flight->time < first ? flight->time : first;
            last = flight->time > last ? flight->time : last;
            note(context, flight);
        }
    }
    if (last != INT64_MIN) {
        note_missed(f, first, last);
    }
}

const struct flight *flights_overtake(struct flights *f, int64_t time, int64_t sure)
{
    const struct flight *first = NULL;
    for (uint32_t i = f->recent; i < f->count && f->flight[i].time < time; i++) {
        struct flight *flight = &f->flight[i];
        flight->overtaken = true;
        if (flight->time < sure && !flight->reported && !fate_is_pure_ack(flight) &&
            fate_is_lost(flight, sure)) {
            first = first == NULL ? flight : first;
            flight->reported = true;
        }
    }
    return first;
}

/* Takes it out, and calls `lost` if it was. */
static void decide(struct flights *f, uint32_t at, flight_note lost, void *context)
{
    if (fate_is_lost(&f->flight[at], INT64_MIN)) {
        lost(context, &f->flight[at]);
    }
    take_out(f, at);
}

/* Of those that wait for an ACK. */
static void decide_some(struct flights *f, flight_note lost, void *context)
{
    for (uint32_t i = f->settled; f->decidable && i < f->recent;) {
        if (fate_may_be_acknowledged(&f->flight[i])) {
            i++;
        } else {
            f->recent--;
            decide(f, i, lost, context);
        }
    }
    f->decidable = false;
}

void flights_settle(struct flights *f, int64_t time, flight_note lost, void *context)
{
    decide_some(f, lost, context);
    while (f->recent < f->count && f->flight[f->recent].time < time) {
        const struct flight flight = f->flight[f->recent];
        if (fate_may_be_acknowledged(&flight)) {
            f->recent++;
        } else if (flight.overtaken || flight.missed) {
            decide(f, f->recent, lost, context);
        } else { /* it stands before those that wait */
            memmove(&f->flight[f->settled + 1], &f->flight[f->settled],
                    (f->recent - f->settled) * sizeof flight);
            f->flight[f->settled++] = flight;
            f->recent++;
        }
    }
}

void flights_finish(const struct flights *f, int64_t until, flight_note lost, void *context)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (fate_is_lost(&f->flight[i], until)) {
            lost(context, &f->flight[i]);
        }
    }
}
