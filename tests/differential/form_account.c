/* form_account.c - what does an engine know of a connection, and what does it conclude?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "forms.h"

#include <string.h>

static void form_moment(struct form *form, int where, const struct moment *moment)
{
    PUT_OF(form, where, moment->frame);
    PUT_OF(form, where, moment->time);
}

static void form_tries(struct form *form, int where, const struct tries *tries)
{
    PUT_OF(form, where, tries->first.frame);
    PUT_OF(form, where, tries->first.time);
    PUT_OF(form, where, tries->last);
    PUT_OF(form, where, tries->count);
}

static void form_end(struct form *form, int where, const struct account_end *end)
{
    PUT_OF(form, where, end->isn.n);
    PUT_OF(form, where, end->window);
    PUT_OF(form, where, end->mss);
    PUT_OF(form, where, end->owes);
    PUT_OF(form, where, end->state);
    PUT_OF(form, where, end->basis);
    PUT_OF(form, where, end->scale_plus_one);
    PUT_OF(form, where, end->syn_seen);
    PUT_OF(form, where, end->sack_permitted);
    PUT_OF(form, where, end->timestamps);
    PUT_OF(form, where, end->seen);
    PUT_OF(form, where, end->sent_data);
    PUT_OF(form, where, end->sent_next);
    PUT_OF(form, where, end->waited);
    PUT_OF(form, where, end->unseen);
    PUT_OF(form, where, end->acked_known);
    PUT_OF(form, where, end->acked.n);
    for (unsigned debt = 0; debt < DEBT_COUNT; debt++)
        form_moment(form, where, &end->owed[debt]);
    form_tries(form, where, &end->opening);
    form_tries(form, where, &end->fins);
    form_tries(form, where, &end->probes);
    PUT_OF(form, where, end->sent);
    PUT_OF(form, where, end->heard);
}

static void form_times(struct form *form, const struct account *a)
{
    PUT(form, a->start);
    PUT(form, a->last);
    PUT(form, a->progress);
    PUT(form, a->previous);
    PUT(form, a->since_previous);
    PUT(form, a->syn_ack_last);
    for (int i = 0; i < MILESTONE_COUNT; i++) {
        form_moment(form, i, &a->milestone[i]);
        PUT_OF(form, i, account_between(a, MILESTONE_SYN, (enum milestone)i));
        PUT_OF(form, i, account_between(a, (enum milestone)i, (enum milestone)((i + 1) % MILESTONE_COUNT)));
    }
    for (int i = 0; i < SPAN_COUNT; i++)
        PUT_OF(form, i, account_span(a, (enum span)i));
}

#ifndef WITHOUT_NOTES
/* The newest SYN-ACK with another ISN than the first. */
static void form_other(struct form *form, const struct answer *other)
{
    form_moment(form, WHERE_NONE, &other->first);
    PUT(form, other->last);
    PUT(form, other->answered);
    PUT(form, other->offer.isn.n);
    PUT(form, other->offer.window);
    PUT(form, other->offer.mss);
    PUT(form, other->offer.scale_plus_one);
    PUT(form, other->offer.sack_permitted);
    PUT(form, other->offer.timestamps);
}

/* What the account only keeps to know it later. */
static void form_notes(struct form *form, const struct account *a)
{
    form_other(form, &a->other);
    for (int i = 0; i < SPAN_COUNT; i++)
        PUT_OF(form, i, a->span[i]);
    PUT(form, a->spans);
    PUT(form, a->first_tsval);
    PUT(form, a->newest_tsval);
    PUT(form, a->earlier_tsval);
    PUT(form, a->earlier);
    form_moment(form, WHERE_NONE, &a->overflow);
    PUT(form, a->overflows);
    form_moment(form, WHERE_NONE, &a->challenge);
    PUT(form, a->challenged_syn);
    PUT(form, a->letters[0]);
    PUT(form, a->letters[1]);
    PUT(form, a->overflowed);
    PUT(form, a->disorder);
}
#else
static void form_notes(struct form *form, const struct account *a)
{
    (void)form;
    (void)a;
}
#endif

static void form_flags(struct form *form, const struct account *a)
{
    PUT(form, a->told);
    PUT(form, a->steps);
    PUT(form, a->lost_by);
    PUT(form, a->reset_cause);
    PUT(form, a->reset_by);
    PUT(form, a->client_from);
    PUT(form, a->closer);
    PUT(form, a->begun);
    PUT(form, a->joined_late);
    PUT(form, a->opened);
    PUT(form, a->reset);
    PUT(form, a->desynchronized);
    PUT(form, a->replaced);
    PUT(form, a->into_connection);
    PUT(form, a->simultaneous_open);
    PUT(form, a->split_open);
    PUT(form, a->fast_open);
    PUT(form, a->simultaneous_close);
    PUT(form, a->three_segments);
    PUT(form, a->mptcp);
    PUT(form, a->incomplete);
    PUT(form, a->two_paths);
    PUT(form, a->passes_embryonic);
    PUT(form, a->passes_idle);
}

static void form_history(struct form *form, const char *history)
{
    for (int i = 0; i < HISTORY_MAX; i += 8) {
        int64_t letters = 0;

        memcpy(&letters, history + i, 8);
        PUT_OF(form, i, letters);
    }
}

static void form_conclusions(struct form *form, const struct account *a, unsigned conclusions)
{
    PUT(form, conclusions);
    PUT(form, outcome_of(a, conclusions));
    for (int i = 0; i < CONCLUSION_COUNT; i++) {
        struct moment begin = {0, 0};

        if (!(conclusions & 1u << i))
            continue;
        begin = conclusion_begin(a, (enum conclusion)i);
        form_moment(form, i, &begin);
        PUT_OF(form, i, conclusion_subject(a, (enum conclusion)i));
    }
}

void form_account(struct form *form, const struct account *a, const struct timeouts *timeouts, int64_t now)
{
    form_end(form, 0, &a->end[0]);
    form_end(form, 1, &a->end[1]);
    form_times(form, a);
    form_notes(form, a);
    form_flags(form, a);
    form_history(form, a->history);
    PUT(form, outcome_is_settled(a));
    PUT(form, opening_of(a));
    PUT(form, closing_of(a));
    PUT(form, closer_of(a));
    PUT(form, time_wait_holder_of(a));
    PUT(form, account_is_embryonic(a));
    PUT(form, account_is_idle(a));
    form_conclusions(form, a, conclusions_at(a, timeouts, now));
    form_conclusions(form, a, conclusions_at(a, timeouts, now + 4 * FORM_SECOND));
    form_conclusions(form, a, conclusions_at(a, timeouts, now + 62 * FORM_SECOND));
    form_conclusions(form, a, conclusions_at(a, timeouts, NEVER));
}
