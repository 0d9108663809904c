/* marks.h - what was lost or made between two capture points, counted by connection
 *
 * That is known at the end of the capture, and stands on segments then, whichever pass it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_MARKS_H
#define TCPFSM_WIRESHARK_MARKS_H

#include "findings/experts.h"

struct marks;

/* Of the whole capture. NULL: there are none. */
struct marks *marks_read(void);
void marks_free(struct marks *marks);

/* Adds to the counts what stands on segments of that connection. */
void marks_count(const struct marks *marks, uint32_t connection, int counts[EXPERT_COUNT]);

/* Those of one segment, as a set of enum expert. */
uint64_t marks_of(uint32_t serial);

#endif
