/* endings.c - see endings.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/endings.h"

#include "summary/captured.h"
#include "tell/addition.h"

void endings_update_fins(struct update *u)
{
    struct summary *s = u->s;
    if (u->fresh & STEP_FIN) {
        update_reach(u, MILESTONE_FIN);
    }
    if (u->fresh & STEP_ACK_OF_FIN) {
        update_reach(u, MILESTONE_FIN_ACK);
    }
    if (u->fresh & STEP_SECOND_FIN) {
        update_reach(u, MILESTONE_SECOND_FIN);
        bool first_acked = ((s->steps | u->fresh) & STEP_ACK_OF_FIN) != 0;
        s->simultaneous_close = !first_acked;
        s->three_segments = (u->fresh & STEP_ACK_OF_FIN) != 0;
    }
    if (u->fresh & STEP_ACK_OF_SECOND_FIN) {
        update_reach(u, MILESTONE_SECOND_FIN_ACK);
    }
}

/* The SYN was challenged in the state of the connection before. Where that had only an ACK of a FIN to come,
 * all was delivered: who opens anew has closed. */
void endings_update_challenge(struct update *u)
{
    enum state state = u->o->sender.before;
    if (u->o->findings & FINDING_SYN_IN_CONNECTION) {
        u->s->into_connection = true;
    }
    if (!(u->o->findings & FINDING_CHALLENGE_ACK) || u->sender != &u->s->end[1]) {
        return;
    }
    u->s->challenge = u->now;
    u->s->challenged_syn = u->peer->opening.first.frame;
    if (u->s->into_connection && u->previous && (state == LAST_ACK || state == CLOSING)) {
        u->previous->delivered = true;
    }
}

static void measure_state(struct update *u, const struct observed_end *end)
{
    if (end->time_in_state != NO_TIME && end->before == CLOSE_WAIT) {
        update_measure(u->s, SPAN_CLOSE_WAIT, end->time_in_state);
    } else if (end->time_in_state != NO_TIME && end->before == FIN_WAIT_2) {
        update_measure(u->s, SPAN_FIN_WAIT_2, end->time_in_state);
    }
}

/* The SYN of this connection came into a live one, was challenged, and this RST ends that one (RFC 9293
 * 3.5.1, figure 10). */
static bool ends_previous(const struct update *u)
{
    const struct summary *s = u->s, *p = u->previous;
    return p && s->into_connection && s->challenge.frame != 0 && !s->opened &&
           u->o->sender_role == ROLE_CLIENT && u->o->sender.before == SYN_SENT;
}

/* Nothing that was not captured explains how it came to that. */
static bool is_whole(const struct summary *p)
{
    return !has_closed(p) && !p->incomplete && !p->multipath && !p->end[0].unseen && !p->end[1].unseen &&
           was_open(&p->end[0]) && was_open(&p->end[1]);
}

/* Has it shown in this capture that it was open? A server that sent a SYN-ACK alone need not have taken what
 * step 3 completed; if it hadn't, it would repeat the SYN-ACK. */
static bool is_proven_open(const struct update *u)
{
    const struct summary *s = u->s;
    const struct summary_end *end = u->sender;
    const struct moment *step_3 = &s->milestone[MILESTONE_ACK];
    bool accepted = end == &s->end[1] && has_milestone(s, MILESTONE_SYN) && step_3->frame != 0 &&
                    end->opening.last <= step_3->time &&
                    u->now.time - step_3->time >= NOT_ACCEPTED_MS * NS_PER_MS;
    return end->sent_next || (end->syn_seen && (end->spoke || accepted));
}

static bool has_closed_itself(const struct update *u)
{
    const struct summary *s = u->s;
    bool first = u->sender == &s->end[s->closer];
    return (s->steps & (first ? STEP_FIN : STEP_SECOND_FIN)) != 0;
}

/* The dead were silent: who spoke a moment ago has aborted, and this is another RST of that. */
static bool was_silent(const struct update *u)
{
    return u->heard_before == NO_TIME || u->now.time - u->heard_before >= SILENT_MS * NS_PER_MS;
}

/* Whether what was not captured could explain it. Without any pure ACK nobody knows who was silent. */
static bool lacks_nothing(const struct update *u)
{
    return captured_is_whole(u->s) && !u->o->incomplete && !u->sender->unseen && !u->peer->unseen &&
           !u->s->multipath;
}

static bool answers_instead(const struct observation *o)
{
    return o->reset_cause == RESET_NO_CONNECTION || o->reset_cause == RESET_PROBE_ANSWER;
}

/* Where no round trip was captured the engine gives an answer more time, to which nobody need be held. */
static bool answers_in_time(const struct update *u)
{
    const struct summary *s = u->s;
    bool timed = has_milestone(s, MILESTONE_SYN) && has_milestone(s, MILESTONE_SYN_ACK);
    return timed || u->now.time - u->peer->heard <= RESET_ANSWER_MS * NS_PER_MS;
}

/* By its own RST, or by one of the peer's that told it to forget the connection. */
static bool was_reset_before(const struct update *u)
{
    const struct summary *s = u->s;
    bool own = s->reset_by == (uint8_t)u->o->sender_role;
    bool told = s->reset_cause != RESET_STALE && s->reset_cause != RESET_NOT_ACCEPTABLE;
    return has_milestone(s, MILESTONE_RESET) && (own || told) &&
           s->milestone[MILESTONE_RESET].time >= s->milestone[MILESTONE_ACK].time;
}

/* The host has lost a connection that its peer holds open. Who joined late, or missed packets, can't tell
 * that from a close before. */
static bool shows_loss(const struct update *u)
{
    const struct summary *s = u->s;
    enum state peer = u->o->peer.before;
    bool open = s->opened && state_is_synchronized(peer) && peer != TIME_WAIT && !has_closed(s) && !s->reset;
    return answers_instead(u->o) && open && !was_reset_before(u) && lacks_nothing(u) && is_proven_open(u) &&
           !has_closed_itself(u) && was_silent(u) && answers_in_time(u);
}

static void reset_by(struct summary *s, const struct update *u)
{
    update_milestone(s, MILESTONE_RESET, (struct moment){u->seg->frame, u->seg->time - s->start});
    s->reset_cause = (uint8_t)u->o->reset_cause;
    s->reset_by = (uint8_t)u->o->sender_role;
}

/* In the window, but not at its edge, and its receiver has not shown yet what it makes of it. */
static bool is_ahead(const struct observation *o, const struct segment *seg)
{
    return o->seq_verdict == SEQ_NOT_JUDGED && o->has_seq_expected && seq_after(seg->seq, o->seq_expected) &&
           state_is_synchronized(o->peer.before) && o->peer.after == o->peer.before;
}

bool endings_prove_opening(const struct update *u)
{
    const struct observation *o = u->o;
    bool ends = (u->seg->flags & (FLAG_RST | FLAG_FIN)) && !(u->seg->flags & FLAG_SYN);
    bool refuses = o->reset_cause == RESET_NOT_ACCEPTABLE || o->reset_cause == RESET_STALE ||
                   o->reset_cause == RESET_REFUSED || o->reset_cause == RESET_SYN_ACK_REJECTED;
    return ends && !refuses && !seq_is_invalid(o->seq_verdict) && u->sender->syn_seen &&
           seq_after(u->seg->seq, seq_add(u->sender->isn, 1));
}

static void tell_reset(struct update *u, bool ends)
{
    if (shows_loss(u)) {
        tell_finding(u->o, FINDING_DESYNCHRONIZED);
        u->s->desynchronized = true;
    } else if (ends && answers_instead(u->o)) {
        tell_finding(u->o, FINDING_RESET_ABORT);
    }
}

void endings_update_reset(struct update *u)
{
    struct summary *s = u->s;
    const struct observation *o = u->o;
    if (o->reset_cause == RESET_NONE) {
        return;
    }
    if (ends_previous(u)) {
        update_supplant(u->previous, true);
    }
    if (ends_previous(u) && is_whole(u->previous)) {
        tell_finding(u->o, FINDING_DESYNCHRONIZED);
        update_reach(u, MILESTONE_RESET);
        reset_by(u->previous, u);
        u->previous->reset_by = u->previous->client_from == (unsigned)u->seg->from ? (uint8_t)ROLE_CLIENT
                                                                                   : (uint8_t)ROLE_SERVER;
        u->previous->desynchronized = true;
        u->previous->lost_by = o->connection + 1;
        return;
    }
    if (ends_previous(u) && u->previous->delivered) {
        return; /* nothing was lost there */
    }
    bool ends = state_is_gone(o->peer.after) && !state_is_gone(o->peer.before);
    tell_reset(u, ends);
    bool counts = o->reset_cause != RESET_NOT_ACCEPTABLE && o->reset_cause != RESET_STALE &&
                  !is_ahead(o, u->seg);
    if (!has_milestone(s, MILESTONE_RESET) || (!s->reset && counts) || (!s->reset_moved && ends)) {
        reset_by(s, u);
    }
    s->reset_assumed = !s->reset_moved && ends ? o->seq_verdict == SEQ_NOT_JUDGED : s->reset_assumed;
    s->reset = s->reset || counts || ends;
    s->reset_moved = s->reset_moved || ends;
}

/* A later segment of the RST's own sender shows that the RST was forged, or a new try succeeds. That the
 * other end sends on only shows that the RST has not arrived there; or, if it was only assumed to be exact,
 * that it wasn't. */
void endings_take_reset_back(struct update *u)
{
    struct summary *s = u->s;
    bool opens = (u->o->steps & STEPS_OF_HANDSHAKE) != 0;
    bool own = u->o->sender_role == (enum role)s->reset_by || s->reset_assumed;
    bool goes_on = own && state_is_synchronized(u->o->sender.after);
    if (u->o->reset_cause == RESET_NONE && (opens || goes_on) && !state_is_gone(u->o->sender.after)) {
        s->reset = s->reset_moved = s->reset_assumed = s->desynchronized = false;
    }
}

void endings_measure(struct update *u)
{
    measure_state(u, &u->o->sender);
    measure_state(u, &u->o->peer);
}
