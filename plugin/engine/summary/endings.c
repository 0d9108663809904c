/* endings.c - see endings.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/endings.h"

#include "tell/addition.h"

void endings_update_fins(struct update *e)
{
    struct summary *a = e->a;
    if (e->fresh & STEP_FIN) {
        update_reach(e, MILESTONE_FIN);
    }
    if (e->fresh & STEP_ACK_OF_FIN) {
        update_reach(e, MILESTONE_FIN_ACK);
    }
    if (e->fresh & STEP_SECOND_FIN) {
        update_reach(e, MILESTONE_SECOND_FIN);
        bool first_acked = ((a->steps | e->fresh) & STEP_ACK_OF_FIN) != 0;
        a->simultaneous_close = !first_acked;
        a->three_segments = (e->fresh & STEP_ACK_OF_FIN) != 0;
    }
    if (e->fresh & STEP_ACK_OF_SECOND_FIN) {
        update_reach(e, MILESTONE_SECOND_FIN_ACK);
    }
}

static void measure_state(struct update *e, const struct observed_end *end)
{
    if (end->time_in_state != NO_TIME && end->before == CLOSE_WAIT) {
        update_measure(e->a, SPAN_CLOSE_WAIT, end->time_in_state);
    } else if (end->time_in_state != NO_TIME && end->before == FIN_WAIT_2) {
        update_measure(e->a, SPAN_FIN_WAIT_2, end->time_in_state);
    }
}

/* The SYN of this connection came into a live one, was challenged, and this RST ends that one (RFC 9293
 * 3.5.1, figure 10). */
static bool ends_previous(const struct update *e)
{
    const struct summary *a = e->a, *p = e->previous;
    bool whole = p && !has_closed(p) && !p->incomplete && !p->multipath && !p->end[0].unseen &&
                 !p->end[1].unseen && was_open(&p->end[0]) && was_open(&p->end[1]);
    return a->into_connection && a->challenge.frame != 0 && whole && !a->opened &&
           e->o->sender_role == ROLE_CLIENT && e->o->sender.before == SYN_SENT;
}

/* Its sender was heard of a moment ago: another RST, which came late or was missed, is more likely. */
static bool is_sudden(const struct update *e)
{
    return e->heard_before != NO_TIME && e->now.time - e->heard_before < UPDATE_DISORDER;
}

/* The host has lost a connection that its peer holds open. Who joined late, or missed packets, can't tell
 * that from a close before. */
static bool shows_loss(const struct update *e)
{
    const struct summary *a = e->a;
    bool cause = e->o->reset_cause == RESET_NO_CONNECTION || e->o->reset_cause == RESET_PROBE_ANSWER;
    bool again = has_milestone(a, MILESTONE_RESET) && a->reset_by == (uint8_t)e->o->sender_role &&
                 a->milestone[MILESTONE_RESET].time >= a->milestone[MILESTONE_ACK].time;
    return cause && !again && a->opened && state_is_synchronized(e->o->peer.before) &&
           e->o->peer.before != TIME_WAIT && !has_closed(a) && !a->reset && !is_sudden(e) &&
           !e->o->incomplete && !e->sender->unseen && !e->peer->unseen && !a->multipath &&
           was_open(e->sender);
}

static void reset_by(struct summary *a, const struct update *e)
{
    update_milestone(a, MILESTONE_RESET, (struct moment){e->seg->frame, e->seg->time - a->start});
    a->reset_cause = (uint8_t)e->o->reset_cause;
    a->reset_by = (uint8_t)e->o->sender_role;
}

void endings_update_reset(struct update *e)
{
    struct summary *a = e->a;
    const struct observation *o = e->o;
    if (o->reset_cause == RESET_NONE) {
        return;
    }
    if (ends_previous(e)) {
        tell_finding(e->o, FINDING_DESYNCHRONIZED);
        update_reach(e, MILESTONE_RESET);
        reset_by(e->previous, e);
        e->previous->reset_by = e->previous->client_from == (unsigned)e->seg->from ? (uint8_t)ROLE_CLIENT
                                                                                   : (uint8_t)ROLE_SERVER;
        e->previous->desynchronized = true;
        e->previous->lost_by = o->connection + 1;
        return;
    }
    if (shows_loss(e)) {
        tell_finding(e->o, FINDING_DESYNCHRONIZED);
        a->desynchronized = true;
    }
    bool counts = o->reset_cause != RESET_NOT_ACCEPTABLE && o->reset_cause != RESET_STALE;
    bool ends = state_is_gone(o->peer.after) && !state_is_gone(o->peer.before);
    if (!has_milestone(a, MILESTONE_RESET) || (!a->reset && (counts || ends))) {
        reset_by(a, e);
    }
    a->reset = a->reset || counts || ends;
}

/* A later segment of the RST's own sender shows that the RST was forged, or a new try succeeds. That the
 * other end sends on only shows that the RST has not arrived there. */
void endings_take_reset_back(struct update *e)
{
    struct summary *a = e->a;
    bool opens = (e->o->steps & STEPS_OF_HANDSHAKE) != 0;
    bool own = e->o->sender_role == (enum role)a->reset_by && state_is_synchronized(e->o->sender.after);
    if (e->o->reset_cause == RESET_NONE && (opens || own) && !state_is_gone(e->o->sender.after)) {
        a->reset = a->desynchronized = false;
    }
}

void endings_measure(struct update *e)
{
    measure_state(e, &e->o->sender);
    measure_state(e, &e->o->peer);
}
