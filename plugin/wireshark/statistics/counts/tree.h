/* tree.h - counts: `tshark -z tcpfsm,tree[,filter]`, and the same in the menu
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TREE_H
#define TCPFSM_WIRESHARK_TREE_H

/* From the handoff. */
void tree_register(void);

void trees_file_closes(void);

#endif
