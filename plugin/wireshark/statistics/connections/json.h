/* json.h - `-z tcpfsm,json[,filter]`: an object a line, a line a connection
 *
 * For scripts and databases; docs/connections.schema.json says what each key means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_JSON_H
#define TCPFSM_WIRESHARK_JSON_H

void json_register(void);

#endif
