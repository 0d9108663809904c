/* catalog.c - see catalog.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/catalog.h"

#include "compat.h"
#include "words/words.h"

#include <epan/stat_groups.h>
#include <epan/stat_tap_ui.h>
#include <wsutil/report_message.h>

static GTree *entries; /* argument -> what it shows */

static int order(const void *a, const void *b)
{
    return strcmp((const char *)a, (const char *)b);
}

void catalog_add(const char *argument, const char *shows)
{
    if (entries == NULL) {
        entries = g_tree_new(order);
    }
    g_tree_insert(entries, (void *)(uintptr_t)argument, (void *)(uintptr_t)shows);
}

static gboolean append(void *argument, void *shows, void *text)
{
    g_string_append_printf((GString *)text, "\n  %-20s  %s", (const char *)argument, (const char *)shows);
    return FALSE; /* go on */
}

char *catalog_unknown(void)
{
    GString *text = g_string_new(WORDS_STATISTICS_UNKNOWN);
    g_tree_foreach(entries, append, text);
    return g_string_free(text, FALSE);
}

static compat_stat_init refuse(const char *argument, void *data _U_)
{
    char *text = catalog_unknown();
    report_failure("-z %s: %s", argument, text);
    g_free(text);
    COMPAT_STAT_INIT_RETURN(false);
}

void catalog_register(void)
{
    static stat_tap_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = WORDS_STATISTICS_TITLE,
        .cli_string = "tcpfsm",
        .tap_init_cb = refuse,
    };
    register_stat_tap_ui(&ui, NULL);
}
