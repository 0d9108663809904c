/* memory.h - what an observer remembers: connections, their summaries, their witnesses
 *
 * What the plugin's store does with packing, indexes and bounds, this does in the plainest way: a block a
 * connection. Whoever feeds the engine for a test, and wants more of it than the observation, does it here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_SUPPORT_MEMORY_H
#define TCPFSM_TESTS_SUPPORT_MEMORY_H

#include "connection.h"
#include "summary/timeout_finding.h"
#include "witness/witness.h"

struct remembered; /* a connection */

struct memory {
    struct observer observer;
    struct remembered **blocks;
    uint32_t count, room;
    uint32_t max; /* connections that there is memory for; 0: as many as come */
};

/* If it is set, told of the first invariant that is broken, which otherwise ends the program. */
extern void (*memory_broken)(const char *fault);

/* What comes with a segment in one pass, beside its observation. */
struct heard {
    bool trusted;   /* its sender is: none of its numbers is suspected any more */
    unsigned told;  /* bit n: enum timeout_finding n */
    unsigned count; /* of what it shows of earlier segments: */
    struct testimony testimony[2 * SUSPECTS_MAX];
};

void memory_open(struct memory *memory, int64_t time_wait);
void memory_close(struct memory *memory);

/* The next segment of a four-tuple whose newest connection is `newest`: 0 before its first segment. It is
 * observed, added to its summary, and heard by its witness; `observation` and `heard` are filled whole. What
 * always has to hold is checked (checked.h). */
void memory_observe(struct memory *memory, uint32_t *newest, const struct segment *segment,
                    const struct timeouts *timeouts, struct observation *observation, struct heard *heard);

/* An ICMP error quotes a segment of that four-tuple. False, if that is of no use; else `number` is the
 * connection that it ended. */
bool memory_icmp(struct memory *memory, uint32_t newest, unsigned from, seq_t seq, uint32_t frame,
                 int64_t time, uint32_t *number);

/* Of a connection that the observer has counted. */
const struct connection *memory_connection(const struct memory *memory, uint32_t number);
const struct summary *memory_summary(const struct memory *memory, uint32_t number);

/* What is known of a doubtful segment of that connection when nothing more has come until `now`. `shown`:
 * what was heard of it. */
struct testimony memory_received(const struct memory *memory, uint32_t number, uint32_t frame,
                                 struct testimony shown, int64_t now);

#endif
