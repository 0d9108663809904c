/* stages.h - what every segment goes through that is neither a copy nor plain (private to the engine)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_STAGES_H
#define TCPFSM_ENGINE_STAGES_H

#include "route/route.h"
#include "seg_ctx.h"

/* learn, judge, weigh, apply, tell: of a segment that route() has found the connection of. `time_wait`: 2MSL
 * in ns. Fills the observation whole. */
void stages_run(const struct routing *at, const struct seg_ctx *ctx, int64_t time_wait,
                struct observation *observation);

#endif
