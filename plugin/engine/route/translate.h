/* translate.h - which number would it be, if the connection had one ISN only?
 *
 * A proxy or a firewall that replaces numbers on the way, captured on both of its sides, shows an end with
 * two ISNs. What is sent and acknowledged is as far along from one as from the other.
 *
 * What can't be known: whether a second SYN-ACK comes from such a device or from a second host (anycast). A
 * RST counts only once the other ISN was seen in use.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TRANSLATE_H
#define TCPFSM_ENGINE_TRANSLATE_H

#include "endpoint/endpoint.h"

/* Returns `segment`, or `copy` of it with the numbers that count from the other ISN as if from the first. */
const struct segment *translate(struct connection *connection, const struct segment *segment,
                                struct segment *copy);

#endif
