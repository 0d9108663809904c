/* checked.h - connection_observe(), and then all that always has to hold of the connection
 *
 * Every program that feeds the engine for a test does it through this.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_SUPPORT_CHECKED_H
#define TCPFSM_TESTS_SUPPORT_CHECKED_H

#include "plain/plain.h"
#include "stages.h"
#include "summary/timeout_finding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* To the byte: padding was zeroed or copied. */
static inline bool checked_same(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

/* A plain segment on a connection, of which `before` is a copy: the stages say the same of it and leave the
 * same behind. */
static inline const char *checked_plain(struct connection *before, const struct segment *segment,
                                        const struct observer *observer, const struct observation *told)
{
    struct observation o;
    const struct routing routing = {
        .number = told->connection + 1, .newest = told->connection + 1, .c = before, .route = ROUTE_usual};
    const struct seg_ctx ctx = seg_ctx_of(before, NULL, segment);
    memset(&o, 0, sizeof o);
    stages_run(&routing, &ctx, observer->time_wait, &o);
    return checked_same(&o, told, sizeof o) ? NULL : "plain: the stages say something else of it";
}

static inline void checked_observe(uint32_t *newest, const struct segment *segment, struct observer *observer,
                                   struct observation *o)
{
    unsigned end;
    struct connection before;
    const struct connection *c = *newest ? observer->connection(observer->context, *newest - 1) : NULL;
    bool plain = c && segment->usable && plain_is(c, segment);
    if (plain) {
        before = *c;
        memset(o, 0, sizeof *o); /* the padding is compared, too */
    }
    connection_observe(newest, segment, observer, o);
    if (*newest == 0 || (o->findings & FINDING_UNUSABLE)) {
        return;
    }
    c = observer->connection(observer->context, o->connection);
    const char *fault = connection_check(c, &end);
    if (!fault && c->dialogue.calm && !plain_is_calm(c)) {
        fault = "plain: the connection is called calm, but isn't";
    }
    if (!fault && plain && o->seq_verdict != SEQ_COPY) {
        fault = checked_plain(&before, segment, observer, o);
        fault = fault || checked_same(&before, c, sizeof before)
                    ? fault
                    : "plain: the stages leave another connection behind";
    }
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
