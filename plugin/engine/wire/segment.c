/* segment.c - what does one captured TCP header say?
 *
 * Read RFC 9293 section 3.1 (header) and 3.2 (options); the other RFCs are named
 * in segment.h and beside each option.
 *
 * What can't be known: what lies behind the bytes captured. Each member keeps 0
 * there, and `usable`, `options_known` and `length_known` say how far to trust.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wire/segment.h"

enum option_kind {
    OPTION_END = 0,                /* RFC 9293 3.2 */
    OPTION_NOP = 1,                /* RFC 9293 3.2 */
    OPTION_MSS = 2,                /* RFC 9293 3.2 */
    OPTION_SCALE = 3,              /* RFC 7323 2.2 */
    OPTION_SACK_PERMITTED = 4,     /* RFC 2018 2 */
    OPTION_SACK = 5,               /* RFC 2018 3 */
    OPTION_TIMESTAMPS = 8,         /* RFC 7323 3.2 */
    OPTION_MD5 = 19,               /* RFC 2385 3.0 */
    OPTION_AO = 29,                /* RFC 5925 2.2 */
    OPTION_MPTCP = 30,             /* RFC 8684 3 */
    OPTION_FAST_OPEN = 34,         /* RFC 7413 4.1.1 */
    OPTION_EXPERIMENT_1 = 253,     /* RFC 6994 */
    OPTION_EXPERIMENT_2 = 254,     /* RFC 6994 */
    FAST_OPEN_EXPERIMENT = 0xf989, /* the experiment's number: RFC 7413 appendix A */
};

/* Where the members of the header lie, RFC 9293 figure 1. */
enum {
    AT_SOURCE_PORT = 0,
    AT_DESTINATION_PORT = 2,
    AT_SEQ = 4,
    AT_ACK = 8,
    AT_OFFSET = 12,
    AT_FLAGS = 13,
    AT_WINDOW = 14,
};

static uint16_t read_16(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

static uint32_t read_32(const uint8_t *bytes)
{
    return (uint32_t)read_16(bytes) << 16 | read_16(bytes + 2);
}

static void parse_sack(struct segment *segment, const uint8_t *body, unsigned length)
{
    segment->sack_blocks = 0;
    for (unsigned at = 0; at + 8 <= length && segment->sack_blocks < SACK_BLOCKS_MAX; at += 8) {
        segment->sack[segment->sack_blocks].left = seq_of(read_32(body + at));
        segment->sack[segment->sack_blocks].right = seq_of(read_32(body + at + 4));
        segment->sack_blocks++;
    }
}

/* The options that only a SYN may carry; elsewhere "MUST be ignored" (RFC 9293 3.2, RFC 7323 2.2,
 * RFC 2018 2, RFC 7413 4.1.1). `length` counts the body alone. False: malformed. */
static bool parse_option_of_syn(struct segment *segment, unsigned kind, const uint8_t *body, unsigned length)
{
    bool syn = segment_has(segment, FLAG_SYN);

    switch (kind) {
    case OPTION_MSS:
        if (length != 2)
            return false;
        segment->mss = syn ? read_16(body) : 0;
        return true;
    case OPTION_SCALE:
        if (length != 1)
            return false;
        segment->has_scale = syn;
        segment->scale = !syn ? 0 : body[0] > SCALE_MAX ? SCALE_MAX : body[0];
        return true;
    case OPTION_SACK_PERMITTED:
        if (length != 0)
            return false;
        segment->sack_permitted = syn;
        return true;
    case OPTION_FAST_OPEN:
        /* Empty asks for a cookie. A length the RFC forbids makes it void, not malformed. */
        if (syn && (length == 0 || (length >= 4 && length <= 16 && length % 2 == 0)))
            segment->fast_open = true;
        return true;
    default: /* an experiment: ours only if its number says so */
        if (syn && length >= 2 && read_16(body) == FAST_OPEN_EXPERIMENT)
            segment->fast_open = true;
        return true;
    }
}

/* One option whose `length` bytes of body were captured. False: malformed. */
static bool parse_option(struct segment *segment, unsigned kind, const uint8_t *body, unsigned length)
{
    switch (kind) {
    case OPTION_MSS:
    case OPTION_SCALE:
    case OPTION_SACK_PERMITTED:
    case OPTION_FAST_OPEN:
    case OPTION_EXPERIMENT_1:
    case OPTION_EXPERIMENT_2: return parse_option_of_syn(segment, kind, body, length);
    case OPTION_SACK:
        if (length == 0 || length % 8 != 0)
            return false;
        parse_sack(segment, body, length);
        return true;
    case OPTION_TIMESTAMPS:
        if (length != 8)
            return false;
        segment->has_timestamps = true;
        segment->tsval = read_32(body);
        segment->tsecr = read_32(body + 4);
        return true;
    case OPTION_MD5: segment->signature = segment->signature || length == 16; return length == 16;
    case OPTION_AO: segment->signature = segment->signature || length >= 2; return length >= 2;
    case OPTION_MPTCP: segment->mptcp = segment->mptcp || length >= 1; return length >= 1;
    default: /* "MUST ignore without error any TCP option it does not implement", RFC 9293 3.1 */ return true;
    }
}

/* The `size` bytes of options that were captured. False: malformed or cut within an option;
 * what stood before is kept. */
static bool parse_options(struct segment *segment, const uint8_t *options, unsigned size)
{
    unsigned at = 0;

    while (at < size) {
        unsigned kind = options[at];

        if (kind == OPTION_END)
            return true;
        if (kind == OPTION_NOP) {
            at++;
            continue;
        }
        if (size - at < 2)
            return false;

        unsigned length = options[at + 1];

        if (length < 2 || length > size - at)
            return false;
        if (!parse_option(segment, kind, options + at + 2, length - 2))
            return false;
        at += length;
    }
    return true;
}

/* What stands in front of the options, as far as it was captured: an ICMP error may quote eight
 * bytes only, and its ports and number still tell whose segment it was. */
static void parse_fixed(struct segment *segment, const uint8_t *header, size_t captured)
{
    if (captured >= AT_SEQ) {
        segment->source_port = read_16(header + AT_SOURCE_PORT);
        segment->destination_port = read_16(header + AT_DESTINATION_PORT);
    }
    if (captured >= AT_ACK)
        segment->seq = seq_of(read_32(header + AT_SEQ));
    if (captured >= AT_OFFSET)
        segment->ack = seq_of(read_32(header + AT_ACK));
    if (captured >= AT_WINDOW)
        segment->flags = (uint16_t)((header[AT_OFFSET] & 1u) << 8 | header[AT_FLAGS]);
    if (captured >= SEGMENT_HEADER_NEED)
        segment->window = read_16(header + AT_WINDOW);
}

bool segment_parse(struct segment *segment, const uint8_t *header, size_t captured, uint32_t length)
{
    *segment = (struct segment){0};

    bool length_told = length != SEGMENT_LENGTH_UNKNOWN;

    /* What was captured behind the segment is the link layer's padding. */
    if (captured > length)
        captured = length;

    parse_fixed(segment, header, captured);
    if (captured < SEGMENT_HEADER_NEED)
        return false;

    unsigned header_length = 4u * (header[AT_OFFSET] >> 4);

    if (header_length < SEGMENT_HEADER_MIN || header_length > length)
        return false;

    segment->usable = true;
    if (length_told) {
        segment->length_known = true;
        segment->data = length - header_length;
    }

    unsigned end = captured < header_length ? (unsigned)captured : header_length;
    bool well_formed = true;

    if (end > SEGMENT_HEADER_MIN)
        well_formed = parse_options(segment, header + SEGMENT_HEADER_MIN, end - SEGMENT_HEADER_MIN);
    segment->options_known = well_formed && (end == header_length || header_length == SEGMENT_HEADER_MIN);
    return true;
}

void segment_shift(struct segment *shifted, const struct segment *seg, uint32_t seq_by, uint32_t ack_by)
{
    *shifted = *seg;
    shifted->seq = seq_sub(seg->seq, seq_by);
    shifted->ack = seq_sub(seg->ack, ack_by);
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        shifted->sack[i].left = seq_sub(seg->sack[i].left, ack_by);
        shifted->sack[i].right = seq_sub(seg->sack[i].right, ack_by);
    }
}
