/* header_fuzz.c - can any bytes make segment_parse() lie or read too far?
 *
 * The first five bytes choose the length on the wire, the others are captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "require.h"
#include "wire/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHOICE = 5 };

void require_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* What segment_parse() promises whatever the bytes are. */
static void require_promises(const struct segment *segment, const uint8_t *header, size_t captured,
                             uint32_t length)
{
    bool length_told = length != SEGMENT_LENGTH_UNKNOWN;

    if (length_told && captured > length)
        captured = length;
    REQUIRE(segment->flags < 0x200);
    REQUIRE(segment->scale <= SCALE_MAX);
    REQUIRE(segment->sack_blocks <= SACK_BLOCKS_MAX);
    REQUIRE(!segment->has_ip_id && segment->frame == 0 && segment->time == 0 && segment->from == 0);
    REQUIRE(segment->usable || (!segment->options_known && !segment->length_known && segment->data == 0));
    if (!segment->usable)
        return;

    REQUIRE(captured >= SEGMENT_HEADER_NEED);

    unsigned header_length = 4u * (header[12] >> 4);

    REQUIRE(header_length >= SEGMENT_HEADER_MIN);
    REQUIRE(segment->length_known == length_told);
    REQUIRE(!length_told || segment->data + header_length == length);
    REQUIRE(length_told || segment->data == 0);
    REQUIRE(!segment->options_known || captured >= header_length || header_length == SEGMENT_HEADER_MIN);
    if (!segment_has(segment, FLAG_SYN))
        REQUIRE(segment->mss == 0 && !segment->has_scale && !segment->sack_permitted && !segment->fast_open);
}

/* More captured bytes never take back what fewer told. */
static void require_growth(const struct segment *whole, const uint8_t *header, size_t captured,
                           uint32_t length)
{
    for (size_t cut = 0; cut < captured && cut < SEGMENT_HEADER_MAX; cut++) {
        struct segment part;

        segment_parse(&part, header, cut, length);
        require_promises(&part, header, cut, length);
        REQUIRE(!part.usable || whole->usable);
        REQUIRE(!part.usable || (part.seq.n == whole->seq.n && part.flags == whole->flags));
        REQUIRE(!part.has_timestamps || whole->has_timestamps);
        REQUIRE(!part.has_scale || whole->has_scale);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CHOICE)
        return 0;

    size_t captured = size - CHOICE;
    uint32_t chosen = (uint32_t)data[1] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 8 | data[4];
    uint32_t length;

    switch (data[0] % 4) {
    case 0: length = SEGMENT_LENGTH_UNKNOWN; break;
    case 1: length = chosen; break;
    default: /* as most captures are: whole, with some data cut off */
        length = (uint32_t)captured + chosen % 2000;
    }

    /* A block of its own, so that the sanitizer sees a read behind its last byte. */
    uint8_t *header = malloc(captured ? captured : 1);

    if (!header)
        return 0;
    memcpy(header, data + CHOICE, captured);

    struct segment segment, again;

    memset(&segment, 0xff, sizeof segment);
    REQUIRE(segment_parse(&segment, header, captured, length) == segment.usable);
    require_promises(&segment, header, captured, length);
    require_growth(&segment, header, captured, length);

    /* What was in the struct before doesn't matter. */
    segment_parse(&again, header, captured, length);
    REQUIRE(again.seq.n == segment.seq.n && again.data == segment.data && again.flags == segment.flags);
    REQUIRE(again.tsval == segment.tsval && again.mss == segment.mss && again.mptcp == segment.mptcp);
    free(header);
    return 0;
}
