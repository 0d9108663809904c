/* brief.h - the state of a connection in one line
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_BRIEF_H
#define TCPFSM_WIRESHARK_BRIEF_H

#include "observation.h"

enum {
    INFO_MAX = 96,
    BRIEF_MAX = 240, /* what a label of Wireshark holds */
};

/* "[1/3 C:SYN-SENT S:SYN-RECEIVED?]" for the Info column; `?` marks what isn't proven. */
void brief_info(const struct observation *observation, char text[INFO_MAX]);

/* "handshake 2 of 3, server SYN-RECEIVED (confirmed), client expected SYN-SENT -> ESTABLISHED",
 * the arrow in UTF-8. */
void brief_line(const struct observation *observation, char text[BRIEF_MAX]);

#endif
