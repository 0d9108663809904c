/* serials.h - numbers of frames that don't repeat
 *
 * With a read filter, the number of a rejected frame is given again to the next
 * one. The engine, which sees them all, gets serial numbers; links that users
 * follow have to be frame numbers, and there is no link to a rejected frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERIALS_H
#define TCPFSM_WIRESHARK_SERIALS_H

#include <stdint.h>

/* The number of a frame, as users see it; 0: none. Serial numbers are plain numbers: `frame` in all that the
 * engine, its summaries and the stores keep. Only what is below turns the one into the other. */
typedef struct {
    uint32_t n;
} frame_t;

void serials_open(void);
void serials_close(void);

/* On the first visit of a frame: its serial number. serials_begin() may be called again for the same frame
 * until serials_end(), which is due for every frame, TCP or not. */
uint32_t serials_begin(frame_t frame);
uint32_t serials_end(frame_t frame);

/* The serial number of a frame that wasn't rejected. */
uint32_t serial_of(frame_t frame);

/* The frame with that serial number; none if it was rejected, or if `serial` is 0. */
frame_t frame_of(uint32_t serial);

#endif
