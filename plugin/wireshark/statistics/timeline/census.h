/* census.h - in which state does each connection count, and when does that change?
 *
 * A connection counts once: in the state of one of its ends, as soon as that end was heard and its state is
 * known; until then, in the state of the other one. So a SYN that nobody answers counts as SYN-SENT,
 * whichever end is asked for. An end in LISTEN or CLOSED doesn't count.
 *
 * An end that says no more stays where it is, for nothing shows when it gave up: only TIME-WAIT ends by
 * itself. A connection whose addresses and ports are used anew counts no longer. Times of one connection
 * never go back: a segment captured in wrong order counts when the one before it did.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CENSUS_H
#define TCPFSM_WIRESHARK_CENSUS_H

#include "tap.h"

/* CLOSED: it doesn't count. */
struct move {
    int64_t time; /* as segments have it */
    enum state from, to;
    bool by_reset;
    int sign; /* -1: a move that was foreseen doesn't come: the end of TIME-WAIT */
};

typedef void (*census_sink)(void *data, const struct move *move);

struct census;

struct census *census_new(enum role end, census_sink sink, void *data);
void census_free(struct census *census);
void census_clear(struct census *census);

/* For every segment of the capture. */
void census_hear(struct census *census, const struct tcpfsm_segment *segment);

/* The moves of this connection are wanted: the sink gets them, those so far and those to come. */
void census_want(struct census *census, uint32_t connection);

/* The time of the latest segment; with none, INT64_MIN. */
int64_t census_latest(const struct census *census);

#endif
