/* trunks.h - which four-tuples are captured at several points, and where is each?
 *
 * A capture point is an interface of the file or, where that tells nothing, a VLAN or a pair of MAC
 * addresses that goes with a side. Two points of an interface become points only once both directions were
 * seen at both: before that they may be one that shows some packets twice.
 *
 * What can't be known: whether two places of which none saw what the other saw are two points.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TRUNKS_H
#define TCPFSM_WIRESHARK_TRUNKS_H

#include "connection.h"
#include "points/changes.h"
#include "points/flights.h"
#include "points/order.h"
#include "store/tuples.h"

enum spot { SPOT_FIRST, SPOT_SECOND, SPOT_BETWEEN, SPOT_NONE };

enum { PLACES_MAX = 8, SYN_COPIES = 8 };

struct place {
    uint16_t place;
    uint8_t spot;
};

/* A four-tuple that is captured at two points, or two between which its addresses are translated. */
struct trunk {
    uint32_t tuple[2];   /* handles: at the first point, at the second; mostly the same */
    bool flip;           /* what segments call `from` is the other way round at the second */
    bool by_interface;   /* the points are interfaces */
    unsigned translated; /* CHANGE_ADDRESS, CHANGE_SERVER */
    bool on_route;       /* known to be one of two points before it was seen at the second */
    bool misses[2];      /* the first, the second point has missed packets that passed there */
    bool spliced;        /* a device answered the client before it asked the server */
    bool ended;          /* a device ends the connections: a proxy */
    struct place place[PLACES_MAX];
    uint8_t places, points;
    uint16_t path[2], point[2];    /* of the last segment at the first, the second point */
    uint32_t far_newest;           /* handle of the connections at the second point */
    uint32_t adopted;              /* handle of those behind a proxy, among the others */
    enum order order, hint;        /* what holds as long as the order is not known */
    struct transits difference[2]; /* second less first point, of what end 0, 1 sent */
    int8_t hops[2];                /* TTL where it departs less where it arrives, of what end 0, 1 sent */
};

void trunks_open(void);
void trunks_close(void);
size_t trunks_bytes(void);

/* Of an entry that is captured at several points; else NULL. */
struct trunk *trunks_of(const struct tuple_entry *entry);

/* Two places show one packet. */
struct trunk *trunks_make(struct tuple_entry *entry, uint16_t first, uint16_t second);

/* The first SYN of `entry`: is it that of another four-tuple, of which one end has been translated? `first`:
 * what was remembered of that one. NULL: no, or it can't be told. */
struct opening_syn {
    uint32_t tuple; /* handle plus one; 0: none */
    struct opener opener;
    int64_t time;
    uint32_t frame, tsval;
    struct flight copy[SYN_COPIES]; /* the first ones */
    uint8_t copies;
    uint16_t ip_id, place;
    uint8_t from;
    bool ambiguous; /* several four-tuples have this ISN */
};

struct trunk *trunks_translate(struct tuple_entry *entry, const struct segment *segment,
                               struct opening_syn *first);

/* Remembers a SYN, or a copy of one, and what is remembered of the newest one of that entry and ISN; NULL:
 * nothing. */
void trunks_note_syn(const struct tuple_entry *entry, const struct segment *segment);
const struct opening_syn *trunks_syn(const struct tuple_entry *entry, seq_t isn);

/* Where a segment was captured. */
enum spot trunk_spot(const struct trunk *trunk, const struct tuple_entry *entry,
                     const struct segment *segment);
/* The sides are known: other connections of these two hosts go the same way. */
void trunks_note_route(const struct trunk *trunk);

/* A SYN between two hosts that were seen at two points before: their next connection is one of two points
 * from the start. NULL: they weren't. */
struct trunk *trunks_on_route(struct tuple_entry *entry, const struct segment *segment);

void trunk_add_place(struct trunk *trunk, uint16_t place, enum spot spot);

/* The place changes its part with who had it; what had it lies in between from now on. */
void trunk_take_spot(struct trunk *trunk, uint16_t place, enum spot spot);

/* Are both points known as such? */
static inline bool trunk_is_active(const struct trunk *trunk)
{
    return trunk->by_interface ? trunk->order != ORDER_SAME
                               : trunk->order == ORDER_0_FIRST || trunk->order == ORDER_1_FIRST;
}

#endif
