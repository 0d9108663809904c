/* totals.c - see totals.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/totals.h"

#include "tell/names.h"

static uint32_t bits(uint64_t set)
{
    uint32_t count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

static void total_add(struct total *total, const struct connection_row *row)
{
    uint64_t warns = warnings_of_kind_warn(row->warnings);
    total->connections++;
    total->warnings += bits(warns);
    total->notes += bits(row->warnings & ~warns);
    total->packets += row->summary.packets;
    for (unsigned end = 0; end < 2; end++) {
        total->bytes[end] += row->summary.end[end].bytes;
        total->lost[end] += row->summary.between.lost[end];
    }
}

void totals_add(struct totals *totals, const struct connection_row *row)
{
    total_add(&totals->of[outcome_of(&row->summary, row->timeout_findings)], row);
    total_add(&totals->of[TOTAL_OF_ALL], row);
}

const char *total_name(unsigned total)
{
    return total < OUTCOME_COUNT ? outcome_name((enum outcome)total) : "all";
}
