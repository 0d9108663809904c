/* icmp_errors.h - TCP headers that ICMP errors quote
 *
 * They are no segments. But one that quotes a SYN, while nothing else answered it,
 * tells why the connection was not opened (RFC 1122 4.2.3.9, RFC 5461).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_ICMP_ERRORS_H
#define TCPFSM_WIRESHARK_ICMP_ERRORS_H

#include <epan/packet.h>

/* One that answers a SYN. */
struct quote {
    uint32_t connection;
    const char *reason; /* "host unreachable" */
    tvbuff_t *tvb;      /* the quoted header */
};

/* `tvb`: the quoted header, often 8 bytes of it only; `time` in ns; `ip`: what the IP dissector handed on.
 * What it says, for as long as the dissection lasts; NULL if it answers no SYN. */
const struct quote *icmp_errors_note(tvbuff_t *tvb, packet_info *pinfo, const void *ip, int64_t time);

void icmp_errors_show(const struct quote *quote, packet_info *pinfo, proto_tree *tree);

#endif
