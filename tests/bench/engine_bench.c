/* engine_bench.c - how long does the engine alone take for a segment?
 *
 *     engine_bench CONNECTIONS SEGMENTS [RUNS]
 *
 * All connections are opened; then each says one thing after the other, in turns with all others: the
 * client sends data, the server data with its ACK. Time is that of the processor, and of some runs the
 * shortest counts, for whatever else the machine does only makes them longer. To make up the segment is part
 * of it. Prints nanoseconds a segment and millions of segments a second.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _POSIX_C_SOURCE 200809L

#include "connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE = 64, DATA = 100, WINDOW = 65535, RUNS = 5 };

static struct {
    unsigned char *memory; /* of all connections */
    size_t size;           /* of one, in whole cache lines */
    uint32_t count;
    uint32_t *newest;    /* handle of each four-tuple */
    uint32_t (*sent)[2]; /* how much each end has sent, SYNs counted */
    struct observer observer;
    struct observation observation;
    uint32_t frame;
} all;

static struct connection *connection_at(void *context, uint32_t number)
{
    (void)context;
    return number < all.count ? (struct connection *)(void *)(all.memory + number * all.size) : NULL;
}

static void say(uint32_t number, unsigned from, unsigned flags, uint32_t data)
{
    uint32_t *sent = all.sent[number];
    struct segment segment = {
        .source_port = from == 0 ? 40000 : 80,
        .destination_port = from == 0 ? 80 : 40000,
        .seq = seq_of(number * 2654435761u + from * 0x40000000u + sent[from]),
        .ack = seq_of(flags & FLAG_ACK ? number * 2654435761u + !from * 0x40000000u + sent[!from] : 0),
        .flags = (uint16_t)flags,
        .window = WINDOW,
        .data = data,
        .scale = 7,
        .has_scale = (flags & FLAG_SYN) != 0,
        .usable = true,
        .options_known = true,
        .length_known = true,
        .has_ip_id = true,
        .ip_id = (uint16_t)(1 + sent[from] / DATA),
        .from = from & 1u,
        .frame = ++all.frame,
        .time = (int64_t)all.frame * 1000,
    };
    sent[from] += data + ((flags & FLAG_SYN) != 0);
    connection_observe(&all.newest[number], &segment, &all.observer, &all.observation);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        exit(1);
    }
    return memory;
}

static void open_all(uint32_t count)
{
    all.size = (connection_size() + LINE - 1) / LINE * LINE;
    all.count = count;
    unsigned char *memory = room(count + 1, all.size);
    all.memory = memory + (LINE - (uintptr_t)memory % LINE) % LINE;
    all.newest = room(count, sizeof *all.newest);
    all.sent = room(count, sizeof *all.sent);
    all.observer.time_wait = INT64_C(60000000000);
    all.observer.connection = connection_at;
    for (uint32_t i = 0; i < count; i++) {
        say(i, 0, FLAG_SYN, 0);
        say(i, 1, FLAG_SYN | FLAG_ACK, 0);
        say(i, 0, FLAG_ACK, 0);
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Nanoseconds a segment. */
static double run(uint32_t segments)
{
    double begin = now();
    uint32_t number = 0;
    unsigned from = 0;
    for (uint32_t i = 0; i < segments; i++) {
        say(number, from, FLAG_ACK | FLAG_PSH, DATA);
        if (++number == all.count) {
            number = 0;
            from = !from;
        }
    }
    return (now() - begin) / segments;
}

int main(int argc, char **argv)
{
    long connections = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    long segments = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    long runs = argc > 3 ? strtol(argv[3], NULL, 10) : RUNS;
    double best = 0;
    if (connections < 1 || segments < 1 || connections > UINT16_MAX * 100 || segments > INT32_MAX ||
        runs < 1) {
        fprintf(stderr, "usage: engine_bench CONNECTIONS SEGMENTS [RUNS]\n");
        return 2;
    }
    open_all((uint32_t)connections);
    for (long i = 0; i < runs; i++) {
        double time = run((uint32_t)segments);
        best = i == 0 || time < best ? time : best;
    }
    if (all.observation.seq_verdict != SEQ_IN_ORDER || all.observation.phase != PHASE_ESTABLISHED) {
        fprintf(stderr, "the last segment isn't what it was meant to be\n");
        return 1;
    }
    printf("%ld connections: %.1f ns a segment, %.1f million segments a second\n", connections, best,
           1e3 / best);
    return 0;
}
