/* ladder_states.h - the states down both sides of a ladder
 *
 * A state is shown where it is entered, or becomes surer; below it, how long it lasted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LADDER_STATES_H
#define TCPFSM_WIRESHARK_LADDER_STATES_H

#include "summary/summary.h"
#include "statistics/ladder/lifelines.h"
#include "statistics/ladder/rungs.h"

/* What was drawn last beside a lifeline. */
struct shown {
    bool drawn;
    enum state state;
    enum basis basis;
    int64_t since; /* ns; when that state was entered */
};

struct ladder_states {
    unsigned client; /* the end that segments call `from` 0 or 1; it stands left */
    struct shown shown[SIDES];
};

enum side states_side(const struct ladder_states *states, unsigned from);

/* Nobody is open there, but for a TIME-WAIT. */
bool states_is_gone(enum state state);

/* Those before the first rung, unless they last. */
void states_draw_first(struct ladder_states *states, struct lifelines *lines, const struct rung *rung);

/* How long the states that end with this rung have lasted, and which they were if others are shown: what
 * stands beside the lifelines before its arrow. */
void states_leave(const struct ladder_states *states, struct lifelines *lines, const struct rung *rung);

/* Those after a rung, where they are to be shown, else NULL. */
void states_enter(struct ladder_states *states, wmem_allocator_t *pool, const struct rung *rung,
                  const char *text[SIDES]);

/* At the end of the capture, `end` in ns: how long each end has been in its last state. */
void states_last(const struct ladder_states *states, struct lifelines *lines, const struct summary *summary,
                 int64_t end);

#endif
