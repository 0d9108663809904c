/* flow_graph.h - a Flow Graph of its own: steps and states on the arrows
 *
 * Wireshark installs no header for it, so it exists only where the plugin is built
 * inside Wireshark's source tree (or with its folders to include from). Elsewhere
 * the preference info_column and the Flow Graph of all flows show the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_FLOW_GRAPH_H
#define TCPFSM_WIRESHARK_FLOW_GRAPH_H

#include "tap.h"

/* From the handoff. */
void flow_graph_register(void);

#endif
