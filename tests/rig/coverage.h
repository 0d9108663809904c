/* coverage.h - what the scenarios together have shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_COVERAGE_H
#define TCPFSM_RIG_COVERAGE_H

#include "run.h"

struct coverage;

struct coverage *coverage_open(void);
void coverage_close(struct coverage *coverage);
void coverage_add(struct coverage *coverage, const struct scenario *scenario, const struct run *run);

/* `impossible` is a file of lines "KIND NAME: reason", where a `*`
 * in the name stands for anything. Prints every value that neither a scenario has
 * shown nor the file excuses, and every excuse that isn't needed; returns their number. */
unsigned coverage_check(struct coverage *coverage, const char *impossible);

#endif
