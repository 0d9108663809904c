/* form_observation.c - what does an engine say of a segment?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "forms.h"

static void form_end(struct form *form, int where, const struct observed_end *end)
{
    PUT_OF(form, where, end->before);
    PUT_OF(form, where, end->after);
    PUT_OF(form, where, end->basis);
    PUT_OF(form, where, end->rule);
    PUT_OF(form, where, end->time_in_state);
}

static void form_owed(struct form *form, int where, const struct owed *owed)
{
    PUT_OF(form, where, owed->debt);
    PUT_OF(form, where, owed->frame);
    PUT_OF(form, where, owed->age);
}

static void form_numbers(struct form *form, const struct observation *o)
{
    PUT(form, o->has_seq_expected);
    PUT(form, o->has_ack_expected);
    PUT(form, o->seq_expected.n);
    PUT(form, o->ack_expected.n);
    PUT(form, o->seq_from_frame);
    PUT(form, o->ack_from_frame);
    PUT(form, o->seq_verdict);
    PUT(form, o->ack_verdict);
    PUT(form, o->has_bound);
    PUT(form, o->has_bound ? o->bound.n : 0); /* observation.h: only with has_bound */
    PUT(form, o->reset_cause);
}

void form_observation(struct form *form, const struct observation *o)
{
    PUT(form, o->connection);
    PUT(form, o->sender_role);
    PUT(form, o->phase);
    PUT(form, o->steps);
    PUT(form, o->repeat);
    PUT(form, o->repeat_of);
    form_end(form, 0, &o->sender);
    form_end(form, 1, &o->peer);
    PUT(form, o->assumed);
    PUT(form, o->state_changed);
    PUT(form, o->corrected);
    PUT(form, o->corrected ? o->presumed : UNKNOWN); /* observation.h: only if corrected */
    PUT(form, o->lost_frame);
    form_numbers(form, o);
    PUT(form, o->timer);
    PUT(form, o->timer_count);
    PUT(form, o->timer_interval);
    PUT(form, o->client_owes);
    PUT(form, o->server_owes);
    PUT(form, o->incomplete);
    PUT(form, o->remarks);
}

void form_booked(struct form *form, const struct observation *o)
{
    form_owed(form, 0, &o->client_owed);
    form_owed(form, 1, &o->server_owed);
    form_observation(form, o);
}
