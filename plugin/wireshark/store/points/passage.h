/* passage.h - a segment of a connection that is captured at two points, on its way through here
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_PASSAGE_H
#define TCPFSM_WIRESHARK_PASSAGE_H

#include "store/points/far.h"
#include "store/points/points.h"
#include "store/points/trunks.h"
#include "thresholds.h"

enum { EARLIER = 4 /* connections on a four-tuple, of which late segments may be */ };

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
        *first;        /* where it departed, if nothing else was seen at two points yet; or NULL */
    uint32_t first_of; /* number of that connection; with first */
};

/* The connections of the first point. NULL: no memory. */
struct connection *passage_primary(uint32_t number);
const struct summary *passage_primary_summary(uint32_t number);

/* The client, as far as it is known before the segment is observed. */
unsigned passage_client_of(const struct tuple_entry *entry, const struct segment *segment);
unsigned passage_client(const struct passage *passage);

/* Finds `client` and `arrives`. */
void passage_direct(struct passage *passage);

/* Makes `flat`. */
void passage_flatten(struct passage *passage);

/* Is the first point the one near to that end? */
bool trunk_is_first_near(const struct trunk *trunk, unsigned end);

/* What users call it: 1 near the client, 2 near the server, 3 between; 0 while there are no two points. */
uint8_t trunk_point(const struct trunk *trunk, enum spot spot, unsigned client);

/* The median of its direction, or NO_TIME. */
int64_t passage_usual_transit(const struct passage *passage);

/* Departures of its direction up to then had to be seen at the other point. */
int64_t passage_watched_until(const struct passage *passage);

/* SND.NXT of its sender, of its receiver at the point where it was captured, in the numbers of the first
 * point. */
bool passage_nxt(const struct passage *passage, seq_t *nxt);
bool passage_peer_nxt(const struct passage *passage, seq_t *nxt);

int64_t passage_later(int64_t time, int64_t least);

/* recognize.c: the trunk of a segment that was captured elsewhere before, in *first; or NULL. */
struct trunk *recognize_trunk(struct tuple_entry *entry, const struct segment *segment,
                              struct opening_syn *first);

/* A SYN comes to the second point for the first time: is it the one that departed, and what does it tell of
 * clocks and devices? Fills *first then. */
void recognize_late_syn(struct passage *passage, struct opening_syn *first);

/* The same of a place that its trunk doesn't know. */
enum spot recognize_spot(struct passage *passage);

/* Number of the connection at the first point that one is of which begins at the second. */
uint32_t recognize_primary(const struct passage *passage);

/* opening.c: compares a SYN or SYN-ACK at both points; enters the first sighting of what was only now seen
 * to be captured twice; and is it a SYN of a device that opens with both ends by itself? */
void opening_compare(struct passage *passage);
void opening_enter(struct passage *passage);
bool opening_is_spliced(struct passage *passage);

/* What the second point saw of the other end before it was known to be one: its SYN. */
void opening_observe_behind(struct passage *passage);

/* match.c: a segment departs, arrives, arrives where its connection isn't known at both points; the order of
 * the points. */
void match_departure(struct passage *passage);
void match_arrival(struct passage *passage);
void match_stranger(struct passage *passage);
void match_order(struct passage *passage);
void far_forget_flights(struct far *far);

/* missed.c: before it is observed: what it shows to have passed here unseen; and what it has overtaken. */
void missed_hear(struct passage *passage);

/* The segment again, as far as it is remembered: without options. */
struct segment missed_segment(const struct flight *flight);

#endif
