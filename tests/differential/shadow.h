/* shadow.h - do two engines say the same of all that a program feeds to one of them?
 *
 * A program linked with the shadow needs not know of it: the linker turns its calls of the engine over
 * to the shadow (--wrap), which calls the engine and then lets both sides observe the same segment.
 * The environment says where they are: TCPFSM_CURRENT and TCPFSM_REFERENCE are shared objects of side.c.
 * TCPFSM_REPORT is the file for differences, of which TCPFSM_SHOWN are told in full; its last line counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_SHADOW_H
#define TCPFSM_DIFFERENTIAL_SHADOW_H

#include "side.h"

enum { REMEMBERED = 10 }; /* segments, for the report */

/* One observer of the program, followed on both sides. */
struct shadow {
    const void *observer; /* the program's; NULL: this one is free */
    struct side_life *reference, *current;
    unsigned long number; /* of the sequence, from 1 */
    unsigned long segments;
    bool differs; /* and is ignored until it starts anew */
    int64_t last[REMEMBERED][PLAIN_COUNT];
};

/* Where reports go; opened by the shadow. */
extern FILE *shadow_report;

/* Prints where two forms differ, and what came before. */
void report_difference(const struct shadow *shadow, const char *what, const struct form *reference,
                       const struct form *current);

/* Prints two readings of one header. */
void report_header(const uint8_t *header, size_t captured, uint32_t length, const int64_t *reference,
                   const int64_t *current);

/* Said with each difference: which story a program is telling; "" at first. */
extern char shadow_subject[80];

#endif
