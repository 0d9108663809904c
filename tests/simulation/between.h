/* between.h - what must be true of what two observers show together
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_BETWEEN_H
#define TCPFSM_SIMULATION_BETWEEN_H

#include "properties.h"
#include "sightings.h"

/* Of two observers who missed nothing: no segment is named lost but one that was lost between them; of equal
 * copies as many. `watched`: they went on after the last packet. `unnamed`: those that are not named, though
 * they might. */
struct breach check_lost(const struct capture *capture, const struct sightings *sightings, bool watched,
                         unsigned *named, unsigned *unnamed);

/* No segments are named made between, or seen once, but the forged ones. */
struct breach check_made(const struct capture *capture, const struct sightings *sightings, unsigned *made,
                         unsigned *once, unsigned *unnamed);

/* Of observers who missed some: nothing was made, and what an end has acknowledged wasn't lost. `wrong`:
 * others that are named lost and were not. */
struct breach check_missing(const struct capture *capture, const struct sightings *sightings,
                            unsigned *wrong);

/* At how many quiet moments an end is shown in another state than its own; `of`: of how many. */
unsigned count_wrong_states(const struct capture *capture, const struct reading *reading, unsigned *of);

#endif
