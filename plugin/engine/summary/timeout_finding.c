/* timeout_finding.c - see timeout_finding.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/timeout_finding.h"

#include "summary/waits.h"

#define WARNINGS                                                                         \
    (1u << TIMEOUT_FINDING_UNANSWERED | 1u << TIMEOUT_FINDING_EMBRYONIC |                \
     1u << TIMEOUT_FINDING_FIN_UNACKNOWLEDGED | 1u << TIMEOUT_FINDING_CLOSE_WAIT_STUCK | \
     1u << TIMEOUT_FINDING_PEER_SILENT)

/* What ends because the end in question is open no longer. */
#define OF_THE_OPEN                                                                    \
    (1u << TIMEOUT_FINDING_CLOSE_WAIT_STUCK | 1u << TIMEOUT_FINDING_FIN_WAIT_2_STUCK | \
     1u << TIMEOUT_FINDING_IDLE)

bool summary_is_embryonic(const struct summary *s)
{
    return waits_can_tell(s) && !s->succeeded && waits_are_embryonic(s);
}

bool summary_is_idle(const struct summary *s)
{
    return waits_can_tell(s) && !s->succeeded && waits_are_idle(s);
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

/* The end of all waiting: a RST of who gave up, a new SYN on the same addresses and ports. */
static int64_t waits_end(const struct summary *s)
{
    int64_t end = waits_given_up(s) ? s->milestone[MILESTONE_RESET].time : NEVER;
    return s->succeeded && s->successor < end ? s->successor : end;
}

unsigned timeout_findings_at(const struct summary *s, const struct timeouts *t, int64_t now)
{
    const struct wait wait = {t, now == NEVER ? NEVER : now - s->start, waits_end(s), s->start}, *w = &wait;
    unsigned set = bit(TIMEOUT_FINDING_BACKLOG_OVERFLOW, s->overflowed);
    if (!waits_can_tell(s)) {
        return set;
    }
    set |= bit(TIMEOUT_FINDING_UNANSWERED, waits_for_syn_ack(s, w));
    if (!s->end[0].seen || !s->end[1].seen) {
        return set;
    }
    if (waits_for_third_step(s, w)) {
        set |= bit(TIMEOUT_FINDING_EMBRYONIC, waits_with_repeats(s, w));
        set |= bit(TIMEOUT_FINDING_EMBRYONIC_MINOR, !waits_with_repeats(s, w));
    }
    set |= bit(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, waits_for_ack_of_fin(s, w) != NULL);
    set |= bit(TIMEOUT_FINDING_CLOSE_WAIT_STUCK, waits_for_fin(s, t->close_wait, w));
    set |= bit(TIMEOUT_FINDING_PEER_SILENT, waits_for_answer(s, w) != NULL);
    set |= bit(TIMEOUT_FINDING_LAST_ACK_MISSING, waits_for_last_ack(s, w) != NULL);
    set |= bit(TIMEOUT_FINDING_FIN_WAIT_2_STUCK, waits_for_fin(s, t->fin_wait_2, w) && waits_and_sends(s));
    set |= bit(TIMEOUT_FINDING_IDLE, waits_for_data(s, w));
    return one_warning(s->supplanted ? set & ~OF_THE_OPEN : set);
}

static unsigned turn(unsigned set, enum timeout_finding from, enum timeout_finding to)
{
    return set & 1u << from ? (set & ~(1u << from)) | 1u << to : set;
}

unsigned timeout_findings_covered(const struct summary *s, unsigned set)
{
    if (s->server_passed || s->client_passed) {
        set = turn(set, TIMEOUT_FINDING_UNANSWERED, TIMEOUT_FINDING_UNANSWERED_MINOR);
    }
    return s->server_passed ? turn(set, TIMEOUT_FINDING_EMBRYONIC, TIMEOUT_FINDING_EMBRYONIC_MINOR) : set;
}

/* Nothing falls due while segments of all kinds follow one another closely. Where the clock was set back,
 * what was due before that is. */
bool timeout_findings_due(const struct summary *s, const struct timeouts *t, int64_t time)
{
    int64_t now = time - s->start;
    int64_t quiet = t->close_wait < t->fin_wait_2 ? t->close_wait : t->fin_wait_2;
    return s->begun && ((uint64_t)(now - s->last) >= ANSWER_MS * NS_PER_MS || now - s->progress >= quiet);
}

unsigned timeout_findings_update(struct summary *s, struct summary *previous, uint32_t previous_number,
                                 const struct segment *segment, struct observation *observation,
                                 const struct timeouts *t)
{
    bool due = timeout_findings_due(s, t, segment->time);
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

/* As if all time had passed. */
static const struct timeouts no_timeouts;
static const struct wait for_ever = {&no_timeouts, NEVER, NEVER, 0};

struct moment timeout_finding_begin(const struct summary *s, enum timeout_finding timeout_finding)
{
    struct moment moment = {0, 0};
    switch (timeout_finding) {
    case TIMEOUT_FINDING_UNANSWERED_MINOR:
    case TIMEOUT_FINDING_UNANSWERED: moment = s->end[0].opening.first; break;
    case TIMEOUT_FINDING_EMBRYONIC_MINOR:
    case TIMEOUT_FINDING_EMBRYONIC: moment = s->end[1].opening.first; break;
    case TIMEOUT_FINDING_FIN_UNACKNOWLEDGED:
        moment = first_of(waits_for_ack_of_fin(s, &for_ever), moment, true);
        break;
    case TIMEOUT_FINDING_CLOSE_WAIT_STUCK: moment = s->milestone[MILESTONE_FIN]; break;
    case TIMEOUT_FINDING_PEER_SILENT: moment = first_of(waits_for_answer(s, &for_ever), moment, false); break;
    case TIMEOUT_FINDING_BACKLOG_OVERFLOW: moment = s->overflow; break;
    case TIMEOUT_FINDING_LAST_ACK_MISSING:
        moment = first_of(waits_for_last_ack(s, &for_ever), moment, true);
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
    const struct summary_end *end = &s->end[0];
    switch (timeout_finding) {
    case TIMEOUT_FINDING_EMBRYONIC_MINOR:
    case TIMEOUT_FINDING_EMBRYONIC:
    case TIMEOUT_FINDING_BACKLOG_OVERFLOW: end = &s->end[1]; break;
    case TIMEOUT_FINDING_FIN_UNACKNOWLEDGED: end = waits_for_ack_of_fin(s, &for_ever); break;
    case TIMEOUT_FINDING_LAST_ACK_MISSING: end = waits_for_last_ack(s, &for_ever); break;
    case TIMEOUT_FINDING_PEER_SILENT: end = waits_for_answer(s, &for_ever); break;
    case TIMEOUT_FINDING_CLOSE_WAIT_STUCK:
    case TIMEOUT_FINDING_FIN_WAIT_2_STUCK: end = &s->end[s->closer]; break;
    default: break;
    }
    return end == &s->end[1];
}

const char *timeout_findings_check(const struct summary *s)
{
    unsigned set = timeout_findings_at(s, &no_timeouts, NEVER);
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if ((set & 1u) && timeout_finding_begin(s, (enum timeout_finding)i).frame == 0) {
            return "a conclusion has a frame on which it stands";
        }
    }
    return NULL;
}
