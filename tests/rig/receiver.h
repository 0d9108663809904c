/* receiver.h - what the receivers of doubtful segments made of them, in one run
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_RECEIVER_H
#define TCPFSM_RIG_RECEIVER_H

#include "witness/witness.h"

/* The findings that are accusations by a witness. */
#define FINDINGS_WITNESSED (FINDING_SEQ_INVALID | FINDING_ACK_INVALID | FINDING_RESET_INVALID)
#define FINDINGS_SUSPECTED (FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | FINDING_RESET_SUSPECT)

/* With room for all suspects; NULL without memory. */
struct witness *receiver_witness(void);

struct run;
struct seen;

/* A segment of the run, after it was added to the summary. `witness`: of its connection, `before`: of the one
 * before, or NULL. */
void receiver_hear(struct run *run, struct seen *seen, struct witness *witness, struct witness *before,
                   const struct summary *summary);

/* What is known of it when nothing more has come until `now`. */
struct testimony receiver_at(const struct seen *seen, const struct witness *witness,
                             const struct summary *summary, int64_t now);

#endif
