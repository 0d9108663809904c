/* copies.h - was this packet captured twice?
 *
 * Mirror ports, and captures on several interfaces, show one packet several
 * times. A copy has the same numbers and the same IP ID or timestamp, and comes
 * within COPY_MS (on another interface or VLAN: within COPY_OTHER_PATH_MS).
 *
 * What can't be known: whether a pure ACK without timestamp and IP ID is a copy
 * or a second duplicate ACK; it is taken for the latter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_COPIES_H
#define TCPFSM_ENGINE_COPIES_H

#include "connection.h"
#include "endpoint/path.h"

/* Tells, and remembers the segment. `path`: of its sender, before it. */
bool copies_have_seen(struct observer *observer, uint32_t connection, const struct path *path,
                      const struct segment *segment);

/* The same, remembering nothing. */
bool copies_know(const struct observer *observer, uint32_t connection, const struct path *path,
                 const struct segment *segment);

#endif
