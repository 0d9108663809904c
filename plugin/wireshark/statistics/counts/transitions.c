/* transitions.c - see transitions.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/counts/transitions.h"

#include <stdio.h>

enum { NAME_MAX_BYTES = 32 }; /* of the two longest states, and the arrow */

static char names[STATE_COUNT][STATE_COUNT][NAME_MAX_BYTES];

void transitions_register(void)
{
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        for (unsigned to = 0; to < STATE_COUNT; to++) {
            snprintf(names[from][to], sizeof names[from][to], "%s → %s", state_name((enum state)from),
                     state_name((enum state)to));
        }
    }
}

const char *transition_name(enum state from, enum state to)
{
    return names[from][to];
}
