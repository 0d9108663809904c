/* statistics.h - the entry to all statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_STATISTICS_H
#define TCPFSM_WIRESHARK_STATISTICS_H

/* From the handoff, as sharkd runs no other hook for taps: the -z arguments and the entries of the menu. */
void statistics_handoff(void);

/* The first pass is over. */
void statistics_file_is_read(void);

/* A capture file is about to close. Statistics may outlive it (`tshark -M`, the dialogs of the GUI);
 * summaries and records don't. */
void statistics_file_closes(void);

/* Parts of both. */

/* The textbook's picture of each connection, `tshark -z tcpfsm,ladder[,filter]`: the client's lifeline left,
 * the server's right, an arrow a segment with its step and numbers, the states down both sides, silences with
 * who owes what. */
void ladder_register(void);

/* RFC 9293's figure 5 for Graphviz, with what was seen of it: `tshark -z tcpfsm,dot[,filter]`. */
void dot_register(void);

/* Counts: `tshark -z tcpfsm,tree[,filter]`, and the same in the menu. */
void tree_register(void);
void trees_file_closes(void);

#endif
