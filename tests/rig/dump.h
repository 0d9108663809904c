/* dump.h - an observation as one line: for comparing with tshark, and for reading
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_DUMP_H
#define TCPFSM_RIG_DUMP_H

#include "run.h"

/* The names of the columns, as filter fields without "tcpfsm."; tabs in between. */
void dump_header(FILE *stream);

/* The columns as `tshark -T fields` prints them: empty if absent, several values with commas.
 * `told`: of its connection, at the end of the whole capture. */
void dump_line(FILE *stream, const struct seen *seen, const struct hindsight *told,
               const struct testimony *received);

/* In the notation of the scenarios, for whoever writes one. */
void trace_line(FILE *stream, const struct scenario *scenario, const struct run *run, unsigned line);

/* And what is told of each connection once the capture has ended. */
void trace_end(FILE *stream, const struct scenario *scenario, const struct run *run);

#endif
