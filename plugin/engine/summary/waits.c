/* waits.c - see waits.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/waits.h"

/* An answer may still be under way that long after the last try. */
#define ANSWER_TIME (ANSWER_MS * NS_PER_MS)

bool waits_given_up(const struct summary *s)
{
    return s->reset && s->reset_cause == RESET_UNANSWERED_TRIES;
}

/* A RST ended it, or both FINs were acknowledged. */
static bool is_over(const struct summary *s)
{
    return (s->reset && !waits_given_up(s)) || s->desynchronized || has_closed(s);
}

bool waits_can_tell(const struct summary *s)
{
    return s->begun && !is_over(s) && !s->incomplete && !s->multipath && !s->end[0].unseen &&
           !s->end[1].unseen;
}

/* The moment as it counts for who began to wait in that frame: time beyond a hole doesn't. */
static int64_t now_for(const struct wait *w, uint32_t frame)
{
    bool limited = w->now != NEVER && w->timeouts->limit != NULL;
    int64_t limit = limited ? w->timeouts->limit(frame) : NEVER;
    int64_t now = limit != NEVER ? limit - w->start : w->now; /* after a jump back, `now` may be earlier */
    return now < w->end ? now : w->end;
}

static bool has_passed(int64_t since, int64_t timeout, int64_t now)
{
    return now == NEVER || now - since >= timeout;
}

/* Since the first try the time has passed, and the last one can't be answered any more. */
static bool in_vain(const struct tries *tries, int64_t timeout, const struct wait *w)
{
    int64_t now = now_for(w, tries->first.frame);
    return has_passed(tries->first.time, timeout, now) && has_passed(tries->last, ANSWER_TIME, now);
}

static int64_t later(int64_t s, int64_t b)
{
    return s > b ? s : b;
}

/* ---------------------------------------------------------------- handshake */

/* Nothing came back. */
static bool is_unanswered(const struct summary *s)
{
    return has_milestone(s, MILESTONE_SYN) && !has_milestone(s, MILESTONE_ICMP) && !s->opened &&
           !s->end[1].seen && s->end[0].state == SYN_SENT && s->end[0].heard == s->end[0].opening.last &&
           !s->disorder;
}

/* A server that has left SYN-RECEIVED got a step 3, even if the capture didn't. */
static bool lacks_third_step(const struct summary *s)
{
    return has_milestone(s, MILESTONE_SYN) && s->end[1].opening.count > 0 && !s->opened && !s->proven_open &&
           !s->simultaneous_open && !s->split_open && s->end[1].state == SYN_RECEIVED && !s->disorder;
}

bool waits_are_embryonic(const struct summary *s)
{
    return is_unanswered(s) || lacks_third_step(s);
}

bool waits_are_idle(const struct summary *s)
{
    return has_milestone(s, MILESTONE_SYN) && has_milestone(s, MILESTONE_SYN_ACK) &&
           has_milestone(s, MILESTONE_ACK) && !has_milestone(s, MILESTONE_FIN) && !s->end[0].sent_data &&
           !s->end[1].sent_data && !s->mptcp && s->end[0].state == ESTABLISHED &&
           s->end[1].state == ESTABLISHED;
}

bool waits_for_syn_ack(const struct summary *s, const struct wait *w)
{
    return is_unanswered(s) && in_vain(&s->end[0].opening, w->timeouts->handshake, w);
}

bool waits_for_third_step(const struct summary *s, const struct wait *w)
{
    struct tries answers = s->end[1].opening;
    answers.last = later(s->end[0].opening.last, answers.last);
    return lacks_third_step(s) && in_vain(&answers, w->timeouts->handshake, w);
}

/* Servers send their SYN-ACK again after 1 to 3 s; with SYN cookies never. */
bool waits_with_repeats(const struct summary *s, const struct wait *w)
{
    return s->syn_ack_again.frame != 0 &&
           s->syn_ack_again.time - s->end[1].opening.first.time < w->timeouts->handshake;
}

bool waits_for_data(const struct summary *s, const struct wait *w)
{
    const struct moment *ack = &s->milestone[MILESTONE_ACK];
    return waits_are_idle(s) && has_passed(ack->time, w->timeouts->idle, now_for(w, ack->frame));
}

/* ----------------------------------------------------------------- teardown */

static bool fin_in_vain(const struct summary_end *end, const struct wait *w)
{
    return end->fins.count >= TRIES && in_vain(&end->fins, w->timeouts->fin, w);
}

/* It answers, and can't take the FIN: there is no room in front of it. */
static bool has_no_room(const struct summary_end *end, const struct summary_end *closer)
{
    return end->closed_window && end->heard > closer->fins.first.time;
}

const struct summary_end *waits_for_ack_of_fin(const struct summary *s, const struct wait *w)
{
    const struct summary_end *ends[2] = {&s->end[s->closer], &s->end[!s->closer]}; /* who closed first */
    for (unsigned i = 0; i < 2; i++) {
        const struct summary_end *peer = ends[!i];
        bool closing = ends[i]->state == FIN_WAIT_1 || ends[i]->state == CLOSING;
        if (closing && was_open(peer) && !has_no_room(peer, ends[i]) && fin_in_vain(ends[i], w)) {
            return ends[i];
        }
    }
    return NULL;
}

/* Its peer has fallen silent. */
const struct summary_end *waits_for_last_ack(const struct summary *s, const struct wait *w)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct summary_end *end = &s->end[i], *peer = &s->end[!i];
        if (end->state == LAST_ACK && fin_in_vain(end, w) && peer->heard <= end->fins.first.time) {
            return end;
        }
    }
    return NULL;
}

/* When last something went on between an end in FIN-WAIT-2 and one in CLOSE-WAIT. */
static int64_t last_use(const struct summary *s)
{
    return later(s->progress, s->end[!s->closer].sent);
}

bool waits_for_fin(const struct summary *s, int64_t timeout, const struct wait *w)
{
    const struct summary_end *closer = &s->end[s->closer], *other = &s->end[!s->closer];
    enum role role = s->closer ? ROLE_CLIENT : ROLE_SERVER; /* of the other */
    bool owes = has_milestone(s, MILESTONE_FIN_ACK) && other->state == CLOSE_WAIT &&
                (other->owes & 1u << OWES_FIN) && closer->state == FIN_WAIT_2 && was_open(other);
    if (!owes || (has_milestone(s, MILESTONE_RESET) && (enum role)s->reset_by == role)) {
        return false; /* it has sent a RST, even if that did not count */
    }
    int64_t now = now_for(w, s->milestone[MILESTONE_FIN_ACK].frame);
    return has_passed(last_use(s), timeout, now) &&
           (!closer->probes.count || has_passed(closer->probes.last, ANSWER_TIME, now));
}

bool waits_and_sends(const struct summary *s)
{
    return s->end[s->closer].heard > last_use(s);
}

/* ------------------------------------------------------------- in between */

const struct summary_end *waits_for_answer(const struct summary *s, const struct wait *w)
{
    for (unsigned i = 0; s->opened && i < 2; i++) {
        const struct tries *tries = &s->end[i].probes;
        if (tries->count >= TRIES && in_vain(tries, w->timeouts->silent, w)) {
            return &s->end[i];
        }
    }
    return NULL;
}
