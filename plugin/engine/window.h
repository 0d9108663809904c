/* window.h - are the numbers of a segment acceptable?
 *
 * Read RFC 9293 sections 3.4 and 3.10.7.4, RFC 5961 sections 3 to 5, RFC 7323
 * section 5 (timestamps).
 *
 * What can't be known: what was not captured may have moved the window. Where
 * missing packets could explain a number, it is not called invalid.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_WINDOW_H
#define TCPFSM_ENGINE_WINDOW_H

#include "endpoint.h"

/* Sets the expected numbers, both verdicts and the broken bound in view->o, and view->acceptable.
 * Reads the connection as it was before the segment; changes nothing but a claim (see
 * struct end) that the sender makes good by sending from there. */
void window_judge(struct view *view);

#endif
