/* evidence.h - what does a segment prove about what its sender had received?
 *
 * Read RFC 9293 sections 3.3.2 (states) and 3.10.7 (segment arrives).
 *
 * When an end sends, its numbers confirm a fact (it moves into the proven
 * state), show that the end lacked it (a correction), or are silent.
 *
 * What can't be known: a fact that no number ever shows, such as the arrival of
 * the very last ACK, stays a presumption.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_EVIDENCE_H
#define TCPFSM_ENGINE_EVIDENCE_H

#include "endpoint.h"

/* Confirms or overturns what the sender was presumed to have received; sets its state before this
 * segment and what there is to say of a correction. */
void evidence_weigh(struct view *view);

#endif
