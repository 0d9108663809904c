/* parts.h - what apply() is made of, in the order in which it takes place
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_APPLY_PARTS_H
#define TCPFSM_ENGINE_APPLY_PARTS_H

#include "apply/apply.h"

/* One segment while it is applied. */
struct application {
    struct connection *c;
    const struct seg_ctx *ctx;
    const struct judgment *j;
    struct end *s, *p; /* its sender, its peer */
    struct effects *e;
};

/* sending.c: what its sender did by sending it. `opened`: that is said already. */
void apply_sending(const struct application *a, bool opened);

/* timers.c: which timer explains it, and whether data was lost. */
void apply_timers(const struct application *a);

/* arriving.c: what it says of a peer that was not captured. With the numbers as they were before. */
void apply_unseen(const struct application *a);

/* numbers.c: what was sent, what is acknowledged, what is offered. */
void apply_numbers(const struct application *a);

/* timers.c: does it ask for a retransmission? With the numbers set. */
void apply_loss_reports(const struct application *a);

/* arriving.c: what the peer is presumed to receive with it. */
void apply_arriving(const struct application *a, findings_t findings);

/* timers.c: the 2MSL timer, if TIME-WAIT begins or begins anew at either end; with the states set. */
void apply_time_wait(const struct application *a);

#endif
