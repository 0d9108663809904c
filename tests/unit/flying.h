/* flying.h - segments of one direction at two capture points
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_FLYING_H
#define TCPFSM_TESTS_UNIT_FLYING_H

#include "check.h"
#include "points/flights.h"

#define MS INT64_C(1000000)
#define SECONDS (1000 * MS)

/* What isn't mentioned is 0. */
struct shown {
    int64_t at; /* ms */
    uint32_t seq, data, ack, tsval;
    unsigned flags; /* with ACK, unless it says otherwise */
    uint32_t sack;  /* the left edge of a block of 9 bytes */
    uint16_t ip_id, window;
    uint8_t ttl;
};

static uint32_t flying_frame;

static inline struct segment shown_segment(struct shown shown)
{
    return (struct segment){.seq = {shown.seq},
                            .ack = {shown.ack},
                            .data = shown.data,
                            .flags = (uint16_t)(shown.flags != 0 ? shown.flags : FLAG_ACK),
                            .has_timestamps = shown.tsval != 0,
                            .tsval = shown.tsval,
                            .has_ip_id = shown.ip_id != 0,
                            .ip_id = shown.ip_id,
                            .sack_blocks = shown.sack != 0,
                            .sack = {{{shown.sack}, {shown.sack + 9}}},
                            .window = shown.window,
                            .ttl = shown.ttl,
                            .usable = true,
                            .length_known = true,
                            .options_known = true,
                            .frame = ++flying_frame,
                            .time = shown.at * MS};
}

static inline struct flight shown_flight(struct shown shown)
{
    struct segment seg = shown_segment(shown);
    return flight_of(&seg);
}

#endif
