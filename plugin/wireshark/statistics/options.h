/* options.h - what stands behind the name of a -z: options, then a display filter
 *
 * "-z tcpfsm,<word>[,option...][,filter]". An option is a word ("csv"), or a name with a value ("limit=30").
 * The first that is none begins the filter, which may have commas of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_OPTIONS_H
#define TCPFSM_WIRESHARK_OPTIONS_H

#include <glib.h>

enum { OPTIONS_MAX = 6 };

/* What was given, in the order of the names. */
struct options {
    char *value[OPTIONS_MAX]; /* "" of a mere word; NULL: not given */
    char *filter;             /* NULL: none */
};

/* The names that a statistic knows, NULL behind the last, at most OPTIONS_MAX: "csv" is a word, "limit="
 * takes a value, and "" stands for the first part, whatever that is. */
typedef const char *const *option_names;

/* Reads what stands behind the statistic's name: nothing, or a comma and the rest. Returns what is wrong with
 * it, for g_free(), or NULL. Either way, options_clear() is due. */
char *options_read(struct options *options, option_names names, const char *text);
void options_clear(struct options *options);

#endif
