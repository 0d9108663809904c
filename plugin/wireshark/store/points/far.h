/* far.h - connections as they are seen at a second capture point
 *
 * A connection that is captured at two points is two for the engine: one is seen at the first point, as any
 * other, and one at the second. Each is precise for the end that is near. Here are those of the second
 * point, with what lies between the points. They have numbers of their own, which nobody sees.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_FAR_H
#define TCPFSM_WIRESHARK_FAR_H

#include "points/changes.h"
#include "points/strays.h"
#include "store/witnesses.h"
#include "summary/timeout_finding.h"

/* By direction: who sent it, as segments call `from`. By place: the first point, the second. */
struct far {
    uint32_t number;  /* among these */
    uint32_t primary; /* number of the same connection, as everybody knows it */
    uint32_t adopted; /* number plus one of the connection that it has become: a proxy stands between; or 0 */
    struct flights *flights[2];
    struct strays strays[2];
    struct opener opener[2][2]; /* by direction and place */
    uint32_t offset[2];         /* sequence numbers at the second point less those at the first */
    uint32_t lost[2], lost_at_end[2];
    int64_t since;         /* when it was first seen at the second point */
    seq_t acked[2];        /* the highest ACK of that direction that came to its receiver out of nowhere... */
    int64_t acked_time[2]; /* ...and when; NO_TIME: none did */
    unsigned changed;      /* of enum change */
    unsigned reported;     /* of enum timeout_finding, in one pass */
    bool reset_between, reset_between_at_end;
    struct summary summary; /* of the second point; behind it comes what the engine keeps */
};

void far_open(int64_t time_wait);
void far_close(void);

struct far *far_at(uint32_t number);
struct connection *far_connection(struct far *far);
uint32_t far_count(void);
size_t far_bytes(void);

/* Lets the engine observe the segment at the second point; `newest` is a handle as in connection_observe(). A
 * connection that begins is that of `primary`. NULL: there is none, or no memory. */
struct far *far_observe(uint32_t *newest, const struct segment *segment, uint32_t primary,
                        struct observation *observation);

/* Adds it to the summary, and to what is asked of witnesses. */
void far_add(struct far *far, const struct segment *segment, struct observation *observation,
             struct rejection *rejection);

/* The newest one of connection `primary`, or NULL. */
struct far *far_of(uint32_t primary);

/* Its first sighting at the second point, or NULL. */
const struct recent *far_sighting(uint32_t newest, const struct segment *segment);

/* What far_add() calls it among the witnesses. */
uint32_t far_witness(const struct far *far);

/* Room for one more departure. */
void far_make_room(struct far *far, unsigned from);

#endif
