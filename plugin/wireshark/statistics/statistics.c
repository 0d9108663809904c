/* statistics.c - see statistics.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include "connection_table.h"
#include "conversation.h"
#include "dot.h"
#include "flow_graph.h"
#include "json.h"
#include "ladder.h"
#include "tree.h"

void statistics_handoff(void)
{
    connection_table_register();
    conversation_register();
    json_register();
    dot_register();
    flow_graph_register();
    ladder_register();
    tree_register();
}
