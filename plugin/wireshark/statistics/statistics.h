/* statistics.h - the entry to all statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_STATISTICS_H
#define TCPFSM_WIRESHARK_STATISTICS_H

/* From the handoff: the -z arguments and the entries of the menu. (sharkd doesn't run a plugin's own hook for taps.) */
void statistics_handoff(void);

#endif
