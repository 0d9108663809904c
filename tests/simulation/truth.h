/* truth.h - what truly became of the connection that the engine calls by a number?
 *
 * Whose segments they are, the hosts know. What they did in those connections stands in their
 * biographies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_TRUTH_H
#define TCPFSM_SIMULATION_TRUTH_H

#include "reading.h"

struct truth {
    const struct biography *biography[2]; /* by end; NULL: no segment of a connection of that end */
    unsigned frames;                      /* captured ones */
    bool mixed;                           /* segments of several connections of an end */
    bool orderly; /* all that both sent was captured once, in order, and taken as it was meant */
};

/* Of each connection in `reading`, which `capture` was read to. */
void truth_find(const struct capture *capture, const struct reading *reading,
                struct truth truths[CONNECTIONS_MAX]);

/* Both users opened and closed it, and both hosts know that each FIN arrived. */
bool truth_is_closed(const struct truth *truth);

/* Each end whose segments were captured closed in that way with whoever was its peer. */
bool truth_closed_each(const struct capture *capture, const struct truth *truth);

#endif
