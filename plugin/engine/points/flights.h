/* flights.h - what has left one capture point and not yet come to the other
 *
 * Of one direction of a connection that is captured at two points. Bytes arrive, not frames: cards and
 * devices cut segments and put them together, so that one departure may be many arrivals and the reverse.
 *
 * Read RFC 9293 section 3.4, RFC 2018 (SACK: what has arrived behind a hole).
 *
 * What can't be known: which of two equal copies came through, where neither IP ID nor timestamp tells them
 * apart (the one whose transit time is the more usual is taken); whether a pure ACK was lost or thinned out
 * by a device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FLIGHTS_H
#define TCPFSM_ENGINE_FLIGHTS_H

#include "points/rest.h"
#include "wire/segment.h"

enum {
    FLIGHTS_MAX =
        1 << 12, /* of more than that the older half is forgotten: lost or not can't be told of it */
    SENT_AGAIN_MAX = 1 << 17, /* bytes below SND.NXT that an end may send again */
    PARTS_MAX = 64,           /* frames at the other point of which one segment is told to consist */
};

/* A segment that was captured at one point. */
struct flight {
    int64_t time;
    uint32_t frame;
    seq_t seq, end, ack;
    struct rest rest; /* of its bytes, those not yet seen at the other point */
    struct rest only; /* those of which no other copy was seen there, either */
    uint32_t tsval;
    uint32_t sack;  /* differs where SACK blocks do */
    uint16_t ip_id; /* 0: none */
    uint16_t window;
    uint8_t flags;       /* SYN, FIN, RST, ACK */
    unsigned copies : 2; /* others that have arrived with all of its bytes: none, one, more */
    bool partial : 1;    /* some of its bytes were seen there */
    bool missed : 1;     /* its receiver has it: the other point missed it */
    bool reported : 1;   /* one pass has told that it was lost */
    bool overtaken : 1;  /* what departed later has arrived */
    bool beside : 1;     /* the other point has missed something within LOST_ALONE_MS */
    bool stray : 1;      /* it may be of another connection, whose beginning its own point has missed */
    uint8_t ttl;         /* 0: not known */
};

/* Written by flights.c alone, but for `room`; zeroed at first. From `recent` on stand those that may arrive;
 * before them those that don't any more: first those of which nothing but the end tells, then, from `settled`
 * on, those that are missed as soon as they are acknowledged. Each in order of time. */
struct flights {
    uint32_t count, room;
    uint32_t settled, recent;
    bool decidable;    /* one that waited for an ACK waits no more */
    uint32_t missed;   /* how many the other point has missed */
    int64_t missed_at; /* the last of them, certain or not; with any_missed */
    bool any_missed;
    bool any_acked;
    seq_t acked;             /* the receiver's last ACK; with any_acked */
    bool keeps_id, keeps_ts; /* IP IDs, timestamps come through as they are */
    struct flight flight[];
};

/* A segment that departed or arrived, in the numbers of the point where it departed. */
struct flight flight_of(const struct segment *segment);

/* How many bytes `room` flights take. */
static inline size_t flights_size(uint32_t room)
{
    return sizeof(struct flights) + room * sizeof(struct flight);
}

/* It has left the one point. There has to be room for it. */
void flights_depart(struct flights *flights, const struct flight *flight);

/* All its numbers were `by` too high. */
void flights_shift(struct flights *flights, uint32_t by);

/* One frame of a segment at the other point. */
struct part {
    uint32_t frame;
    int64_t time;
};

/* The frames of which an arrival consists. */
struct parts {
    unsigned count;
    struct part part[PARTS_MAX];
    seq_t end;   /* up to which it was found */
    uint8_t ttl; /* of the first; 0: not known */
    bool whole;  /* one segment, the same at both points */
};

/* It has come to the other point: takes off what it brings, and tells what that was. `usual`: the median
 * transit time, or NO_TIME. None: it did not depart, as far as was captured. */
void flights_arrive(struct flights *flights, const struct flight *arrival, int64_t usual,
                    struct parts *parts);

/* The receiver acknowledges up to `ack`, and holds these blocks: what is still in flight of that was missed
 * by the other point. Calls `note` for each, in order of time. */
typedef void (*flight_note)(void *context, const struct flight *flight);
void flights_acknowledge(struct flights *flights, const struct segment *segment, flight_note note,
                         void *context);

/* What departed before `time` has been overtaken by what arrived. Returns the first of before `sure` that
 * wasn't reported as lost yet and may be, or NULL, and marks all of those as reported. */
const struct flight *flights_overtake(struct flights *flights, int64_t time, int64_t sure);

/* The other point has missed something at that time, or, if that isn't certain, a device made it: a pure ACK
 * of then can't be told to be lost. */
void flights_note_missed(struct flights *flights, int64_t time, bool certain);

/* What departed before `time` arrives no more. Calls `lost` for each that was lost, as far as later ones have
 * arrived and no ACK can show otherwise, and forgets it. */
void flights_settle(struct flights *flights, int64_t time, flight_note lost, void *context);

/* Nothing more comes: calls `lost` for all that were, changing nothing. `until`: what departed up to then
 * had to be seen at the other point, since it was capturing. */
void flights_finish(const struct flights *flights, int64_t until, flight_note lost, void *context);

#endif
