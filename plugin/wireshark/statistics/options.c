/* options.c - see options.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/options.h"
#include "words/words.h"

#include <string.h>

/* Is the part of that length this option? Then `value` is where its value begins. */
static gboolean option_fits(const char *name, const char *part, gsize length, gsize *value)
{
    gsize size = strlen(name);
    *value = size;
    return length >= size && strncmp(part, name, size) == 0 &&
           (size == 0 || name[size - 1] == '=' || length == size);
}

/* Its place among the names; -1: it is no option. */
static int option_find(option_names names, const char *part, gsize length, gboolean first, gsize *value)
{
    for (int i = 0; names != NULL && names[i] != NULL; i++) {
        if (names[i][0] == '\0' ? first : option_fits(names[i], part, length, value)) {
            *value = names[i][0] == '\0' ? 0 : *value;
            return i;
        }
    }
    return -1;
}

/* A word before "=": no display filter begins so. */
static gboolean looks_like_option(const char *part)
{
    gsize length = strspn(part, "abcdefghijklmnopqrstuvwxyz_-");
    return length > 0 && part[length] == '=' && part[length + 1] != '=';
}

static char *no_such_option(option_names names, const char *part)
{
    GString *text = g_string_new(NULL);
    const char *before = WORDS_OPTION_KNOWN;
    g_string_printf(text, WORDS_OPTION_UNKNOWN, (int)strcspn(part, "="), part);
    for (int i = 0; names != NULL && names[i] != NULL; i++) {
        if (names[i][0] != '\0') {
            g_string_append_printf(text, "%s%s", before, names[i]);
            before = ", ";
        }
    }
    g_string_append(text, *before == ',' ? "" : WORDS_OPTION_NONE);
    return g_string_free(text, FALSE);
}

char *options_read(struct options *options, option_names names, const char *text)
{
    memset(options, 0, sizeof *options);
    gboolean first = TRUE;
    while (*text == ',' && text[1] != '\0') {
        const char *part = text + 1;
        gsize length = strcspn(part, ","), value = 0;
        int place = option_find(names, part, length, first, &value);
        if (place < 0 && looks_like_option(part)) {
            return no_such_option(names, part);
        }
        if (place < 0) {
            options->filter = g_strdup(part);
            break;
        }
        if (options->value[place] != NULL) {
            return g_strdup_printf(WORDS_OPTION_TWICE, (int)value, part);
        }
        options->value[place] = g_strndup(part + value, length - value);
        text = part + length;
        first = FALSE;
    }
    return NULL;
}

void options_clear(struct options *options)
{
    for (unsigned i = 0; i < OPTIONS_MAX; i++) {
        g_free(options->value[i]);
    }
    g_free(options->filter);
    memset(options, 0, sizeof *options);
}
