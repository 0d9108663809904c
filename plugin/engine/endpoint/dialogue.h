/* dialogue.h - how far have both ends come together?
 *
 * Read RFC 9293 sections 3.5 (three-way handshake) and 3.6 (closing).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_DIALOGUE_H
#define TCPFSM_ENGINE_DIALOGUE_H

#include "thresholds.h"
#include "wire/segment.h"

/* Where the observer stands, it sees a round trip in two parts. */
enum round_trip_half {
    HALF_TO_SERVER = 1 << 0, /* SYN to SYN-ACK */
    HALF_TO_CLIENT = 1 << 1, /* SYN-ACK to step 3 */
    BOTH_HALVES = HALF_TO_SERVER | HALF_TO_CLIENT,
};

/* Written by dialogue.c alone. */
struct dialogue {
    uint32_t last_ms;            /* time of the last segment in milliseconds, modulo 2^32 */
    uint32_t spoke_ms;           /* of the last one that is no RST, likewise */
    uint32_t round_trip_us;      /* the sum of `halves`; 0 also if they took no time */
    uint8_t steps;               /* enum step_bit that were made */
    unsigned closer : 1;         /* index of the end that sent the first FIN */
    unsigned last_from : 1;      /* who sent the last segment */
    unsigned spoke_from : 1;     /* who sent the last one that is no RST */
    bool spoke_at_once : 1;      /* so soon that it may not know what the other end sent last */
    bool begun : 1;              /* there is a segment */
    bool complete : 1;           /* the handshake is over, or was not captured */
    bool challenge_expected : 1; /* the last segment earns a challenge ACK */
    bool fast_open : 1;          /* a SYN carried the option */
    bool takes_syn_data : 1;     /* the SYN-ACK acknowledges data of the SYN */
    bool simultaneous : 1;       /* SYNs crossed */
    bool half_closed : 1;        /* said already */
    bool crossed_fins : 1;       /* said already */
    bool multipath : 1;          /* the same end was captured on two interfaces or VLANs */
    unsigned halves : 2;         /* enum round_trip_half that were measured */
    bool calm : 1;               /* nothing in the connection is open to doubt: plain.h */
};

/* These steps were made. */
void dialogue_step(struct dialogue *dialogue, unsigned steps);

/* The FINs so far were of another connection. */
void dialogue_reopen(struct dialogue *dialogue);

/* The end `index` sent the first FIN. */
void dialogue_close_first(struct dialogue *dialogue, unsigned index);

/* The handshake is over, or must have been. */
void dialogue_complete(struct dialogue *dialogue);

/* A SYN offered Fast Open. */
void dialogue_offer_fast_open(struct dialogue *dialogue);

/* Data of the SYN was accepted. */
void dialogue_take_syn_data(struct dialogue *dialogue);

/* A second SYN came: they crossed, or it opens apart what the first had opened. */
void dialogue_cross(struct dialogue *dialogue, bool simultaneous);

/* It was said that one direction is closed, that the FINs crossed. */
void dialogue_half_close(struct dialogue *dialogue);
void dialogue_cross_fins(struct dialogue *dialogue);

/* An end was captured on two ways. */
void dialogue_branch(struct dialogue *dialogue);

/* That half of a round trip took these nanoseconds; only the first time counts. */
void dialogue_measure(struct dialogue *dialogue, enum round_trip_half half, int64_t time);

/* Whether there is nothing to doubt, as of the last segment. */
void dialogue_calm(struct dialogue *dialogue, bool calm);

/* The segment is over. `challenge_expected`: it earns a challenge ACK. */
void dialogue_remember(struct dialogue *dialogue, const struct segment *segment, bool challenge_expected);

/* Nanoseconds of a whole round trip; NO_TIME if one half or both were not captured. */
static inline int64_t dialogue_round_trip(const struct dialogue *dialogue)
{
    return dialogue->halves == BOTH_HALVES ? (int64_t)dialogue->round_trip_us * 1000 : NO_TIME;
}

/* How many ms the answer to a segment may take: four round trips, and at least so many. */
static inline uint32_t dialogue_answer_ms(const struct dialogue *d, uint32_t least)
{
    uint32_t rounds = (uint32_t)((uint64_t)d->round_trip_us * ANSWER_ROUNDS / 1000);
    return rounds > least ? rounds : least;
}

/* The first thing that isn't as it has to be, or NULL. */
const char *dialogue_check(const struct dialogue *dialogue);

#endif
