/* endings.h - what does a segment add to the summary of how a connection ends?
 *
 * Read RFC 9293 sections 3.6 (closing), 3.5.1 (half-open connections), 3.5.2, 3.5.3 (resets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ENDINGS_H
#define TCPFSM_ENGINE_ENDINGS_H

#include "summary/update.h"

/* The four steps. */
void endings_update_fins(struct update *update);

/* How long CLOSE-WAIT and FIN-WAIT-2 lasted, if they end here. */
void endings_measure(struct update *update);

/* The challenge ACK to its SYN: does the connection before live on? */
void endings_update_challenge(struct update *update);

/* A FIN or RST beyond ISN + 1: whatever opened the connection was not captured. */
bool endings_prove_opening(const struct update *update);

/* A RST: what it ends, and whether it shows that one end had lost the connection. */
void endings_update_reset(struct update *update);

/* A segment that shows that an earlier RST had no effect, or that a new try succeeds. */
void endings_take_reset_back(struct update *update);

#endif
