/* hindsight_filter.c - see hindsight_filter.h
 *
 * A compiled filter tells its fields since Wireshark 4.2 only, so they are looked for in its text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/hindsight_filter.h"

#include "findings/experts.h"
#include "findings/hindsight.h"
#include "summary/connection_fields.h"
#include "words/words.h"

#include <string.h>
#include <wsutil/report_message.h>

static const char of_connection[] = "tcpfsm.connection.", of_expert[] = "tcpfsm.expert.",
                  of_receiver[] = "tcpfsm.receiver.", twin[] = ".str";

/* Those that are told once they are settled, or that grow. */
static bool is_of_end(const char *name)
{
    for (unsigned i = 0; i < CONNECTION_FIELD_COUNT; i++) {
        enum field_group group = connection_fields[i].group;
        if (strcmp(connection_fields[i].name, name) == 0) {
            return group == GROUP_OUTCOME || group == GROUP_STORY || group == GROUP_EXTENT;
        }
    }
    return false;
}

/* Those that take time. */
static bool is_late_expert(const char *name)
{
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        if (strcmp(expert_name((enum expert)i), name) == 0) {
            return expert_timeout_finding((enum expert)i) != TIMEOUT_FINDING_COUNT;
        }
    }
    return false;
}

static bool is_late(const char *field)
{
    size_t length = strlen(field) - (g_str_has_suffix(field, twin) ? strlen(twin) : 0);
    char *name = g_strndup(field, length);
    bool late = g_str_has_prefix(name, of_receiver) ||
                (g_str_has_prefix(name, of_connection) && is_of_end(name + strlen(of_connection))) ||
                (g_str_has_prefix(name, of_expert) && is_late_expert(name + strlen(of_expert)));
    g_free(name);
    return late;
}

/* The first such field in the text, for g_free(), or NULL. */
static char *find_late(const char *filter)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    for (const char *text = filter; *text != '\0'; text += strcspn(text, letters)) {
        size_t length = strspn(text, letters);
        char *field = g_strndup(text, length);
        if (is_late(field)) {
            return field;
        }
        g_free(field);
        text += length;
    }
    return NULL;
}

void hindsight_filter_warn(const char *argument, const char *filter, const char *instead)
{
    char *field = filter != NULL && !hindsight_is_known() ? find_late(filter) : NULL;
    if (field != NULL) {
        report_warning(WORDS_LATE_FILTER, argument, field, instead);
        g_free(field);
    }
}
