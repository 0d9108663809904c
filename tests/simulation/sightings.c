/* sightings.c - see sightings.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sightings.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_INTERFACE = 1, SOMEWHERE = 1 };

static const int64_t epoch = 1700000000 * SECOND;

static struct tuple tuple_of(const struct segment *seg)
{
    static const uint8_t hosts[2][ADDRESS_SHORT] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    struct tuple tuple;
    tuple_make(&tuple, (struct tuple_end){hosts[seg->from], seg->source_port},
               (struct tuple_end){hosts[!seg->from], seg->destination_port}, ADDRESS_SHORT);
    return tuple;
}

static struct segment segment_at(const struct frame *frame, unsigned at)
{
    struct segment seg = frame->packet.seg;
    unsigned interface = FIRST_INTERFACE + frame->point;
    seg.frame = at + 1;
    seg.time += epoch;
    seg.path = (uint16_t)interface;
    seg.point = (uint16_t)(interface << 8 | seg.ttl);
    seg.place = (uint16_t)(interface << PLACE_LINK_BITS | SOMEWHERE);
    return seg;
}

static void observe(struct sightings *s, const struct capture *capture, unsigned at)
{
    struct segment seg = segment_at(&capture->frame[at], at);
    struct tuple tuple = tuple_of(&seg);
    struct record record;
    struct rejection rejection = {0};
    s->crossing[at] = (struct crossing){0};
    seg.from = tuple.from;
    s->reading.told[at] = (uint16_t)connections_observe(connections_entry(&tuple), &seg, &record, &rejection,
                                                        &s->crossing[at]);
    s->reading.o[at] = record.observation;
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        findings_t accusation = witness_accusations((uint8_t)(1u << i));
        if (rejection.findings & accusation) {
            s->reading.accused[rejection.suspect[i] - 1] |= accusation;
        }
    }
}

void sightings_read(struct sightings *s, const struct capture *capture, bool watched)
{
    connections_open(
        &(struct limits){.time_wait = capture->time_wait, .timeouts = usual_timeouts, .many = 1000});
    int64_t end = 0;
    for (unsigned i = 0; i < capture->count; i++) {
        s->reading.accused[i] = 0;
        observe(s, capture, i);
        end = capture->frame[i].packet.seg.time + epoch;
    }
    for (unsigned point = 0; points_exist && watched && point < 2; point++) {
        points_see(FIRST_INTERFACE + point, end + 100 * SECOND);
    }
    connections_finish(end);
    for (unsigned i = 0; i < capture->count; i++) {
        s->marks[i] = links_marks(i + 1);
    }
    s->reading.connections = connections_count();
    if (s->reading.connections > CONNECTIONS_MAX) {
        fputs("too many connections\n", stderr);
        abort();
    }
    for (unsigned i = 0; i < s->reading.connections; i++) {
        connections_summary(i, &s->reading.summary[i]);
    }
    connections_close();
}

void sightings_print(const struct sightings *s, const struct capture *capture)
{
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        const struct segment *seg = &frame->packet.seg;
        printf("%.6f at %u %s %u+%u ack %u flags %02x id %u ts %u: ",
               (double)(seg->time - capture->frame[0].packet.seg.time) / 1e9, frame->point,
               seg->from ? "<" : ">", seg->seq.n - capture->base[seg->from].n, seg->data,
               seg->ack.n - capture->base[!seg->from].n, seg->flags, seg->ip_id, seg->tsval);
        if (frame->departed != 0) {
            printf("departed %u, ", frame->departed);
        }
        printf("%s%s; point %u, marks %llx now %llx\n    ", frame->forged ? "forged " : "",
               frame->lost           ? "is lost"
               : frame->arrived != 0 ? "arrives"
                                     : "",
               s->crossing[i].point, (unsigned long long)s->marks[i] >> 37,
               (unsigned long long)s->crossing[i].findings >> 37);
        reading_print(&s->reading, capture, i);
    }
}
