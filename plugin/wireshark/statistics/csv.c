/* csv.c - see csv.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/csv.h"

#include <inttypes.h>
#include <string.h>

static void begin_cell(GString *row)
{
    if (row->len != 0) {
        g_string_append_c(row, ',');
    }
}

void csv_text(GString *row, const char *text)
{
    begin_cell(row);
    if (strpbrk(text, ",\"\r\n") == NULL) {
        g_string_append(row, text);
        return;
    }
    g_string_append_c(row, '"');
    for (; *text != '\0'; text++) {
        g_string_append(row, *text == '"' ? "\"" : "");
        g_string_append_c(row, *text);
    }
    g_string_append_c(row, '"');
}

void csv_number(GString *row, int64_t number)
{
    begin_cell(row);
    g_string_append_printf(row, "%" PRId64, number);
}

void csv_decimal(GString *row, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    begin_cell(row);
    g_string_append(row, g_ascii_formatd(text, sizeof text, "%.3f", number));
}

static void add_words(GString *row, gsize begin, const char *words)
{
    bool parted = true; /* a word has ended */
    for (; *words != '\0'; words++) {
        if (g_ascii_isalnum(*words)) {
            g_string_append(row, parted && row->len != begin ? "_" : "");
            g_string_append_c(row, g_ascii_tolower(*words));
            parted = false;
        } else if (*words != '\'') {
            parted = true;
        }
    }
}

void csv_name(GString *row, const char *kind, const char *heading)
{
    begin_cell(row);
    gsize begin = row->len;
    add_words(row, begin, kind);
    add_words(row, begin, heading);
}

void csv_end(GString *row, struct output *output)
{
    g_string_append_c(row, '\n');
    output_write(output, row->str);
    g_string_truncate(row, 0);
}
