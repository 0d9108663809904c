/* belief.h - in which state is an end: what has it proven, what is presumed of it?
 *
 * Read RFC 9293 section 3.3.2. What an end sends proves a state; what was sent to it is presumed to
 * have arrived until it shows whether that is so. The expected state follows from both.
 *
 * What can't be known: a fact that no number ever shows, such as the arrival of the very last ACK,
 * stays a presumption.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_BELIEF_H
#define TCPFSM_ENGINE_BELIEF_H

#include "machine/facts.h"
#include "wire/segment.h"

/* Where a presumption came from: the last copy of the segment that carried it. */
struct arrival {
    uint32_t frame; /* 0: none */
    uint32_t ms;    /* its time in milliseconds, modulo 2^32 */
};

/* Written by belief.c alone. */
struct belief {
    int64_t since; /* when the expected state was entered, ns; NO_TIME: unknown */
    struct arrival arrival[SLOT_COUNT];
    uint8_t presumed, confirmed; /* FACT() sets; what is confirmed is part of `proven` */
    unsigned proven : 4;         /* enum state */
    unsigned expected : 4;       /* enum state: with the presumed facts, as of its last segment */
    unsigned aside : 4;          /* enum state: proven before a SYN-ACK with another ISN; CLOSED: none came */
    bool flag_repeated : 1;      /* arrival[SLOT_FLAG] is of a repeat */
    bool ack_repeated : 1;       /* arrival[SLOT_ACK] is of a repeat */
    bool assumed : 1;            /* rests on packets that were not captured */
    bool from_previous : 1;      /* of the connection before; the new SYN has not reached it yet */
    bool reset_counted : 1;      /* it sent a RST that its peer had to accept */
};

/* A new connection, with an end of which nothing is known, or in that state. */
void belief_begin(struct belief *belief, enum state state);

/* A new connection whose end waits for 2MSL since then. */
void belief_begin_waiting(struct belief *belief, int64_t since);

/* The past does not bind it any more: it is in `state`, though another one was shown. */
void belief_renew(struct belief *belief, enum state state);

/* It listens (again): that is shown, too. */
void belief_listen(struct belief *belief);

/* A new SYN finds the end of the connection before. */
void belief_inherit(struct belief *belief, const struct belief *old);

/* The state of the connection before lives on: what had ended it was lost. `shown`: what was expected. */
void belief_revive(struct belief *belief, enum state state, enum state shown);

/* What was thought of it was wrong: it is in `state`. */
void belief_correct(struct belief *belief, enum state state);

/* Its state does, or doesn't, rest on packets that were not captured. */
void belief_assume(struct belief *belief, bool assumed);

/* It sent something that moves it. */
struct transition belief_move(struct belief *belief, enum event event);

/* A SYN-ACK with another ISN came from there: what was proven is remembered, and taken up again. */
void belief_set_aside(struct belief *belief);
void belief_resume(struct belief *belief);

/* A presumed fact shows, or turns out wrong. */
void belief_confirm(struct belief *belief, enum fact fact, bool passive);
void belief_drop(struct belief *belief, uint8_t facts);

/* A fact, however it got there: without a segment that carried it. */
void belief_add(struct belief *belief, enum fact fact);

/* A segment carries a fact to it; `repeat`: a repeated one. */
void belief_presume(struct belief *belief, enum fact fact, const struct segment *segment, bool repeat);

/* Its RST has to be accepted. */
void belief_count_reset(struct belief *belief);

/* The state expected after the segment, entered at `since`. */
void belief_settle(struct belief *belief, enum state after, int64_t since);

/* Its 2MSL begin anew. */
void belief_restart(struct belief *belief, int64_t now);

/* Is this end in TIME-WAIT, and 2MSL (ns) have not passed by `now`? */
bool belief_waits(const struct belief *belief, int64_t now, int64_t time_wait);

/* Is it known that they have passed? */
bool belief_has_expired(const struct belief *belief, int64_t now, int64_t time_wait);

/* The first thing that isn't as it has to be, or NULL. */
const char *belief_check(const struct belief *belief, bool passive);

#endif
