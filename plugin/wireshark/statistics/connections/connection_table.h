/* connection_table.h - `-z tcpfsm,connections[,filter]`: a row a connection
 *
 * Wireshark's own kind of table: in the menu Statistics, in tshark and in sharkd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONNECTION_TABLE_H
#define TCPFSM_WIRESHARK_CONNECTION_TABLE_H

void connection_table_register(void);

void connection_table_file_is_read(void);
void connection_table_file_closes(void);

#endif
