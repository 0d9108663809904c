/* show.h - the tree of a segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SHOW_H
#define TCPFSM_WIRESHARK_SHOW_H

#include "observe.h"
#include "icmp_errors.h"

void show_register(int id);

/* Does a listener of the tap, or with that tree anybody, ask for something of ours? `tree` may be NULL. */
bool show_is_tapped(void);
bool show_is_asked(proto_tree *tree);

/* Does a listener of any tap get this frame once it is dissected? Not to be asked where ours has one. */
bool show_taps_listen(packet_info *pinfo);

/* Fields, expert infos and tap of one segment. `tree` is the frame's, or NULL. */
void show_segment(const struct tcp_layer *layer, packet_info *pinfo, proto_tree *tree);

/* The fields of a connection on another packet, an ICMP error that quotes its SYN. NULL if nobody looks. */
proto_item *show_quote(const struct quote *quote, const char *text, packet_info *pinfo, proto_tree *tree);

#endif
