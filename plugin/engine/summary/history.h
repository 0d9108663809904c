/* history.h - the story of a connection in a few letters
 *
 * Zeek's alphabet (https://docs.zeek.org, conn.log, field `history`), upper case
 * for the client, lower case for the server, in the order of the first of each:
 * S a SYN without ACK, H a SYN-ACK, A a pure ACK, D data, F a FIN, R a RST,
 * T data sent again, W a zero window, G a content gap (data that is known to be
 * missing at the end, or was acknowledged without having been captured), Q SYN together with FIN or RST,
 * I FIN together with RST. Unlike Zeek's, a letter never comes twice for one
 * end, and checksums (C) are not looked at.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_HISTORY_H
#define TCPFSM_ENGINE_HISTORY_H

#include "summary/summary.h"

/* Adds to summary->history what the segment brings, if it is the first of its kind. */
void history_update(struct summary *summary, const struct segment *segment,
                    const struct observation *observation);

/* Writes it to `text`, with what is known to be missing now, and returns `text`. */
const char *history_tell(const struct summary *summary, char text[HISTORY_MAX]);

#endif
