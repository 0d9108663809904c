/* service_cells.h - what stands in a row of the table of services?
 *
 * The same cells are shown as text, as CSV and in the dialog of Wireshark, each of which leaves some out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVICE_CELLS_H
#define TCPFSM_WIRESHARK_SERVICE_CELLS_H

#include "statistics/services/services.h"

#include <epan/stat_tap_ui.h>

enum service_column {
    SERVICE_RANK,
    SERVICE_SERVER,
    SERVICE_ADDRESS,
    SERVICE_PORT,
    SERVICE_CONNECTIONS,
    SERVICE_CLIENTS,
    SERVICE_TROUBLED,
    SERVICE_OUTCOMES, /* a column each */
    SERVICE_SERVER_WAITS = SERVICE_OUTCOMES + OUTCOME_COUNT,
    SERVICE_CLIENT_WAITS,
    SERVICE_LONGEST,
    SERVICE_DEBT,
    SERVICE_DEBTOR,
    SERVICE_OWED,
    SERVICE_SINCE,
    SERVICE_HANDSHAKES,
    SERVICE_P50,
    SERVICE_P90,
    SERVICE_P99,
    SERVICE_RESETS,
    SERVICE_CAUSES,
    SERVICE_CAUSE, /* a column each; that of RESET_NONE is never shown */
    SERVICE_FILTER = SERVICE_CAUSE + RESET_CAUSE_COUNT,
    SERVICE_TWO_POINTS, /* from here on only where two points show a connection */
    SERVICE_LOST_TO_SERVER,
    SERVICE_LOST_TO_CLIENT,
    SERVICE_COLUMNS
};

enum { SERVICE_COLUMNS_OF_TWO_POINTS = SERVICE_COLUMNS - SERVICE_TWO_POINTS };

enum { IN_TEXT = 1, IN_CSV = 2, IN_DIALOG = 4 };

/* Heading, type and alignment. */
stat_tap_table_item service_column(enum service_column column);

/* What stands before the heading for the name of a column of CSV. */
const char *service_column_kind(enum service_column column);

/* Where it is shown: a set of IN_... */
unsigned service_column_shown(enum service_column column);

/* A cell has a value even where there is nothing to say, for the dialog compares them: see
 * service_cell_is_empty(). Texts that are not in the service live in `texts`. */
void service_cells(stat_tap_table_item_type cells[SERVICE_COLUMNS], const struct service *service,
                   unsigned rank, GStringChunk *texts);

/* The longest debt of nobody, the handshake times of nobody. */
bool service_cell_is_empty(const stat_tap_table_item_type cells[SERVICE_COLUMNS], enum service_column column);

#endif
