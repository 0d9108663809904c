/* evidence.h - does a segment show that its sender had received something, or that it had not?
 *
 * Read RFC 9293 sections 3.3.2 (states) and 3.10.7 (segment arrives). Nothing is changed here.
 *
 * What can't be known: a fact that no number ever shows, such as the arrival of
 * the very last ACK, stays a presumption.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_EVIDENCE_H
#define TCPFSM_ENGINE_EVIDENCE_H

#include "judge/judgment.h"
#include "seg_ctx.h"

enum evidence { SILENT, CONFIRMED, LACKED };

/* Of a fact that is presumed of the sender. */
enum evidence evidence_of(const struct seg_ctx *ctx, const struct judgment *judgment, enum fact fact);

/* A lower ACK than before and nothing new: it was sent earlier and only captured late. */
bool evidence_is_late(const struct seg_ctx *ctx, const struct judgment *judgment);

/* Does this ordinary segment prove an open end where we thought of none? `before`: the sender's state. */
bool evidence_of_open(const struct seg_ctx *ctx, const struct judgment *judgment, enum state before);

#endif
