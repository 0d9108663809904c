/* dot.h - the state diagram of RFC 9293 as Graphviz: `tshark -z tcpfsm,dot[,filter]`
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_DOT_H
#define TCPFSM_WIRESHARK_DOT_H

/* From the handoff. */
void dot_register(void);

#endif
