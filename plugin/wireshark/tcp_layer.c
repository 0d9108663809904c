/* tcp_layer.c - what Wireshark hands over with a TCP header
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_layer.h"

#include "capture/capture_clock.h"
#include "capture/serials.h"

#include <epan/dissectors/packet-ip.h>
#include <epan/ipproto.h>
#include <wiretap/wtap.h>

enum {
    SECOND = 1000000000, /* ns */
    PORTS = 4,           /* bytes of a header up to and with both ports */
};

int64_t tcp_layer_time(const packet_info *pinfo)
{
    const int64_t limit = CAPTURE_TIME_MAX / SECOND;
    int64_t seconds = pinfo->abs_ts.secs;
    return CLAMP(seconds, -limit, limit) * SECOND + pinfo->abs_ts.nsecs;
}

uint32_t tcp_layer_interface(const packet_info *pinfo)
{
    bool known = pinfo->rec != NULL && (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID);
    return known ? pinfo->rec->rec_header.packet_header.interface_id : 0;
}

/* Differs by interface and VLAN, most likely. */
static uint16_t path_of(const packet_info *pinfo)
{
    return (uint16_t)(tcp_layer_interface(pinfo) * 0x9e3bu + pinfo->vlan_id);
}

/* The part of a MAC address that differs between the cards of one maker. */
static uint32_t card_of(const address *mac)
{
    enum { MAC_SIZE = 6 };
    uint32_t card = 0;
    if (mac->len == MAC_SIZE) {
        memcpy(&card, (const uint8_t *)mac->data + MAC_SIZE - sizeof card, sizeof card);
    }
    return card;
}

static uint8_t ttl_of(const void *ip)
{
    if (ip == NULL) { /* the first byte tells what it is; another dissector may pass something else */
        return 0;
    }
    uint8_t version = *(const uint8_t *)ip;
    return version == IP_VERSION_NUM_INET    ? ((const ws_ip4 *)ip)->ip_ttl
           : version == IP_VERSION_NUM_INET6 ? ((const ws_ip6 *)ip)->ip6_hop
                                             : 0;
}

/* Where the packet was captured: `point` differs by MAC addresses and TTL, too, `place` not by the TTL, nor
 * by the direction. */
static void locate(struct segment *segment, const packet_info *pinfo)
{
    const uint32_t odd = 0x9e3779b1u;
    uint32_t source = card_of(&pinfo->dl_src), destination = card_of(&pinfo->dl_dst);
    uint32_t hash = (segment->path ^ source) * odd;
    hash = (hash ^ hash >> 15 ^ destination) * odd + segment->ttl;
    segment->point = (uint16_t)(hash ^ hash >> 16);
    uint32_t link = ((source + destination) ^ (uint32_t)pinfo->vlan_id << 16) * odd;
    uint16_t place = (uint16_t)(tcp_layer_interface(pinfo) << PLACE_LINK_BITS |
                                link >> (32 - PLACE_LINK_BITS));
    segment->place = place + (place == PLACE_NONE) - (place == UINT16_MAX);
}

bool tcp_layer_read(struct tcp_layer *layer, packet_info *pinfo, const void *ip)
{
    uint8_t header[SEGMENT_HEADER_MAX];
    struct segment *segment = &layer->segment;
    unsigned captured = tvb_captured_length(layer->tvb);
    unsigned length = tvb_reported_length(layer->tvb);
    captured = captured < sizeof header ? captured : (unsigned)sizeof header;
    if (captured < PORTS || pinfo->src.type != pinfo->dst.type || pinfo->src.len != pinfo->dst.len) {
        return false; /* nobody can tell whose it is */
    }
    tvb_memcpy(layer->tvb, header, 0, captured);
    segment_parse(segment, header, captured, pinfo->fragmented ? SEGMENT_LENGTH_UNKNOWN : length);
    segment->source_port = (uint16_t)(header[0] << 8 | header[1]);
    segment->destination_port = (uint16_t)(header[2] << 8 | header[3]);
    struct tuple_end source = {pinfo->src.data, segment->source_port};
    struct tuple_end destination = {pinfo->dst.data, segment->destination_port};
    if (!tuple_make(&layer->tuple, source, destination, (size_t)pinfo->src.len)) {
        return false;
    }
    if (layer->tuple.same) {
        segment->usable = false;
    }
    segment->from = layer->tuple.from;
    frame_t frame = {pinfo->num};
    segment->frame = PINFO_FD_VISITED(pinfo) ? serial_of(frame) : serials_begin(frame);
    segment->time = tcp_layer_time(pinfo);
    segment->path = path_of(pinfo);
    segment->ttl = ttl_of(ip);
    locate(segment, pinfo);
    if (ip != NULL && *(const uint8_t *)ip == IP_VERSION_NUM_INET) {
        segment->has_ip_id = true;
        segment->ip_id = ((const ws_ip4 *)ip)->ip_id;
    }
    copy_address_shallow(&layer->source, &pinfo->src);
    copy_address_shallow(&layer->destination, &pinfo->dst);
    return true;
}
