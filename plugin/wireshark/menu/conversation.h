/* conversation.h - "Conversation Filter" in the menu of a packet
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONVERSATION_H
#define TCPFSM_WIRESHARK_CONVERSATION_H

/* From the handoff. */
void conversation_register(void);

#endif
