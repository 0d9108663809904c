/* hindsight.h - what is told of a connection once the capture has ended
 *
 * Its values are the engine's connection_fields.def; a scenario calls them by the
 * names of the fields, with - for _.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_HINDSIGHT_H
#define TCPFSM_RIG_HINDSIGHT_H

#include "words.h"
#include "summary/connection_fields.h"
#include "summary/timeout_finding.h"

enum { CONNECTIONS_MAX = 8 }; /* of one scenario */

struct hindsight {
    struct connection_values values;
    uint32_t frame[MILESTONE_COUNT];
    char history[HISTORY_MAX + 1];
    unsigned timeout_findings;
    uint32_t begin[TIMEOUT_FINDING_COUNT]; /* frame that began it; with its bit in `timeout_findings` */
};

/* What a scenario demands of a connection. Frames are lines, counted from 1; a `previous` counts within the
 * scenario; an ISN is counted from the one that `side` started with. */
struct expected_hindsight {
    unsigned line;  /* in the file, of what was said last; 0: nothing was said */
    uint64_t check; /* bit n: value n */
    bool check_frames, check_history;
    struct hindsight told;
};

/* The scenario's word for a field: "time-wait-holder". */
struct field_word {
    char text[32];
};

struct field_word field_word(enum connection_field field);

/* Of a VALUE_NAME: its enumeration. */
enum kind field_kind(enum connection_field field);

/* Of a VALUE_NAME: the number of its name; that of none if it is absent. */
unsigned field_number(int64_t value);

/* What the engine says at the time `end`. */
void hindsight_of(struct hindsight *hindsight, const struct summary *summary, const struct timeouts *timeouts,
                  int64_t end);

#endif
