/* tcp_dissector.h - what Wireshark's own TCP dissector made of a segment
 *
 * Its stream numbers and the numbers from which it counts relative ones, so
 * that ours are shown alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TCP_DISSECTOR_H
#define TCPFSM_WIRESHARK_TCP_DISSECTOR_H

#include "observe.h"

void tcp_dissector_handoff(void);
void tcp_dissector_open(void);
void tcp_dissector_close(void);

/* On the first visit, before TCP sees the segment. */
void stream_watch(struct tcp_layer *layer, packet_info *pinfo);

/* The number of the stream, on the first visit after TCP has seen the segment. Asks
 * Wireshark only where a stream may begin. */
uint32_t stream_number(const struct tcp_layer *layer, packet_info *pinfo);

/* What is taken off a raw number to show it as tcp.seq and tcp.ack were shown on the first visit. (Where TCP
 * changes its mind on a later frame, it shows earlier frames differently from then on; we don't.) */
struct bases {
    uint32_t seq; /* off numbers of the sender */
    uint32_t ack; /* off numbers of the peer */
};

struct bases stream_bases(const struct tcp_layer *layer, packet_info *pinfo);

#endif
