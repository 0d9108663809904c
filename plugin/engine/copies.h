/* copies.h - was this packet captured twice?
 *
 * Mirror ports, and captures on several interfaces, show one packet several
 * times. A copy has the same numbers and the same IP ID or timestamp, and comes
 * within 5 ms (on another interface or VLAN: within 1 s).
 *
 * What can't be known: whether a pure ACK without timestamp and IP ID is a copy
 * or a second duplicate ACK; it is taken for the latter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_COPIES_H
#define TCPFSM_ENGINE_COPIES_H

#include "endpoint.h"

/* Tells, and remembers the segment. */
bool copies_has_seen(struct observer *observer, const struct view *view);

/* The same of another connection, remembering nothing: the one before on this four-tuple. */
bool copies_knows(struct observer *observer, uint32_t connection, const struct view *view);

#endif
