/* audience.h - does anybody look at what is said of segments, now or later?
 *
 * Wireshark, `tshark -2` and sharkd come back to a frame when it is looked at. tshark in one pass does not.
 * Where, too, nobody asks for a field, an expert info or a statistic of this plugin, whatever was found out
 * would be thrown away, so nothing is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_AUDIENCE_H
#define TCPFSM_WIRESHARK_AUDIENCE_H

#include <epan/packet.h>

void audience_open(void);

/* At the end of each frame's first visit; `tree` as it was dissected with, or NULL. */
void audience_consider(packet_info *pinfo, proto_tree *tree);

extern bool audience_sleeps;

/* Is this segment to be followed? Whoever begins to look late, as a script may, finds connections that were
 * joined there. */
bool audience_listens(const packet_info *pinfo, proto_tree *tree);

/* May anybody come back for what was said of a segment? */
bool audience_returns(void);

#endif
