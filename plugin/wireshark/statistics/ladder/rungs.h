/* rungs.h - what is kept of the segments of a connection until its ladder is drawn
 *
 * A rung is an arrow of the picture: one segment, or a run of segments that carry
 * data and acknowledgments and nothing to finding. Of those only sums are kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_RUNGS_H
#define TCPFSM_WIRESHARK_RUNGS_H

#include "tap.h"

#include <glib.h>

/* Ends are told apart as segments do: by `from`, 0 or 1. */
struct rung {
    struct observation o; /* of the first segment; its ends stand in `end` */
    struct rung_end {
        struct observed_end seen; /* before the first segment, after the last one */
        unsigned owes;            /* after the last one; bit n: enum debt n */
        struct owed owed;
    } end[2];
    int64_t time, last;         /* ns, of the first and the last segment */
    uint32_t frame, last_frame; /* of the first and the last segment */
    uint32_t segments;          /* more than one: folded */
    uint32_t arrivals;          /* how many of them departed before */
    uint64_t bytes[2];          /* of data, by sender */
    bool sent[2];               /* who sent any of the segments */
    seq_t seq, ack;
    uint16_t flags; /* enum segment_flag */
    uint8_t from;
    bool is_plain : 1;
    bool window_shut : 1, window_opened : 1;
    bool lost : 1;    /* a later segment proved that it never arrived */
    bool arrival : 1; /* it departed before, at another capture point */
    bool far : 1;     /* captured at the point near its receiver */
    bool dense : 1;   /* folded for want of room, be it plain or not */
};

/* One connection. */
struct ladder {
    uint32_t number;
    GArray *rungs; /* of struct rung */
    seq_t base[2]; /* from where the numbers of an end count until its SYN; with base_known */
    bool base_known[2];
    uint32_t syn_frame[2]; /* of its first SYN; 0: none was seen */
    bool shut[2];          /* its window is closed */
    unsigned run;          /* plain rungs of one segment at the end of `rungs` */
    uint64_t warnings;     /* of its segments; bit n: enum expert n */
};

struct ladder *ladder_new(uint32_t number);
void ladder_free(void *data); /* a struct ladder */

/* Notes a segment. With `room` it may be a rung of its own; returns how many more there are now. */
int ladder_add(struct ladder *ladder, const struct tcpfsm_segment *segment, bool room);

/* That long without a segment (ns) is worth a line. */
#define LADDER_SILENCE INT64_C(1000000000)

#endif
