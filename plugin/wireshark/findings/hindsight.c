/* hindsight.c - what the end of the capture tells of each connection
 *
 * The few segments that carry something are listed once, after the first pass. A
 * live capture goes on after that: then the summary of the one connection is asked.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/hindsight.h"

#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "capture/live_clock.h"
#include "store/points/points.h"
#include "preferences.h"

#include <glib.h>
#include <stdlib.h>

/* What one segment carries. */
struct find {
    uint32_t connection, serial;
    struct reported reported;
};

static GArray *found;         /* of struct find, by connection and serial number; NULL: not made */
static struct reported total; /* of all that is found */
static bool two_points;       /* a connection shows them */

void hindsight_open(void)
{
    hindsight_close();
}

void hindsight_close(void)
{
    g_clear_pointer(&found, g_array_unref);
    total = (struct reported){0, 0};
}

void hindsight_advance(void)
{
    hindsight_close(); /* a live capture goes on */
}

bool hindsight_is_known(void)
{
    return found != NULL;
}

int64_t hindsight_end(void)
{
    int64_t end = capture_clock_now();
    if (live_clock_runs) {
        end = live_clock_until(end, g_get_real_time() * 1000);
    }
    return end + capture_clock_ns(preferences.quiet_tail);
}

int64_t hindsight_waited(const struct summary *s, struct moment begin, int64_t now)
{
    int64_t end = s->start + s->successor, until = capture_clock_until(begin.frame, now);
    return (s->succeeded && end < until ? end : until) - begin.time;
}

struct timeouts hindsight_timeouts(void)
{
    return (struct timeouts){
        .limit = capture_clock_limit,
        .handshake = capture_clock_ns(preferences.handshake_timeout),
        .fin = capture_clock_ns(preferences.fin_timeout),
        .close_wait = capture_clock_ns(preferences.close_wait_timeout),
        .fin_wait_2 = capture_clock_ns(preferences.fin_wait_2_timeout),
        .idle = capture_clock_ns(preferences.idle_timeout),
        .silent = capture_clock_ns(preferences.silent_timeout),
    };
}

unsigned hindsight_findings(const struct summary *summary)
{
    struct timeouts timeouts = hindsight_timeouts();
    unsigned set = timeout_findings_at(summary, &timeouts, hindsight_end());
    return timeout_findings_covered(summary, capture_filter_pass(summary, set));
}

findings_t hindsight_of_load(const struct summary *s, uint32_t serial)
{
    bool begins = serial == s->end[0].opening.first.frame;
    bool opens = serial == s->milestone[MILESTONE_ACK].frame;
    return (s->passes_embryonic && begins ? FINDING_MANY_EMBRYONIC : 0u) |
           (s->passes_unanswered && begins ? FINDING_MANY_UNANSWERED : 0u) |
           (s->passes_idle && opens ? FINDING_MANY_IDLE : 0u);
}

static int find_order(const void *a, const void *b)
{
    const struct find *first = (const struct find *)a, *second = (const struct find *)b;
    if (first->connection != second->connection) {
        return first->connection < second->connection ? -1 : 1;
    }
    return (first->serial > second->serial) - (first->serial < second->serial);
}

static void add_find(GArray *finds, uint32_t connection, uint32_t serial, struct reported reported)
{
    for (guint i = finds->len; i-- > 0;) { /* of this connection there are few */
        struct find *find = &g_array_index(finds, struct find, i);
        if (find->connection != connection) {
            break;
        }
        if (find->serial == serial) {
            find->reported.timeout_findings |= reported.timeout_findings;
            find->reported.findings |= reported.findings;
            return;
        }
    }
    struct find find = {connection, serial, reported};
    g_array_append_val(finds, find);
}

/* All that its segments have to carry. */
static void find_all(GArray *finds, uint32_t connection, const struct summary *summary)
{
    unsigned set = hindsight_findings(summary);
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        struct moment begin = timeout_finding_begin(summary, (enum timeout_finding)i);
        if ((set & 1u) && begin.frame != 0) {
            add_find(finds, connection, begin.frame, (struct reported){1u << i, 0});
        }
    }
    if (summary->desynchronized && summary->between.reset_between) { /* it shows at no single point */
        uint32_t reset = summary->milestone[MILESTONE_RESET].frame;
        add_find(finds, connection, reset, (struct reported){0, FINDING_DESYNCHRONIZED});
    }
    const uint32_t frames[] = {summary->end[0].opening.first.frame, summary->milestone[MILESTONE_ACK].frame};
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
        findings_t findings = hindsight_of_load(summary, frames[i]);
        if (findings != 0) {
            add_find(finds, connection, frames[i], (struct reported){0, findings});
        }
    }
}

/* Adds what is found of a connection from there on, and what receivers made of its doubtful segments. */
static void add_to_total(uint32_t connection, const struct summary *summary, guint from)
{
    struct doubts doubts;
    witnesses_count(connection, summary, hindsight_end(), &doubts);
    total.findings |= doubts.findings;
    for (guint i = from; i < found->len; i++) {
        const struct find *find = &g_array_index(found, struct find, i);
        total.timeout_findings |= find->reported.timeout_findings;
        total.findings |= find->reported.findings;
    }
}

void hindsight_finish(void)
{
    struct summary summary;
    live_clock_stop(g_get_real_time() * 1000);
    connections_finish(hindsight_end());
    hindsight_close();
    found = g_array_new(FALSE, FALSE, sizeof(struct find));
    two_points = false;
    for (uint32_t i = 0; i < connections_count(); i++) {
        if (connections_summary(i, &summary)) {
            guint from = found->len;
            find_all(found, i, &summary);
            add_to_total(i, &summary, from);
            two_points = two_points || summary.between.points != 0;
        }
    }
    total.findings |= links_all_marks();
    g_array_sort(found, find_order);
}

struct reported hindsight_total(void)
{
    return total;
}

bool hindsight_two_points(void)
{
    return two_points;
}

static struct reported reported_in(const GArray *finds, struct find wanted)
{
    const struct find *find = finds->len == 0 ? NULL
                                              : (const struct find *)bsearch(&wanted, finds->data, finds->len,
                                                                             sizeof wanted, find_order);
    return find != NULL ? find->reported : wanted.reported;
}

/* What only the end of the capture has brought. */
static struct reported reported_at_end(uint32_t connection, uint32_t serial)
{
    struct find wanted = {connection, serial, {0, 0}};
    struct summary summary;
    if (found != NULL) {
        return reported_in(found, wanted);
    }
    if (!connections_summary(connection, &summary)) {
        return wanted.reported;
    }
    GArray *finds = g_array_new(FALSE, FALSE, sizeof(struct find));
    find_all(finds, connection, &summary);
    g_array_sort(finds, find_order);
    struct reported reported = reported_in(finds, wanted);
    g_array_free(finds, TRUE);
    return reported;
}

struct reported hindsight_reported(const struct segment *segment, const struct record *record,
                                   struct testimony *received)
{
    const struct observation *o = &record->observation;
    struct reported reported = reported_at_end(o->connection, segment->frame);
    struct summary summary;
    findings_t findings = o->findings;
    if (witness_is_called(segment, o, false) && connections_summary(o->connection, &summary) &&
        witnesses_look(o->connection, segment->frame, &summary, hindsight_end(), received, &findings)) {
        findings |= o->findings & ~SUSPICIONS;
    }
    reported.findings |= findings | record->of_load | links_marks(segment->frame);
    return reported;
}
