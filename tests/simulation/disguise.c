/* disguise.c - nothing depends on the sequence numbers themselves, nor on which end is called 0
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"

#include "summary/outcome.h"

#include <stdio.h>
#include <string.h>

static const struct breach none = {.frame = NO_BREACH};

static bool same_end(const struct observed_end *s, const struct observed_end *b)
{
    return s->before == b->before && s->after == b->after && s->basis == b->basis && s->rule == b->rule &&
           s->time_in_state == b->time_in_state;
}

static bool same_owed(const struct owed *s, const struct owed *b)
{
    return s->debt == b->debt && s->frame == b->frame && s->age == b->age;
}

static bool same_number(bool has, seq_t s, bool has_other, seq_t b, uint32_t shift)
{
    return has == has_other && (!has || seq_equal(seq_add(s, shift), b));
}

static const char *difference(const struct observation *s, const struct observation *b, uint32_t own,
                              uint32_t peers)
{
    if (s->connection != b->connection || s->sender_role != b->sender_role || s->phase != b->phase) {
        return "connection, role or phase";
    }
    if (s->steps != b->steps || s->repeat != b->repeat || s->repeat_of != b->repeat_of) {
        return "steps";
    }
    if (!same_end(&s->sender, &b->sender) || !same_end(&s->peer, &b->peer) || s->assumed != b->assumed ||
        s->state_changed != b->state_changed) {
        return "states";
    }
    if (s->corrected != b->corrected || s->presumed != b->presumed || s->lost_frame != b->lost_frame) {
        return "the correction";
    }
    if (!same_number(s->has_seq_expected, s->seq_expected, b->has_seq_expected, b->seq_expected, own) ||
        !same_number(s->has_ack_expected, s->ack_expected, b->has_ack_expected, b->ack_expected, peers) ||
        s->seq_from_frame != b->seq_from_frame || s->ack_from_frame != b->ack_from_frame) {
        return "an expected number";
    }
    if (s->seq_verdict != b->seq_verdict || s->ack_verdict != b->ack_verdict ||
        s->has_bound != b->has_bound || s->reset_cause != b->reset_cause) {
        return "a verdict";
    }
    if (!same_owed(&s->client_owed, &b->client_owed) || !same_owed(&s->server_owed, &b->server_owed)) {
        return "the age of a debt";
    }
    bool same_rest = s->timer == b->timer && s->timer_count == b->timer_count &&
                     s->timer_interval == b->timer_interval && s->client_owes == b->client_owes &&
                     s->server_owes == b->server_owes && s->findings == b->findings;
    return same_rest ? NULL : "a timer, debt or remark";
}

static bool same_milestones(const struct summary *s, const struct summary *b)
{
    bool same = true;
    for (unsigned i = 0; i < MILESTONE_COUNT; i++) {
        same = same && s->milestone[i].frame == b->milestone[i].frame &&
               s->milestone[i].time == b->milestone[i].time;
    }
    return same;
}

/* What is known of a connection with hindsight. */
static bool same_summary(const struct summary *s, const struct summary *b)
{
    unsigned timeout_findings = timeout_findings_at(s, &usual_timeouts, NEVER);
    return timeout_findings == timeout_findings_at(b, &usual_timeouts, NEVER) &&
           outcome_of(s, timeout_findings) == outcome_of(b, timeout_findings) &&
           opening_of(s) == opening_of(b) && closing_of(s) == closing_of(b) && closer_of(s) == closer_of(b) &&
           time_wait_side_of(s) == time_wait_side_of(b) && strcmp(s->history, b->history) == 0 &&
           memcmp(s->span, b->span, sizeof s->span) == 0 && same_milestones(s, b);
}

/* The last frame of the first connection of which something else is known, or NO_BREACH. */
static int different_summary(const struct capture *capture, const struct reading *reading,
                             const struct reading *other)
{
    for (unsigned i = capture->count; i-- > 0;) {
        unsigned n = reading->o[i].connection;
        if (!same_summary(&reading->summary[n], &other->summary[n])) {
            return (int)i;
        }
    }
    return NO_BREACH;
}

struct breach check_disguise(const struct capture *capture, const struct reading *reading,
                             const struct reading *other, const struct disguise *disguise)
{
    for (unsigned i = 0; i < capture->count; i++) {
        unsigned from = capture->frame[i].packet.seg.from;
        if ((reading->o[i].seq_verdict == SEQ_COPY) != (other->o[i].seq_verdict == SEQ_COPY)) {
            return none; /* the memory for copies is small, and numbers decide what it forgets */
        }
        const struct segment *seg = &capture->frame[i].packet.seg;
        if (refuses_a_syn(seg) && reading->o[i].seq_verdict != other->o[i].seq_verdict) {
            return none; /* where 0 lies among the numbers of this connection is chance */
        }
        const char *what = difference(&reading->o[i], &other->o[i], disguise->shift[from],
                                      disguise->shift[!from]);
        what = !what && reading->told[i] != other->told[i] ? "what one pass tells" : what;
        if (what) {
            struct breach breach = {.frame = (int)i};
            snprintf(breach.why, sizeof breach.why, "shifted by %u, %u%s: %s changed", disguise->shift[0],
                     disguise->shift[1], disguise->swapped ? ", swapped" : "", what);
            return breach;
        }
    }
    struct breach breach = {.frame = different_summary(capture, reading, other)};
    snprintf(breach.why, sizeof breach.why, "shifted: what is known of its connection changed");
    return breach;
}
