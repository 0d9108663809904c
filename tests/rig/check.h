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

/* What is told of each connection at the capture's end. */
unsigned check_hindsight(const struct scenario *scenario, const struct variation *variation,
                         const struct run *run);

/* What must hold of any summary, whatever the story. */
unsigned check_summary_invariants(const struct scenario *scenario, const struct variation *variation,
                                  const struct run *run, const struct arena *arena);

/* `run` saw less than `full`: no warning at the end, or told in one pass, where `full` has none. */
unsigned check_no_new_warning(const struct scenario *scenario, const struct variation *variation,
                              const struct run *run, const struct run *full);

/* Is there any warning at the end? */
bool warns(const struct run *run);

/* `run` saw each frame twice: the same is told of each connection. */
unsigned check_same_hindsight(const struct scenario *scenario, const struct variation *variation,
                              const struct run *run, const struct run *full);

/* The disagreement itself. */
struct place {
    const struct scenario *scenario;
    const struct variation *variation;
    unsigned line; /* index; with `whole`: the number of a connection */
    unsigned failures;
    bool whole; /* it is about a connection, not about a segment */
};

void disagree(struct place *place, const char *field, const char *expected, const char *actual);

#endif
