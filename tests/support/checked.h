/* checked.h - connection_observe(), and then all that always has to hold of the connection
 *
 * Every program that feeds the engine for a test does it through this.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_SUPPORT_CHECKED_H
#define TCPFSM_TESTS_SUPPORT_CHECKED_H

#include "endpoint/endpoint.h"
#include "summary/timeout_finding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The first invariant that is broken ends the program, or goes to `checked_broken`, if that is set. */
static void (*checked_broken)(const char *fault);

static inline void checked_fail(const struct segment *segment, const struct observation *o, unsigned end,
                                const char *fault)
{
    fprintf(stderr, "frame %" PRIu32 ", connection %" PRIu32 ", end %u: %s\n", segment->frame, o->connection,
            end, fault);
    if (checked_broken) {
        checked_broken(fault);
    } else {
        abort();
    }
}

static inline void checked_observe(uint32_t *newest, const struct segment *segment, struct observer *observer,
                                   struct observation *o)
{
    unsigned end;
    connection_observe(newest, segment, observer, o);
    if (*newest == 0 || (o->findings & FINDING_UNUSABLE)) {
        return;
    }
    const struct connection *c = observer->connection(observer->context, o->connection);
    const char *fault = connection_check(c, &end);
    if (fault) {
        checked_fail(segment, o, end, fault);
    }
}

/* timeout_findings_update(), and then what always has to hold of the summary. */
static inline unsigned checked_update(struct summary *summary, struct summary *previous,
                                      uint32_t previous_number, const struct segment *segment,
                                      struct observation *o, const struct timeouts *timeouts)
{
    unsigned told = timeout_findings_update(summary, previous, previous_number, segment, o, timeouts);
    const char *fault = timeout_findings_check(summary);
    if (fault) {
        checked_fail(segment, o, 0, fault);
    }
    return told;
}

#endif
