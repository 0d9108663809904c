/* experts.h - expert infos of one segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_EXPERTS_H
#define TCPFSM_WIRESHARK_EXPERTS_H

#include "numbers.h"

void experts_register(int protocol);
void experts_open(void); /* for each capture file, for Wireshark's expert tap comes after all protocols */

/* Whether there is anything to say. Notes and warnings are said whether there is a tree or not;
 * chats only where someone may read them. */
bool experts_have(const struct observation *observation, unsigned conclusions, bool tree);

/* Adds them to `item`, the protocol's item, or to none. */
void experts_add(const struct view *view, packet_info *pinfo, proto_item *item);

/* The one that stands on an ICMP packet. */
void experts_add_unreachable(packet_info *pinfo, proto_item *item, const char *text);

#endif
