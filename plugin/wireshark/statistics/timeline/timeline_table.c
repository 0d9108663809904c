/* timeline_table.c - the time line in the menu of Wireshark
 *
 * The dialog can't ask for an interval; but it is filled from a capture that was read, so one is chosen that
 * gives about 50 rows. A move changes all rows from its own on, so the cells are right whenever they are
 * drawn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/timeline/timeline.h"

#include "capture/capture_clock.h"
#include "findings/hindsight.h"
#include "statistics/table.h"
#include "tell/names.h"
#include "words/words.h"

#include <epan/packet.h>

enum { ROWS_WANTED = 50, COLUMNS = 3 + TIMELINE_STATES + HAPPENINGS };

enum column {
    COLUMN_START, /* the dialog sorts by the first column */
    COLUMN_TIME,
    COLUMN_STATES,
    COLUMN_TOTAL = COLUMN_STATES + TIMELINE_STATES,
    COLUMN_HAPPENED
};

static struct {
    stat_tap_table_item columns[COLUMNS];
    struct census *census;
    struct table *table; /* that is filled now */
    int64_t interval;    /* ns; 0: not chosen yet */
    guint rows;
} all;

/* ------------------------------------------------------------------------- interval */

/* The shortest one that people count in and that is no shorter. */
static int64_t round_interval(int64_t least)
{
    static const unsigned seconds[] = {1,   2,   5,   10,   20,   30,   60,    120,
                                       300, 600, 900, 1800, 3600, 7200, 21600, 43200};
    static const unsigned steps[] = {1, 2, 5};
    const int64_t second = 1000000000, day = 86400 * second, longest = CAPTURE_TIME_MAX / 10;
    for (unsigned i = 0; i < array_length(seconds) && least > second / 2; i++) {
        if (seconds[i] * second >= least) {
            return seconds[i] * second;
        }
    }
    for (int64_t unit = least > second / 2 ? day : 1000; unit < longest; unit *= 10) {
        for (unsigned i = 0; i < array_length(steps); i++) {
            if (unit * steps[i] >= least) {
                return unit * steps[i];
            }
        }
    }
    return longest;
}

static void write_starts(void)
{
    char instant[INSTANT_TEXT_MAX];
    for (guint i = 0; i < all.rows; i++) {
        stat_tap_table_item_type *cells = table_row(all.table, 0, i);
        int64_t start = i * all.interval;
        if (cells != NULL) {
            instant_write(instant, capture_clock_first() + start);
            cells[COLUMN_START].value.float_value = (double)start / 1e9;
            cells[COLUMN_TIME].value.string_value = g_string_chunk_insert(table_texts(all.table), instant);
        }
    }
}

/* Once something is known of the capture. */
static void begin_rows(struct table *table)
{
    if (all.interval == 0) {
        int64_t span = MAX(hindsight_end() - capture_clock_first(), 0);
        all.table = table;
        all.interval = round_interval(span / ROWS_WANTED + 1);
        all.rows = (guint)(span / all.interval + 1);
        write_starts();
    }
}

/* ---------------------------------------------------------------------------- moves */

static void add(stat_tap_table_item_type *cell, int number)
{
    cell->value.uint_value += (guint)number; /* wraps, and comes back */
}

static int column_of(enum state state)
{
    for (int i = 0; i < TIMELINE_STATES; i++) {
        if (timeline_states[i] == state) {
            return COLUMN_STATES + i;
        }
    }
    return -1;
}

/* One that comes before the first packet, as the clock was set back, counts in the first row. */
static void table_move(void *data _U_, const struct move *move)
{
    int from = column_of(move->from), to = column_of(move->to);
    int64_t place = MAX(interval_of(move->time - capture_clock_first(), all.interval), 0);
    unsigned happened = happenings_of(move);
    for (guint i = (guint)MIN(place, all.rows); i < all.rows; i++) {
        stat_tap_table_item_type *cells = table_row(all.table, 0, i);
        if (cells == NULL) {
            return;
        }
        if (from >= 0) {
            add(&cells[from], -move->sign);
            add(&cells[COLUMN_TOTAL], -move->sign);
        }
        if (to >= 0) {
            add(&cells[to], move->sign);
            add(&cells[COLUMN_TOTAL], move->sign);
        }
        for (unsigned k = 0; k < HAPPENINGS && i == place; k++) {
            add(&cells[COLUMN_HAPPENED + k], happened & 1u << k ? move->sign : 0);
        }
    }
}

/* ------------------------------------------------------------------------ the table */

static void timeline_table_begin(struct table *table _U_)
{
    census_clear(all.census);
    all.interval = 0;
    all.rows = 0;
}

static bool timeline_table_segment(struct table *table, const struct tcpfsm_segment *segment)
{
    begin_rows(table);
    if (!(segment->observation->findings & FINDING_UNUSABLE)) {
        census_want(all.census, segment->observation->connection);
    }
    return true;
}

static void timeline_table_any(struct table *table, const struct tcpfsm_segment *segment)
{
    begin_rows(table);
    census_hear(all.census, segment);
}

void timeline_table_register(void)
{
    static const struct table_kind kind = {
        .command = "tcpfsm,timeline",
        .title = WORDS_TITLE_TIMELINE,
        .parts = {WORDS_TIMELINE_PART},
        .columns = all.columns,
        .column_count = COLUMNS,
        .begin = timeline_table_begin,
        .segment = timeline_table_segment,
        .any = timeline_table_any,
    };
    const stat_tap_table_item number = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, NULL, "%u"};
    for (unsigned i = 0; i < COLUMNS; i++) {
        all.columns[i] = number;
    }
    all.columns[COLUMN_START] = (stat_tap_table_item){TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, WORDS_TIMELINE_START,
                                                      "%.6f"};
    all.columns[COLUMN_TIME] = (stat_tap_table_item){TABLE_ITEM_STRING, TAP_ALIGN_LEFT, WORDS_TIMELINE_TIME,
                                                     "%s"};
    for (unsigned i = 0; i < TIMELINE_STATES; i++) {
        all.columns[COLUMN_STATES + i].column_name = state_name(timeline_states[i]);
    }
    all.columns[COLUMN_TOTAL].column_name = WORDS_TIMELINE_TOTAL;
    for (unsigned i = 0; i < HAPPENINGS; i++) {
        all.columns[COLUMN_HAPPENED + i].column_name = happening_names[i];
    }
    all.census = census_new(ROLE_SERVER, table_move, NULL);
    table_register(&kind);
}
