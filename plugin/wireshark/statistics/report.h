/* report.h - statistics that print text: `tshark -z tcpfsm,<word>[,option...][,filter]`
 *
 * A report listens on our own tap, connection by connection, and prints when
 * tshark is done. A capture file may close before that (`tshark -M`): what a report
 * knows of connections is gone then, so it is rendered first and kept as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_REPORT_H
#define TCPFSM_WIRESHARK_REPORT_H

#include "statistics/options.h"
#include "tap.h"

#include <glib.h>

/* Text on its way to standard output, or kept until it may go there. */
struct output;

G_GNUC_PRINTF(2, 3) void output_printf(struct output *output, const char *format, ...);
void output_write(struct output *output, const char *text);

/* A kind of report; lives as long as the program. */
struct report_kind {
    const char *argument; /* of -z: "tcpfsm,json"; none may begin another */
    const char *title;
    const char *shows;    /* in a few words */
    bool spans_files;     /* rendered once, at the end; else once for each capture file */
    option_names options; /* NULL: it has none */
    char *(*check)(const struct options *options); /* what is wrong, or NULL; itself NULL: nothing */
    void *(*create)(const struct options *options);
    void (*destroy)(void *report);
    void (*segment)(void *report, const struct tcpfsm_segment *segment); /* one that the filter lets pass */
    void (*any)(void *report, const struct tcpfsm_segment *segment);     /* whatever the filter; or NULL */
    void (*render)(void *report,
                   struct output *output); /* may be called again, with more segments in between */
};

/* From the handoff: -z knows it. */
void report_register(const struct report_kind *kind);

void reports_file_closes(void);

#endif
