/* lifelines.h - the two ends of a connection as lines down the page, and what stands between and beside them
 *
 * A wide page has the frames and times at its left; on a narrow one they stand above each arrow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LIFELINES_H
#define TCPFSM_WIRESHARK_LIFELINES_H

#include "statistics/ladder/canvas.h"

enum side { LEFT, RIGHT, SIDES };

struct lifelines {
    struct canvas *canvas;
    struct output *output;
    int column[SIDES];
    int point[SIDES];         /* the capture points near to them; 0: there is only one */
    int frame_end, time_end;  /* where these columns end; 0: there are none, the page is narrow */
    GArray *between;          /* lines that are still to come: struct line */
    GPtrArray *beside[SIDES]; /* texts that are to come beside them */
    wmem_allocator_t *pool;   /* of all texts, until they are closed */
};

/* `frame`, `time` (ns): the largest to come; `points`: it was captured at two. */
void lifelines_open(struct lifelines *lines, struct canvas *canvas, struct output *output);
void lifelines_place(struct lifelines *lines, uint32_t frame, int64_t time, bool points);
void lifelines_close(struct lifelines *lines);

/* Columns of a text that stands between them on one line. */
int lifelines_room(const struct lifelines *lines);

/* Text between them, below what is there. */
void lifelines_note(struct lifelines *lines, const char *text);

/* The same, while time passes: how long, and what is to be said of it ("": nothing). */
void lifelines_silence(struct lifelines *lines, const char *duration, const char *text);

/* Text beside one of them, next to what stands between them. */
void lifelines_aside(struct lifelines *lines, enum side side, const char *text);

/* Lets out all that is still to come. */
void lifelines_flush(struct lifelines *lines);

/* What an arrow shows of a segment: all, or what was captured near to its sender, near to its receiver. */
enum leg { LEG_WHOLE, LEG_DEPARTS, LEG_ARRIVES };

/* How it goes on between the points, or comes from there. */
enum passage_end { PASSES, LOST_THERE, MADE_THERE, UNKNOWN_THERE };

struct arrow {
    enum side from;
    bool lost; /* it doesn't arrive */
    enum leg leg;
    enum passage_end between;
    const char *label;
    const char *state[SIDES]; /* or NULL */
    uint32_t frame;
    int64_t time; /* ns */
};

void lifelines_arrow(struct lifelines *lines, const struct arrow *arrow);

/* Arrows in one or both directions as one. */
struct bundle {
    bool reaches[SIDES];       /* something goes there: */
    const char *amount[SIDES]; /* how much; "": nothing to tell */
    struct arrow arrow;        /* `label` is that of all */
};

void lifelines_bundle(struct lifelines *lines, const struct bundle *bundle);

/* What is neither's, at its time. */
void lifelines_event(struct lifelines *lines, const char *text, uint32_t frame, int64_t time);

/* States beside them, and nothing between. */
void lifelines_states(struct lifelines *lines, const char *const states[SIDES]);

#endif
