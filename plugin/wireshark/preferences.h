/* preferences.h - what the user may set
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_PREFERENCES_H
#define TCPFSM_WIRESHARK_PREFERENCES_H

#include "compat.h"

struct preferences {
    preference_bool analyze;     /* off: pass every segment on and do nothing */
    preference_bool info_column; /* steps and states in front of the Info column */

    /* In seconds. */
    unsigned handshake_timeout, fin_timeout, close_wait_timeout, fin_wait_2_timeout, idle_timeout,
        silent_timeout;
    unsigned time_wait;  /* 2MSL */
    unsigned quiet_tail; /* how long the capture went on after its last packet */
    unsigned hole;       /* nobody is said to wait over a gap of the capture that is longer; 0: none is */

    unsigned many_limit; /* connections to one server that may be unfinished, or idle, at once */
};

extern struct preferences preferences;

void preferences_register(int protocol);

#endif
