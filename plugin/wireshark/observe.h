/* observe.h - how segments get from Wireshark to the engine
 *
 * A handle in front of TCP sees every TCP header with the addresses and the
 * length that the IP layer found. A post-dissector shows what became of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_OBSERVE_H
#define TCPFSM_WIRESHARK_OBSERVE_H

#include "tcp_layer.h"

/* The TCP headers of a frame that was dissected with a tree, as long as that lives: the outermost, or
 * NULL. */
struct tcp_layer *observe_layers(packet_info *pinfo);

/* `protocol`: of this plugin. Call from the registration, then from the handoff. */
void observe_register(int protocol);
void observe_handoff(void);

#endif
