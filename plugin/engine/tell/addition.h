/* addition.h - what the summary of a connection adds to what is told of a segment
 *
 * Written by tell.c, the only writer of an observation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ADDITION_H
#define TCPFSM_ENGINE_ADDITION_H

#include "observation.h"

/* What each end has owed for a second or more. */
void tell_owed(struct observation *observation, struct owed client, struct owed server);

/* Something that only shows in what came before. */
void tell_finding(struct observation *observation, findings_t finding);

/* Its sender is trusted: none of its numbers is suspected. */
void tell_trust(struct observation *observation);

#endif
