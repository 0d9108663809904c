/* transitions.h - "ESTABLISHED → CLOSE-WAIT"
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TRANSITIONS_H
#define TCPFSM_WIRESHARK_TRANSITIONS_H

#include "wire/state.h"

void transitions_register(void);

/* Lives as long as the program: nothing is made per segment. */
const char *transition_name(enum state from, enum state to);

#endif
