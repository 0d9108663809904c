/* capture_clock.h - how far does the capture's clock tell how long somebody waited?
 *
 * Who waits is said to wait from one packet of the capture to another, of whatever protocol: in between, the
 * capture was running, and would have shown an answer. It can't be said
 *   - across a gap: nothing at all was captured for longer than the preference `hole` (the capture stood
 *     still, or two files were merged), unless a connection crosses it with numbers that fit: then the
 *     network was just quiet;
 *   - across a jump back: the clock was set, or another capture was appended.
 * Every time-out that began before ends there.
 *
 * What can't be known: whether a shorter gap was one, too, and what a quiet network would have shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CAPTURE_CLOCK_H
#define TCPFSM_WIRESHARK_CAPTURE_CLOCK_H

#include "observation.h"

/* Times are kept within this many ns of the epoch (127 years; what is beyond that occurs in broken files
 * only), so that neither a difference of two nor a time-out after it can overflow. */
#define CAPTURE_TIME_MAX INT64_C(4000000000000000000)

/* A preference in ns. No capture lasts 31 years; what is longer would overflow with such times. */
static inline int64_t capture_clock_ns(uint32_t seconds)
{
    const uint32_t most = 1000000000;
    return (int64_t)(seconds < most ? seconds : most) * 1000000000;
}

/* `hole` in ns; 0: gaps are none. */
void capture_clock_open(int64_t hole);
void capture_clock_close(void);

/* For every frame of the first pass, TCP or not, before its segments are judged; `serial`: its serial
 * number (serials.h). May be called again for the same frame. */
void capture_clock_advance(uint32_t serial, int64_t time);

/* The newest gap that may be a hole lies before this frame; 0: there is none. */
extern uint32_t capture_clock_gap;

void capture_clock_look(const struct observation *observation);

/* For every segment: if its numbers fit what was captured before a gap, that is no hole. */
static inline void capture_clock_cross(const struct observation *o)
{
    if (o->seq_from_frame < capture_clock_gap || o->ack_from_frame < capture_clock_gap) {
        capture_clock_look(o);
    }
}

/* Until when somebody may be said to wait who began to in that frame: the time of the last packet before the
 * first hole behind it; INT64_MAX: there is no hole so far. Where so many were found that the older ones are
 * forgotten, it is long before that frame. */
int64_t capture_clock_limit(uint32_t serial);

/* The same if there is a hole; else `now`. */
static inline int64_t capture_clock_until(uint32_t serial, int64_t now)
{
    int64_t limit = capture_clock_limit(serial);
    return limit != INT64_MAX ? limit : now;
}

/* Is there no hole between those two frames? */
bool capture_clock_joins(uint32_t serial, uint32_t other);

/* The newest packet's time since the clock last jumped back: the capture's end, so far. */
int64_t capture_clock_now(void);

/* The time of the capture's first packet. */
int64_t capture_clock_first(void);

#endif
