/* services_report.c - see services_report.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/services/services_report.h"

#include "findings/hindsight.h"
#include "statistics/csv.h"
#include "statistics/services/service_cells.h"
#include "store/connections.h"
#include "words/words.h"

#include <string.h>

struct report {
    struct roster *roster;
    bool csv;
};

static void *report_create(const struct options *options)
{
    struct report *report = g_new(struct report, 1);
    report->roster = roster_new();
    report->csv = options->value[0] != NULL;
    return report;
}

static void report_destroy(void *data)
{
    struct report *report = (struct report *)data;
    roster_free(report->roster);
    g_free(report);
}

static void report_segment(void *report, const struct tcpfsm_segment *segment)
{
    roster_note(((struct report *)report)->roster, segment);
}

static void add_all(struct services *services, const struct roster *roster)
{
    struct connection_row row;
    connections_finish(hindsight_end()); /* in one pass, nobody else says that this is the end */
    GArray *connections = roster_order(roster);
    for (guint i = 0; i < connections->len; i++) {
        if (roster_row(roster, g_array_index(connections, uint32_t, i), &row)) {
            services_add(services, &row);
        }
    }
    g_array_free(connections, TRUE);
}

/* -------------------------------------------------------------------------- CSV */

static bool is_in_csv(enum service_column column, const struct services *services)
{
    bool exists = column < SERVICE_TWO_POINTS || services_total(services)->two_points != 0;
    return exists && (service_column_shown(column) & IN_CSV);
}

static void write_csv_heading(GString *line, const struct services *services, struct output *output)
{
    for (unsigned i = 0; i < SERVICE_COLUMNS; i++) {
        if (is_in_csv((enum service_column)i, services)) {
            csv_name(line, service_column_kind((enum service_column)i),
                     service_column((enum service_column)i).column_name);
        }
    }
    csv_end(line, output);
}

static void write_csv_cell(GString *line, const stat_tap_table_item_type cells[SERVICE_COLUMNS],
                           enum service_column column)
{
    if (service_cell_is_empty(cells, column)) {
        csv_text(line, "");
        return;
    }
    switch (cells[column].type) {
    case TABLE_ITEM_UINT: csv_number(line, cells[column].value.uint_value); break;
    case TABLE_ITEM_FLOAT: csv_decimal(line, cells[column].value.float_value); break;
    default: csv_text(line, cells[column].value.string_value); break;
    }
}

static void write_csv_row(GString *line, const stat_tap_table_item_type cells[SERVICE_COLUMNS],
                          const struct services *services, struct output *output)
{
    for (unsigned i = 0; i < SERVICE_COLUMNS; i++) {
        if (is_in_csv((enum service_column)i, services)) {
            write_csv_cell(line, cells, (enum service_column)i);
        }
    }
    csv_end(line, output);
}

/* ------------------------------------------------------------------------- text */

static void cell_write(GString *text, const stat_tap_table_item_type cells[SERVICE_COLUMNS],
                       enum service_column column)
{
    g_string_truncate(text, 0);
    if (service_cell_is_empty(cells, column)) {
        return;
    }
    switch (cells[column].type) {
    case TABLE_ITEM_UINT: g_string_printf(text, "%u", cells[column].value.uint_value); break;
    case TABLE_ITEM_FLOAT: g_string_printf(text, "%.3f", cells[column].value.float_value); break;
    default: g_string_assign(text, cells[column].value.string_value); break;
    }
}

/* Nobody misses a column in which nothing happened, unless two points were there to see whether it did. */
static bool is_in_text(enum service_column column, const stat_tap_table_item_type total[SERVICE_COLUMNS])
{
    if (column >= SERVICE_TWO_POINTS) {
        return total[SERVICE_TWO_POINTS].value.uint_value != 0;
    }
    GString *text = g_string_new(NULL);
    cell_write(text, total, column);
    bool always = column <= SERVICE_TROUBLED, empty = text->len == 0 || strcmp(text->str, "0") == 0;
    g_string_free(text, TRUE);
    return (service_column_shown(column) & IN_TEXT) && (always || !empty);
}

static void widen(size_t *width, const char *text)
{
    *width = MAX(*width, strlen(text));
}

static void write_cell(GString *line, enum service_column column, const char *text, size_t width)
{
    bool left = service_column(column).align == TAP_ALIGN_LEFT;
    g_string_append_printf(line, left ? "%-*s |" : "%*s |", (int)width, text);
}

static const stat_tap_table_item_type *row_at(const GArray *rows, guint place)
{
    return &g_array_index(rows, stat_tap_table_item_type, place * SERVICE_COLUMNS);
}

/* The rows, a cell behind the other; the last one is the total. */
static void write_text(const GArray *rows, struct output *output)
{
    size_t width[SERVICE_COLUMNS] = {0};
    GString *line = g_string_new(NULL), *text = g_string_new(NULL);
    guint count = rows->len / SERVICE_COLUMNS;
    const stat_tap_table_item_type *total = row_at(rows, count - 1);
    for (unsigned i = 0; i < SERVICE_COLUMNS; i++) {
        if (is_in_text((enum service_column)i, total)) {
            const char *heading = service_column((enum service_column)i).column_name;
            widen(&width[i], heading);
            for (guint j = 0; j < count; j++) {
                cell_write(text, row_at(rows, j), (enum service_column)i);
                widen(&width[i], text->str);
            }
            write_cell(line, (enum service_column)i, heading, width[i]);
        }
    }
    output_printf(output, WORDS_SERVICES_HEADING "\n%s\n", line->str);
    for (guint j = 0; j < count; j++) {
        g_string_truncate(line, 0);
        for (unsigned i = 0; i < SERVICE_COLUMNS; i++) {
            if (is_in_text((enum service_column)i, total)) {
                cell_write(text, row_at(rows, j), (enum service_column)i);
                write_cell(line, (enum service_column)i, text->str, width[i]);
            }
        }
        output_printf(output, "%s\n", line->str);
    }
    g_string_free(line, TRUE);
    g_string_free(text, TRUE);
}

/* ------------------------------------------------------------------- the report */

static void write_services(const struct services *services, bool csv, struct output *output)
{
    stat_tap_table_item_type cells[SERVICE_COLUMNS];
    GStringChunk *texts = g_string_chunk_new(4096);
    GArray *order = services_order(services), *rows = g_array_new(FALSE, FALSE, sizeof cells[0]);
    GString *line = g_string_new(NULL);
    if (csv) {
        write_csv_heading(line, services, output);
    }
    for (guint i = 0; i < order->len; i++) {
        service_cells(cells, services_at(services, g_array_index(order, guint, i)), i + 1, texts);
        if (csv) {
            write_csv_row(line, cells, services, output);
        } else {
            g_array_append_vals(rows, cells, SERVICE_COLUMNS);
        }
    }
    if (!csv) {
        service_cells(cells, services_total(services), 0, texts);
        cells[SERVICE_SERVER].value.string_value = WORDS_SERVICES_TOTAL;
        g_array_append_vals(rows, cells, SERVICE_COLUMNS);
        write_text(rows, output);
    }
    g_string_free(line, TRUE);
    g_array_free(rows, TRUE);
    g_array_free(order, TRUE);
    g_string_chunk_free(texts);
}

static void report_render(void *data, struct output *output)
{
    const struct report *report = (const struct report *)data;
    struct services *services = services_new();
    add_all(services, report->roster);
    write_services(services, report->csv, output);
    services_free(services);
}

void services_report_register(void)
{
    static const char *const names[] = {"csv", NULL};
    static const struct report_kind kind = {
        .argument = "tcpfsm,services",
        .title = WORDS_TITLE_SERVICES,
        .shows = WORDS_SHOWS_SERVICES,
        .options = names,
        .create = report_create,
        .destroy = report_destroy,
        .segment = report_segment,
        .render = report_render,
    };
    report_register(&kind);
}
