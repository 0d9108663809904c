/* run.h - a scenario, fed to the engine in one of several ways
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_RUN_H
#define TCPFSM_RIG_RUN_H

#include "connection.h"
#include "frame.h"

enum { BOTH_ENDS = 2 };

/* The same story, seen in another way. */
struct variation {
    const char *name; /* for messages; "" for the plain run */
    struct numbering numbering;
    unsigned skip;    /* the capture began that many segments late */
    unsigned without; /* the capture missed this segment, counted from 1; 0: none */
    unsigned late;    /* the capture shows this segment behind the next one; 0: none */
    unsigned only;    /* direction that was captured: 0, 1 or BOTH_ENDS */
    int64_t mirror;   /* ns after which each frame was captured a second time; 0: it wasn't */
};

extern const struct variation plain_run;

struct seen {
    bool captured;
    struct segment segment;
    struct observation observation;
    enum state after[ROLE_COUNT]; /* by role, also of a frame that wasn't judged */
};

struct run {
    struct seen seen[LINES_MAX]; /* by line */
    struct seen copy[LINES_MAX]; /* with `mirror` */
};

/* Connections live in here; one arena can serve many runs, as one capture holds many connections. */
struct arena {
    uint32_t count;
    struct observer observer;
    void *blocks;
    uint32_t frames; /* so far */
    int64_t time;    /* when the next scenario begins */
};

void arena_open(struct arena *arena);
void arena_close(struct arena *arena);

void run_scenario(struct run *run, const struct scenario *scenario, const struct variation *variation,
                  struct arena *arena);

/* In the plain run and in all that capture every frame once, frame numbers are those of the lines,
 * behind the frames that the arena saw before. */
uint32_t line_of_frame(const struct run *run, const struct scenario *scenario, uint32_t frame);

#endif
