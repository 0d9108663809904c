/* tell.h - what is said of a segment: the only writer of an observation
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TELL_H
#define TCPFSM_ENGINE_TELL_H

#include "apply/apply.h"
#include "route/route.h"

/* A segment that was judged and applied. */
void tell(struct observation *observation, const struct routing *routing, const struct seg_ctx *ctx,
          const struct judgment *judgment, const struct weighing *weighing, const struct effects *effects,
          findings_t findings);

/* A segment that surprises nobody (plain.h), when it is applied. `from_frame`: where its number came from. */
void tell_plain(struct observation *observation, const struct routing *routing, const struct segment *segment,
                uint32_t from_frame);

/* A copy, or a segment that can't be believed (`judgment` NULL): nothing in it moves anybody. */
void tell_passing(struct observation *observation, const struct routing *routing, const struct seg_ctx *ctx,
                  const struct judgment *judgment);

/* No connection: there is no usable header, or no memory. */
void tell_nothing(struct observation *observation, const struct segment *segment);

#endif
