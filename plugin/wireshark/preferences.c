/* preferences.c - what the user may set
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "preferences.h"

#include "words/words.h"

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

#define WORDS_OF(name) #name, WORDS_PREF_##name, WORDS_PREF_ABOUT_##name, &preferences.name

static const struct {
    const char *name, *title, *description;
    preference_bool *value;
} switches[] = {
    {WORDS_OF(analyze)},
    {WORDS_OF(info_column)},
};

static const struct {
    const char *name, *title, *description;
    unsigned *value;
} numbers[] = {
    {WORDS_OF(handshake_timeout)},  {WORDS_OF(fin_timeout)},
    {WORDS_OF(close_wait_timeout)}, {WORDS_OF(fin_wait_2_timeout)},
    {WORDS_OF(idle_timeout)},       {WORDS_OF(silent_timeout)},
    {WORDS_OF(time_wait)},          {WORDS_OF(many_limit)},
    {WORDS_OF(quiet_tail)},         {WORDS_OF(hole)},
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
            report_warning(WORDS_PREF_NOT_BOOLEAN, setting, value);
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
