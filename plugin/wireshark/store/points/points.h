/* points.h - connections that are captured at two points
 *
 * A segment that is captured at a second place for the first time makes its connection one of two points.
 * From then on each point has a connection of its own in the engine: what is said of an end comes from the
 * point near to it, and what lies between follows from both: how long segments take, which were lost, made,
 * changed on the way.
 *
 * Who captures at one point pays nothing for this but a comparison.
 *
 * What can't be known: what happens behind the outermost points; how much of a transit time is the clocks'.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_POINTS_H
#define TCPFSM_WIRESHARK_POINTS_H

#include "store/connections.h"
#include "store/points/links.h"

/* Where a segment was captured, as users call it. */
enum point { POINT_NONE, POINT_NEAR_CLIENT, POINT_NEAR_SERVER, POINT_BETWEEN };

/* What two points show of a segment, while it is read. */
struct crossing {
    uint8_t point;       /* of enum point */
    findings_t findings; /* what it shows of earlier ones: FINDING_LOST_BETWEEN, FINDING_MADE_BETWEEN */
    uint32_t lost, made; /* serial number of the first; with the finding */
};

void points_open(const struct limits *limits);
void points_close(void);
size_t points_bytes(void);

/* As connections_observe(), of a segment that was captured elsewhere than those before. */
unsigned points_observe(struct tuple_entry *entry, const struct segment *segment, struct record *record,
                        struct rejection *rejection, struct crossing *crossing);

/* Any frame of that interface, as long as points_exist. */
extern bool points_exist;
void points_see(unsigned interface, int64_t time);

/* The capture goes no further than `end`; may be called again. */
void points_finish(int64_t end);

/* On later visits: the point where it was captured, as above; `sender`: a role. */
uint8_t points_point(const struct tuple *tuple, const struct segment *segment, enum role sender);

/* Makes `summary` that of both points, if there are two; before that it is that of the first. */
void points_join(uint32_t number, struct summary *summary);

/* The witnesses of the second point; UINT32_MAX: there are none. */
uint32_t points_witness(uint32_t number);

#endif
