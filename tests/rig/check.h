/* check.h - compares what the engine said with what the scenario expects
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_CHECK_H
#define TCPFSM_RIG_CHECK_H

#include "run.h"

/* Each returns the number of disagreements, printed with file:line, field, expected, actual. */

/* Every expectation of every line. */
unsigned check_expectations(const struct scenario *scenario, const struct variation *variation,
                            const struct run *run);

/* What must hold of any observation, whatever the story. */
unsigned check_invariants(const struct scenario *scenario, const struct variation *variation,
                          const struct run *run);

/* `run` saw less than `full`, or saw it twice: it accuses of nothing that `full` didn't. */
unsigned check_no_new_accusation(const struct scenario *scenario, const struct variation *variation,
                                 const struct run *run, const struct run *full);

/* Does the engine accuse anybody of anything? */
bool accuses(const struct scenario *scenario, const struct run *run);

/* `run` saw each frame twice: originals as in `full`, copies recognised. */
unsigned check_mirror(const struct scenario *scenario, const struct variation *variation,
                      const struct run *run, const struct run *full);

/* The disagreement itself. */
struct place {
    const struct scenario *scenario;
    const struct variation *variation;
    unsigned line; /* index */
    unsigned failures;
};

void disagree(struct place *place, const char *field, const char *expected, const char *actual);

#endif
