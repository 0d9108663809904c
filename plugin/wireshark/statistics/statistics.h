/* statistics.h - the entry to all statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_STATISTICS_H
#define TCPFSM_WIRESHARK_STATISTICS_H

/* From the handoff, as sharkd runs no other hook for taps: the -z arguments and the entries of the menu. */
void statistics_handoff(void);

/* A capture file is about to close. Statistics may outlive it (`tshark -M`, the dialogs of the GUI), summaries
 * and records don't. */
void statistics_file_closes(void);

#endif
