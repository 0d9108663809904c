/* preferences.c - what the user may set
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "preferences.h"

struct preferences preferences = {.analyze = TRUE, .info_column = FALSE, .time_wait = 60};

void preferences_register(int protocol)
{
    module_t *module = prefs_register_protocol(protocol, NULL);
    prefs_register_bool_preference(module, "analyze", "Follow the states of TCP connections",
                                   "When off, nothing is added to any packet and next to no time is spent.",
                                   &preferences.analyze);
    prefs_register_bool_preference(
        module, "info_column", "Show steps and states in the Info column",
        "Appends for instance [1/3 C:SYN-SENT S:SYN-RECEIVED?]; a question mark means expected, not proven.",
        &preferences.info_column);
    prefs_register_uint_preference(
        module, "time_wait", "Length of TIME-WAIT (seconds)",
        "Twice the maximum segment lifetime: 60 on Linux, 120 on Windows, 240 in RFC 9293.", 10,
        &preferences.time_wait);
}
