/* statistics.c - see statistics.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/statistics.h"

#include "statistics/catalog.h"
#include "statistics/connections/connection_table.h"
#include "menu/menu.h"
#include "statistics/connections/json.h"
#include "statistics/report.h"
#include "statistics/services/services_report.h"
#include "statistics/table.h"
#include "statistics/timeline/timeline.h"

void statistics_handoff(void)
{
    catalog_register();
    connection_table_register();
    conversation_register();
    json_register();
    dot_register();
    flow_graph_register();
    ladder_register();
    services_report_register();
    services_table_register();
    timeline_report_register();
    timeline_table_register();
    tree_register();
}

void statistics_file_is_read(void)
{
    connection_table_file_is_read();
    tables_file_is_read();
}

void statistics_file_closes(void)
{
    connection_table_file_closes();
    reports_file_closes();
    tables_file_closes();
    trees_file_closes();
}
