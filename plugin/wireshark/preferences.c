/* preferences.c - what the user may set
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "preferences.h"

#include <string.h>
#include <wsutil/report_message.h>

struct preferences preferences = {
    .analyze = TRUE,
    .info_column = FALSE,
    .handshake_timeout = 5,
    .fin_timeout = 5,
    .close_wait_timeout = 60,
    .fin_wait_2_timeout = 60,
    .idle_timeout = 75,
    .silent_timeout = 3,
    .time_wait = 60,
    .many_limit = 32,
    .hole = 600,
};

static const struct {
    const char *name, *title, *description;
    preference_bool *value;
} switches[] = {
    {"analyze", "Follow the states of TCP connections",
     "When off, nothing is added to any packet and next to no time is spent.", &preferences.analyze},
    {"info_column", "Show steps and states in the Info column",
     "Puts, say, [1/3 C:SYN-SENT S:SYN-RECEIVED?] in front; a question mark means expected, not proven.",
     &preferences.info_column},
};

static const struct {
    const char *name, *title, *description;
    unsigned *value;
} numbers[] = {
    {"handshake_timeout", "Time-out of a handshake (seconds)",
     "How long a SYN or SYN-ACK may stay unanswered. SYNs go at 0, 1, 3 seconds (RFC 6298), or each second "
     "at "
     "first (Linux).",
     &preferences.handshake_timeout},
    {"fin_timeout", "Time-out of a FIN (seconds)",
     "How long a FIN may stay unacknowledged. It comes again at 0.2, 0.6, 1.4, 3 seconds.",
     &preferences.fin_timeout},
    {"close_wait_timeout", "Time-out of CLOSE-WAIT (seconds)",
     "How long an end may owe its FIN without doing anything else. Linux's tcp_fin_timeout is 60: by then "
     "the "
     "closer may have forgotten the connection.",
     &preferences.close_wait_timeout},
    {"fin_wait_2_timeout", "Time-out of FIN-WAIT-2 (seconds)",
     "How long an end that closed may wait for the other's FIN while it is still alive itself.",
     &preferences.fin_wait_2_timeout},
    {"idle_timeout", "Time-out of an idle connection (seconds)",
     "How long a connection may stay open without a single byte. Common servers give up after 60.",
     &preferences.idle_timeout},
    {"silent_timeout", "Time-out of a silent peer (seconds)",
     "How long at least three tries may stay unanswered (RFC 9293 3.8.3, R1).", &preferences.silent_timeout},
    {"time_wait", "Length of TIME-WAIT (seconds)",
     "Twice the maximum segment lifetime: 60 on Linux, 120 on Windows, 240 in RFC 9293.",
     &preferences.time_wait},
    {"many_limit", "Limit of unfinished connections",
     "More than so many unfinished, or idle, connections to one server address and port are remarked upon.",
     &preferences.many_limit},
    {"quiet_tail", "Quiet time after the last packet (seconds)",
     "How long the capture went on after its last packet. A filtered capture has no later packet to tell.",
     &preferences.quiet_tail},
    {"hole", "Gap that ends all waiting (seconds)",
     "If no packet at all was captured for longer than this, and no connection continues across the gap, "
     "time-outs "
     "end there: the capture was paused, or files were merged. 0: gaps never end them.",
     &preferences.hole},
};

/* The argument of -o, in one with it or not: "tcpfsm.analyze:maybe". */
static void check_argument(const char *argument)
{
    const char *setting = g_str_has_prefix(argument, "-o") ? argument + 2 : argument;
    const char *colon = g_str_has_prefix(setting, "tcpfsm.") ? strchr(setting, ':') : NULL;
    for (size_t i = 0; colon != NULL && i < array_length(switches); i++) {
        const char *name = setting + strlen("tcpfsm."), *value = colon + 1;
        size_t length = (size_t)(colon - name);
        value += strspn(value, " \t");
        if (length == strlen(switches[i].name) && strncmp(name, switches[i].name, length) == 0 &&
            g_ascii_strcasecmp(value, "true") != 0 && g_ascii_strcasecmp(value, "false") != 0) {
            report_warning("-o %s: \"%s\" is neither TRUE nor FALSE, FALSE is taken", setting, value);
        }
    }
}

/* Wireshark takes for FALSE whatever isn't TRUE, and shows nobody what was there instead. So we look at the
 * command line ourselves, where the system shows it. */
static void check_arguments(void)
{
#ifdef G_OS_WIN32
    char **arguments = g_win32_get_command_line();
    for (char **next = arguments; *next != NULL; next++) {
        check_argument(*next);
    }
    g_strfreev(arguments);
#else
    char *text;
    gsize length;
    if (g_file_get_contents("/proc/self/cmdline", &text, &length, NULL)) {
        for (const char *next = text; next < text + length; next += strlen(next) + 1) {
            check_argument(next);
        }
        g_free(text);
    }
#endif
}

void preferences_register(int protocol)
{
    module_t *module = prefs_register_protocol(protocol, NULL);
    for (size_t i = 0; i < array_length(switches); i++) {
        prefs_register_bool_preference(module, switches[i].name, switches[i].title, switches[i].description,
                                       switches[i].value);
    }
    for (size_t i = 0; i < array_length(numbers); i++) {
        prefs_register_uint_preference(module, numbers[i].name, numbers[i].title, numbers[i].description, 10,
                                       numbers[i].value);
    }
    check_arguments();
}
