/* show_connection.h - the fields of a connection, on each of its segments
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SHOW_CONNECTION_H
#define TCPFSM_WIRESHARK_SHOW_CONNECTION_H

#include "show/tree_writer.h"

void show_connection_register(void);

/* Does anybody want to see one of them? Only then the summary is looked up. */
bool show_connection_wanted(proto_tree *tree);

/* Adds them to that writer, whose ctx has a summary. */
void show_connection(const struct tree_writer *parent);

#endif
