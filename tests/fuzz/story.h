/* story.h - a sequence of segments between two ends, chosen by a fuzzer's bytes
 *
 * Random numbers never meet, so the bytes don't hold numbers: eight of them choose
 * a segment, its numbers relative to those its two ends have reached.
 *
 *   0  bit 0 sender, bits 1-3 base of SEQ, bits 4-6 base of ACK, bit 7 the sender's last segment again
 *   1  flags; ECE and CWR choose the four-tuple; URG with bit 7 above: an ICMP error quotes that segment
 *   2  signed distance of SEQ from its base     3  the same of ACK
 *   4  which length of data                     5  which time has passed
 *   6  a bit an option or oddity: story.c       7  window, IP ID, path, place
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_FUZZ_STORY_H
#define TCPFSM_TESTS_FUZZ_STORY_H

#include "wire/segment.h"

enum {
    CHOICE = 8,        /* bytes a segment */
    SEGMENTS_MAX = 48, /* of a story */
    TUPLES_MAX = 4,    /* client ports */
};

#define SECOND INT64_C(1000000000)

/* What an end has reached, so far. */
struct reached {
    uint32_t isn, next, acked; /* acked: the last ACK it sent */
    struct segment last;
};

struct story {
    struct reached end[TUPLES_MAX][2];
    int64_t time;
    unsigned count, tuples;
    struct segment segments[SEGMENTS_MAX];
    uint8_t tuple[SEGMENTS_MAX]; /* of each segment */
    bool quoted[SEGMENTS_MAX];   /* by an ICMP error; otherwise it is sent */
};

/* Of so many four-tuples. */
void story_begin(struct story *story, unsigned tuples);

/* Adds the segment that CHOICE bytes choose; not more than SEGMENTS_MAX. */
void story_add(struct story *story, const uint8_t *choice);

/* All that `size` bytes choose. */
void story_make(struct story *story, unsigned tuples, const uint8_t *data, size_t size);

/* Which segment has that frame number? They have holes. */
static inline unsigned story_place(uint32_t frame)
{
    return (frame - 3) / 2;
}

/* One segment in a line, for people. */
void story_print(const struct segment *segment);

#endif
