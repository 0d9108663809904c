/* evidence.h - what does a segment prove about its sender, and what may we presume of its receiver?
 *
 * Read RFC 9293 sections 3.3.2 (states) and 3.10.7 (segment arrives).
 *
 * Each end holds a proven state and a set of facts that are presumed to have
 * arrived there; the expected state is the one that follows from both. When the
 * end sends, its numbers confirm a fact (it moves into the proven state), show
 * that it lacked it (a correction), or are silent.
 *
 * What can't be known: a fact that no number ever shows, such as the arrival of
 * the very last ACK, stays a presumption.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_EVIDENCE_H
#define TCPFSM_ENGINE_EVIDENCE_H

#include "endpoint.h"

/* The state of `end` with its pending facts, without those in `except`. */
enum state evidence_state(const struct view *view, const struct end *end, uint8_t except);

/* Presumes that TIME-WAIT ran out at an end where 2MSL have passed. */
void evidence_expire(const struct view *view, struct end *end, int64_t time_wait);

/* Confirms or overturns what the sender was presumed to have received; sets its state before this
 * segment and what there is to say of a correction. */
void evidence_weigh(struct view *view);

/* Lets the sender do what it did: SYN, SYN-ACK, FIN, RST or an ordinary segment. */
void evidence_send(struct view *view);

/* Presumes at the peer what this segment brings; call after the numbers were moved. */
void evidence_arrive(struct view *view);

#endif
