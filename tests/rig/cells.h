/* cells.h - which cells of the state machine's table has the engine looked into?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_CELLS_H
#define TCPFSM_RIG_CELLS_H

#include "machine/fsm.h"

enum { CELLS = STATE_COUNT * EVENT_COUNT };

/* How often; `cell`: state * EVENT_COUNT + event. */
unsigned cells_seen(unsigned cell);

void cells_forget(void);

#endif
