/* counted.h - which connections are counted at their server and client? (private to server_load.c)
 *
 * The loads (loads.h) change here alone: a connection is counted, and taken off again when it is no longer
 * what it was counted as.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_COUNTED_H
#define TCPFSM_WIRESHARK_COUNTED_H

#include "store/loads.h"
#include "summary/summary.h"

void counted_open(uint32_t limit);
void counted_close(void);

extern uint32_t counted_connections; /* how many */

bool counted_is(uint32_t number);

/* Does it wait, as far as is known? Only the newest connection on its addresses and ports can be alive at
 * the server; and where a filter of the capture explains what is missing, nothing is unfinished. */
bool counted_belongs(uint32_t number, const struct summary *summary, enum load_kind kind);

/* The frame in which somebody began to wait for it. */
uint32_t counted_begin(const struct summary *summary, enum load_kind kind);

/* One that belongs to a kind of load of servers. */
void counted_add(uint32_t number, const struct summary *summary, enum load_kind kind);

/* Counts one no longer that isn't what it was counted as, or whose roles have turned since. */
void counted_review(uint32_t number, const struct summary *summary, unsigned client_from);

/* Who had too many already when a connection was counted. */
enum passed {
    PASSED_NONE,
    PASSED_SERVER,
    PASSED_CLIENT,
};

enum passed counted_passed(uint32_t number);

/* What is to be reported on a segment of that connection. */
findings_t counted_report(uint32_t number, unsigned client_from);

/* Marks summaries with what was not reported on a segment, in place of earlier marks. */
void counted_finish(void);

size_t counted_bytes(void);

#endif
