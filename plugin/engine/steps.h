/* steps.h - which of the textbook's seven steps is this segment?
 *
 * Read RFC 9293 sections 3.5 (three-way handshake) and 3.6 (closing).
 *
 * Steps go by identity, not by order: 2 acknowledges the first FIN, 4 the second.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_STEPS_H
#define TCPFSM_ENGINE_STEPS_H

#include "endpoint.h"

/* Sets the steps and what they repeat in view->o and remembers them; call before the numbers are moved. */
void steps_count(struct view *view);

/* The phase, from the steps and the states before the segment; call after steps_count(). */
enum phase steps_phase(const struct view *view);

#endif
