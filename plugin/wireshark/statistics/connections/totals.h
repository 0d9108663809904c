/* totals.h - what the connections of a table come to, for each outcome and in all
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TOTALS_H
#define TCPFSM_WIRESHARK_TOTALS_H

#include "statistics/connections/roster.h"

#include "summary/outcome.h"

struct total {
    uint32_t connections, warnings, notes;
    uint64_t packets, bytes[2]; /* of clients, of servers */
    uint64_t lost[2];           /* between two capture points: segments of clients, of servers */
};

/* For each outcome; the last is of all. */
enum { TOTAL_OF_ALL = OUTCOME_COUNT, TOTAL_COUNT };

struct totals {
    struct total of[TOTAL_COUNT];
};

void totals_add(struct totals *totals, const struct connection_row *row);

/* An outcome's name, or "all". */
const char *total_name(unsigned total);

#endif
