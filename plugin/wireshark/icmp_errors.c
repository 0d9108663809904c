/* icmp_errors.c - see icmp_errors.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "icmp_errors.h"

#include "store/connections.h"
#include "findings/experts.h"
#include "capture/serials.h"
#include "show/show.h"
#include "words/words.h"

#include <epan/ipproto.h>
#include <epan/dissectors/packet-ip.h>

enum {
    ICMP_HEADER = 8,   /* bytes, of ICMPv6, too */
    HEADER_NEEDED = 8, /* ports and sequence number */
    IPV4_HEADER = 20,
    IPV4_HEADER_MAX = 60,
    IPV6_HEADER = 40,
};

/* ICMP errors that answer a SYN, RFC 792, RFC 1122 3.2.2.1, RFC 4443. A message that a packet was too big
 * can't mean a SYN. */
static const struct {
    uint8_t version, type, code;
    const char *reason;
} errors[] = {
    {4, 3, 0, WORDS_ICMP_4_3_0},   {4, 3, 1, WORDS_ICMP_4_3_1},   {4, 3, 2, WORDS_ICMP_4_3_2},
    {4, 3, 3, WORDS_ICMP_4_3_3},   {4, 3, 5, WORDS_ICMP_4_3_5},   {4, 3, 6, WORDS_ICMP_4_3_6},
    {4, 3, 7, WORDS_ICMP_4_3_7},   {4, 3, 9, WORDS_ICMP_4_3_9},   {4, 3, 10, WORDS_ICMP_4_3_10},
    {4, 3, 11, WORDS_ICMP_4_3_11}, {4, 3, 12, WORDS_ICMP_4_3_12}, {4, 3, 13, WORDS_ICMP_4_3_13},
    {4, 11, 0, WORDS_ICMP_4_11_0}, {6, 1, 0, WORDS_ICMP_6_1_0},   {6, 1, 1, WORDS_ICMP_6_1_1},
    {6, 1, 2, WORDS_ICMP_6_1_2},   {6, 1, 3, WORDS_ICMP_6_1_3},   {6, 1, 4, WORDS_ICMP_6_1_4},
    {6, 1, 5, WORDS_ICMP_6_1_5},   {6, 1, 6, WORDS_ICMP_6_1_6},   {6, 3, 0, WORDS_ICMP_6_3_0},
};

static const char *reason_of(uint8_t version, uint8_t type, uint8_t code)
{
    for (size_t i = 0; i < array_length(errors); i++) {
        if (errors[i].version == version && errors[i].type == type && errors[i].code == code) {
            return errors[i].reason;
        }
    }
    return NULL;
}

/* What Wireshark's versions name differently. `at` lies before captured bytes, so it was captured. */
static uint8_t byte_at(tvbuff_t *frame, int at)
{
    uint8_t byte;
    tvb_memcpy(frame, &byte, at, sizeof byte);
    return byte;
}

/* Does a header of IPv4 with `length` bytes begin at `at` of `frame`, and carry the quoted TCP header? */
static bool is_ipv4_header(tvbuff_t *frame, int at, int length, const packet_info *pinfo)
{
    enum { PROTOCOL = 9, SOURCE = 12, DESTINATION = 16 };
    return byte_at(frame, at) == (IP_VERSION_NUM_INET << 4 | length / 4) &&
           byte_at(frame, at + PROTOCOL) == IP_PROTO_TCP && pinfo->src.len == ADDRESS_SHORT &&
           tvb_memeql(frame, at + SOURCE, (const uint8_t *)pinfo->src.data, ADDRESS_SHORT) == 0 &&
           tvb_memeql(frame, at + DESTINATION, (const uint8_t *)pinfo->dst.data, ADDRESS_SHORT) == 0;
}

/* Where the quoted IP header of `version` begins in `frame`, seen from the TCP header behind it; negative: it
 * is not found. */
static int ip_header_at(tvbuff_t *frame, int tcp, unsigned version, const packet_info *pinfo)
{
    if (version == IP_VERSION_NUM_INET6) {
        int at = tcp - IPV6_HEADER;
        return at >= ICMP_HEADER && byte_at(frame, at) >> 4 == version ? at : -1;
    }
    for (int length = IPV4_HEADER; length <= IPV4_HEADER_MAX && tcp - length >= ICMP_HEADER; length += 4) {
        if (is_ipv4_header(frame, tcp - length, length, pinfo)) {
            return tcp - length;
        }
    }
    return -1;
}

/* Why the SYN was not delivered, from the ICMP header before the quote; NULL: it is no such error. */
static const char *read_reason(tvbuff_t *tvb, const packet_info *pinfo, const void *ip)
{
    tvbuff_t *frame = tvb_get_ds_tvb(tvb);
    if (ip == NULL || frame == NULL) {
        return NULL;
    }
    uint8_t version = *(const uint8_t *)ip;
    int at = ip_header_at(frame, tvb_raw_offset(tvb), version, pinfo);
    return at < 0
               ? NULL
               : reason_of(version, byte_at(frame, at - ICMP_HEADER), byte_at(frame, at - ICMP_HEADER + 1));
}

static bool quoted_tuple(tvbuff_t *tvb, const packet_info *pinfo, struct tuple *tuple)
{
    struct tuple_end source = {pinfo->src.data, tvb_get_ntohs(tvb, 0)};
    struct tuple_end destination = {pinfo->dst.data, tvb_get_ntohs(tvb, 2)};
    return pinfo->src.type == pinfo->dst.type && pinfo->src.len == pinfo->dst.len &&
           tuple_make(tuple, source, destination, (size_t)pinfo->src.len) && !tuple->same;
}

const struct quote *icmp_errors_note(tvbuff_t *tvb, packet_info *pinfo, const void *ip, int64_t time)
{
    struct tuple tuple;
    uint32_t connection;
    if (tvb_captured_length(tvb) < HEADER_NEEDED || !quoted_tuple(tvb, pinfo, &tuple)) {
        return NULL;
    }
    const char *reason = read_reason(tvb, pinfo, ip);
    if (reason == NULL) {
        return NULL;
    }
    bool found;
    frame_t frame = {pinfo->num};
    if (PINFO_FD_VISITED(pinfo)) {
        found = connections_icmp_find(&tuple, serial_of(frame), &connection);
    } else {
        seq_t seq = seq_of(tvb_get_ntohl(tvb, 4));
        found = connections_icmp(&tuple, tuple.from, seq, serials_begin(frame), time, &connection);
    }
    if (!found) {
        return NULL;
    }
    struct quote *quote = wmem_new(pinfo->pool, struct quote);
    *quote = (struct quote){connection, reason, tvb};
    return quote;
}

void icmp_errors_show(const struct quote *quote, packet_info *pinfo, proto_tree *tree)
{
    struct summary summary;
    if (!connections_summary(quote->connection, &summary)) {
        return;
    }
    wmem_strbuf_t *what = wmem_strbuf_new(pinfo->pool, WORDS_ICMP_ANSWERS);
    uint32_t syn = frame_of(summary.milestone[MILESTONE_SYN].frame).n;
    if (syn != 0) { /* else a read filter rejected it */
        wmem_strbuf_append_printf(what, WORDS_ICMP_SYN_FRAME, syn);
    }
    wmem_strbuf_append_printf(what, WORDS_ICMP_REASON, quote->connection, quote->reason);
    proto_item *item = show_quote(quote, wmem_strbuf_get_str(what), pinfo, tree);
    experts_add_unreachable(pinfo, item, quote->reason, summary.milestone[MILESTONE_SYN].frame);
}
