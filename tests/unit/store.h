/* store.h - segments on their way into the plugin's store of connections, without Wireshark
 *
 *     store_begin(32);
 *     struct spot spot = spot_of(1, 2, 40000, 80);
 *     STORE(&spot, .from = CLIENT, .flags = S);
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_STORE_H
#define TCPFSM_TESTS_UNIT_STORE_H

#include "check.h"
#include "store/points/points.h"

#include <stdlib.h>

enum { CLIENT = 0, SERVER = 1 };

enum {
    S = FLAG_SYN,
    A = FLAG_ACK,
    F = FLAG_FIN,
    R = FLAG_RST,
    SA = FLAG_SYN | FLAG_ACK,
    FA = FLAG_FIN | FLAG_ACK,
    PA = FLAG_PSH | FLAG_ACK,
    RA = FLAG_RST | FLAG_ACK,
};

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)

/* What is sent on a four-tuple. Whatever isn't mentioned is 0. */
struct shot {
    unsigned from; /* CLIENT, SERVER */
    unsigned flags;
    uint32_t seq, ack; /* from the ISNs of the sender, of the peer */
    uint32_t data;
};

/* Two hosts and what they count from. */
struct spot {
    uint32_t host[2];
    uint16_t port[2];
    uint32_t isn[2];
};

static struct {
    int64_t now;
    uint32_t frame;
    struct record record; /* of the last segment, but for the stream */
    unsigned reported;    /* timeout_findings on it */
    struct rejection rejection;
    struct crossing crossing;
} store;

static inline struct spot spot_of(uint32_t client, uint32_t server, uint16_t client_port,
                                  uint16_t server_port)
{
    uint32_t number = client * 2654435761u + client_port * 40503u + server;
    return (struct spot){{client, server}, {client_port, server_port}, {number, number ^ 0x5bd1e995u}};
}

static const struct timeouts store_timeouts = {.handshake = 5 * SECOND,
                                               .fin = 5 * SECOND,
                                               .close_wait = 60 * SECOND,
                                               .fin_wait_2 = 60 * SECOND,
                                               .idle = 75 * SECOND,
                                               .silent = 3 * SECOND};

static inline void store_begin(uint32_t many)
{
    connections_open(&(struct limits){.time_wait = 60 * SECOND, .timeouts = store_timeouts, .many = many});
    store.now = 1700000000 * SECOND;
    store.frame = 0;
}

/* The tuple of a segment that `from` sends; `segment` gets what comes from outside its header. */
static inline struct tuple store_tuple(const struct spot *spot, unsigned from, struct segment *segment)
{
    struct tuple tuple;
    struct tuple_end source = {&spot->host[from], spot->port[from]};
    struct tuple_end destination = {&spot->host[!from], spot->port[!from]};
    CHECK(tuple_make(&tuple, source, destination, ADDRESS_SHORT));
    segment->source_port = source.port;
    segment->destination_port = destination.port;
    segment->from = tuple.from;
    segment->usable = segment->options_known = segment->length_known = true;
    segment->frame = ++store.frame;
    segment->time = store.now;
    return tuple;
}

static inline const struct observation *store_observe(const struct tuple *tuple,
                                                      const struct segment *segment)
{
    struct tuple_entry *entry = connections_entry(tuple);
    memset(&store.record, 0xa5, sizeof store.record);
    store.crossing = (struct crossing){0};
    store.reported = connections_observe(entry, segment, &store.record, &store.rejection, &store.crossing);
    return &store.record.observation;
}

/* Sends it now; time stands still. */
static inline const struct observation *store_shoot(const struct spot *spot, struct shot shot)
{
    struct segment segment = {
        .seq = {spot->isn[shot.from] + shot.seq},
        .ack = {shot.flags & FLAG_ACK ? spot->isn[!shot.from] + shot.ack : 0},
        .flags = (uint16_t)shot.flags,
        .window = 64240,
        .data = shot.data,
    };
    struct tuple tuple = store_tuple(spot, shot.from, &segment);
    return store_observe(&tuple, &segment);
}

#define STORE(spot, ...) store_shoot((spot), (struct shot){__VA_ARGS__})

static inline void store_handshake(const struct spot *spot)
{
    STORE(spot, .from = CLIENT, .flags = S);
    STORE(spot, .from = SERVER, .flags = SA, .ack = 1);
    STORE(spot, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

static inline struct summary store_summary(uint32_t number)
{
    struct summary summary;
    memset(&summary, 0x5a, sizeof summary);
    CHECK(connections_summary(number, &summary));
    return summary;
}

#endif
