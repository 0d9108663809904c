/* sightings.h - a capture of two observers, fed to the plugin's store
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_SIGHTINGS_H
#define TCPFSM_SIMULATION_SIGHTINGS_H

#include "reading.h"

#include "store/points/points.h"

struct sightings {
    struct reading reading; /* all but `settled` and the summaries of two points is filled */
    struct crossing crossing[FRAMES_MAX];
    findings_t marks[FRAMES_MAX]; /* what stands on each with hindsight */
};

/* `watched`: both points are seen to go on for a while after the last packet. */
void sightings_read(struct sightings *sightings, const struct capture *capture, bool watched);

void sightings_print(const struct sightings *sightings, const struct capture *capture);

#endif
