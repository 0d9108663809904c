/* remarks.h - what about this segment is worth a remark?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_REMARKS_H
#define TCPFSM_ENGINE_REMARKS_H

#include "endpoint.h"

/* Adds to view->o->remarks; call with the verdicts and steps known, before the numbers are moved. */
void remarks_make(struct view *view);

/* Is this what earns a challenge ACK (RFC 5961, RFC 9293 3.10.7.4): a SYN, an inexact RST, an
 * unacceptable ACK? */
bool remarks_is_provocation(const struct view *view);

#endif
