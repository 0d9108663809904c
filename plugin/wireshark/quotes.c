/* quotes.c - see quotes.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "quotes.h"

#include "connections.h"
#include "experts.h"
#include "frames.h"
#include "show.h"

#include <epan/proto_data.h>
#include <epan/dissectors/packet-ip.h>

enum {
    QUOTE = 1,         /* the key of our data of a frame; 0 are the segments */
    ICMP_HEADER = 8,   /* bytes, of ICMPv6, too */
    HEADER_NEEDED = 8, /* ports and sequence number */
    IPV4_HEADER = 20,
    IPV4_HEADER_MAX = 60,
    IPV6_HEADER = 40,
};

static int plugin;

void quotes_register(int protocol)
{
    plugin = protocol;
}

/* ICMP errors that answer a SYN, RFC 792, RFC 1122 3.2.2.1, RFC 4443. A message that a packet was too big
 * can't mean a SYN. */
static const struct {
    uint8_t version, type, code;
    const char *reason;
} errors[] = {
    {4, 3, 0, "network unreachable"},
    {4, 3, 1, "host unreachable"},
    {4, 3, 2, "protocol unreachable"},
    {4, 3, 3, "port unreachable"},
    {4, 3, 5, "source route failed"},
    {4, 3, 6, "network unknown"},
    {4, 3, 7, "host unknown"},
    {4, 3, 9, "network administratively prohibited"},
    {4, 3, 10, "host administratively prohibited"},
    {4, 3, 11, "network unreachable for this type of service"},
    {4, 3, 12, "host unreachable for this type of service"},
    {4, 3, 13, "communication administratively prohibited"},
    {4, 11, 0, "time to live exceeded on the way"},
    {6, 1, 0, "no route to the destination"},
    {6, 1, 1, "communication administratively prohibited"},
    {6, 1, 2, "beyond the scope of the source address"},
    {6, 1, 3, "address unreachable"},
    {6, 1, 4, "port unreachable"},
    {6, 1, 5, "the source address failed a policy"},
    {6, 1, 6, "the route to the destination rejects"},
    {6, 3, 0, "hop limit exceeded on the way"},
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

/* Where the quoted IP header of `version` begins in `frame`, seen from the TCP header behind it; negative: it
 * is not found. */
static int ip_header_at(tvbuff_t *frame, int tcp, unsigned version)
{
    if (version == IP_VERSION_NUM_INET6) {
        int at = tcp - IPV6_HEADER;
        return at >= ICMP_HEADER && tvb_get_guint8(frame, at) >> 4 == version ? at : -1;
    }
    for (int length = IPV4_HEADER; length <= IPV4_HEADER_MAX && tcp - length >= ICMP_HEADER; length += 4) {
        if (tvb_get_guint8(frame, tcp - length) == (version << 4 | (unsigned)length / 4)) {
            return tcp - length;
        }
    }
    return -1;
}

/* Why the SYN was not delivered, from the ICMP header before the quote; NULL: it is no such error. */
static const char *read_reason(tvbuff_t *tvb, const void *ip)
{
    tvbuff_t *frame = tvb_get_ds_tvb(tvb);
    if (ip == NULL || frame == NULL) {
        return NULL;
    }
    uint8_t version = *(const uint8_t *)ip;
    int at = ip_header_at(frame, tvb_raw_offset(tvb), version);
    return at < 0 ? NULL
                  : reason_of(version, tvb_get_guint8(frame, at - ICMP_HEADER),
                              tvb_get_guint8(frame, at - ICMP_HEADER + 1));
}

static bool quoted_tuple(tvbuff_t *tvb, const packet_info *pinfo, struct tuple *tuple)
{
    struct end source = {pinfo->src.data, tvb_get_ntohs(tvb, 0)};
    struct end destination = {pinfo->dst.data, tvb_get_ntohs(tvb, 2)};
    return pinfo->src.type == pinfo->dst.type && pinfo->src.len == pinfo->dst.len &&
           tuple_make(tuple, source, destination, (size_t)pinfo->src.len) && !tuple->same;
}

void quotes_note(tvbuff_t *tvb, packet_info *pinfo, const void *ip, int64_t time)
{
    struct tuple tuple;
    uint32_t connection;
    if (tvb_captured_length(tvb) < HEADER_NEEDED || !quoted_tuple(tvb, pinfo, &tuple)) {
        return;
    }
    const char *reason = read_reason(tvb, ip);
    if (reason == NULL) {
        return;
    }
    bool found;
    if (PINFO_FD_VISITED(pinfo)) {
        found = connections_icmp_find(&tuple, frames_serial(pinfo->num), &connection);
    } else {
        seq_t seq = seq_of(tvb_get_ntohl(tvb, 4));
        found = connections_icmp(&tuple, tuple.from, seq, frames_begin(pinfo->num), time, &connection);
    }
    if (found) {
        struct quote *quote = wmem_new(pinfo->pool, struct quote);
        *quote = (struct quote){connection, reason, tvb};
        p_add_proto_data(pinfo->pool, pinfo, plugin, QUOTE, quote);
    }
}

void quotes_show(packet_info *pinfo, proto_tree *tree)
{
    const struct quote *quote = (const struct quote *)p_get_proto_data(pinfo->pool, pinfo, plugin, QUOTE);
    struct account account;
    if (quote == NULL || !connections_account(quote->connection, &account)) {
        return;
    }
    uint32_t syn = frames_number(account.milestone[MILESTONE_SYN].frame);
    char *what = wmem_strdup_printf(pinfo->pool, "an ICMP error answers the SYN in frame %u: %s", syn,
                                    quote->reason);
    proto_item *item = show_quote(quote, what, pinfo, tree);
    char *text = wmem_strdup_printf(
        pinfo->pool,
        "An ICMP error answers the SYN in frame %u (connection %u): %s. Check the route, the "
        "address and the firewall of whoever sent this",
        syn, quote->connection, quote->reason);
    experts_add_unreachable(pinfo, item, text);
}
