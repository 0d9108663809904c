/* endings.h - what does a segment add to the account of how a connection ends?
 *
 * Read RFC 9293 sections 3.6 (closing), 3.5.1 (half-open connections), 3.5.2, 3.5.3 (resets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ENDINGS_H
#define TCPFSM_ENGINE_ENDINGS_H

#include "booking.h"

/* The four steps. */
void endings_book_fins(struct entry *entry);

/* How long CLOSE-WAIT and FIN-WAIT-2 lasted, if they end here. */
void endings_measure(struct entry *entry);

/* A RST: what it ends, and whether it shows that one end had lost the connection. */
void endings_book_reset(struct entry *entry);

/* A segment that shows that an earlier RST had no effect, or that a new try succeeds. */
void endings_take_reset_back(struct entry *entry);

#endif
