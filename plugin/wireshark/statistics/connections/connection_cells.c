/* connection_cells.c - see connection_cells.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/connection_cells.h"

#include "show/words.h"
#include "store/packing.h"

#include <string.h>

/* The first is named as the filter that leads back to the packets. */
const stat_tap_table_item connection_columns[COLUMN_COUNT] = {
    [COLUMN_CONNECTION] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "tcpfsm.connection", "%u"},
    [COLUMN_STREAM] = {TABLE_ITEM_INT, TAP_ALIGN_RIGHT, "Stream", "%d"},
    [COLUMN_CLIENT] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client", "%s"},
    [COLUMN_SERVER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server", "%s"},
    [COLUMN_OUTCOME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome", "%s"},
    [COLUMN_OPENING] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Opened", "%s"},
    [COLUMN_CLOSING] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Closed", "%s"},
    [COLUMN_CLOSER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Closer", "%s"},
    [COLUMN_CLIENT_STATE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client is in", "%s"},
    [COLUMN_SERVER_STATE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server is in", "%s"},
    [COLUMN_OWES] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Who owes what", "%s"},
    [COLUMN_WARNINGS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Warnings", "%s"},
};

static const char *keep(GStringChunk *texts, GString *text)
{
    const char *kept = g_string_chunk_insert_const(texts, text->str);
    g_string_free(text, TRUE);
    return kept;
}

static const char *end_text(GStringChunk *texts, const struct row_end *end)
{
    char text[SOCKET_TEXT_MAX];
    socket_write(text, end->address, end->port);
    return g_string_chunk_insert_const(texts, text);
}

/* "ESTABLISHED", "CLOSE-WAIT?" if that isn't proven */
static const char *state_text(GStringChunk *texts, const struct summary_end *end)
{
    GString *text = g_string_new(state_name((enum state)end->state));
    g_string_append(text, basis_mark((enum state)end->state, (enum basis)end->basis));
    return keep(texts, text);
}

/* "server: FIN (since frame 17, 73.212 s)" */
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
                g_string_append_printf(text, " (since frame %u, %.3f s)", dues[j].frame,
                                       seconds(dues[j].age));
            } else if (dues[j].age != NO_TIME) {
                g_string_append_printf(text, " (%.3f s)", seconds(dues[j].age));
            }
        }
    }
    return keep(texts, text);
}

/* "close_wait_stuck (frame 17), fin_retransmitted (frame 12)" */
static const char *warnings_text(GStringChunk *texts, const struct connection_row *row)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = EXPERT_COUNT; i-- > 0;) { /* those of kind Warn first */
        if (row->warnings & UINT64_C(1) << i) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", expert_name((enum expert)i));
            if (row->warning_frame[i] != 0) {
                g_string_append_printf(text, " (frame %u)", row->warning_frame[i]);
            }
        }
    }
    return keep(texts, text);
}

static const char *name_of(const struct connection_values *values, enum connection_field field)
{
    return connection_value_name(field, values->of[field]);
}

void cells_fill(stat_tap_table_item_type cells[COLUMN_COUNT], const struct connection_row *row,
                GStringChunk *texts)
{
    const struct summary *s = &row->summary;
    struct connection_view view = row_view(row);
    struct connection_values values = connection_values(&view);
    const char *const shown[COLUMN_COUNT] = {
        [COLUMN_CLIENT] = end_text(texts, &row->end[0]),
        [COLUMN_SERVER] = end_text(texts, &row->end[1]),
        [COLUMN_OUTCOME] = name_of(&values, CONNECTION_OUTCOME),
        [COLUMN_OPENING] = name_of(&values, CONNECTION_OPENING),
        [COLUMN_CLOSING] = name_of(&values, CONNECTION_CLOSING),
        [COLUMN_CLOSER] = name_of(&values, CONNECTION_CLOSER),
        [COLUMN_CLIENT_STATE] = state_text(texts, &s->end[0]),
        [COLUMN_SERVER_STATE] = state_text(texts, &s->end[1]),
        [COLUMN_OWES] = owes_text(texts, row),
        [COLUMN_WARNINGS] = warnings_text(texts, row),
    };
    memset(cells, 0, COLUMN_COUNT * sizeof cells[0]);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        cells[i].type = connection_columns[i].type;
        cells[i].value.string_value = shown[i];
    }
    cells[COLUMN_CONNECTION].value.uint_value = row->connection;
    cells[COLUMN_STREAM].value.int_value = row->stream != STREAM_NONE ? (int)row->stream : -1;
}

stat_tap_table_item cells_fit(const stat_tap_table *table, enum column column, GStringChunk *texts)
{
    char text[16];
    stat_tap_table_item fitted = connection_columns[column];
    bool left = fitted.align == TAP_ALIGN_LEFT; /* so are texts, and numbers are not */
    size_t width = strlen(fitted.column_name);
    for (guint i = 0; i < table->num_elements; i++) {
        const stat_tap_table_item_type *cell = stat_tap_get_field_data(table, i, column);
        const char *shown = cell->value.string_value;
        if (!left) {
            snprintf(text, sizeof text, "%d", cell->value.int_value);
            shown = text;
        }
        width = strlen(shown) > width ? strlen(shown) : width;
    }
    GString *name = g_string_new(NULL), *format = g_string_new(NULL);
    g_string_printf(name, left ? "%-*s" : "%*s", (int)width, fitted.column_name);
    g_string_printf(format, "%%%s%d%c", left ? "-" : "", (int)width, fitted.field_format[1]);
    fitted.column_name = keep(texts, name);
    fitted.field_format = keep(texts, format);
    return fitted;
}
