/* capture.h - scenarios written out as a capture file
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_CAPTURE_H
#define TCPFSM_RIG_CAPTURE_H

#include "frame.h"

#include <stdio.h>

/* pcap with nanoseconds, Ethernet. */
bool capture_begin(FILE *stream);

/* `time`: ns since the epoch at which the scenario begins. */
bool capture_scenario(FILE *stream, const struct scenario *scenario, const struct numbering *numbering,
                      int64_t time);

#endif
