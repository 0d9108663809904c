/* timeline.h - how many connections were in which state, at the end of each interval?
 *
 * `-z tcpfsm,timeline,SECONDS[,end=client][,filter]` prints it as CSV; the same stands in the menu, where the
 * interval is chosen by the length of the capture. census.h says where a connection counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TIMELINE_H
#define TCPFSM_WIRESHARK_TIMELINE_H

#include "statistics/timeline/census.h"

void timeline_report_register(void);
void timeline_table_register(void);

/* What happened to connections within an interval. */
enum happening {
    HAPPENED_NEW,    /* begins to count; again if it was presumed to be over, and shows that it is not */
    HAPPENED_OPENED, /* the handshake was completed */
    HAPPENED_FAILED, /* over before that */
    HAPPENED_CLOSED, /* over after that, by FINs, by a new connection in its place, or once 2MSL had passed */
    HAPPENED_RESET,  /* the same by a RST */
    HAPPENINGS
};

extern const char *const happening_names[HAPPENINGS];

/* A set of them: bit n for enum happening n. */
unsigned happenings_of(const struct move *move);

/* The states that have a column, in this order. */
enum { TIMELINE_STATES = 10 };
extern const enum state timeline_states[TIMELINE_STATES];

enum { INSTANT_TEXT_MAX = 40 };

/* "2026-11-22T00:30:42.250000Z"; empty for a year that no calendar has. `time` as segments have it. */
void instant_write(char text[INSTANT_TEXT_MAX], int64_t time);

/* Rounded down, also below zero. `interval` > 0. */
int64_t interval_of(int64_t time, int64_t interval);

#endif
