/* trouble.h - which connections does one want to see first?
 *
 * Those with a warning, then those with a note, then the others; among equals those
 * in which an end has owed something for the longest time, then by number. Every
 * statistic that lists connections does so in this order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TROUBLE_H
#define TCPFSM_WIRESHARK_TROUBLE_H

#include "statistics/choice.h"
#include "statistics/connections/roster.h"

enum severity { SEVERITY_WARN, SEVERITY_NOTE, SEVERITY_NONE };

/* One connection. */
struct trouble {
    uint32_t connection;
    enum severity severity; /* of its worst finding */
    int64_t owed;           /* ns for which an end has owed something; 0: nothing */
};

struct trouble trouble_of(const struct connection_row *row);

/* Negative if `a` is the more troubled one; never 0 for two connections. */
int trouble_order(const struct trouble *a, const struct trouble *b);

/* An array of struct trouble, the most troubled first. */
void trouble_sort(GArray *troubles);

/* Such an array, sorted, of all connections of the capture that are chosen; for the caller to free. With
 * `noted`, of those that the roster noted. The roster is read. */
GArray *trouble_list(struct roster *roster, const struct choice *choice, bool noted);

#endif
