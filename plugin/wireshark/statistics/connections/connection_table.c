/* connection_table.c - see connection_table.h
 *
 * Who draws the table is not asked for it, so its cells must be right before. tshark
 * draws once, at the end: there a second listener writes the rows just before, the
 * most troubled first. The dialog and sharkd look at a capture that was read before:
 * there all ranks are known with the first segment, and a row is right from its own
 * first segment on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/connection_table.h"

#include "findings/hindsight.h"
#include "statistics/catalog.h"
#include "statistics/choice.h"
#include "statistics/connections/connection_cells.h"
#include "statistics/hindsight_filter.h"
#include "statistics/table.h"
#include "statistics/trouble.h"
#include "store/connections.h"
#include "words/words.h"

#include <epan/stat_groups.h>
#include <epan/tap.h>
#include <string.h>
#include <wsutil/report_message.h>

/* Rows that a table had: another dialog may still show them. */
struct retired {
    stat_tap_table_item_type **rows;
    guint count;
    GStringChunk *texts; /* NULL: retired with those of another table */
};

/* The tables, in the order in which they are shown. */
enum { TABLE_CONNECTIONS, TABLE_TOTALS, TABLE_COUNT };

/* All listeners of a program share these tables, as Wireshark has it. */
static struct {
    stat_tap_table_ui ui;
    stat_tap_table_item printed[COLUMNS_PRINTED];
    bool two_points; /* a connection that is to be printed shows them */
    struct choice choice;
    struct roster *roster;
    GArray *ranks;        /* guint of each connection, from 1; NULL: not known yet; not for tshark */
    struct totals totals; /* with those of capture files that are closed */
    struct totals closed; /* of these alone */
    GStringChunk *texts;  /* of the cells */
    GArray *retired;      /* of struct retired */
    guint finished;       /* rows of capture files that are closed */
    guint begun;          /* how many -z there are */
    bool prints;          /* tshark, at the end */
    bool finishes;        /* the second listener is there */
    bool behind;          /* segments came since it wrote the rows */
} all;

static const char *const titles[TABLE_COUNT] = {
    WORDS_CONNECTIONS_ROWS,
    WORDS_CONNECTIONS_TOTALS,
};

/* NULL while Wireshark has none. */
static stat_tap_table *table_now(unsigned table)
{
    return all.ui.tables != NULL && all.ui.tables->len > table
               ? g_array_index(all.ui.tables, stat_tap_table *, table)
               : NULL;
}

static void write_row(unsigned table, guint place, stat_tap_table_item_type cells[COLUMN_COUNT])
{
    stat_tap_table_item_type printed[COLUMNS_PRINTED];
    if (all.prints) {
        cells_print(printed, cells, all.texts);
    }
    stat_tap_table *to = table_now(table);
    stat_tap_init_table_row(to, place, to->num_fields, all.prints ? printed : cells);
}

static void write_connection(guint place, const struct connection_row *row, guint rank)
{
    stat_tap_table_item_type cells[COLUMN_COUNT];
    cells_fill(cells, row, rank, all.texts);
    write_row(TABLE_CONNECTIONS, place, cells);
}

static void write_total(guint place, unsigned total)
{
    stat_tap_table_item_type cells[COLUMN_COUNT];
    cells_fill_total(cells, &all.totals, total, all.texts);
    write_row(TABLE_TOTALS, place, cells);
}

/* Of each outcome that there is, and of all. */
static void write_totals(void)
{
    guint place = 0;
    for (unsigned i = 0; i < TOTAL_COUNT; i++) {
        if (all.totals.of[i].connections != 0) {
            write_total(place++, i);
        }
    }
}

/* ------------------------------------------------------------ rows one by one */

/* The place of each connection of the capture, whether a filter lets it pass or not. */
static void rank_all(void)
{
    struct connection_row row;
    GArray *troubles = g_array_new(FALSE, FALSE, sizeof(struct trouble));
    roster_read(all.roster);
    for (uint32_t i = 0; i < connections_count(); i++) {
        if (roster_row(all.roster, i, &row)) {
            struct trouble trouble = trouble_of(&row);
            g_array_append_val(troubles, trouble);
        }
    }
    trouble_sort(troubles);
    all.ranks = g_array_sized_new(FALSE, TRUE, sizeof(guint), connections_count());
    g_array_set_size(all.ranks, connections_count());
    for (guint i = 0; i < troubles->len; i++) {
        g_array_index(all.ranks, guint, g_array_index(troubles, struct trouble, i).connection) = i + 1;
    }
    g_array_free(troubles, TRUE);
}

static void add_row(uint32_t connection)
{
    struct connection_row row;
    if (all.ranks == NULL || connection >= all.ranks->len) {
        g_clear_pointer(&all.ranks, g_array_unref);
        rank_all();
    }
    if (roster_row(all.roster, connection, &row)) {
        write_connection(table_now(TABLE_CONNECTIONS)->num_elements, &row,
                         g_array_index(all.ranks, guint, connection));
        totals_add(&all.totals, &row);
        write_totals();
    }
}

/* ---------------------------------------------------------- rows all at once */

/* Of the open file, the chosen connections; an array of struct trouble, the most troubled first. */
static GArray *choose(void)
{
    struct connection_row row;
    GArray *troubles = g_array_new(FALSE, FALSE, sizeof(struct trouble));
    roster_read(all.roster);
    all.totals = all.closed;
    for (uint32_t i = 0; i < connections_count(); i++) {
        if (roster_has(all.roster, i) && roster_row(all.roster, i, &row) && choice_takes(&all.choice, &row)) {
            struct trouble trouble = trouble_of(&row);
            g_array_append_val(troubles, trouble);
            totals_add(&all.totals, &row);
            all.two_points = all.two_points || row.summary.between.points != 0;
        }
    }
    trouble_sort(troubles);
    return troubles;
}

/* Rows of files before have nothing in the columns that this one adds. */
static void widen(stat_tap_table *table, guint columns)
{
    const stat_tap_table_item_type nothing = {.type = TABLE_ITEM_STRING, .value.string_value = ""};
    for (guint i = 0; i < table->num_elements; i++) {
        table->elements[i] = g_renew(stat_tap_table_item_type, table->elements[i], columns);
        for (guint j = table->num_fields; j < columns; j++) {
            table->elements[i][j] = nothing;
        }
    }
    table->num_fields = columns;
}

static void add_columns_of_two_points(void)
{
    if (all.two_points && all.ui.nfields != COLUMNS_PRINTED) {
        all.ui.nfields = COLUMNS_PRINTED;
        widen(table_now(TABLE_CONNECTIONS), COLUMNS_PRINTED);
        widen(table_now(TABLE_TOTALS), COLUMNS_PRINTED);
    }
}

/* The rows of the open file, behind those of closed ones. */
static void finish_rows(void)
{
    if (table_now(TABLE_TOTALS) == NULL || !all.behind) {
        return;
    }
    struct connection_row row;
    GArray *troubles = choose();
    add_columns_of_two_points();
    guint room = all.choice.limit != 0 ? all.choice.limit - MIN(all.choice.limit, all.finished) : G_MAXUINT;
    for (guint i = 0; i < MIN(troubles->len, room); i++) {
        roster_row(all.roster, g_array_index(troubles, struct trouble, i).connection, &row);
        write_connection(all.finished + i, &row, i + 1);
    }
    g_array_free(troubles, TRUE);
    write_totals();
    all.behind = false;
}

static const char *title_of_totals(void)
{
    uint32_t count = all.totals.of[TOTAL_OF_ALL].connections;
    guint listed = table_now(TABLE_CONNECTIONS)->num_elements;
    if (listed >= count) {
        return titles[TABLE_TOTALS];
    }
    char *text = g_strdup_printf(WORDS_CONNECTIONS_LEFT_OUT, titles[TABLE_TOTALS], count - listed,
                                 all.choice.limit);
    const char *kept = g_string_chunk_insert(all.texts, text);
    g_free(text);
    return kept;
}

static void draw_before(void *data _U_)
{
    finish_rows();
    if (table_now(TABLE_TOTALS) == NULL) {
        return;
    }
    table_now(TABLE_TOTALS)->title = title_of_totals();
    for (guint i = 0; i < all.ui.nfields; i++) {
        all.printed[i] = cells_fit(all.ui.tables, i, all.texts);
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
    bool news = roster_note(all.roster, segment);
    if (all.prints) {
        all.behind = true;
        finish_at_draw();
    } else if (news && table_now(TABLE_TOTALS) != NULL) {
        add_row(segment->observation->connection);
    }
    return news ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

/* What is known of the open file. */
static void forget_file(void)
{
    roster_clear(all.roster);
    g_clear_pointer(&all.ranks, g_array_unref);
    all.behind = false;
}

/* A dialog has the columns that there are when it is opened. */
void connection_table_file_is_read(void)
{
    if (!all.prints) {
        all.ui.nfields = hindsight_two_points() ? COLUMN_COUNT : COLUMNS_OF_ONE_POINT;
    }
}

void connection_table_file_closes(void)
{
    const stat_tap_table *table = table_now(TABLE_CONNECTIONS);
    finish_rows();
    all.finished = table != NULL ? table->num_elements : 0;
    all.closed = all.totals;
    forget_file();
}

static void free_retired(void)
{
    for (guint i = 0; i < all.retired->len; i++) {
        struct retired *retired = &g_array_index(all.retired, struct retired, i);
        for (guint j = 0; j < retired->count; j++) {
            g_free(retired->rows[j]);
        }
        g_free(retired->rows);
        g_clear_pointer(&retired->texts, g_string_chunk_free);
    }
    g_array_set_size(all.retired, 0);
}

static void retire_rows(stat_tap_table *table, GStringChunk *texts)
{
    struct retired retired = {table->elements, table->num_elements, texts};
    g_array_append_val(all.retired, retired);
    table->elements = NULL;
    table->num_elements = 0;
    table->num_fields = (guint)all.ui.nfields;
}

/* For each table. The dialogs of Wireshark keep pointers to rows, even after another one has begun the tables
 * anew. So rows are freed when there is at most one dialog, and then a step late: it lets go of them after
 * this. */
static void table_reset(stat_tap_table *table)
{
    if (table != table_now(TABLE_CONNECTIONS)) {
        retire_rows(table, NULL);
        return;
    }
    if (all.ui.refcount <= 1) {
        free_retired();
    }
    retire_rows(table, all.texts);
    all.texts = g_string_chunk_new(4096);
    all.finished = 0;
    all.two_points = false;
    memset(&all.totals, 0, sizeof all.totals);
    memset(&all.closed, 0, sizeof all.closed);
    forget_file();
}

/* Once for each -z, and each time that a dialog is filled. */
static void table_init(stat_tap_table_ui *ui)
{
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        if (table_now(i) == NULL) {
            stat_tap_add_table(ui, stat_tap_init_table(titles[i], (int)ui->nfields, 0, NULL));
        }
        table_reset(table_now(i));
    }
}

static bool is_choice(const struct choice *choice)
{
    return choice->outcome != ANY_OUTCOME || choice->server[0] != '\0' || choice->port != 0 ||
           choice->limit != 0;
}

/* What is wrong with the argument, for g_free(), or NULL. */
static char *read_argument(const char *argument, const char **filter)
{
    struct options options;
    bool chosen = is_choice(&all.choice);
    const char *rest = argument + strlen(all.ui.cli_string);
    if (*rest != '\0' && *rest != ',') {
        return catalog_unknown();
    }
    char *error = options_read(&options, choice_options, rest);
    if (error == NULL) {
        error = choice_read(&all.choice, &options);
    }
    if (error == NULL && all.begun > 0 && (chosen || is_choice(&all.choice))) {
        error = g_strdup(WORDS_OPTION_ONCE);
    }
    /* The filter has to live as long as the argument, and is the end of it. */
    *filter = options.filter != NULL ? argument + strlen(argument) - strlen(options.filter) : NULL;
    options_clear(&options);
    return error;
}

static void warn_of_filter(void *filter)
{
    hindsight_filter_warn(all.ui.cli_string, (const char *)filter, WORDS_LATE_OPTION);
}

/* A listener that is drawn even if no segment passes the filter; it lives as long as the program. */
static void watch_filter(const char *filter)
{
    GString *error = register_tap_listener(TCPFSM_TAP, g_strdup(filter), NULL, TL_REQUIRES_NOTHING, NULL,
                                           NULL, warn_of_filter, NULL);
    if (error != NULL) {
        report_failure("%s", error->str);
        g_string_free(error, TRUE);
    }
}

/* Only tshark asks: what others show isn't text in columns, and has no options. */
static void check_argument(const char *argument, const char **filter, char **error)
{
    char *wrong = read_argument(argument, filter);
    all.begun++;
    all.prints = true;
    all.ui.fields = all.printed;
    all.ui.nfields = COLUMNS_PRINTED_OF_ONE_POINT;
    if (wrong == NULL && *filter != NULL) {
        watch_filter(*filter);
    }
    if (wrong != NULL) {
        *error = g_strdup_printf("-z %s: %s", argument, wrong);
        g_free(wrong);
    }
}

void connection_table_register(void)
{
    static stat_tap_table_item columns[COLUMN_COUNT];
    memcpy(columns, connection_columns, sizeof columns);
    table_align_left(&columns[COLUMNS_OF_ONE_POINT], COLUMN_COUNT - COLUMNS_OF_ONE_POINT);
    for (guint i = 0; i < COLUMNS_PRINTED; i++) {
        all.printed[i] = connection_columns[cells_printed(i)];
        all.printed[i].type = TABLE_ITEM_STRING;
    }
    all.choice.outcome = ANY_OUTCOME;
    all.roster = roster_new();
    all.texts = g_string_chunk_new(4096);
    all.retired = g_array_new(FALSE, FALSE, sizeof(struct retired));
    all.ui = (stat_tap_table_ui){
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = WORDS_TITLE_LIST,
        .tap_name = TCPFSM_TAP,
        .cli_string = "tcpfsm,connections",
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .stat_filter_check_cb = check_argument,
        .nfields = COLUMNS_OF_ONE_POINT,
        .fields = columns,
    };
    register_stat_tap_table_ui(&all.ui);
    catalog_add(all.ui.cli_string, WORDS_SHOWS_CONNECTIONS);
}
