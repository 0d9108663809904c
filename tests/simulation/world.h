/* world.h - two hosts with their users, a network between them, and the observer in it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_WORLD_H
#define TCPFSM_SIMULATION_WORLD_H

#include "capture.h"

enum { EVENTS_MAX = 4096, PACKETS_MAX = FRAMES_MAX + 2000, PAYLOAD_SIZES = 3 };

/* A stretch of the network between a host and the observer. */
struct leg {
    int64_t delay, jitter, straying;        /* straying: what a packet that is overtaken loses */
    unsigned loss, reordering, duplication; /* per mille */
    int64_t last; /* arrival of the packet before: it keeps the order but for straying */
};

enum happening { AT_OBSERVER, AT_HOST, USER_ACTS, FORGES };

struct appointment {
    int64_t time;
    uint32_t number; /* of two at the same time, who came first */
    uint32_t packet;
    uint32_t frame; /* the last that shows it, where it comes from; 0: none */
    uint8_t from;
    uint8_t leg; /* that it has passed */
    enum happening what;
};

/* How the users of both hosts behave, in events per mille of their decisions. */
struct users {
    int64_t pause;
    uint32_t bytes_max;
    unsigned writes, closes, half_closes, aborts, crashes, stops_reading, reopens, full_backlog;
    unsigned openings; /* that many connections at most */
    bool hasty;        /* opens anew while the peer may still be in the connection before */
};

struct world {
    struct dice dice;
    int64_t now, end;
    unsigned frames_max;
    struct tcp host[2];
    struct leg leg[2][3]; /* by sender; 0 before the first observer, 1 behind, 2 behind the second */
    uint8_t hops;         /* between two observers */
    struct users users;
    unsigned opened;
    struct packet packet[PACKETS_MAX];
    bool arrived_once[PACKETS_MAX];
    uint32_t frame_of[PACKETS_MAX];
    unsigned packets;
    bool last_arrived[2];
    struct appointment heap[EVENTS_MAX];
    unsigned events, in_flight;
    uint32_t event_numbers;
    struct capture *capture;
};

/* Lets the world of that seed happen, and says what passed the observer. */
void world_run(struct world *world, uint64_t seed, struct capture *capture);

/* ---- among the files of the world */

void settings_choose(struct world *world);
void users_act(struct world *world, unsigned who);
void network_send(void *context, const struct packet *packet);
void network_carry(struct world *world, const struct appointment *event);
void network_forge(struct world *world);
bool world_schedule(struct world *world, const struct appointment *event);

#endif
