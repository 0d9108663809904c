/* csv.h - rows for other programs: RFC 4180, with the decimal point that every locale reads
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CSV_H
#define TCPFSM_WIRESHARK_CSV_H

#include "statistics/report.h"

/* A cell goes behind those before it; csv_end() ends the row. The first one is never empty. */
void csv_text(GString *row, const char *text);
void csv_number(GString *row, int64_t number);

/* With three decimals. */
void csv_decimal(GString *row, double number);

/* The name of a column, as databases and data frames like it: "handshake" "p50, ms" is handshake_p50_ms. */
void csv_name(GString *row, const char *kind, const char *heading);

/* Writes the row and empties it. */
void csv_end(GString *row, struct output *output);

#endif
