/* connection_cells.c - see connection_cells.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/connection_cells.h"

#include "words/words.h"
#include "capture/capture_clock.h"
#include "statistics/trouble.h"
#include "store/packing.h"
#include "thresholds.h"

#include <math.h>
#include <string.h>

const stat_tap_table_item connection_columns[COLUMN_COUNT] = {
    [COLUMN_RANK] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_RANK, "%u"},
    [COLUMN_CONNECTION] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_CONNECTION, "%u"},
    [COLUMN_STREAM] = {TABLE_ITEM_INT, TAP_ALIGN_RIGHT, WORDS_COLUMN_STREAM, "%d"},
    [COLUMN_CLIENT] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_CLIENT, "%s"},
    [COLUMN_SERVER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_SERVER, "%s"},
    [COLUMN_OUTCOME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_OUTCOME, "%s"},
    [COLUMN_OWED] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, WORDS_COLUMN_OWED_FOR_S, "%.3f"},
    [COLUMN_OWES] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_WHO_OWES_WHAT, "%s"},
    [COLUMN_WARNINGS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_WARNINGS, "%s"},
    [COLUMN_NOTES] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_NOTES, "%s"},
    [COLUMN_CLIENT_STATE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_CLIENT_STATE, "%s"},
    [COLUMN_SERVER_STATE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_SERVER_STATE, "%s"},
    [COLUMN_OPENING] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_OPENED, "%s"},
    [COLUMN_CLOSING] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_CLOSED, "%s"},
    [COLUMN_CLOSER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_CLOSED_FIRST_BY, "%s"},
    [COLUMN_PACKETS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_PACKETS, "%u"},
    [COLUMN_BYTES_CLIENT] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_BYTES_FROM_CLIENT, "%u"},
    [COLUMN_BYTES_SERVER] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_BYTES_FROM_SERVER, "%u"},
    [COLUMN_START] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, WORDS_COLUMN_START_S, "%.3f"},
    [COLUMN_DURATION] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, WORDS_COLUMN_DURATION_S, "%.3f"},
    [COLUMN_FILTER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_FILTER, "%s"},
    [COLUMN_POINTS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_POINTS, "%u"},
    [COLUMN_LOST_TO_SERVER] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_LOST_TO_SERVER, "%u"},
    [COLUMN_LOST_TO_CLIENT] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, WORDS_COLUMN_LOST_TO_CLIENT, "%u"},
    [COLUMN_CHANGED] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_COLUMN_CHANGED, "%s"},
    [COLUMN_TRANSIT_TO_SERVER] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, WORDS_COLUMN_TRANSIT_TO_SERVER_MS,
                                  "%.3f"},
    [COLUMN_TRANSIT_TO_CLIENT] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, WORDS_COLUMN_TRANSIT_TO_CLIENT_MS,
                                  "%.3f"},
};

static const char *keep(GStringChunk *texts, GString *text)
{
    const char *kept = g_string_chunk_insert_const(texts, text->str);
    g_string_free(text, TRUE);
    return kept;
}

static const char *end_text(GStringChunk *texts, struct row_end end)
{
    char text[SOCKET_TEXT_MAX];
    socket_write(text, end.address, end.port);
    return g_string_chunk_insert_const(texts, text);
}

/* "ESTABLISHED", "CLOSE-WAIT?" if that isn't proven */
static const char *state_text(GStringChunk *texts, const struct summary_end *end)
{
    GString *text = g_string_new(state_name((enum state)end->state));
    g_string_append(text, basis_mark((enum state)end->state, (enum basis)end->basis));
    return keep(texts, text);
}

/* "server: FIN (since frame 17)" */
static const char *owes_text(GStringChunk *texts, const struct connection_row *row)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 2; i++) {
        struct due dues[DEBT_COUNT];
        unsigned count = row_dues(row, i, dues);
        for (unsigned j = 0; j < count; j++) {
            g_string_append_printf(text, "%s%s: %s", text->len ? "; " : "",
                                   role_name(i ? ROLE_SERVER : ROLE_CLIENT), debt_name(dues[j].debt));
            if (dues[j].frame != 0) {
                g_string_append_printf(text, WORDS_TABLE_SINCE, dues[j].frame);
            }
        }
    }
    return keep(texts, text);
}

/* "close_wait_stuck (frame 17), unanswered (frame 12)" */
static const char *findings_text(GStringChunk *texts, const struct connection_row *row, uint64_t set)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = EXPERT_COUNT; i-- > 0;) {
        if (set & UINT64_C(1) << i) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", expert_name((enum expert)i));
            if (row->warning_frame[i] != 0) {
                g_string_append_printf(text, WORDS_TABLE_FRAME, row->warning_frame[i]);
            }
        }
    }
    return keep(texts, text);
}

static const char *filter_text(GStringChunk *texts, const char *format, ...) G_GNUC_PRINTF(2, 3);

static const char *filter_text(GStringChunk *texts, const char *format, ...)
{
    va_list arguments;
    GString *text = g_string_new(NULL);
    va_start(arguments, format);
    g_string_append_vprintf(text, format, arguments);
    va_end(arguments);
    return keep(texts, text);
}

static const char *name_of(const struct connection_values *values, enum connection_field field)
{
    return connection_value_name(field, values->of[field]);
}

/* No column holds more than 32 bits, so a number beyond that is shown as the largest; printed, as it is. */
static void fill_uint(stat_tap_table_item_type *cell, uint64_t value)
{
    cell->type = TABLE_ITEM_UINT;
    cell->value.uint_value = (guint)MIN(value, UINT32_MAX);
    cell->user_data.float_value = (double)value;
}

static void fill_extent(stat_tap_table_item_type cells[COLUMN_COUNT], uint64_t packets, uint64_t from_client,
                        uint64_t from_server)
{
    fill_uint(&cells[COLUMN_PACKETS], packets);
    fill_uint(&cells[COLUMN_BYTES_CLIENT], from_client);
    fill_uint(&cells[COLUMN_BYTES_SERVER], from_server);
}

static void fill_if_known(stat_tap_table_item_type *cell, int64_t value)
{
    fill_uint(cell, value != ABSENT ? (uint64_t)value : 0);
    cell->type = value != ABSENT ? TABLE_ITEM_UINT : TABLE_ITEM_NONE;
}

/* It may be negative, if the clocks of the points differ. */
static void fill_transit(stat_tap_table_item_type *cell, int64_t time)
{
    cell->type = time != ABSENT ? TABLE_ITEM_FLOAT : TABLE_ITEM_NONE;
    cell->value.float_value = time != ABSENT ? (double)time / NS_PER_MS : -HUGE_VAL;
}

/* Nothing of a connection that was captured at one point. */
static void fill_points(stat_tap_table_item_type cells[COLUMN_COUNT], const struct connection_values *values)
{
    const int64_t *of = values->of;
    fill_if_known(&cells[COLUMN_POINTS], of[CONNECTION_POINTS]);
    fill_if_known(&cells[COLUMN_LOST_TO_SERVER], of[CONNECTION_LOST_CLIENT_TO_SERVER]);
    fill_if_known(&cells[COLUMN_LOST_TO_CLIENT], of[CONNECTION_LOST_SERVER_TO_CLIENT]);
    fill_transit(&cells[COLUMN_TRANSIT_TO_SERVER], of[CONNECTION_TRANSIT_CLIENT_TO_SERVER]);
    fill_transit(&cells[COLUMN_TRANSIT_TO_CLIENT], of[CONNECTION_TRANSIT_SERVER_TO_CLIENT]);
}

void cells_fill(stat_tap_table_item_type cells[COLUMN_COUNT], const struct connection_row *row, guint rank,
                GStringChunk *texts)
{
    const struct summary *s = &row->summary;
    struct connection_view view = row_view(row);
    struct connection_values values = connection_values(&view);
    uint64_t warns = warnings_of_kind_warn(row->warnings);
    uint32_t stream = connections_stream(row->connection);
    const char *const shown[COLUMN_COUNT] = {
        [COLUMN_CLIENT] = end_text(texts, row_end(row, 0)),
        [COLUMN_SERVER] = end_text(texts, row_end(row, 1)),
        [COLUMN_OUTCOME] = name_of(&values, CONNECTION_OUTCOME),
        [COLUMN_OWES] = owes_text(texts, row),
        [COLUMN_WARNINGS] = findings_text(texts, row, warns),
        [COLUMN_NOTES] = findings_text(texts, row, row->warnings & ~warns),
        [COLUMN_CLIENT_STATE] = state_text(texts, &s->end[0]),
        [COLUMN_SERVER_STATE] = state_text(texts, &s->end[1]),
        [COLUMN_OPENING] = name_of(&values, CONNECTION_OPENING),
        [COLUMN_CLOSING] = name_of(&values, CONNECTION_CLOSING),
        [COLUMN_CLOSER] = name_of(&values, CONNECTION_CLOSER),
        [COLUMN_FILTER] = filter_text(texts, "tcpfsm.connection == %u", row->connection),
        [COLUMN_CHANGED] = g_string_chunk_insert_const(texts, changes_text(&s->between).text),
    };
    memset(cells, 0, COLUMN_COUNT * sizeof cells[0]);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        cells[i].type = connection_columns[i].type;
        cells[i].value.string_value = shown[i];
    }
    fill_uint(&cells[COLUMN_RANK], rank);
    fill_uint(&cells[COLUMN_CONNECTION], row->connection);
    fill_extent(cells, s->packets, s->end[0].bytes, s->end[1].bytes);
    fill_points(cells, &values);
    cells[COLUMN_STREAM].value.int_value = stream != STREAM_NONE ? (int)stream : -1;
    cells[COLUMN_OWED].value.float_value = seconds(trouble_of(row).owed);
    cells[COLUMN_START].value.float_value = seconds(s->start - capture_clock_first());
    cells[COLUMN_DURATION].value.float_value = seconds(s->last);
}

static const char *count_text(GStringChunk *texts, unsigned count)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%u", count);
    return keep(texts, text);
}

/* A cell has its column's type or none: Wireshark 4.6 prints it in the column's format, and would take
 * a number for the address of a text. */
void cells_fill_total(stat_tap_table_item_type cells[COLUMN_COUNT], const struct totals *totals,
                      unsigned total, GStringChunk *texts)
{
    const struct total *of = &totals->of[total];
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        cells[i] = (stat_tap_table_item_type){
            .type = connection_columns[i].type == TABLE_ITEM_STRING ? TABLE_ITEM_STRING : TABLE_ITEM_NONE,
            .value.string_value = "",
        };
    }
    cells[COLUMN_OUTCOME].value.string_value = total_name(total);
    cells[COLUMN_FILTER].value.string_value =
        total == TOTAL_OF_ALL ? "tcpfsm.connection"
                              : filter_text(texts, "tcpfsm.connection.outcome == \"%s\"", total_name(total));
    fill_uint(&cells[COLUMN_RANK], total + 1);
    fill_uint(&cells[COLUMN_CONNECTION], of->connections);
    cells[COLUMN_WARNINGS].value.string_value = count_text(texts, of->warnings);
    cells[COLUMN_NOTES].value.string_value = count_text(texts, of->notes);
    fill_extent(cells, of->packets, of->bytes[0], of->bytes[1]);
    fill_uint(&cells[COLUMN_LOST_TO_SERVER], of->lost[0]);
    fill_uint(&cells[COLUMN_LOST_TO_CLIENT], of->lost[1]);
}

enum column cells_printed(guint place)
{
    unsigned column = COLUMN_CONNECTION + place;
    return (enum column)(column < COLUMN_FILTER ? column : column + 1);
}

static void print_cell(stat_tap_table_item_type *cell, GStringChunk *texts)
{
    char text[32] = "";
    switch (cell->type) {
    case TABLE_ITEM_UINT: snprintf(text, sizeof text, "%.0f", cell->user_data.float_value); break;
    case TABLE_ITEM_INT: /* -1: there is none */
        if (cell->value.int_value >= 0) {
            snprintf(text, sizeof text, "%d", cell->value.int_value);
        }
        break;
    case TABLE_ITEM_FLOAT: snprintf(text, sizeof text, "%.3f", cell->value.float_value); break;
    case TABLE_ITEM_NONE: break;
    default: return;
    }
    cell->type = TABLE_ITEM_STRING;
    cell->value.string_value = g_string_chunk_insert_const(texts, text);
}

void cells_print(stat_tap_table_item_type printed[COLUMNS_PRINTED],
                 const stat_tap_table_item_type cells[COLUMN_COUNT], GStringChunk *texts)
{
    for (unsigned i = 0; i < COLUMNS_PRINTED; i++) {
        printed[i] = cells[cells_printed(i)];
        print_cell(&printed[i], texts);
    }
}

stat_tap_table_item cells_fit(const GArray *tables, guint place, GStringChunk *texts)
{
    stat_tap_table_item fitted = connection_columns[cells_printed(place)];
    const char *left = fitted.align == TAP_ALIGN_LEFT ? "-" : "";
    size_t width = strlen(fitted.column_name);
    for (guint i = 0; i < tables->len; i++) {
        const stat_tap_table *table = g_array_index(tables, const stat_tap_table *, i);
        for (guint j = 0; j < table->num_elements; j++) {
            width = MAX(width, strlen(stat_tap_get_field_data(table, j, place)->value.string_value));
        }
    }
    GString *format = g_string_new(NULL), *name = g_string_new(NULL);
    g_string_printf(format, "%%%s%us", left, (unsigned)width);
    g_string_printf(name, *left ? "%-*s" : "%*s", (int)width, fitted.column_name);
    fitted.type = TABLE_ITEM_STRING;
    fitted.column_name = keep(texts, name);
    fitted.field_format = keep(texts, format);
    return fitted;
}
