/* connections_alone.h - the connections of one capture point, for who looks at two (store/points)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONNECTIONS_ALONE_H
#define TCPFSM_WIRESHARK_CONNECTIONS_ALONE_H

#include "connection.h"
#include "store/connections.h"

struct observer *connections_observer(void);

/* As connections_observe(), of a segment that is known to be one of this point. */
unsigned connections_observe_alone(struct tuple_entry *entry, const struct segment *segment,
                                   struct record *record, struct rejection *rejection);

/* The same, but `newest` is the handle of the entry's newest connection, as in connection_observe(). */
unsigned connections_observe_alone_as(uint32_t *newest, struct tuple_entry *entry,
                                      const struct segment *segment, struct record *record,
                                      struct rejection *rejection);

/* A packet of the entry's newest connection that says nothing new, since it was captured before. */
void connections_copy(const struct tuple_entry *entry, const struct segment *segment, struct record *record);

/* A connection of another observer becomes one of these, on that entry. Returns its number plus one; 0: no
 * memory. */
uint32_t connections_adopt(const struct connection *connection, const struct summary *summary,
                           const struct tuple_entry *entry);

#endif
