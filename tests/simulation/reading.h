/* reading.h - what the engine says about a capture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_READING_H
#define TCPFSM_SIMULATION_READING_H

#include "capture.h"
#include "summary/timeout_finding.h"
#include "connection.h"

enum { CONNECTIONS_MAX = 2048 };

struct reading {
    struct observation o[FRAMES_MAX];
    uint16_t told[FRAMES_MAX];      /* what one pass tells on each: bit n, enum timeout_finding n */
    findings_t accused[FRAMES_MAX]; /* by what its receiver made of it */
    uint8_t settled[FRAMES_MAX];    /* the outcome that one pass shows on each; OUTCOME_COUNT: none yet */
    unsigned connections;
    unsigned unsettled; /* frame, from 1, after which a settled outcome was another; 0: none */
    struct summary summary[CONNECTIONS_MAX];
};

/* As the preferences are by default. */
extern const struct timeouts usual_timeouts;

/* The same capture in other numbers, its ends named the other way round. */
struct disguise {
    uint32_t shift[2]; /* added to all numbers of the stream that end 0, 1 sends */
    bool swapped;
};

/* RFC 9293 3.10.7.1: such a RST has the number 0, whatever the connection's. */
bool refuses_a_syn(const struct segment *seg);

void reading_make(struct reading *reading, const struct capture *capture, const struct disguise *disguise);

/* What is known of a connection at `now`, in a line, for people. */
void reading_print_summary(const struct reading *reading, unsigned number, int64_t now);

/* One observation in a line, for people. */
void reading_print(const struct reading *reading, const struct capture *capture, unsigned at);

#endif
