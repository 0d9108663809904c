/* statistics.h - the entry to all statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_STATISTICS_H
#define TCPFSM_WIRESHARK_STATISTICS_H

/* From the handoff, as sharkd runs no other hook for taps: the -z arguments and the entries of the menu. */
void statistics_handoff(void);

#endif
