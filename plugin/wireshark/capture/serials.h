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

#include "observation.h"

void frames_open(void);
void frames_close(void);

/* On the first visit of a frame: its serial number. May be called again for the same frame until
 * frames_end(), which is due for every frame, TCP or not. */
uint32_t frames_begin(uint32_t frame);
void frames_end(uint32_t frame);

/* The serial number of a frame that wasn't rejected. */
uint32_t frames_serial(uint32_t frame);

/* The number of the frame with that serial number; 0 if it was rejected, or if `serial` is 0. */
uint32_t frames_number(uint32_t serial);

/* Turns the serial numbers of all links into frame numbers. */
void frames_link(struct observation *observation);

#endif
