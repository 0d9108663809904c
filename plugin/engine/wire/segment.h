/* segment.h - what does one captured TCP header say?
 *
 * Read RFC 9293 section 3.1 (header), 3.2 (options), RFC 7323 (window scale,
 * timestamps), RFC 2018 and 2883 (SACK, D-SACK), RFC 7413 (Fast Open), RFC 8684
 * (MPTCP), RFC 5925 (TCP-AO), RFC 9768 (AccECN's use of the flags).
 *
 * What can't be known: everything behind the snap length. A field that was cut
 * off is marked so; the checksum is never looked at (offload makes it useless).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_SEGMENT_H
#define TCPFSM_ENGINE_SEGMENT_H

#include "wire/seq.h"

#include <stddef.h>

enum segment_flag {
    FLAG_FIN = 0x01,
    FLAG_SYN = 0x02,
    FLAG_RST = 0x04,
    FLAG_PSH = 0x08,
    FLAG_ACK = 0x10,
    FLAG_URG = 0x20,
    FLAG_ECE = 0x40,
    FLAG_CWR = 0x80,
    FLAG_AE = 0x100, /* NS of RFC 3540, AE of RFC 9768 */
};

enum {
    SACK_BLOCKS_MAX = 4,
    SCALE_MAX = 14,           /* RFC 7323 section 2.3: larger is taken as 14 */
    SEGMENT_HEADER_MIN = 20,  /* bytes */
    SEGMENT_HEADER_NEED = 16, /* bytes up to and with the window */
    SEGMENT_HEADER_MAX = 60,
};

struct sack_block {
    seq_t left, right; /* the receiver holds left ... right - 1 */
};

struct segment {
    /* From the header. */
    uint16_t source_port, destination_port;
    seq_t seq;       /* SEG.SEQ */
    seq_t ack;       /* SEG.ACK; meaningful with FLAG_ACK */
    uint16_t flags;  /* enum segment_flag */
    uint16_t window; /* SEG.WND as sent, not scaled */
    uint32_t data;   /* bytes of data, SYN and FIN not counted; 0 if !length_known */

    /* From the options. */
    uint16_t mss;  /* bytes; 0: no such option */
    uint8_t scale; /* shift count 0 ... 14; meaningful with has_scale */
    uint8_t sack_blocks;
    struct sack_block sack[SACK_BLOCKS_MAX];
    uint32_t tsval, tsecr; /* with has_timestamps */
    bool has_scale : 1;
    bool has_timestamps : 1;
    bool sack_permitted : 1;
    bool fast_open : 1; /* the option of RFC 7413, or the experimental one; cookie or request */
    bool mptcp : 1;     /* RFC 8684 */
    bool signature : 1; /* MD5 (RFC 2385) or AO (RFC 5925) */

    /* How much of it can be believed. */
    bool usable : 1; /* ports, numbers, flags and window were captured, the header length is possible */
    bool options_known : 1; /* all option bytes were captured and well formed */
    bool length_known : 1;  /* false in a first IP fragment: SEG.LEN can't be told */

    /* From outside the header; set by the caller, not by segment_parse(). */
    bool arrives : 1; /* captured near its receiver, who has got all that was captured before it */
    bool early : 1;   /* data that its sender sent before is still on its way here */
    bool has_ip_id : 1;
    uint16_t ip_id;
    uint16_t path;  /* any number that differs by interface and VLAN */
    uint16_t point; /* any number that also differs by MAC addresses and TTL: where it was captured */
    uint16_t
        place;   /* where, TTL aside: PLACE_INTERFACE bits of the interface, and a number that differs by VLAN
                     * and by the two MAC addresses, whichever way they stand; PLACE_NONE: nothing tells */
    uint8_t ttl; /* or hop limit; 0: not known */
    uint8_t from;   /* which end of the four-tuple sent it: 0 or 1, in the caller's order */
    uint32_t frame; /* number of the captured frame, from 1 */
    int64_t time;   /* nanoseconds, any epoch */
};

/* Reads the `captured` bytes at `header` of a TCP segment that was `length`
 * bytes long on the wire (header and data, as the IP layer tells), or of unknown
 * length if `length` is SEGMENT_LENGTH_UNKNOWN. Never reads behind `captured`.
 * Sets every member of `segment` but those marked "set by the caller", which
 * become 0. Returns segment->usable.
 */
#define SEGMENT_LENGTH_UNKNOWN UINT32_MAX
bool segment_parse(struct segment *segment, const uint8_t *header, size_t captured, uint32_t length);

/* Makes `shifted` a copy of the segment with the sequence number, and the ACK with all SACK blocks, so
 * much lower. */
void segment_shift(struct segment *shifted, const struct segment *segment, uint32_t seq_by, uint32_t ack_by);

static inline bool segment_has(const struct segment *segment, unsigned flags)
{
    return (segment->flags & flags) == flags;
}

/* Of segment->place. */
enum { PLACE_NONE = 0, PLACE_LINK_BITS = 11 };

static inline unsigned place_interface(uint16_t place)
{
    return (unsigned)place >> PLACE_LINK_BITS;
}

/* A SYN that opens. With RST it is a RST, whatever else it carries. */
static inline bool segment_is_syn(const struct segment *segment)
{
    return (segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
}

static inline bool segment_is_syn_ack(const struct segment *segment)
{
    return (segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == (FLAG_SYN | FLAG_ACK);
}

static inline bool segment_is_rst(const struct segment *segment)
{
    return (segment->flags & FLAG_RST) != 0;
}

/* A FIN that closes: with a SYN it opens nothing to close, and where SEG.LEN is unknown it has no number. */
static inline bool segment_is_fin(const struct segment *segment)
{
    return (segment->flags & (FLAG_FIN | FLAG_SYN | FLAG_RST)) == FLAG_FIN && segment->length_known;
}

/* SEG.LEN: data, plus one for SYN and one for FIN (RFC 9293 section 3.4). */
static inline uint32_t segment_length(const struct segment *segment)
{
    return segment->data + ((segment->flags & FLAG_SYN) ? 1 : 0) + ((segment->flags & FLAG_FIN) ? 1 : 0);
}

/* SEG.SEQ + SEG.LEN: the number that follows this segment. A FIN that comes with a SYN is ignored. */
static inline seq_t segment_end(const struct segment *segment)
{
    bool ignored = (segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) == (FLAG_SYN | FLAG_FIN);
    return seq_add(segment->seq, segment_length(segment) - (ignored ? 1 : 0));
}

#define NO_TIME INT64_MIN /* a time, or a duration, that isn't known */

/* When it was captured, in milliseconds modulo 2^32; rounded down before the epoch, too. */
static inline uint32_t time_ms(int64_t time)
{
    const uint64_t ms = 1000000, epoch = UINT64_C(9223372036854) * ms; /* 292 years: nothing is before */
    return (uint32_t)(((uint64_t)time + epoch) / ms - epoch / ms);
}

#endif
