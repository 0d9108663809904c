/* properties.h - what must be true of what the engine says
 *
 * Each check returns the index of the first frame that breaks it, or NO_BREACH, and says why in `why`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_PROPERTIES_H
#define TCPFSM_SIMULATION_PROPERTIES_H

#include "reading.h"

enum { NO_BREACH = -1, WHY_MAX = 200 };

struct breach {
    int frame; /* index, or NO_BREACH */
    char why[WHY_MAX];
};

/* Honest ends are not accused; nor suspected, if `suspicions` count. */
struct breach check_innocence(const struct capture *capture, const struct reading *reading, bool suspicions);

/* The rest holds of captures that show all that passed. */
struct breach check_quiet_states(const struct capture *capture, const struct reading *reading);
struct breach check_proven_states(const struct capture *capture, const struct reading *reading);
struct breach check_steps(const struct capture *capture, const struct reading *reading);
struct breach check_numbers(const struct capture *capture, const struct reading *reading);

/* Other numbers and other names for the ends change nothing but the numbers. */
struct breach check_disguise(const struct capture *capture, const struct reading *reading,
                             const struct reading *other, const struct disguise *disguise);

#endif
