/* story.c - which segments do these bytes choose?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum oddity {
    WITH_TIMESTAMPS = 0x01,
    WITH_SYN_OPTIONS = 0x02, /* MSS, SACK permitted, window scale */
    WITH_SACK = 0x04,
    WITH_FAST_OPEN = 0x08,
    WITH_MPTCP = 0x10,
    LENGTH_UNKNOWN = 0x20, /* a first fragment */
    CUT = 0x40,            /* by the snap length, within the options or before */
    CLOCK_BACK = 0x80,
};

void story_begin(struct story *story, unsigned tuples)
{
    memset(story, 0, sizeof *story);
    story->tuples = tuples;
    for (unsigned i = 0; i < tuples; i++) {
        struct reached *end = story->end[i];
        end[0].isn = end[0].next = end[1].acked = 1000000;
        end[1].isn = end[1].next = end[0].acked = 5000000;
    }
}

static uint32_t base_of_seq(struct reached *own, const struct reached *peer, unsigned choice)
{
    switch (choice) {
    case 2: return own->isn;
    case 3: return peer->acked;
    case 4: /* a new incarnation */
        own->isn += 100000;
        own->next = own->isn;
        return own->isn;
    case 5: return own->next + 0x40000000;
    case 6: return own->next + 1000;
    default: return own->next;
    }
}

static uint32_t base_of_ack(const struct reached *own, const struct reached *peer, unsigned choice)
{
    switch (choice) {
    case 2: return peer->isn;
    case 3: return own->acked;
    case 4: return peer->next - 100000;
    case 5: return peer->next + 0x40000000;
    default: return peer->next;
    }
}

static void put_16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_32(uint8_t *at, uint32_t value)
{
    put_16(at, value >> 16);
    put_16(at + 2, value & 0xffff);
}

/* Returns the length of the header, options included. */
static unsigned put_options(uint8_t *header, unsigned oddities, const uint8_t *choice, uint32_t sack)
{
    unsigned at = SEGMENT_HEADER_MIN;

    if (oddities & WITH_SYN_OPTIONS) {
        const uint8_t options[] = {2, 4, 0x05, 0xb4, 4, 2, 1, 3, 3, choice[7] % 15, 1, 1};

        memcpy(header + at, options, sizeof options);
        at += sizeof options;
    }
    if (oddities & WITH_TIMESTAMPS) {
        const uint8_t options[] = {8, 10, 0, 0, choice[5], choice[7], 0, 0, 0, 1, 1, 1};

        memcpy(header + at, options, sizeof options);
        at += sizeof options;
    }
    if (oddities & (WITH_FAST_OPEN | WITH_MPTCP)) {
        const uint8_t fast_open[] = {34, 2, 1, 1}, mptcp[] = {30, 4, 0, 1};

        memcpy(header + at, (oddities & WITH_MPTCP) ? mptcp : fast_open, 4);
        at += 4;
    }
    if (oddities & WITH_SACK) {
        const uint8_t options[] = {1, 1, 5, 10};

        memcpy(header + at, options, sizeof options);
        put_32(header + at + 4, sack);
        put_32(header + at + 8, sack + 1 + choice[4]);
        at += 12;
    }
    return at;
}

static void make_segment(struct segment *segment, const struct story *story, const uint8_t *choice,
                         uint32_t seq, uint32_t ack)
{
    static const uint16_t lengths[] = {0, 0, 0, 1, 2, 10, 1000, 1460, 40000};
    static const uint16_t windows[] = {0, 1, 500, 8192, 65535, 29200, 0, 4096};
    uint8_t header[SEGMENT_HEADER_MAX] = {0};
    unsigned from = choice[0] & 1u, oddities = choice[6];

    put_16(header, from ? 80 : 40000);
    put_16(header + 2, from ? 40000 : 80);
    put_32(header + 4, seq);
    put_32(header + 8, ack);
    header[13] = choice[1];
    put_16(header + 14, windows[choice[7] % 8]);

    unsigned size = put_options(header, oddities, choice, ack + choice[3] % 8 * 100u);
    uint32_t data = lengths[choice[4] % (sizeof lengths / sizeof lengths[0])];

    header[12] = (uint8_t)(size / 4 << 4);
    segment_parse(segment, header, (oddities & CUT) ? choice[4] % size : size,
                  (oddities & LENGTH_UNKNOWN) ? SEGMENT_LENGTH_UNKNOWN : size + data);
    segment->has_ip_id = (choice[7] & 0x08) != 0;
    segment->ip_id = choice[7] >> 4;
    segment->path = segment->point = (choice[7] & 0xc0) == 0xc0;
    segment->from = (uint8_t)from;
    segment->frame = 2 * story->count + 1; /* numbers have holes */
    segment->time = story->time;
}

/* One of two, and with the TTL that it has there. */
static void place_segment(struct segment *segment, const uint8_t *choice)
{
    unsigned interface = 1 + (choice[7] >> 6 & 1u);

    segment->place = (uint16_t)(interface << PLACE_LINK_BITS | 1);
    segment->ttl = (uint8_t)(64 - ((interface == 1) != (segment->from == 0)));
}

static void pass_time(struct story *story, const uint8_t *choice)
{
    static const int64_t times[] = {
        0,          1000,        1000000,       10000000,   200000000,   SECOND,
        3 * SECOND, 61 * SECOND, 7200 * SECOND, 6 * SECOND, 80 * SECOND,
    };

    if (choice[6] & CLOCK_BACK)
        story->time -= choice[5] * INT64_C(10000000);
    else
        story->time += times[choice[5] % (sizeof times / sizeof times[0])];
}

void story_add(struct story *story, const uint8_t *choice)
{
    unsigned from = choice[0] & 1, at = story->count, tuple = (choice[1] >> 6) % story->tuples;
    struct reached *own = &story->end[tuple][from], *peer = &story->end[tuple][!from];
    struct segment *segment = &story->segments[at];

    pass_time(story, choice);
    story->tuple[at] = (uint8_t)tuple;
    story->count++;
    if ((choice[0] & 0x80) && own->last.frame != 0) {
        *segment = own->last;
        segment->frame = 2 * at + 3;
        segment->time = story->time;
        story->quoted[at] = (choice[1] & FLAG_URG) != 0;
    } else {
        uint32_t seq = base_of_seq(own, peer, choice[0] >> 1 & 7) + (uint32_t)(int8_t)choice[2];
        uint32_t ack = base_of_ack(own, peer, choice[0] >> 4 & 7) + (uint32_t)(int8_t)choice[3];

        make_segment(segment, story, choice, seq, ack);
    }
    place_segment(segment, choice);
    if (story->quoted[at])
        return;
    own->last = *segment;
    if (segment_has(segment, FLAG_ACK))
        own->acked = segment->ack.n;
    if (seq_after(segment_end(segment), seq_of(own->next)) && segment->usable)
        own->next = segment_end(segment).n;
}

void story_make(struct story *story, unsigned tuples, const uint8_t *data, size_t size)
{
    story_begin(story, tuples);
    for (size_t at = 0; at + CHOICE <= size && story->count < SEGMENTS_MAX; at += CHOICE)
        story_add(story, data + at);
}

void story_print(const struct segment *s)
{
    printf("frame %" PRIu32 " at %.6f from %u flags 0x%02x seq %" PRIu32 " ack %" PRIu32 " data %" PRIu32
           " window %u id %d path %u usable %d\n",
           s->frame, (double)s->time / (double)SECOND, s->from, s->flags, s->seq.n, s->ack.n, s->data,
           s->window, s->has_ip_id ? s->ip_id : -1, s->path, s->usable);
}
