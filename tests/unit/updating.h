/* update.h - two ends talk, the engine listens, and every segment is booked
 *
 *     struct booking b = update_begin();
 *     BOOK(&b, .from = CLIENT, .flags = S);
 *     CHECK_EQUAL(b.summary[0].milestone[MILESTONE_SYN].frame, 1);
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_UPDATING_H
#define TCPFSM_TESTS_UNIT_UPDATING_H

#include "summary/timeout_finding.h"
#include "summary/outcome.h"
#include "talk.h"

struct booking {
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

static inline struct booking update_begin(void)
{
    return (struct booking){.talk = talk_begin()};
}

/* What talk.seg holds, which a test may have changed meanwhile. */
static inline const struct observation *update_observe(struct booking *b)
{
    struct talk *t = &b->talk;
    uint32_t previous;

    talk_observe(t);
    if (t->o.findings & FINDING_UNUSABLE)
        return &t->o;
    previous = connection_previous(&t->pool[t->o.connection]);
    b->told = timeout_findings_update(&b->summary[t->o.connection],
                                      previous ? &b->summary[previous - 1] : NULL, previous, &t->seg, &t->o,
                                      &usual_timeouts);
    return &t->o;
}

static inline const struct observation *update_say(struct booking *b, struct saying s)
{
    talk_segment(&b->talk, s);
    return update_observe(b);
}

#define BOOK(b, ...) update_say((b), (struct saying){__VA_ARGS__})

/* The three-way handshake in frames 1 to 3. */
static inline void update_open(struct booking *b)
{
    BOOK(b, .from = CLIENT, .flags = S);
    BOOK(b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

static inline struct booking update_opened(void)
{
    struct booking b = update_begin();

    update_open(&b);
    return b;
}

/* Both have spoken, in frames 4 to 6: the client's next number is 101, the server's 51. */
static inline struct booking update_in_use(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .data = 50);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51);
    return b;
}

/* And the client has closed, in frames 7 and 8. */
static inline struct booking update_half_closed(void)
{
    struct booking b = update_in_use();

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    return b;
}

/* And the server, in frames 9 and 10. */
static inline struct booking update_closed(void)
{
    struct booking b = update_half_closed();

    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    return b;
}

/* The set that holds so many milliseconds after the last segment. */
static inline unsigned update_after(const struct booking *b, int64_t ms)
{
    return timeout_findings_at(&b->summary[0], &usual_timeouts, b->talk.now + ms * 1000000);
}

#define BIT(timeout_finding) (1u << (timeout_finding))

#endif
