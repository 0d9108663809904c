/* strays.h - what was captured at its receiver's point only
 *
 * Either the sender's point missed it, or a device between the points made it. That is said only if a second
 * witness shows it: the sender contradicts it at its own point, its TTL is that of nothing else there, or
 * both ends got such a RST and neither sent one.
 *
 * Read RFC 9293 sections 3.5.2 (resets), 3.6 (closing).
 *
 * What can't be known: whether a RST that its sender doesn't contradict was made, or missed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_STRAYS_H
#define TCPFSM_ENGINE_STRAYS_H

#include "points/flights.h"

enum { STRAYS_MAX = 16, RESETS_KEPT = 16 };

struct stray {
    struct flight flight;
    bool suspect;  /* a RST, a FIN, or data that its sender had not sent at its own point */
    bool exact;    /* a RST at the number that its sender had reached, or what is not in front of it */
    bool made;     /* a device made it */
    bool again;    /* its bytes have departed, otherwise than they arrived */
    bool acked;    /* its receiver has acknowledged it, and that came to its sender */
    bool observed; /* so it was observed at its sender's point */
    int64_t acked_time;
};

/* What tells a RST from others. */
struct reset {
    seq_t seq, end, ack;
    uint16_t ip_id; /* 0: none */
    uint8_t flags;
};

/* Of one direction. Written by strays.c alone; zeroed at first. */
struct strays {
    struct stray stray[STRAYS_MAX];
    struct reset reset[RESETS_KEPT]; /* RSTs that departed lately: who answers a burst sends many */
    uint8_t resets;
    uint32_t contradicted; /* frame of the newest segment that contradicted one; 0: none */
    uint8_t count;
    uint8_t ttl; /* of all that arrived and had departed; 0: none yet */
    bool ttl_varies;
};

/* What arrived had departed: its TTL is one of those that its sender's segments have. */
void strays_learn_ttl(struct strays *strays, uint8_t ttl);

/* It arrived and has not departed. `suspect`, `exact`: see struct stray. A RST that the network has copied is
 * none: false. */
bool strays_add(struct strays *strays, const struct flight *arrival, bool suspect, bool exact);

/* It departs, at most `ms` after it arrived, since clocks may differ. Returns whether it was there, and
 * tells that arrival. */
bool strays_claim(struct strays *strays, const struct flight *departure, int64_t ms, struct parts *parts);

/* The sender goes on at its own point: does it contradict what arrived? After a RST, anything but another one
 * does; of a FIN, data in its place and behind; of data that came back acknowledged, an ACK that stands in
 * their midst: data may be sent again, so that they contradict none. Returns the first stray that this shows
 * to be made, or NULL. */
const struct flight *strays_contradict(struct strays *strays, const struct flight *departure);

/* The sender goes on behind what its own point has not seen: it had sent that. Takes such a stray out and
 * tells it; false: there is none that wasn't acknowledged before. */
bool strays_confirm(struct strays *strays, const struct flight *departure, struct flight *stray);

/* An ACK comes to the sender's point: the first stray that it covers and that no other one did, or NULL.
 * `observed`: the caller will let the stray be observed there. */
const struct flight *strays_acknowledge(struct strays *strays, const struct segment *ack, bool observed);

/* Whether a stray was made, as far as is known; `other`: those of the other direction, or NULL if the points
 * are known to miss packets: then they may have missed two RSTs as well. */
bool stray_is_made(const struct strays *strays, const struct strays *other, const struct stray *stray);

#endif
