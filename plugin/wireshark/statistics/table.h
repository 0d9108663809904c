/* table.h - one of Wireshark's own tables: in the menu Statistics, and for sharkd
 *
 * Who draws such a table doesn't say so, so its cells must be right after each segment. It is filled from a
 * capture that was read before, so all that hindsight tells is known from the first segment on.
 *
 * (tshark prints a report of the same name instead, if there is one: report.h.)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TABLE_H
#define TCPFSM_WIRESHARK_TABLE_H

#include "tap.h"

#include <epan/stat_tap_ui.h>

enum { TABLE_PARTS = 2 };

struct table;

/* A kind of table; lives as long as the program. */
struct table_kind {
    const char *command;            /* "tcpfsm,services" */
    const char *title;              /* in the menu */
    const char *parts[TABLE_PARTS]; /* the names of the tables in it; the second may be NULL */
    stat_tap_table_item *columns;
    unsigned column_count;
    unsigned of_two_points; /* how many, the last of these, only where a connection has two capture points */
    void (*begin)(struct table *table); /* forgets everything: it is filled anew, or the capture closes */
    bool (*segment)(struct table *table, const struct tcpfsm_segment *segment); /* whether a cell changed */
    void (*any)(struct table *table, const struct tcpfsm_segment *segment); /* whatever the filter; or NULL */
};

/* From the handoff. */
void table_register(const struct table_kind *kind);
void tables_file_is_read(void);
void tables_file_closes(void);

/* Columns that a dialog may lack, although a later file has them: of a row that is aligned there, too,
 * Wireshark would copy more cells than the dialog has widths for, and read beyond these. */
void table_align_left(stat_tap_table_item *columns, unsigned count);

/* The cells of a row, empty strings and zeroes if it is new; NULL while Wireshark has no table. */
stat_tap_table_item_type *table_row(struct table *table, unsigned part, guint place);

/* For texts in cells. */
GStringChunk *table_texts(const struct table *table);

#endif
