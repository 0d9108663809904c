/* menu.h - what the plugin adds to Wireshark's menus, beside the statistics; called from the handoff
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_MENU_H
#define TCPFSM_WIRESHARK_MENU_H

/* "Conversation Filter" in the menu of a packet. */
void conversation_register(void);

/* A Flow Graph of its own: steps and states on the arrows. Wireshark installs no header for it, so it exists
 * only where the plugin is built inside Wireshark's source tree (or with its folders to include from).
 * Elsewhere the preference info_column and the Flow Graph of all flows show the same. */
void flow_graph_register(void);

#endif
