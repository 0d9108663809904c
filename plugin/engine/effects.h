/* effects.h - what does a segment do to its sender, and presumably to its receiver?
 *
 * Read RFC 9293 sections 3.3.2, figure 5, and 3.10.7.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_EFFECTS_H
#define TCPFSM_ENGINE_EFFECTS_H

#include "endpoint.h"

/* Lets the sender do what it did: SYN, SYN-ACK, FIN, RST or an ordinary segment. */
void effects_send(struct view *view);

/* Presumes at the peer what this segment brings; call after the numbers were moved. */
void effects_arrive(struct view *view);

#endif
