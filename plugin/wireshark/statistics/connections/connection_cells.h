/* connection_cells.h - what stands in a row of the table of connections?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONNECTION_CELLS_H
#define TCPFSM_WIRESHARK_CONNECTION_CELLS_H

#include "statistics/connections/roster.h"

#include <epan/stat_tap_ui.h>

enum column {
    COLUMN_CONNECTION,
    COLUMN_STREAM,
    COLUMN_CLIENT,
    COLUMN_SERVER,
    COLUMN_OUTCOME,
    COLUMN_OPENING,
    COLUMN_CLOSING,
    COLUMN_CLOSER,
    COLUMN_CLIENT_STATE,
    COLUMN_SERVER_STATE,
    COLUMN_OWES,
    COLUMN_WARNINGS,
    COLUMN_COUNT
};

extern const stat_tap_table_item connection_columns[COLUMN_COUNT];

/* The texts live in `texts`, or for good. */
void cells_fill(stat_tap_table_item_type cells[COLUMN_COUNT], const struct connection_row *row,
                GStringChunk *texts);

/* The column with name and format as wide as the widest cell, for whoever prints it. */
stat_tap_table_item cells_fit(const stat_tap_table *table, enum column column, GStringChunk *texts);

#endif
