/* connection_cells.h - what stands in a row of the table of connections?
 *
 * A column has one type in every row, for Wireshark's dialog reads the cells that it compares as if they had;
 * one that has nothing to say is of no type, and holds what sorts first. tshark prints texts: cells_print()
 * makes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONNECTION_CELLS_H
#define TCPFSM_WIRESHARK_CONNECTION_CELLS_H

#include "statistics/connections/totals.h"

#include <epan/stat_tap_ui.h>

enum column {
    COLUMN_RANK, /* the dialog sorts by the first column */
    COLUMN_CONNECTION,
    COLUMN_STREAM,
    COLUMN_CLIENT,
    COLUMN_SERVER,
    COLUMN_OUTCOME,
    COLUMN_OWED,
    COLUMN_OWES,
    COLUMN_WARNINGS,
    COLUMN_NOTES,
    COLUMN_CLIENT_STATE,
    COLUMN_SERVER_STATE,
    COLUMN_OPENING,
    COLUMN_CLOSING,
    COLUMN_CLOSER,
    COLUMN_PACKETS,
    COLUMN_BYTES_CLIENT,
    COLUMN_BYTES_SERVER,
    COLUMN_START, /* since the capture's first packet, as in Wireshark's conversations */
    COLUMN_DURATION,
    COLUMN_FILTER, /* leads to the packets */
    COLUMNS_OF_ONE_POINT,
    COLUMN_POINTS = COLUMNS_OF_ONE_POINT, /* from here on only where two points show a connection */
    COLUMN_LOST_TO_SERVER,
    COLUMN_LOST_TO_CLIENT,
    COLUMN_CHANGED,
    COLUMN_TRANSIT_TO_SERVER, /* known less often: who copies rows from the dialog gets no empty cells */
    COLUMN_TRANSIT_TO_CLIENT,
    COLUMN_COUNT
};

/* What tshark prints: its rows stand in order of rank, and a filter is no use in each of them. */
enum {
    COLUMNS_PRINTED = COLUMN_COUNT - 2,
    COLUMNS_PRINTED_OF_ONE_POINT = COLUMNS_OF_ONE_POINT - 2,
};

extern const stat_tap_table_item connection_columns[COLUMN_COUNT];

/* Which column is printed at that place. */
enum column cells_printed(guint place);

/* The texts live in `texts`, or for good. */
void cells_fill(stat_tap_table_item_type cells[COLUMN_COUNT], const struct connection_row *row, guint rank,
                GStringChunk *texts);

/* A row of the table of totals; `total`: its place there. Its columns have types of their own. */
void cells_fill_total(stat_tap_table_item_type cells[COLUMN_COUNT], const struct totals *totals,
                      unsigned total, GStringChunk *texts);

/* What is printed of them, as texts. */
void cells_print(stat_tap_table_item_type printed[COLUMNS_PRINTED],
                 const stat_tap_table_item_type cells[COLUMN_COUNT], GStringChunk *texts);

/* What is printed at that place, name and format as wide as the widest cell of these tables. */
stat_tap_table_item cells_fit(const GArray *tables, guint place, GStringChunk *texts);

#endif
