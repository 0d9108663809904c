/* hindsight.h - what the end of the capture tells of each connection
 *
 * While a capture is read for the first time, an end-of-capture expert comes on
 * the first later segment after its time-out. Once the end is known, it stands
 * on the segment that began it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_HINDSIGHT_H
#define TCPFSM_WIRESHARK_HINDSIGHT_H

#include "store/packing.h"
#include "store/witnesses.h"
#include "summary/timeout_finding.h"

void hindsight_open(void);
void hindsight_close(void);

/* For every frame of the first pass, TCP or not: what was found with hindsight is not the last word. */
void hindsight_advance(void);

/* The first pass is over: finds the segments on which something is to be reported. */
void hindsight_finish(void);

/* Whether it is, and no packet came after that. */
bool hindsight_is_known(void);

/* What is reported on a segment. */
struct reported {
    unsigned timeout_findings; /* bit n: enum timeout_finding n */
    findings_t findings;       /* the engine's, and what only the course of the capture shows */
};

/* On later visits. `received`: what its receiver made of it; an accusation stands in place of a suspicion
 * then, or nothing. */
struct reported hindsight_reported(const struct segment *segment, const struct record *record,
                                   struct testimony *received);

/* All that is reported on any segment because of what came after it; nothing while the first pass goes on. */
struct reported hindsight_total(void);

/* Whether any connection was captured at two points, as of the end of the first pass. Filtering the packets
 * again with other preferences doesn't end it anew, so it stays until the next file has been read. */
bool hindsight_two_points(void);

/* The end of the capture with the quiet tail, in the time of segments; as far as it is known. */
int64_t hindsight_end(void);

/* How long it has waited, `begin` in the time of segments: no longer than the capture can tell, and not
 * beyond a new SYN. */
int64_t hindsight_waited(const struct summary *summary, struct moment begin, int64_t now);

/* What the end of the capture tells of a connection: a set of enum timeout_finding. */
unsigned hindsight_findings(const struct summary *summary);

/* What only the end of the capture tells of its server and client on that segment: of FINDINGS_OF_LOAD. */
findings_t hindsight_of_load(const struct summary *summary, uint32_t serial);

/* The preferences in ns. */
struct timeouts hindsight_timeouts(void);

#endif
