/* findings.h - what about this segment is worth a finding?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FINDINGS_H
#define TCPFSM_ENGINE_FINDINGS_H

#include "judge/judgment.h"
#include "seg_ctx.h"
#include "weigh/weigh.h"

/* A set of findings; with the connection as it was before the segment. */
findings_t findings_of(const struct seg_ctx *ctx, const struct judgment *judgment,
                       const struct weighing *weighing);

#endif
