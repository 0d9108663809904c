/* reading.h - what the engine says about a capture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_READING_H
#define TCPFSM_SIMULATION_READING_H

#include "capture.h"
#include "connection.h"

struct reading {
    struct observation o[FRAMES_MAX];
};

/* The same capture in other numbers, its ends named the other way round. */
struct disguise {
    uint32_t shift[2]; /* added to all numbers of the stream that end 0, 1 sends */
    bool swapped;
};

void reading_make(struct reading *reading, const struct capture *capture, const struct disguise *disguise);

/* The remarks that accuse, and those that the verdicts alone would earn; 0: nobody is accused. */
unsigned accusations_of(const struct observation *o);

/* One observation in a line, for people. */
void reading_print(const struct reading *reading, const struct capture *capture, unsigned at);

#endif
