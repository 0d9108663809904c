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
    FLAGS_ONLY,     /* a filter: SYN, FIN and RST */
    ONE_WAY_LATER,  /* the route of one direction changes */
    LATE_COPIES,    /* a second, slow mirror elsewhere */
    TWICE,          /* a file appended to itself */
    REPLAYED,       /* a file, and the same a day later */
    NO_PURE_ACKS,   /* a filter, the next one, too */
    NO_DATA,
    FAULT_COUNT
};

const char *fault_name(enum fault fault);

/* Would an end that had sent what was captured, in that order, be at fault? Then it may be suspected, but not
 * accused: its peer doesn't complain. */
bool fault_invents(enum fault fault);
void spoil(struct capture *worse, const struct capture *capture, enum fault fault, struct dice *dice);

#endif
