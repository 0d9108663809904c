/* preferences.h - what the user may set
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_PREFERENCES_H
#define TCPFSM_WIRESHARK_PREFERENCES_H

#include "compat.h"

struct preferences {
    preference_bool analyze;     /* off: pass every segment on and do nothing */
    preference_bool info_column; /* steps and states at the end of the Info column */
    unsigned time_wait;          /* 2MSL in seconds */
};

extern struct preferences preferences;

void preferences_register(int protocol);

#endif
