/* attempts.c - see attempts.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/attempts.h"

#include <stddef.h>

struct attempt attempts_fire(struct attempts *a, enum timer timer, int64_t now)
{
    /* Whatever was tried before, what comes again comes again. */
    bool again = timer == TIMER_RETRANSMISSION ? a->tried != TIMER_NONE : a->tried == (unsigned)timer;
    a->tries = !again ? 1u : a->tries < TRIES_COUNTED ? (a->tries + 1u) & TRIES_COUNTED : a->tries;
    struct attempt attempt = {timer, a->tries, again && now >= a->tried_at ? now - a->tried_at : NO_TIME};
    a->tried = timer & 3u;
    a->tried_at = now;
    return attempt;
}

void attempts_forget_time(struct attempts *a)
{
    a->tried = TIMER_NONE;
}

void attempts_note_flag(struct attempts *a, bool flag)
{
    a->tried_flag = flag;
}

void attempts_resend(struct attempts *a, int64_t now)
{
    a->tried = TIMER_RETRANSMISSION;
    a->tried_at = now;
}

void attempts_start(struct attempts *a, int64_t now, bool flag)
{
    attempts_resend(a, now);
    a->tries = 0;
    a->tried_flag = flag;
}

void attempts_end_series(struct attempts *a)
{
    a->tries = 0;
}

void attempts_answer_loss(struct attempts *a)
{
    a->retransmission_due = false;
}

void attempts_note_flag_frame(struct attempts *a, uint32_t frame)
{
    a->flag_frame = frame;
}

void attempts_note_ack_frame(struct attempts *a, uint32_t frame)
{
    a->ack_frame = frame;
}

void attempts_ask_answer(struct attempts *a, bool due)
{
    a->answer_due = due;
}

void attempts_probe(struct attempts *a, bool probed)
{
    a->probed = probed;
}

void attempts_count_duplicate(struct attempts *a)
{
    if (a->duplicate_acks < DUPLICATES_ASK) {
        a->duplicate_acks = (a->duplicate_acks + 1u) & 3u;
    }
}

void attempts_report_loss(struct attempts *a)
{
    a->loss_reported = a->retransmission_due = true;
}

void attempts_acknowledged(struct attempts *a, bool all)
{
    a->loss_reported = a->retransmission_due = a->data_lost = false;
    a->duplicate_acks = 0;
    if (all) {
        a->fin_lost = false;
    } else { /* when what is outstanding now was sent is not kept */
        a->tries = 0;
        a->tried = TIMER_NONE;
        a->tried_flag = false;
    }
}

void attempts_lose_data(struct attempts *a, bool lost)
{
    a->data_lost = lost;
}

void attempts_lose_fin(struct attempts *a, bool lost)
{
    a->fin_lost = lost;
}

void attempts_lose_step(struct attempts *a, bool lost)
{
    a->step_lost = lost;
}

void attempts_forget(struct attempts *a)
{
    *a = (struct attempts){0};
}

void attempts_inherit(struct attempts *a, const struct attempts *old)
{
    *a = *old;
    a->answer_due = a->probed = false;
    a->tries = 0;
}

const char *attempts_check(const struct attempts *a)
{
    if (a->retransmission_due && !a->loss_reported) {
        return "attempts: a retransmission is due that nobody asked for";
    }
    return NULL;
}
