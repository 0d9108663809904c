/* run.h - a scenario, fed to the engine in one of several ways
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_RUN_H
#define TCPFSM_RIG_RUN_H

#include "../support/memory.h"
#include "frame.h"

enum { BOTH_ENDS = 2 };

/* The same story, seen in another way. */
struct variation {
    const char *name; /* for messages; "" for the plain run */
    struct numbering numbering;
    unsigned skip;    /* the capture began that many segments late */
    unsigned without; /* the capture missed this segment, counted from 1; 0: none */
    unsigned late;    /* the capture shows this segment behind later ones; 0: none */
    unsigned late_by; /* behind so many; with `late` */
    unsigned only;    /* direction that was captured: 0, 1 or BOTH_ENDS */
    int64_t mirror;   /* ns after which each frame was captured a second time; 0: it wasn't */
};

extern const struct variation plain_run;

struct seen {
    bool captured;
    bool quotes;      /* not a segment that was captured but an ICMP error that quotes `segment` */
    bool unreachable; /* and that was booked, on observation.connection */
    struct segment segment;
    struct observation observation;
    unsigned told;                /* timeout_findings that come with it in one pass */
    enum state after[ROLE_COUNT]; /* by role, also of a frame that wasn't judged */
    findings_t accuses;           /* accusations that come with it in one pass, of earlier segments */
    uint64_t testimonies;         /* bit n: enum testimony_id n: by what it shows something of them */
    struct testimony received;    /* what its receiver made of it */
    bool trusted;                 /* a witness has found that nothing is wrong with its sender's numbers */
};

struct run {
    struct seen seen[LINES_MAX]; /* by line */
    struct seen copy[LINES_MAX]; /* with `mirror` */
    uint32_t first;              /* number of its first connection */
    uint32_t connections;        /* how many there were */
    int64_t end; /* when the capture ends: its last packet, and the quiet that follows it in the scenario */
    struct hindsight hindsight[2 * LINES_MAX]; /* by connection, from `first` */
};

/* Connections live in here; one arena can serve many runs, as one capture holds many connections. */
struct arena {
    struct memory memory;
    uint32_t frames; /* so far */
    int64_t time;    /* when the next scenario begins */
};

void arena_open(struct arena *arena);
void arena_close(struct arena *arena);

/* The summary of a connection that the observer has counted. */
const struct summary *arena_summary(const struct arena *arena, uint32_t number);

/* What was made of a segment of that run as of `now`. */
struct testimony arena_received(const struct arena *arena, const struct seen *seen, int64_t now);

void run_scenario(struct run *run, const struct scenario *scenario, const struct variation *variation,
                  struct arena *arena);

/* In the plain run and in all that capture every frame once, frame numbers are those of the lines,
 * behind the frames that the arena saw before. */
uint32_t line_of_frame(const struct run *run, const struct scenario *scenario, uint32_t frame);

#endif
