/* timeout_finding.c - see timeout_finding.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/timeout_finding.h"

#include "summary/update.h"

/* An answer may still be under way that long after the last try. */
#define ANSWER_TIME (ANSWER_MS * NS_PER_MS)

#define WARNINGS                                                                         \
    (1u << TIMEOUT_FINDING_UNANSWERED | 1u << TIMEOUT_FINDING_EMBRYONIC |                \
     1u << TIMEOUT_FINDING_FIN_UNACKNOWLEDGED | 1u << TIMEOUT_FINDING_CLOSE_WAIT_STUCK | \
     1u << TIMEOUT_FINDING_PEER_SILENT)

/* Whoever tried in vain gave up: its RST is no answer. */
static bool gave_up(const struct summary *s)
{
    return s->reset && s->reset_cause == RESET_UNANSWERED_TRIES;
}

/* A RST ended it, both FINs were acknowledged, or another connection took its place. */
static bool is_over(const struct summary *s)
{
    return (s->reset && !gave_up(s)) || s->desynchronized || s->replaced || has_closed(s);
}

/* Whether what was not captured could explain it: then nothing is found. */
static bool can_tell(const struct summary *s)
{
    return s->begun && !is_over(s) && !s->incomplete && !s->multipath && !s->end[0].unseen &&
           !s->end[1].unseen;
}

static bool both_seen(const struct summary *s)
{
    return s->end[0].seen && s->end[1].seen;
}

/* `now` is a time of the summary here, or NEVER. */
static bool has_passed(int64_t since, int64_t timeout, int64_t now)
{
    return now == NEVER || now - since >= timeout;
}

static int64_t later(int64_t s, int64_t b)
{
    return s > b ? s : b;
}

static bool is_unanswered(const struct summary *s)
{
    return has_milestone(s, MILESTONE_SYN) && !has_milestone(s, MILESTONE_ICMP) && !s->opened &&
           !s->end[1].seen && s->end[0].state == SYN_SENT && s->end[0].heard == s->end[0].opening.last &&
           !s->disorder;
}

/* A server that has left SYN-RECEIVED got a step 3, even if the capture didn't. */
static bool lacks_third_step(const struct summary *s)
{
    return has_milestone(s, MILESTONE_SYN) && has_milestone(s, MILESTONE_SYN_ACK) && !s->opened &&
           !s->simultaneous_open && !s->split_open && s->end[1].state == SYN_RECEIVED && !s->disorder;
}

bool summary_is_embryonic(const struct summary *s)
{
    return can_tell(s) && (is_unanswered(s) || lacks_third_step(s));
}

bool summary_is_idle(const struct summary *s)
{
    return can_tell(s) && has_milestone(s, MILESTONE_SYN) && has_milestone(s, MILESTONE_SYN_ACK) &&
           has_milestone(s, MILESTONE_ACK) && !has_milestone(s, MILESTONE_FIN) && !s->end[0].sent_data &&
           !s->end[1].sent_data && !s->mptcp && s->end[0].state == ESTABLISHED &&
           s->end[1].state == ESTABLISHED;
}

static bool unanswered(const struct summary *s, const struct timeouts *t, int64_t now)
{
    const struct tries *syns = &s->end[0].opening;
    return is_unanswered(s) && has_passed(syns->first.time, t->handshake, now) &&
           has_passed(syns->last, ANSWER_TIME, now);
}

static bool embryonic(const struct summary *s, const struct timeouts *t, int64_t now)
{
    int64_t last = later(s->end[0].opening.last, s->end[1].opening.last);
    return lacks_third_step(s) && has_passed(s->end[1].opening.first.time, t->handshake, now) &&
           has_passed(last, ANSWER_TIME, now);
}

static bool fin_tries_passed(const struct summary_end *end, const struct timeouts *t, int64_t now)
{
    return end->fins.count >= TRIES && has_passed(end->fins.first.time, t->fin, now) &&
           has_passed(end->fins.last, ANSWER_TIME, now);
}

/* The end whose FIN nobody acknowledges, or NULL: who closed first comes first. */
static const struct summary_end *unacknowledged(const struct summary *s, const struct timeouts *t,
                                                int64_t now)
{
    const struct summary_end *ends[2] = {&s->end[s->closer], &s->end[!s->closer]};
    for (unsigned i = 0; i < 2; i++) {
        enum state state = (enum state)ends[i]->state;
        if ((state == FIN_WAIT_1 || state == CLOSING) && fin_tries_passed(ends[i], t, now) &&
            was_open(ends[!i])) {
            return ends[i];
        }
    }
    return NULL;
}

/* The end in LAST-ACK whose peer has fallen silent, or NULL. */
static const struct summary_end *unconfirmed(const struct summary *s, const struct timeouts *t, int64_t now)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct summary_end *end = &s->end[i], *peer = &s->end[!i];
        if (end->state == LAST_ACK && fin_tries_passed(end, t, now) && peer->heard <= end->fins.first.time) {
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

/* The end in CLOSE-WAIT owes its FIN and does nothing else; its peer's window is open. */
static bool waits_for_fin(const struct summary *s, int64_t timeout, int64_t now)
{
    const struct summary_end *closer = &s->end[s->closer], *other = &s->end[!s->closer];
    enum role role = s->closer ? ROLE_CLIENT : ROLE_SERVER; /* of the other */
    if (has_milestone(s, MILESTONE_RESET) && (enum role)s->reset_by == role) {
        return false; /* it has sent a RST, even if that did not count */
    }
    int64_t tried = closer->probes.count ? closer->probes.last : s->start;
    return has_milestone(s, MILESTONE_FIN_ACK) && other->state == CLOSE_WAIT &&
           (other->owes & 1u << OWES_FIN) && closer->state == FIN_WAIT_2 && was_open(other) &&
           has_passed(last_use(s), timeout, now) &&
           (!closer->probes.count || has_passed(tried, ANSWER_TIME, now));
}

/* The end whose tries nobody answers, or NULL. */
static const struct summary_end *unheard(const struct summary *s, const struct timeouts *t, int64_t now)
{
    for (unsigned i = 0; s->opened && i < 2; i++) {
        const struct tries *tries = &s->end[i].probes;
        if (tries->count >= TRIES && has_passed(tries->first.time, t->silent, now) &&
            has_passed(tries->last, ANSWER_TIME, now)) {
            return &s->end[i];
        }
    }
    return NULL;
}

static bool idle(const struct summary *s, const struct timeouts *t, int64_t now)
{
    return summary_is_idle(s) && has_passed(s->milestone[MILESTONE_ACK].time, t->idle, now);
}

static unsigned bit(enum timeout_finding timeout_finding, bool holds)
{
    return holds ? 1u << timeout_finding : 0u;
}

/* Of the warnings, the first in the order of precedence. */
static unsigned one_warning(unsigned set)
{
    unsigned warnings = set & WARNINGS;
    return (set & ~WARNINGS) | (warnings & (0u - warnings));
}

unsigned timeout_findings_at(const struct summary *s, const struct timeouts *t, int64_t now)
{
    now = now == NEVER ? NEVER : now - s->start;
    if (gave_up(s) && now > s->milestone[MILESTONE_RESET].time) {
        now = s->milestone[MILESTONE_RESET].time;
    }
    unsigned set = bit(TIMEOUT_FINDING_BACKLOG_OVERFLOW, s->overflowed);
    if (!can_tell(s)) {
        return set;
    }
    set |= bit(TIMEOUT_FINDING_UNANSWERED, unanswered(s, t, now));
    if (!both_seen(s)) {
        return set;
    }
    set |= bit(TIMEOUT_FINDING_EMBRYONIC, embryonic(s, t, now));
    set |= bit(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, unacknowledged(s, t, now) != NULL);
    set |= bit(TIMEOUT_FINDING_CLOSE_WAIT_STUCK, waits_for_fin(s, t->close_wait, now));
    set |= bit(TIMEOUT_FINDING_PEER_SILENT, unheard(s, t, now) != NULL);
    set |= bit(TIMEOUT_FINDING_LAST_ACK_MISSING, unconfirmed(s, t, now) != NULL);
    set |= bit(TIMEOUT_FINDING_FIN_WAIT_2_STUCK,
               waits_for_fin(s, t->fin_wait_2, now) && s->end[s->closer].heard > last_use(s));
    set |= bit(TIMEOUT_FINDING_IDLE, idle(s, t, now));
    return one_warning(set);
}

/* Nothing falls due while segments of all kinds follow one another closely. */
static bool may_be_due(const struct summary *s, const struct timeouts *t, int64_t now)
{
    int64_t quiet = t->close_wait < t->fin_wait_2 ? t->close_wait : t->fin_wait_2;
    return s->begun && (now - s->last >= ANSWER_TIME || now - s->progress >= quiet);
}

unsigned timeout_findings_update(struct summary *s, struct summary *previous, uint32_t previous_number,
                                 const struct segment *segment, struct observation *observation,
                                 const struct timeouts *t)
{
    bool due = may_be_due(s, t, segment->time - s->start);
    unsigned before = due ? timeout_findings_at(s, t, segment->time) : 0;
    summary_update(s, previous, previous_number, segment, observation);
    unsigned fresh = before != 0 ? before & timeout_findings_at(s, t, NEVER) : 0;
    fresh |= s->overflowed ? 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW : 0u; /* known at once */
    fresh &= ~(unsigned)s->reported;
    s->reported |= (uint16_t)fresh;
    return fresh;
}

static struct moment first_of(const struct summary_end *end, struct moment none, bool fins)
{
    return !end ? none : fins ? end->fins.first : end->probes.first;
}

struct moment timeout_finding_begin(const struct summary *s, enum timeout_finding timeout_finding)
{
    static const struct timeouts none;
    struct moment moment = {0, 0};
    switch (timeout_finding) {
    case TIMEOUT_FINDING_UNANSWERED: moment = s->end[0].opening.first; break;
    case TIMEOUT_FINDING_EMBRYONIC: moment = s->end[1].opening.first; break;
    case TIMEOUT_FINDING_FIN_UNACKNOWLEDGED:
        moment = first_of(unacknowledged(s, &none, NEVER), moment, true);
        break;
    case TIMEOUT_FINDING_CLOSE_WAIT_STUCK: moment = s->milestone[MILESTONE_FIN]; break;
    case TIMEOUT_FINDING_PEER_SILENT: moment = first_of(unheard(s, &none, NEVER), moment, false); break;
    case TIMEOUT_FINDING_BACKLOG_OVERFLOW: moment = s->overflow; break;
    case TIMEOUT_FINDING_LAST_ACK_MISSING:
        moment = first_of(unconfirmed(s, &none, NEVER), moment, true);
        break;
    case TIMEOUT_FINDING_FIN_WAIT_2_STUCK: moment = s->milestone[MILESTONE_FIN_ACK]; break;
    case TIMEOUT_FINDING_IDLE: moment = s->milestone[MILESTONE_ACK]; break;
    default: break;
    }
    moment.time += s->start;
    return moment;
}

unsigned timeout_finding_subject(const struct summary *s, enum timeout_finding timeout_finding)
{
    static const struct timeouts none;
    const struct summary_end *end = &s->end[0];
    switch (timeout_finding) {
    case TIMEOUT_FINDING_EMBRYONIC:
    case TIMEOUT_FINDING_BACKLOG_OVERFLOW: end = &s->end[1]; break;
    case TIMEOUT_FINDING_FIN_UNACKNOWLEDGED: end = unacknowledged(s, &none, NEVER); break;
    case TIMEOUT_FINDING_LAST_ACK_MISSING: end = unconfirmed(s, &none, NEVER); break;
    case TIMEOUT_FINDING_PEER_SILENT: end = unheard(s, &none, NEVER); break;
    case TIMEOUT_FINDING_CLOSE_WAIT_STUCK:
    case TIMEOUT_FINDING_FIN_WAIT_2_STUCK: end = &s->end[s->closer]; break;
    default: break;
    }
    return end == &s->end[1];
}
