/* lineage.c - see lineage.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/lineage.h"

void lineage_begin(struct lineage *l, uint32_t previous, unsigned client, bool joined_late)
{
    *l = (struct lineage){.previous = previous, .client = client & 1u, .joined_late = joined_late};
}

void lineage_relink(struct lineage *l, uint32_t previous)
{
    l->previous = previous;
}

void lineage_set_client(struct lineage *l, unsigned client)
{
    l->client = client & 1u;
}

void lineage_doubt(struct lineage *l, bool ambiguous)
{
    l->ambiguous = ambiguous;
}
