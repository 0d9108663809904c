/* show_connection.h - the fields of a connection, on each of its segments
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SHOW_CONNECTION_H
#define TCPFSM_WIRESHARK_SHOW_CONNECTION_H

#include "show/tree_writer.h"

/* Does anybody want to see one of them? Only then the summary is looked up. */
bool show_connection_wanted(proto_tree *tree);

/* "Connection 3: closed, opened three-way, ...", and below it its fields, if the writer's ctx has a summary.
 * `stream`: or STREAM_NONE. */
void show_connection(const struct tree_writer *parent, uint32_t stream);

#endif
