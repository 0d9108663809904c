/* services_report.h - `-z tcpfsm,services[,csv][,filter]`: a row a server address and port
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVICES_REPORT_H
#define TCPFSM_WIRESHARK_SERVICES_REPORT_H

void services_report_register(void);

/* The same in the menu, and for sharkd. */
void services_table_register(void);

#endif
