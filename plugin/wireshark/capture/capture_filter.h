/* capture_filter.h - was the capture filtered, so that what it lacks says nothing?
 *
 * A filter by flags leaves no pure ACKs, and a path that goes another way back leaves one direction. It shows
 * in the rule of all connections: three at least, and three of four of those that were open for certain;
 * or all of them, if there is no pure ACK in the whole capture. Then nobody is warned that an ACK or an
 * answer is missing, except in a connection that was captured both ways, with pure ACKs.
 *
 * It is counted as the capture is read: one pass knows what came so far, two passes know all.
 *
 * What can't be known: by what a capture was filtered, and whether one of few connections was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CAPTURE_FILTER_H
#define TCPFSM_WIRESHARK_CAPTURE_FILTER_H

#include "observation.h"
#include "summary/summary.h"

void capture_filter_open(void);

/* What is known of a connection has become another: sets of enum captured (captured.h). */
void capture_filter_count(unsigned before, unsigned now);

/* Of a set of enum timeout_finding, those that may be told of this connection. */
unsigned capture_filter_pass(const struct summary *summary, unsigned timeout_findings);

/* Is a segment of this connection suspected by a window that may have moved with ACKs that were filtered? */
bool capture_filter_excuses(const struct summary *summary, const struct observation *observation);

#endif
