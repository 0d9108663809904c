/* diagnosis.h - what went wrong, why most likely, and what to check
 *
 * The texts of the experts that need more than one segment: who owes what, since
 * which frame and for how long, what was tried meanwhile.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_DIAGNOSIS_H
#define TCPFSM_WIRESHARK_DIAGNOSIS_H

#include "show/text_ctx.h"

/* The ctx has a summary. */
void diagnosis_write(wmem_strbuf_t *text, const struct text_ctx *ctx, enum timeout_finding timeout_finding);
void diagnosis_desynchronized(wmem_strbuf_t *text, const struct text_ctx *ctx);

/* A doubtful segment that its receiver has rejected: this one, or an earlier one that this one rejects. */
void diagnosis_rejected(wmem_strbuf_t *text, const struct text_ctx *ctx, enum suspicion suspicion);

/* More than a server should have at once, unfinished or idle. */
void diagnosis_many(wmem_strbuf_t *text, bool idle);

#endif
