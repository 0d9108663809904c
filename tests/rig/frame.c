/* frame.c - the bytes of a scenario's segment
 *
 * Read RFC 9293 3.1, RFC 791 3.1, RFC 8200 3. The TCP checksum stays 0: nobody may look at it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "frame.h"

#include <string.h>

enum { ETHERNET = 14, IPV4_HEADER = 20, IPV6_HEADER = 40, MORE_FRAGMENTS = 0x2000, OPTIONS_MAX = 40 };
enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_ICMPV6 = 58 };

const struct numbering plain_numbering = {.isn = {1000, 5000}};

static uint8_t *put8(uint8_t *p, unsigned value)
{
    *p = (uint8_t)value;
    return p + 1;
}

static uint8_t *put16(uint8_t *p, unsigned value)
{
    return put8(put8(p, value >> 8 & 0xff), value & 0xff);
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
    return put16(put16(p, value >> 16), value & 0xffff);
}

seq_t number_resolve(struct number number, uint32_t isn)
{
    return seq_of((uint32_t)number.value + (number.absolute ? 0 : isn));
}

static uint8_t *put_sack(uint8_t *p, const struct sending *sending, const struct numbering *numbering)
{
    if (sending->sack_blocks == 0)
        return p;
    p = put16(p, 0x0500u + 2 + 8 * sending->sack_blocks);
    for (unsigned i = 0; i < sending->sack_blocks; i++)
        for (unsigned edge = 0; edge < 2; edge++)
            p = put32(p, number_resolve(sending->sack[i][edge], numbering->isn[!sending->from]).n);
    return p;
}

/* RFC 9293 3.2, 7323, 2018, 7413, 8684, 2385. */
static size_t put_options(uint8_t *options, const struct sending *sending, const struct numbering *numbering)
{
    uint8_t *p = options;

    if (sending->mss)
        p = put16(put16(p, 0x0204), sending->mss);
    if (sending->scale >= 0)
        p = put8(put16(p, 0x0303), (unsigned)sending->scale);
    if (sending->sack_permitted)
        p = put16(p, 0x0402);
    if (sending->timestamps)
        p = put32(put32(put16(p, 0x080a), sending->tsval), sending->tsecr);
    p = put_sack(p, sending, numbering);
    if (sending->fast_open == FAST_OPEN_REQUEST)
        p = put16(p, 0x2202);
    if (sending->fast_open == FAST_OPEN_COOKIE)
        p = put32(put32(put16(p, 0x220a), 0xc00c1e01), 0xc00c1e02);
    if (sending->mptcp)
        p = put16(put16(p, 0x1e04), 0x0101); /* MP_CAPABLE, version 1 */
    if (sending->signature) {
        p = put16(p, 0x1312);
        memset(p, 0x5a, 16);
        p += 16;
    }
    if (sending->bad_option)
        p = put16(p, 0x03ff); /* longer than the header */
    while ((p - options) % 4)
        p = put8(p, 1);
    return (size_t)(p - options);
}

void header_build(struct header *header, const struct scenario *scenario, const struct sending *sending,
                  const struct numbering *numbering)
{
    uint8_t options[OPTIONS_MAX + 24], *p = header->bytes; /* 24: what is too much gets cut below */
    size_t size = put_options(options, sending, numbering);
    unsigned words;

    if (size > OPTIONS_MAX)
        size = OPTIONS_MAX;
    words = sending->data_offset == BY_DEFAULT ? (unsigned)(5 + size / 4) : sending->data_offset;
    p = put16(p, scenario->port[sending->from]);
    p = put16(p, scenario->port[!sending->from]);
    p = put32(p, number_resolve(sending->seq, numbering->isn[sending->from]).n);
    p = put32(p, number_resolve(sending->ack, numbering->isn[!sending->from]).n);
    p = put16(p, words << 12 | sending->flags);
    p = put16(p, sending->window);
    p = put16(p, 0);
    p = put16(p, sending->urgent);
    memcpy(p, options, size);
    header->protocol = PROTOCOL_TCP;
    header->captured = SEGMENT_HEADER_MIN + size;
    header->length = (uint32_t)header->captured + sending->data;
    if (sending->cut < header->captured)
        header->captured = sending->cut;
}

/* The Internet checksum, RFC 1071; of an ICMPv6 message the checksum stays 0, as that of TCP. */
static unsigned checksum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += (uint32_t)bytes[i] << (i % 2 ? 0 : 8);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static uint8_t *put_ipv4(uint8_t *ip, const struct header *header, const struct sending *sending,
                         const struct numbering *numbering)
{
    uint32_t total = IPV4_HEADER + header->length;
    bool upper = sending->from != numbering->swapped;
    uint8_t *p = ip;

    p = put16(p, 0x4500);
    p = put16(p, total > UINT16_MAX ? 0 : total); /* as offload leaves it */
    p = put16(p, sending->ip_id);
    p = put16(p, sending->fragment ? MORE_FRAGMENTS : 0);
    p = put16(put16(p, 0x4000u + header->protocol), 0);
    p = put32(p, 0x0a000000u + ((uint32_t)numbering->pair << 8) + 1 + upper);
    p = put32(p, 0x0a000000u + ((uint32_t)numbering->pair << 8) + 2 - upper);
    put16(ip + 10, checksum(ip, IPV4_HEADER));
    return p;
}

static uint8_t *put_ipv6(uint8_t *p, const struct header *header, const struct sending *sending,
                         const struct numbering *numbering)
{
    bool upper = sending->from != numbering->swapped;

    p = put32(p, 0x60000000);
    p = put16(p, header->length > UINT16_MAX ? 0 : header->length);
    p = put16(p, header->protocol << 8 | 0x40u);
    for (unsigned side = 0; side < 2; side++) {
        p = put32(p, 0xfd000000);
        p = put32(p, 0);
        p = put32(p, 0);
        p = put32(p, ((uint32_t)numbering->pair << 8) + 1 + (upper != (side == 1)));
    }
    return p;
}

/* RFC 792 and RFC 4443: IPv4 quotes 8 bytes behind the IP header at least, IPv6 as much as fits. */
void quote_build(struct header *header, const struct scenario *scenario, const struct sending *quoted,
                 const struct numbering *numbering)
{
    struct header segment;
    uint8_t *p = header->bytes;
    size_t size;

    header_build(&segment, scenario, quoted, numbering);
    size = scenario->ipv6 ? segment.captured : 8;
    p = put32(p, scenario->ipv6 ? 0x01040000 : 0x03030000); /* port unreachable */
    p = put32(p, 0);
    p = scenario->ipv6 ? put_ipv6(p, &segment, quoted, numbering) : put_ipv4(p, &segment, quoted, numbering);
    memcpy(p, segment.bytes, size);
    header->captured = (size_t)(p - header->bytes) + size;
    header->length = (uint32_t)header->captured;
    header->protocol = scenario->ipv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
    if (!scenario->ipv6)
        put16(header->bytes + 2, checksum(header->bytes, header->captured));
}

size_t frame_build(uint8_t frame[FRAME_MAX], uint32_t *length, const struct header *header,
                   const struct scenario *scenario, const struct sending *sending,
                   const struct numbering *numbering)
{
    bool upper = sending->from != numbering->swapped;
    uint8_t *p = frame;

    for (unsigned side = 0; side < 2; side++) {
        p = put32(p, 0x02000000);
        p = put16(p, 1 + (upper == (side == 1)));
    }
    if (sending->path)
        p = put32(p, 0x81000000u + sending->path);
    p = put16(p, scenario->ipv6 ? 0x86dd : 0x0800);
    if (scenario->ipv6)
        p = put_ipv6(p, header, sending, numbering);
    else
        p = put_ipv4(p, header, sending, numbering);
    *length = (uint32_t)(p - frame) + header->length;
    memcpy(p, header->bytes, header->captured);
    return (size_t)(p - frame) + header->captured;
}
