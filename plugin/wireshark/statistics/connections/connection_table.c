/* connection_table.c - see connection_table.h
 *
 * Who draws the table is not asked for it, so its cells must be right before. tshark
 * draws once, at the end: there a second listener writes the rows just before, in
 * order of stream. The dialog and sharkd look at a capture that was read before:
 * there a row is right from its first segment on, and only warnings follow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/connection_table.h"

#include "statistics/connections/connection_cells.h"

#include <epan/stat_groups.h>
#include <epan/tap.h>
#include <string.h>
#include <wsutil/report_message.h>

/* Rows that the table had: another dialog may still show them. */
struct retired {
    stat_tap_table_item_type **rows;
    guint count;
    GStringChunk *texts;
};

/* All listeners of a program share one table, as Wireshark has it. */
static struct {
    stat_tap_table_ui ui;
    stat_tap_table_item columns[COLUMN_COUNT]; /* as they are shown */
    struct roster *roster;
    GHashTable *rows;    /* row of each connection of the open file, plus one; not for tshark */
    GStringChunk *texts; /* of the cells */
    GArray *retired;     /* of struct retired */
    guint finished;      /* rows of capture files that are closed */
    bool prints;         /* tshark, at the end */
    bool finishes;       /* the second listener is there */
    bool behind;         /* segments came since it wrote the rows */
} all;

/* The table; NULL while Wireshark has none. */
static stat_tap_table *table_now(void)
{
    return all.ui.tables != NULL && all.ui.tables->len > 0 ? g_array_index(all.ui.tables, stat_tap_table *, 0)
                                                           : NULL;
}

/* ------------------------------------------------------------ rows one by one */

static void write_row(stat_tap_table *table, guint place, const struct connection_row *row)
{
    stat_tap_table_item_type cells[COLUMN_COUNT];
    cells_fill(cells, row, all.texts);
    stat_tap_init_table_row(table, place, COLUMN_COUNT, cells);
}

static void update_row(stat_tap_table *table, uint32_t connection)
{
    struct connection_row row;
    gpointer key = GUINT_TO_POINTER(connection);
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(all.rows, key));
    if (!roster_row(all.roster, connection, &row)) {
        return;
    }
    if (place == 0) {
        place = table->num_elements + 1;
        g_hash_table_insert(all.rows, key, GUINT_TO_POINTER(place));
    }
    write_row(table, place - 1, &row);
}

/* ---------------------------------------------------------- rows all at once */

/* The rows of the open file, behind those of closed ones. */
static void finish_rows(void)
{
    stat_tap_table *table = table_now();
    if (table == NULL || !all.behind) {
        return;
    }
    struct connection_row row;
    guint place = all.finished;
    GArray *order = roster_order(all.roster);
    for (guint i = 0; i < order->len; i++) {
        if (roster_row(all.roster, g_array_index(order, uint32_t, i), &row)) {
            write_row(table, place++, &row);
        }
    }
    g_array_free(order, TRUE);
    all.behind = false;
}

static void draw_before(void *data _U_)
{
    finish_rows();
    const stat_tap_table *table = table_now();
    for (unsigned i = 0; table != NULL && i < COLUMN_COUNT; i++) {
        all.columns[i] = cells_fit(table, (enum column)i, all.texts);
    }
}

/* Listeners are drawn in the order of registration, the newest first. So this one comes with the first
 * segment, when the table's own are there. */
static void finish_at_draw(void)
{
    if (!all.finishes) {
        GString *error = register_tap_listener(TCPFSM_TAP, &all, NULL, TL_REQUIRES_NOTHING, NULL, NULL,
                                               draw_before, NULL);
        if (error != NULL) {
            report_failure("%s", error->str);
            g_string_free(error, TRUE);
        }
        all.finishes = true;
    }
}

/* ------------------------------------------------------- what Wireshark calls */

static tap_packet_status table_packet(void *data _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                      const void *segment_data, tap_flags_t flags _U_)
{
    const struct tcpfsm_segment *segment = (const struct tcpfsm_segment *)segment_data;
    stat_tap_table *table = table_now();
    bool news = roster_note(all.roster, segment);
    if (all.prints) {
        all.behind = true;
        finish_at_draw();
    } else if (news && table != NULL) {
        update_row(table, segment->observation->connection);
    }
    return news ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

void connection_table_file_closes(void)
{
    const stat_tap_table *table = table_now();
    finish_rows();
    all.finished = table != NULL ? table->num_elements : 0;
    roster_clear(all.roster);
    g_hash_table_remove_all(all.rows);
}

static void free_retired(void)
{
    for (guint i = 0; i < all.retired->len; i++) {
        struct retired *retired = &g_array_index(all.retired, struct retired, i);
        for (guint j = 0; j < retired->count; j++) {
            g_free(retired->rows[j]);
        }
        g_free(retired->rows);
        g_string_chunk_free(retired->texts);
    }
    g_array_set_size(all.retired, 0);
}

/* The dialogs of Wireshark keep pointers to rows, even after another one has begun the table anew. So rows
 * are freed when there is at most one dialog, and then a step late: it lets go of them after this. */
static void table_reset(stat_tap_table *table)
{
    if (all.ui.refcount <= 1) {
        free_retired();
    }
    struct retired retired = {table->elements, table->num_elements, all.texts};
    g_array_append_val(all.retired, retired);
    table->elements = NULL;
    table->num_elements = all.finished = 0;
    all.texts = g_string_chunk_new(4096);
    all.behind = false;
    roster_clear(all.roster);
    g_hash_table_remove_all(all.rows);
}

/* Once for each -z, and each time that a dialog is filled. */
static void table_init(stat_tap_table_ui *ui)
{
    if (table_now() == NULL) {
        stat_tap_add_table(ui, stat_tap_init_table("TCP connections (tcpfsm.connection == N: packets of one)",
                                                   COLUMN_COUNT, 0, NULL));
    }
    table_reset(table_now());
}

/* Only tshark asks: what others show isn't text in columns. */
static void check_argument(const char *argument, const char **filter, char **error)
{
    const char *rest = argument + strlen(all.ui.cli_string);
    all.prints = true;
    if (*rest != '\0' && *rest != ',') {
        *error = g_strdup_printf("-z %s: it ends with the statistic's name, or a comma and a display filter",
                                 argument);
    }
    if (*filter != NULL && **filter == '\0') {
        *filter = NULL;
    }
}

void connection_table_register(void)
{
    memcpy(all.columns, connection_columns, sizeof connection_columns);
    all.roster = roster_new();
    all.rows = g_hash_table_new(NULL, NULL);
    all.texts = g_string_chunk_new(4096);
    all.retired = g_array_new(FALSE, FALSE, sizeof(struct retired));
    all.ui = (stat_tap_table_ui){
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "TCP Connections",
        .tap_name = TCPFSM_TAP,
        .cli_string = "tcpfsm,connections",
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .stat_filter_check_cb = check_argument,
        .nfields = COLUMN_COUNT,
        .fields = all.columns,
    };
    register_stat_tap_table_ui(&all.ui);
}
