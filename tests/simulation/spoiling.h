/* spoiling.h - what a worse observer would have captured of the same traffic
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_SPOILING_H
#define TCPFSM_SIMULATION_SPOILING_H

#include "capture.h"

enum fault {
    SINGLE_DROPS,
    BURSTS,
    ONE_DIRECTION,
    JOINED_LATE,
    REPEATS,
    TWO_PATHS,
    SHUFFLED,
    CUT_OPTIONS,
    UNKNOWN_LENGTHS,
    SHUFFLED_DROPS, /* of several faults together */
    FAULT_COUNT
};

const char *fault_name(enum fault fault);
void spoil(struct capture *worse, const struct capture *capture, enum fault fault, struct dice *dice);

#endif
