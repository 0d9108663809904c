/* hindsight.c - see hindsight.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hindsight.h"

#include "evidence.h"
#include "summary/outcome.h"
#include "truth.h"

#include <stdio.h>
#include <string.h>

#define WARNINGS                                                                         \
    (1u << TIMEOUT_FINDING_UNANSWERED | 1u << TIMEOUT_FINDING_EMBRYONIC |                \
     1u << TIMEOUT_FINDING_FIN_UNACKNOWLEDGED | 1u << TIMEOUT_FINDING_CLOSE_WAIT_STUCK | \
     1u << TIMEOUT_FINDING_PEER_SILENT | 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW)
#define DESYNCHRONIZED (1u << TIMEOUT_FINDING_COUNT)

static const struct breach none = {.frame = NO_BREACH};
static struct truth truths[CONNECTIONS_MAX];
static struct evidence evidence[CONNECTIONS_MAX];

int64_t capture_end(const struct capture *capture)
{
    return capture->count > 0 ? capture->frame[capture->count - 1].packet.seg.time : 0;
}

unsigned warnings_at(const struct summary *s, int64_t now)
{
    return (timeout_findings_at(s, &usual_timeouts, now) & WARNINGS) |
           (s->desynchronized ? DESYNCHRONIZED : 0);
}

struct breach check_closed_in_peace(const struct capture *capture, const struct reading *reading)
{
    truth_find(capture, reading, truths);
    evidence_gather(evidence, capture, reading);
    for (unsigned n = 0; n < reading->connections; n++) {
        unsigned set = warnings_at(&reading->summary[n], capture_end(capture) + QUIET);
        if (evidence_bears(&evidence[n], TIMEOUT_FINDING_BACKLOG_OVERFLOW, 0)) {
            set &= ~(
                1u
                << TIMEOUT_FINDING_BACKLOG_OVERFLOW); /* the network or the host was that bad, for a time */
        }
        enum outcome outcome = outcome_of(&reading->summary[n], set);
        if (outcome != OUTCOME_CLOSED && truth_is_closed(&truths[n])) {
            struct breach breach = {.frame = (int)evidence[n].last};
            snprintf(breach.why, sizeof breach.why, "connection %u was closed in order, but is called %s", n,
                     outcome_name(outcome));
            return breach;
        }
        if (set != 0 && truth_closed_each(capture, &truths[n])) {
            struct breach breach = {.frame = (int)evidence[n].last};
            snprintf(breach.why, sizeof breach.why, "connection %u was closed in order, but warned of: %x", n,
                     set);
            return breach;
        }
    }
    return none;
}

struct breach check_losses(const struct capture *capture, const struct reading *reading)
{
    truth_find(capture, reading, truths);
    evidence_gather(evidence, capture, reading);
    for (unsigned n = 0; n < reading->connections; n++) {
        const struct summary *s = &reading->summary[n];
        unsigned from = s->reset_by == ROLE_CLIENT ? s->client_from : !s->client_from;
        const struct biography *b = truths[n].biography[from];
        if (s->desynchronized && !truths[n].mixed && b && !b->left && !b->reset_sent) {
            struct breach breach = {.frame = (int)evidence[n].last};
            snprintf(breach.why, sizeof breach.why,
                     "connection %u: end %u is said to have lost it, but hasn't", n, from);
            return breach;
        }
    }
    return none;
}

static struct breach not_borne(unsigned index, unsigned connection, unsigned set, const char *when)
{
    struct breach breach = {.frame = (int)index};
    snprintf(breach.why, sizeof breach.why, "connection %u, %s: nothing bears out %x", connection, when, set);
    return breach;
}

static unsigned not_borne_of(unsigned set, const struct evidence *e, int64_t now)
{
    unsigned wrong = 0;
    for (unsigned c = 0; c < TIMEOUT_FINDING_COUNT; c++) {
        if ((set & WARNINGS & 1u << c) && !evidence_bears(e, (enum timeout_finding)c, now)) {
            wrong |= 1u << c;
        }
    }
    return wrong;
}

struct breach check_warnings(const struct capture *capture, const struct reading *reading)
{
    static uint16_t told[CONNECTIONS_MAX];
    memset(told, 0, sizeof told);
    memset(evidence, 0, reading->connections * sizeof *evidence);
    for (unsigned i = 0; i < capture->count; i++) {
        const struct packet *packet = &capture->frame[i].packet;
        unsigned n = reading->o[i].connection, set = reading->told[i];
        if (set & told[n]) {
            return not_borne(i, n, set & told[n], "told twice");
        }
        told[n] |= (uint16_t)set;
        unsigned overflow = set & 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW; /* is known at once */
        unsigned wrong = not_borne_of(set & ~overflow, &evidence[n], packet->seg.time);
        if (reading->o[i].seq_verdict != SEQ_COPY) {
            evidence_add(&evidence[n], packet, i);
        }
        wrong |= not_borne_of(overflow, &evidence[n], packet->seg.time);
        if (wrong) {
            return not_borne(i, n, wrong, "in one pass");
        }
    }
    for (unsigned n = 0; n < reading->connections; n++) {
        for (int64_t now = capture_end(capture); now <= capture_end(capture) + QUIET; now += QUIET) {
            unsigned wrong = not_borne_of(warnings_at(&reading->summary[n], now), &evidence[n], now);
            if (wrong) {
                return not_borne(evidence[n].last, n, wrong, "at the end");
            }
        }
    }
    return none;
}
