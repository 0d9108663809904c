/* catalog.h - which statistics are there? For whoever asks for one that isn't.
 *
 * Wireshark takes a -z for the statistic whose name it begins with, longer names first. So "tcpfsm",
 * registered as one more, gets what begins with none of the others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CATALOG_H
#define TCPFSM_WIRESHARK_CATALOG_H

/* `argument`: of -z, "tcpfsm,json"; `shows`: what it shows in a few words. Both live for good. */
void catalog_add(const char *argument, const char *shows);

/* What is wrong with a -z that is none of them, and a line for each that there is; for g_free(). */
char *catalog_unknown(void);

void catalog_register(void);

#endif
