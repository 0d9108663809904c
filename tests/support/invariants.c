/* invariants.c - see invariants.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "invariants.h"

#include "summary/captured.h"
#include "summary/history.h"
#include "summary/outcome.h"

#include <string.h>

#define SUSPECTED (FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | FINDING_RESET_SUSPECT)
#define ACCUSED (SUSPECTED | FINDING_DATA_AFTER_FIN | FINDING_DATA_AFTER_RESET | FINDING_DESYNCHRONIZED)

/* The first fault. */
struct fault {
    const char *text;
};

static void require(struct fault *fault, bool holds, const char *text)
{
    if (!holds && !fault->text) {
        fault->text = text;
    }
}

static bool has(const struct observation *o, findings_t finding)
{
    return (o->findings & finding) != 0;
}

static void require_end(struct fault *f, const struct observed_end *end)
{
    bool timed = end->time_in_state != NO_TIME;
    require(f, end->before < STATE_COUNT && end->after < STATE_COUNT, "a state has a name");
    require(f, end->basis >= BASIS_PROVEN && end->basis < BASIS_COUNT, "a state has a basis");
    require(f, end->rule < RULE_COUNT, "a state has a rule");
    require(f, (end->after == UNKNOWN) == (end->basis == BASIS_UNKNOWN),
            "UNKNOWN and only that is of unknown basis");
    require(f, !timed || end->before != end->after, "time_in_state only on a change");
    require(f, !timed || end->time_in_state >= 0, "time doesn't run backwards");
}

static void require_names(struct fault *f, const struct observation *o)
{
    require(f, o->sender_role == ROLE_CLIENT || o->sender_role == ROLE_SERVER, "a role");
    require(f, o->phase < PHASE_COUNT, "a phase has a name");
    require(f, o->seq_verdict < SEQ_VERDICT_COUNT && o->ack_verdict < ACK_VERDICT_COUNT,
            "verdicts have names");
    require(f, o->reset_cause < RESET_CAUSE_COUNT, "a cause has a name");
    require(f, o->timer < TIMER_COUNT, "a timer has a name");
    require(f, !((o->client_owes | o->server_owes) >> DEBT_COUNT), "debts have names");
    require(f, o->findings >> FINDINGS_COUNT == 0, "findings have names");
    require(f, !has(o, FINDING_TIME_WAIT_REUSE_ALLOWED) || has(o, FINDING_TIME_WAIT_REUSE),
            "what is allowed is a reuse");
    require(f, o->timer_interval == NO_TIME || o->timer_interval >= 0, "an interval isn't negative");
    require(f, o->timer != TIMER_NONE || (!o->timer_count && o->timer_interval == NO_TIME),
            "no count without a timer");
}

static void require_steps(struct fault *f, const struct segment *segment, const struct observation *o)
{
    unsigned steps = o->steps, both = STEP_FIN | STEP_SECOND_FIN;
    bool syn = segment_has(segment, FLAG_SYN), ack = segment_has(segment, FLAG_ACK);
    bool fin = segment_has(segment, FLAG_FIN), rst = segment_has(segment, FLAG_RST);
    require(f, (steps & ~(unsigned)(STEPS_OF_HANDSHAKE | STEPS_OF_TEARDOWN)) == 0, "steps have numbers");
    require(f, !rst || !steps, "a reset carries no step");
    require(f, !(steps & STEP_SYN) || (syn && !ack), "step 1 is a SYN");
    require(f, !(steps & STEP_SYN_ACK) || (syn && ack), "step 2 is a SYN-ACK");
    require(f, !(steps & STEP_ACK) || (!syn && ack), "step 3 is an ACK");
    require(f, !(steps & both) || fin, "a FIN's step is a FIN");
    require(f, (steps & both) != both, "nobody closes twice");
    require(f, !(steps & (STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN)) || ack, "the ACK of a FIN is an ACK");
    require(f, !o->repeat || steps, "what repeats, repeats a step");
    require(f, !o->repeat_of || o->repeat, "repeat_of only with repeat");
}

static void require_links(struct fault *f, const struct segment *segment, const struct observation *o)
{
    uint32_t frame = segment->frame;
    require(f,
            o->repeat_of < frame && o->lost_frame < frame && o->seq_from_frame < frame &&
                o->ack_from_frame < frame,
            "links lead back");
    require(f, o->has_seq_expected || !o->seq_from_frame, "from_frame only with a number");
    require(f, o->has_ack_expected || !o->ack_from_frame, "from_frame only with a number");
    require(f, o->corrected || !o->lost_frame, "lost_frame only on a correction");
    require(f, !o->corrected || o->presumed < STATE_COUNT, "a presumed state has a name");
}

/* What the verdicts earn has its finding, and the other way round. */
static void require_suspicions(struct fault *f, const struct segment *segment, const struct observation *o,
                               bool trusted)
{
    bool rst = segment_has(segment, FLAG_RST);
    bool bad_seq = seq_verdicts[o->seq_verdict].valid == INVALID;
    bool bad_ack = ack_verdicts[o->ack_verdict].valid == INVALID;
    bool bad_reset = o->reset_cause == RESET_NOT_ACCEPTABLE;
    require(f, bad_seq || !has(o, FINDING_SEQ_SUSPECT), "seq_suspect only if it is invalid");
    require(f, bad_ack || !has(o, FINDING_ACK_SUSPECT), "ack_suspect only if it is invalid");
    require(f, bad_reset || !has(o, FINDING_RESET_SUSPECT), "reset_suspect only if it is not acceptable");
    require(f, !has(o, FINDING_DATA_AFTER_FIN) || o->seq_verdict == SEQ_AFTER_FIN,
            "data_after_fin only behind a FIN");
    if (trusted || has(o, FINDING_MULTIPATH) || o->seq_verdict == SEQ_COPY) {
        return; /* what was captured twice is suspected once */
    }
    /* A RST gets one of its own; data after a FIN is said by another finding. */
    require(f, rst || !bad_ack || has(o, FINDING_ACK_SUSPECT), "an invalid ACK is suspected");
    require(f, rst || !bad_seq || o->seq_verdict == SEQ_AFTER_FIN || has(o, FINDING_SEQ_SUSPECT),
            "an invalid number is suspected");
    require(f, !bad_reset || has(o, FINDING_RESET_SUSPECT), "a RST that isn't acceptable is suspected");
}

static void require_verdicts(struct fault *f, const struct segment *segment, const struct observation *o)
{
    bool ack = segment_has(segment, FLAG_ACK), rst = segment_has(segment, FLAG_RST);
    bool judged = o->ack_verdict != ACK_NONE && o->ack_verdict != ACK_MISSING;
    require(f, ack ? judged : !judged || o->ack_verdict == ACK_NOT_JUDGED, "an ACK and only that is judged");
    require(f, (rst && o->seq_verdict != SEQ_COPY) == (o->reset_cause != RESET_NONE),
            "a reset and only that has a cause, once");
    require(f, rst || (o->seq_verdict != SEQ_INEXACT_RESET && o->seq_verdict != SEQ_STALE_RESET),
            "only a reset has a reset's verdict");
}

/* What was cut or malformed proves nothing and accuses nobody. */
static void require_silence(struct fault *f, const struct observation *o)
{
    require(f, !o->steps && !o->corrected && !o->state_changed, "what can't be read moves nobody");
    require(f, seq_verdicts[o->seq_verdict].valid == UNTOLD && ack_verdicts[o->ack_verdict].valid == UNTOLD,
            "what can't be read isn't judged");
    require(f, o->reset_cause == RESET_NONE || o->reset_cause == RESET_CANNOT_TELL,
            "what can't be read has no cause");
    require(f, (o->findings & ~(FINDING_UNUSABLE | FINDING_MULTIPATH)) == 0, "nothing is found in it");
}

const char *invariants_of(const struct segment *segment, const struct observation *o, bool trusted)
{
    struct fault fault = {NULL}, *f = &fault;
    require_end(f, &o->sender);
    require_end(f, &o->peer);
    require_names(f, o);
    if (fault.text) {
        return fault.text; /* names are looked up from here on */
    }
    require_links(f, segment, o);
    if (has(o, FINDING_UNUSABLE)) {
        require_silence(f, o);
        return fault.text;
    }
    require(f, segment->usable, "what can't be read is said to be so");
    require(f, o->assumed || (o->sender.basis != BASIS_ASSUMED && o->peer.basis != BASIS_ASSUMED),
            "assumed, if a basis is");
    require_steps(f, segment, o);
    require_verdicts(f, segment, o);
    require_suspicions(f, segment, o, trusted);
    return fault.text;
}

static bool same_end(const struct observed_end *a, const struct observed_end *b)
{
    return a->before == b->before && a->after == b->after && a->basis == b->basis && a->rule == b->rule &&
           a->time_in_state == b->time_in_state;
}

static bool same_owed(const struct owed *a, const struct owed *b)
{
    return a->debt == b->debt && a->frame == b->frame && a->age == b->age;
}

static bool same_number(bool known, seq_t a, uint32_t shift, seq_t b)
{
    return !known || seq_equal(seq_add(a, shift), b);
}

static void require_same_numbers(struct fault *f, const struct observation *a, const struct observation *b,
                                 uint32_t sender_shift, uint32_t peer_shift)
{
    require(f,
            a->has_seq_expected == b->has_seq_expected &&
                same_number(a->has_seq_expected, a->seq_expected, sender_shift, b->seq_expected),
            "seq.expected");
    require(f,
            a->has_ack_expected == b->has_ack_expected &&
                same_number(a->has_ack_expected, a->ack_expected, peer_shift, b->ack_expected),
            "ack.expected");
    require(f,
            a->has_bound == b->has_bound && (same_number(a->has_bound, a->bound, sender_shift, b->bound) ||
                                             same_number(a->has_bound, a->bound, peer_shift, b->bound)),
            "bound");
    require(f, a->seq_from_frame == b->seq_from_frame, "seq.from_frame");
    require(f, a->ack_from_frame == b->ack_from_frame, "ack.from_frame");
    require(f, a->seq_verdict == b->seq_verdict, "seq.verdict");
    require(f, a->ack_verdict == b->ack_verdict, "ack.verdict");
}

const char *invariants_of_both(const struct observation *a, const struct observation *b,
                               uint32_t sender_shift, uint32_t peer_shift)
{
    struct fault fault = {NULL}, *f = &fault;
    require(f, a->connection == b->connection, "connection");
    require(f, a->sender_role == b->sender_role, "sender.role");
    require(f, a->phase == b->phase, "phase");
    require(f, a->steps == b->steps, "steps");
    require(f, a->repeat == b->repeat && a->repeat_of == b->repeat_of, "repeat");
    require(f, same_end(&a->sender, &b->sender), "the sender's state");
    require(f, same_end(&a->peer, &b->peer), "the peer's state");
    require(f, a->assumed == b->assumed, "assumed");
    require(f, a->state_changed == b->state_changed, "state_changed");
    require(f, a->corrected == b->corrected && (!a->corrected || a->presumed == b->presumed), "presumed");
    require(f, a->lost_frame == b->lost_frame, "lost_frame");
    require_same_numbers(f, a, b, sender_shift, peer_shift);
    require(f, a->reset_cause == b->reset_cause, "reset.cause");
    require(
        f, a->timer == b->timer && a->timer_count == b->timer_count && a->timer_interval == b->timer_interval,
        "timer");
    require(f, a->client_owes == b->client_owes && a->server_owes == b->server_owes, "owes");
    require(f, same_owed(&a->client_owed, &b->client_owed) && same_owed(&a->server_owed, &b->server_owed),
            "owed");
    require(f, a->findings == b->findings, "findings");
    return fault.text;
}

static bool same_moment(struct moment a, struct moment b)
{
    return a.frame == b.frame && (a.frame == 0 || a.time == b.time);
}

static bool same_tries(const struct tries *a, const struct tries *b)
{
    return same_moment(a->first, b->first) && a->last == b->last && a->count == b->count;
}

static bool same_role(const struct summary_end *a, const struct summary_end *b)
{
    return seq_equal(a->isn, b->isn) && a->window == b->window && a->mss == b->mss && a->owes == b->owes &&
           a->state == b->state && a->basis == b->basis && a->seen == b->seen &&
           a->sent_data == b->sent_data && seq_equal(a->acked, b->acked) &&
           same_tries(&a->opening, &b->opening) && same_tries(&a->fins, &b->fins) &&
           same_tries(&a->probes, &b->probes) && a->sent == b->sent && a->heard == b->heard;
}

static void require_same_hindsight(struct fault *f, const struct summary *a, const struct summary *b,
                                   unsigned findings)
{
    char history[2][HISTORY_MAX + 1];
    history_tell(a, history[0]);
    history_tell(b, history[1]);
    require(f, strcmp(history[0], history[1]) == 0, "history");
    require(f, outcome_of(a, findings) == outcome_of(b, findings), "outcome");
    require(f, opening_of(a) == opening_of(b) && closing_of(a) == closing_of(b), "opening, closing");
    require(f, closer_of(a) == closer_of(b) && time_wait_side_of(a) == time_wait_side_of(b), "closer");
    require(f, captured_of(a) == captured_of(b), "what was captured");
}

const char *invariants_of_summaries(const struct summary *a, const struct summary *b,
                                    const struct timeouts *timeouts, int64_t end)
{
    struct fault fault = {NULL}, *f = &fault;
    unsigned findings = timeout_findings_at(a, timeouts, end);
    require(f, findings == timeout_findings_at(b, timeouts, end), "what time has brought");
    require(f, timeout_findings_at(a, timeouts, NEVER) == timeout_findings_at(b, timeouts, NEVER),
            "what time will bring");
    require_same_hindsight(f, a, b, findings);
    for (unsigned i = 0; i < MILESTONE_COUNT; i++) {
        require(f, same_moment(a->milestone[i], b->milestone[i]), "partner frames");
    }
    for (unsigned i = 0; i < SPAN_COUNT; i++) {
        require(f, summary_span(a, (enum span)i) == summary_span(b, (enum span)i), "durations");
    }
    for (unsigned i = 0; i < 2; i++) {
        require(f, same_role(&a->end[i], &b->end[i]), "an end");
    }
    require(f, a->start == b->start && a->last == b->last && a->progress == b->progress, "times");
    require(f, a->previous == b->previous && a->since_previous == b->since_previous, "the one before");
    require(f, a->steps == b->steps && a->reported == b->reported, "steps");
    return fault.text;
}

findings_t invariants_accusations(const struct observation *o)
{
    findings_t set = o->findings & ACCUSED;
    if (has(o, FINDING_UNUSABLE)) {
        return 0;
    }
    set |= seq_verdicts[o->seq_verdict].valid == INVALID ? FINDING_SEQ_SUSPECT : 0;
    set |= ack_verdicts[o->ack_verdict].valid == INVALID ? FINDING_ACK_SUSPECT : 0;
    set |= o->reset_cause == RESET_NOT_ACCEPTABLE ? FINDING_RESET_SUSPECT : 0;
    return set;
}
