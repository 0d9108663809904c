/* timers.h - which timer of its sender explains this segment?
 *
 * Read RFC 6298 (retransmission), RFC 9293 sections 3.8.6.1 (persist), 3.8.4
 * (keepalive), 3.6.1 (2MSL).
 *
 * What can't be known: when a segment was sent that is not the oldest
 * outstanding one; its repeats have no interval.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TIMERS_H
#define TCPFSM_ENGINE_TIMERS_H

#include "endpoint.h"

/* The timer of the sender; call before the numbers are moved. */
void timers_explain(struct view *view);

/* The 2MSL timer, if TIME-WAIT begins or begins anew at either end; call after the states are set. */
void timers_time_wait(struct view *view);

#endif
