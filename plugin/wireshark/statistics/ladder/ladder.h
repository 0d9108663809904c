/* ladder.h - the textbook's picture of each connection: `tshark -z tcpfsm,ladder[,filter]`
 *
 * The client's lifeline left, the server's right, an arrow a segment with its
 * step and numbers, the states down both sides, silences with who owes what.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LADDER_H
#define TCPFSM_WIRESHARK_LADDER_H

/* From the handoff. */
void ladder_register(void);

#endif
