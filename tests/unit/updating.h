/* updating.h - two ends talk, the engine listens, and every segment goes into the summary
 *
 *     struct updating u = updating_begin();
 *     UPDATE(&u, .from = CLIENT, .flags = S);
 *     CHECK_EQUAL(u.summary[0].milestone[MILESTONE_SYN].frame, 1);
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_UPDATING_H
#define TCPFSM_TESTS_UNIT_UPDATING_H

#include "summary/outcome.h"
#include "summary/timeout_finding.h"
#include "talk.h"

struct updating {
    struct talk talk;
    struct summary summary[CONNECTIONS_MAX]; /* by number of the connection */
    unsigned told;                           /* with the last segment, bit n: enum timeout_finding n */
};

static const struct timeouts usual_timeouts = {
    .handshake = 5 * SECOND,
    .fin = 5 * SECOND,
    .close_wait = 60 * SECOND,
    .fin_wait_2 = 60 * SECOND,
    .idle = 75 * SECOND,
    .silent = 3 * SECOND,
};

static inline struct updating updating_begin(void)
{
    return (struct updating){.talk = talk_begin()};
}

/* What talk.seg and talk.o hold goes into the summary. */
static inline const struct observation *updating_take(struct updating *u)
{
    struct talk *t = &u->talk;
    uint32_t previous;

    if (t->o.findings & FINDING_UNUSABLE)
        return &t->o;
    previous = connection_previous(&t->pool[t->o.connection]);
    u->told = checked_update(&u->summary[t->o.connection], previous ? &u->summary[previous - 1] : NULL,
                             previous, &t->seg, &t->o, &usual_timeouts);
    return &t->o;
}

/* The engine sees what talk.seg holds, which a test may have changed meanwhile. */
static inline const struct observation *updating_observe(struct updating *u)
{
    talk_observe(&u->talk);
    return updating_take(u);
}

static inline const struct observation *updating_say(struct updating *u, struct saying s)
{
    talk_segment(&u->talk, s);
    return updating_observe(u);
}

#define UPDATE(u, ...) updating_say((u), (struct saying){__VA_ARGS__})

/* The engine alone sees it: a test may change talk.o, and then updating_take() it. */
#define HEAR(u, ...) talk_say(&(u)->talk, (struct saying){__VA_ARGS__})

/* The three-way handshake in frames 1 to 3. */
static inline void updating_open(struct updating *u)
{
    UPDATE(u, .from = CLIENT, .flags = S);
    UPDATE(u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

static inline struct updating updating_opened(void)
{
    struct updating u = updating_begin();

    updating_open(&u);
    return u;
}

/* Both have spoken, in frames 4 to 6: the client's next number is 101, the server's 51. */
static inline struct updating updating_in_use(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .data = 50);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51);
    return u;
}

/* And the client has closed, in frames 7 and 8. */
static inline struct updating updating_half_closed(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    return u;
}

/* And the server, in frames 9 and 10. */
static inline struct updating updating_closed(void)
{
    struct updating u = updating_half_closed();

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    return u;
}

/* The set that holds so many milliseconds after the last segment. */
static inline unsigned updating_after(const struct updating *u, int64_t ms)
{
    return timeout_findings_at(&u->summary[0], &usual_timeouts, u->talk.now + ms * 1000000);
}

#define BIT(timeout_finding) (1u << (timeout_finding))

#endif
