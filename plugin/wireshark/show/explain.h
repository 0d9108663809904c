/* explain.h - a segment in plain sentences
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_EXPLAIN_H
#define TCPFSM_WIRESHARK_EXPLAIN_H

#include "show/text_ctx.h"

enum { EXPLANATION_MAX = 2048 };

/* Adds one or two sentences with the numbers as they are displayed: what the segment is and
 * proves, why its numbers are (in)valid, what is due next. */
void explain(struct text *text, const struct text_ctx *ctx);

#endif
