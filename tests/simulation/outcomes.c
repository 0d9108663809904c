/* outcomes.c - outcome, opening, closing, closer and holder, as the hosts know them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "evidence.h"
#include "hindsight.h"
#include "summary/outcome.h"
#include "truth.h"

#include <stdio.h>

#define SET(value) (1u << (value))

static struct truth truths[CONNECTIONS_MAX];
static struct evidence evidence[CONNECTIONS_MAX];

/* What is right, as sets: some things are a matter of taste, or seen only in what came later. */
struct right {
    unsigned outcome, opening, closing, closer, holder;
};

struct ends {
    const struct biography *client, *server;
    unsigned client_from;
};

static struct ends by_role(const struct truth *truth, const struct evidence *e)
{
    const struct biography *const *b = truth->biography;
    return (struct ends){b[e->first_syn], b[!e->first_syn], e->first_syn};
}

static unsigned outcome_by_reset(const struct ends *ends, const struct evidence *e)
{
    bool opened = ends->client->opened && ends->server && ends->server->opened;
    if (opened) {
        return SET(OUTCOME_RESET) | (e->reset_bare ? SET(OUTCOME_DESYNCHRONIZED) : 0u);
    }
    return e->end[!e->first_syn].syn_ack || (ends->server && !ends->server->passive)
               ? SET(OUTCOME_HANDSHAKE_RESET)
               : SET(OUTCOME_REFUSED);
}

static unsigned right_outcome(const struct truth *truth, const struct ends *ends, const struct evidence *e,
                              bool succeeded)
{
    const struct biography *s = ends->client, *b = ends->server;
    if (truth_is_closed(truth)) {
        return SET(OUTCOME_CLOSED);
    }
    if (e->reset) {
        return outcome_by_reset(ends, e);
    }
    if (!b || !s->opened || !b->opened) {
        return b && (e->end[!ends->client_from].syn_ack || !b->passive) ? SET(OUTCOME_EMBRYONIC)
                                                                        : SET(OUTCOME_UNANSWERED);
    }
    if (succeeded) {
        return SET(OUTCOME_REPLACED);
    }
    if (s->fin_sent || b->fin_sent) {
        const struct biography *first = s->fin_first ? s : b, *second = s->fin_first ? b : s;
        return first->fin_acked && !second->fin_sent ? SET(OUTCOME_HALF_CLOSED) : SET(OUTCOME_CLOSING);
    }
    return SET(OUTCOME_OPEN) | SET(OUTCOME_SILENT);
}

static unsigned right_opening(const struct ends *ends)
{
    const struct biography *s = ends->client, *b = ends->server;
    if (b && !b->passive) {
        return SET(OPENING_SIMULTANEOUS) | (s->opened || b->opened ? 0u : SET(OPENING_NONE));
    }
    return b && s->opened && b->opened ? SET(OPENING_THREE_WAY) : SET(OPENING_NONE);
}

static unsigned right_closing(const struct truth *truth, const struct ends *ends, const struct evidence *e)
{
    const struct biography *s = ends->client, *b = ends->server;
    bool fin = s->fin_sent || (b && b->fin_sent), both = s->fin_sent && b && b->fin_sent;
    if (e->reset && !truth_is_closed(truth)) {
        return fin ? SET(CLOSING_FIN_RESET) : SET(CLOSING_RESET);
    }
    if (!both) {
        return fin ? SET(CLOSING_ONE_FIN) : SET(CLOSING_NONE);
    }
    unsigned second = s->fin_first ? !ends->client_from : ends->client_from;
    return s->fin_first && b->fin_first       ? SET(CLOSING_SIMULTANEOUS)
           : e->end[second].answered_with_fin ? SET(CLOSING_THREE_SEGMENT)
                                              : SET(CLOSING_FOUR_WAY);
}

static unsigned right_closer(const struct ends *ends, const struct evidence *e)
{
    const struct biography *s = ends->client, *b = ends->server;
    bool client = s->fin_sent && s->fin_first, server = b && b->fin_sent && b->fin_first;
    if (client || server) {
        return client && server ? SET(CLOSER_BOTH) : client ? SET(CLOSER_CLIENT) : SET(CLOSER_SERVER);
    }
    return !e->reset                            ? SET(CLOSER_NONE)
           : e->reset_from == ends->client_from ? SET(CLOSER_CLIENT)
                                                : SET(CLOSER_SERVER);
}

static unsigned right_holder(const struct truth *truth, const struct ends *ends)
{
    const struct biography *s = ends->client, *b = ends->server;
    if (!truth_is_closed(truth)) {
        return ~0u; /* before the last ACK it is expected */
    }
    return SET((s->waited ? TIME_WAIT_SIDE_CLIENT : TIME_WAIT_SIDE_NONE) |
               (b->waited ? TIME_WAIT_SIDE_SERVER : TIME_WAIT_SIDE_NONE));
}

/* A new SYN came while it was not over. */
static bool has_successor(const struct capture *capture, const struct reading *reading, unsigned n)
{
    for (unsigned i = evidence[n].last + 1; i < capture->count; i++) {
        unsigned next = reading->o[i].connection;
        if (next > n && reading->summary[next].previous == n + 1) {
            unsigned flags = capture->frame[i].packet.seg.flags;
            return (flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
        }
    }
    return false;
}

static const char *difference(const struct summary *s, const struct right *right, unsigned timeout_findings)
{
    return !(right->outcome & SET(outcome_of(s, timeout_findings))) ? "outcome"
           : !(right->opening & SET(opening_of(s)))                 ? "opening"
           : !(right->closing & SET(closing_of(s)))                 ? "closing"
           : !(right->closer & SET(closer_of(s)))                   ? "closer"
           : !(right->holder & SET(time_wait_side_of(s)))           ? "holder"
                                                                    : NULL;
}

static bool is_comparable(const struct truth *truth, const struct evidence *e)
{
    bool whole = truth->orderly && !truth->mixed && truth->frames == e->frames;
    return whole && e->has_syn && truth->biography[e->first_syn] && !truth->biography[e->first_syn]->passive;
}

struct breach check_outcomes(const struct capture *capture, const struct reading *reading,
                             unsigned seen[OUTCOME_COUNT])
{
    struct breach breach = {.frame = NO_BREACH};
    truth_find(capture, reading, truths);
    evidence_gather(evidence, capture, reading);
    for (unsigned n = 0; n < reading->connections; n++) {
        const struct summary *s = &reading->summary[n];
        if (!is_comparable(&truths[n], &evidence[n])) {
            continue;
        }
        struct ends ends = by_role(&truths[n], &evidence[n]);
        unsigned timeout_findings = timeout_findings_at(s, &usual_timeouts, capture_end(capture) + QUIET);
        bool succeeded = has_successor(capture, reading, n);
        struct right right = {right_outcome(&truths[n], &ends, &evidence[n], succeeded), right_opening(&ends),
                              right_closing(&truths[n], &ends, &evidence[n]),
                              right_closer(&ends, &evidence[n]), right_holder(&truths[n], &ends)};
        if (s->lost_by != 0 && (ends.client->left || (ends.server && ends.server->left))) {
            continue; /* as the opening of the next one showed */
        }
        const char *what = difference(s, &right, timeout_findings);
        seen[outcome_of(s, timeout_findings)]++;
        if (what) {
            breach.frame = (int)evidence[n].last;
            snprintf(
                breach.why, sizeof breach.why,
                "connection %u: %s is wrong (%s, opening %u, closing %u, closer %u, holder %u; right are "
                "%x, %x, %x, %x, %x)",
                n, what, outcome_name(outcome_of(s, timeout_findings)), opening_of(s), closing_of(s),
                closer_of(s), time_wait_side_of(s), right.outcome, right.opening, right.closing, right.closer,
                right.holder);
            return breach;
        }
    }
    return breach;
}
