/* links.h - which frames show one segment, captured at several points?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LINKS_H
#define TCPFSM_WIRESHARK_LINKS_H

#include "observation.h"

void links_open(void);
void links_close(void);
size_t links_bytes(void);

/* Two frames, by serial number: `frame` is the one being read. `transit`: from the point where it departed
 * to the other one, in ns, or NO_TIME. */
void links_add(uint32_t frame, uint32_t other, int64_t transit);

struct link {
    uint32_t frame, other;
    int64_t transit;
};

/* Writes at most `room` links of a frame, in order of the other frame; returns how many there are. */
unsigned links_of(uint32_t frame, struct link *links, unsigned room);

/* What is known of a frame with hindsight: FINDING_LOST_BETWEEN, FINDING_MADE_BETWEEN, FINDING_SEEN_ONCE.
 * `last`: as far as the capture goes; forgotten by links_forget_last(). */
void links_mark(uint32_t frame, findings_t finding, bool last);
void links_forget_last(void);
findings_t links_marks(uint32_t frame);
findings_t links_all_marks(void);

#endif
