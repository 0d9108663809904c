/* phase.h - in which phase of a connection does a segment come?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_PHASE_H
#define TCPFSM_ENGINE_PHASE_H

#include "judge/judgment.h"
#include "seg_ctx.h"

/* From its steps, the states before it and the steps made so far; `first`: of the connection. */
enum phase phase_of(const struct seg_ctx *ctx, const struct judgment *judgment, enum state sender_before,
                    enum state peer_before, bool first);

#endif
