/* witnesses.h - what did the receivers of doubtful segments make of them?
 *
 * Few connections have any: these stand apart, by number. What was found is kept for every later look at the
 * doubtful segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_WITNESSES_H
#define TCPFSM_WIRESHARK_WITNESSES_H

#include "witness/witness.h"

/* What a segment shows of earlier ones, while the capture is read for the first time. */
struct rejection {
    findings_t findings;               /* FINDING_SEQ_INVALID and so on: of one of them at least */
    uint32_t suspect[SUSPICION_COUNT]; /* serial number of the first of that name; with its finding */
    uint32_t count[SUSPICION_COUNT];   /* how many of that name */
};

/* Notes and Warns of a connection by which doubtful segments are told of, once all is known. */
struct doubts {
    findings_t findings;
    uint32_t count[2 * SUSPICION_COUNT]; /* suspicions, then accusations: of seq, ack, reset */
    uint32_t first[2 * SUSPICION_COUNT]; /* serial number of the first segment */
};

void witnesses_open(void);
void witnesses_close(void);

/* The next segment of connection `number`, after it was added to `summary`, whose mark `suspected` tells
 * whether anybody listens. `previous`: the connection before plus one, or 0. */
void witnesses_hear_more(uint32_t number, uint32_t previous, const struct segment *segment,
                         struct observation *observation, struct summary *summary,
                         struct rejection *rejection);

/* The same; costs little for all but few segments. */
static inline void witnesses_hear(uint32_t number, uint32_t previous, const struct segment *segment,
                                  struct observation *observation, struct summary *summary,
                                  struct rejection *rejection)
{
    bool again = previous != 0 && (segment->flags & FLAG_SYN) != 0;
    rejection->findings = 0;
    if (again || witness_is_called(segment, observation, summary->suspected)) {
        witnesses_hear_more(number, previous, segment, observation, summary, rejection);
    }
}

/* What is known of a segment as of `now`, when nothing more has come, and what is told of it then:
 * suspicions or accusations. `summary`: of its connection. False: nobody can show anything of it, and
 * nothing is changed. */
bool witnesses_look(uint32_t number, uint32_t serial, const struct summary *summary, int64_t now,
                    struct testimony *received, findings_t *findings);

/* All of a connection. */
void witnesses_count(uint32_t number, const struct summary *summary, int64_t now, struct doubts *doubts);

size_t witnesses_bytes(void);

#endif
