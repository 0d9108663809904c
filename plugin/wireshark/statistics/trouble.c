/* trouble.c - see trouble.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/trouble.h"

#include "store/connections.h"

struct trouble trouble_of(const struct connection_row *row)
{
    struct trouble trouble = {.connection = row->connection, .severity = SEVERITY_NONE};
    if (row->warnings != 0) {
        trouble.severity = warnings_of_kind_warn(row->warnings) != 0 ? SEVERITY_WARN : SEVERITY_NOTE;
    }
    for (unsigned end = 0; end < 2; end++) {
        struct due dues[DEBT_COUNT];
        unsigned count = row_dues(row, end, dues);
        for (unsigned i = 0; i < count; i++) {
            if (dues[i].debt != OWES_UNKNOWN && dues[i].age != NO_TIME && dues[i].age > trouble.owed) {
                trouble.owed = dues[i].age;
            }
        }
    }
    return trouble;
}

int trouble_order(const struct trouble *a, const struct trouble *b)
{
    if (a->severity != b->severity) {
        return a->severity < b->severity ? -1 : 1;
    }
    if (a->owed != b->owed) {
        return a->owed > b->owed ? -1 : 1;
    }
    return (a->connection > b->connection) - (a->connection < b->connection);
}

static int order_of_pointers(const void *a, const void *b)
{
    return trouble_order((const struct trouble *)a, (const struct trouble *)b);
}

void trouble_sort(GArray *troubles)
{
    g_array_sort(troubles, order_of_pointers);
}

GArray *trouble_list(struct roster *roster, const struct choice *choice, bool noted)
{
    struct connection_row row;
    GArray *troubles = g_array_new(FALSE, FALSE, sizeof(struct trouble));
    roster_read(roster);
    for (uint32_t i = 0; i < connections_count(); i++) {
        if ((!noted || roster_has(roster, i)) && roster_row(roster, i, &row) && choice_takes(choice, &row)) {
            struct trouble trouble = trouble_of(&row);
            g_array_append_val(troubles, trouble);
        }
    }
    trouble_sort(troubles);
    return troubles;
}
