/* variations.h - each scenario in all the ways it must come out the same
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_VARIATIONS_H
#define TCPFSM_RIG_VARIATIONS_H

#include "run.h"

/* `full` receives the plain run. Returns the number of disagreements. */
unsigned check_variations(const struct scenario *scenario, struct run *full);

#endif
