/* table.c - see table.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/table.h"

#include "findings/hindsight.h"

#include <epan/stat_groups.h>
#include <epan/tap.h>
#include <string.h>
#include <wsutil/report_message.h>

/* Rows that a table had: another dialog may still show them. */
struct retired {
    stat_tap_table_item_type **rows;
    guint count;
    GStringChunk *texts; /* or NULL */
};

struct table {
    stat_tap_table_ui ui; /* comes first: what Wireshark hands back is this */
    const struct table_kind *kind;
    GStringChunk *texts;
    GArray *retired;     /* of struct retired */
    bool listens_to_all; /* for good, but only to what fills the table: */
    bool asked, fills;
};

static GList *tables; /* of struct table */

static stat_tap_table *part_of(const struct table *table, guint part)
{
    const GArray *parts = table->ui.tables;
    return parts != NULL && part < parts->len ? g_array_index(parts, stat_tap_table *, part) : NULL;
}

GStringChunk *table_texts(const struct table *table)
{
    return table->texts;
}

/* A row has room for all of its columns, whether the table shows them or not. */
static void put_row(stat_tap_table *part, guint place, guint columns, const stat_tap_table_item_type *cells)
{
    guint shown = part->num_fields;
    part->num_fields = columns;
    stat_tap_init_table_row(part, place, columns, cells);
    part->num_fields = shown;
}

void table_align_left(stat_tap_table_item *columns, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        columns[i].align = TAP_ALIGN_LEFT;
    }
}

stat_tap_table_item_type *table_row(struct table *table, unsigned part, guint place)
{
    stat_tap_table *own = part_of(table, part);
    unsigned count = table->kind->column_count;
    if (own == NULL) {
        return NULL;
    }
    if (place >= own->num_elements) {
        stat_tap_table_item_type *cells = g_new0(stat_tap_table_item_type, count);
        for (unsigned i = 0; i < count; i++) {
            cells[i].type = table->kind->columns[i].type;
            if (cells[i].type == TABLE_ITEM_STRING) {
                cells[i].value.string_value = "";
            }
        }
        for (guint i = own->num_elements; i <= place; i++) {
            put_row(own, i, count, cells);
        }
        g_free(cells);
    }
    return stat_tap_get_field_data(own, place, 0);
}

/* ------------------------------------------------------------------------- rows */

static void free_retired(struct table *table)
{
    for (guint i = 0; i < table->retired->len; i++) {
        struct retired *retired = &g_array_index(table->retired, struct retired, i);
        for (guint j = 0; j < retired->count; j++) {
            g_free(retired->rows[j]);
        }
        g_free(retired->rows);
        if (retired->texts != NULL) {
            g_string_chunk_free(retired->texts);
        }
    }
    g_array_set_size(table->retired, 0);
}

/* The dialogs of Wireshark keep pointers to rows, even after another one has begun the table anew. So rows
 * are freed when there is at most one dialog, and then a step late: it lets go of them after this. */
static void table_empty(struct table *table)
{
    if (table->ui.refcount <= 1) {
        free_retired(table);
    }
    for (guint i = 0; i < TABLE_PARTS; i++) {
        stat_tap_table *part = part_of(table, i);
        if (part != NULL) {
            struct retired retired = {part->elements, part->num_elements, i == 0 ? table->texts : NULL};
            g_array_append_val(table->retired, retired);
            part->elements = NULL;
            part->num_elements = 0;
            part->num_fields = (guint)table->ui.nfields;
        }
    }
    table->texts = g_string_chunk_new(4096);
    table->kind->begin(table);
}

/* Called for each part, one after another. */
static void table_reset(stat_tap_table *part)
{
    for (GList *link = tables; link != NULL; link = link->next) {
        if (part_of((struct table *)link->data, 0) == part) {
            table_empty((struct table *)link->data);
        }
    }
}

/* A dialog has the columns that there are when it is opened. */
void tables_file_is_read(void)
{
    for (GList *link = tables; link != NULL; link = link->next) {
        struct table *table = (struct table *)link->data;
        unsigned hidden = hindsight_two_points() ? 0 : table->kind->of_two_points;
        table->ui.nfields = table->kind->column_count - hidden;
    }
}

void tables_file_closes(void)
{
    for (GList *link = tables; link != NULL; link = link->next) {
        struct table *table = (struct table *)link->data;
        table->kind->begin(table);
    }
}

/* --------------------------------------------------------------------- segments */

static tap_packet_status table_packet(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                      const void *segment, tap_flags_t flags _U_)
{
    struct table *table = (struct table *)((const stat_data_t *)data)->stat_tap_data;
    bool news = table->kind->segment(table, (const struct tcpfsm_segment *)segment);
    return news ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

static tap_packet_status any_packet(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                    const void *segment, tap_flags_t flags _U_)
{
    struct table *table = (struct table *)data;
    if (table->fills) {
        table->kind->any(table, (const struct tcpfsm_segment *)segment);
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* The capture is gone through again, for this table only if it was asked for. */
static void any_reset(void *data)
{
    struct table *table = (struct table *)data;
    table->fills = table->asked;
    table->asked = false;
}

static void listen_to_all(struct table *table)
{
    if (table->kind->any != NULL && !table->listens_to_all) {
        GString *error = register_tap_listener(TCPFSM_TAP, table, NULL, TL_REQUIRES_NOTHING, any_reset,
                                               any_packet, NULL, NULL);
        if (error != NULL) {
            report_failure("%s", error->str);
            g_string_free(error, TRUE);
        }
        table->listens_to_all = error == NULL;
    }
}

/* Each time that a dialog is filled. */
static void table_init(stat_tap_table_ui *ui)
{
    struct table *table = (struct table *)ui;
    bool is_new = part_of(table, 0) == NULL;
    for (unsigned i = 0; i < TABLE_PARTS; i++) {
        const char *name = table->kind->parts[i];
        if (is_new && name != NULL) {
            stat_tap_add_table(ui, stat_tap_init_table(name, (int)ui->nfields, 0, NULL));
        }
    }
    table_empty(table);
    listen_to_all(table);
    table->asked = true;
}

void table_register(const struct table_kind *kind)
{
    struct table *table = g_new0(struct table, 1); /* Wireshark keeps it for good */
    table->kind = kind;
    table->texts = g_string_chunk_new(4096);
    table->retired = g_array_new(FALSE, FALSE, sizeof(struct retired));
    table->ui = (stat_tap_table_ui){
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = kind->title,
        .tap_name = TCPFSM_TAP,
        .cli_string = kind->command,
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .nfields = kind->column_count - kind->of_two_points,
        .fields = kind->columns,
    };
    tables = g_list_append(tables, table);
    register_stat_tap_table_ui(&table->ui);
}
