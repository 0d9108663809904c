/* joined.h - one summary of a connection that was captured at two points
 *
 * Each end is told as it was seen at the point near to it. What lies between them follows: a RST that got
 * lost ended nothing, and a connection is open only if it is open at both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_JOINED_H
#define TCPFSM_WIRESHARK_JOINED_H

#include "summary/summary.h"

/* Makes `joined` the summary of both: `client` as it was seen at the point near to the client, `server` near
 * to the server, whose numbers differ by between->isn_offset. False: the two don't agree on who is the
 * client, and `joined` is that of the client's point. */
bool summary_join(struct summary *joined, const struct summary *client, const struct summary *server,
                  const struct between *between);

#endif
