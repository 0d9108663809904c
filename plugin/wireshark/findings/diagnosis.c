/* diagnosis.c - see diagnosis.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/diagnosis.h"

#include "findings/hindsight.h"
#include "preferences.h"
#include "words/words.h"

static const struct particulars none = {.age = NO_TIME, .heard = NO_TIME, .tried = NO_TIME};

/* ------------------------------------------------------------------ wordings */

static enum wording abort_wording(enum reset_cause cause)
{
    switch (cause) {
    case RESET_UNANSWERED_TRIES: return WORDING_reset_gives_up;
    case RESET_NO_CONNECTION: return WORDING_reset_no_connection;
    case RESET_PROBE_ANSWER: return WORDING_reset_of_probe;
    case RESET_CANNOT_TELL: return WORDING_reset_unexplained;
    default: return WORDING_reset_abort;
    }
}

/* The RST is the answer to a challenge ACK: the connection that was lost is the one before. */
static bool is_of_previous(const struct summary *s)
{
    return s != NULL && s->into_connection && s->challenge.frame != 0 && !s->desynchronized;
}

/* The end that doesn't acknowledge the FIN still sends. */
static bool still_answers(const struct summary *s, unsigned closer)
{
    return s->end[!closer].heard > s->end[closer].fins.first.time;
}

static enum wording plain_wording(enum expert expert)
{
    static const enum wording wordings[EXPERT_COUNT] = {
#define EXPERT(when, name, severity, tells) WORDING_##name,
#include "findings/experts.def"
    };
    return wordings[expert];
}

/* Known of the segment itself; a later one that shows it tells of any. */
static enum wording lost_wording(const struct text_ctx *ctx)
{
    const struct segment *seg = ctx->segment;
    if (ctx->crossing != NULL && (ctx->crossing->findings & FINDING_LOST_BETWEEN)) {
        return WORDING_lost_between;
    }
    return segment_is_rst(seg)       ? WORDING_lost_rst
           : segment_is_syn(seg)     ? WORDING_lost_syn
           : segment_is_syn_ack(seg) ? WORDING_lost_syn_ack
           : segment_is_fin(seg)     ? WORDING_lost_fin
           : seg->data != 0          ? WORDING_lost_data
                                     : WORDING_lost_ack;
}

struct diagnosis diagnosis_make(const struct text_ctx *ctx, enum expert expert)
{
    const struct observation *o = ctx->observation;
    const struct summary *s = ctx->summary;
    struct diagnosis d = {plain_wording(expert), o->sender_role};
    enum timeout_finding timeout_finding = expert_timeout_finding(expert);
    if (timeout_finding != TIMEOUT_FINDING_COUNT && s != NULL) {
        unsigned subject = timeout_finding_subject(s, timeout_finding);
        d.end = subject == 0 ? ROLE_CLIENT : ROLE_SERVER;
        if (expert == EXPERT_fin_unacknowledged && still_answers(s, subject)) {
            d.wording = WORDING_fin_filtered;
        }
    }
    switch (expert) {
    case EXPERT_step: d.wording = WORDING_step_1; break;
    case EXPERT_lost_between: d.wording = lost_wording(ctx); break;
    case EXPERT_reset_abort: d.wording = abort_wording(o->reset_cause); break;
    case EXPERT_time_wait_reuse:
        d.wording = o->findings & FINDING_TIME_WAIT_REUSE_ALLOWED ? WORDING_time_wait_reuse_allowed
                                                                  : d.wording;
        break;
    case EXPERT_desynchronized:
        d.wording = is_of_previous(s) ? WORDING_desynchronized_before : d.wording;
        break;
    default: break;
    }
    return d;
}

/* --------------------------------------------------------------- particulars */

static void put_tries(struct particulars *p, const struct tries *tries)
{
    p->tries = tries->count;
    p->tried = tries->count > 1 ? tries->last - tries->first.time : NO_TIME;
}

/* Who began to wait when, for how long now, and what was tried meanwhile. */
static struct particulars of_waiting(const struct text_ctx *ctx, enum timeout_finding finding)
{
    const struct summary *s = ctx->summary;
    unsigned subject = timeout_finding_subject(s, finding);
    const struct summary_end *end = &s->end[subject], *other = &s->end[!subject];
    struct moment begin = timeout_finding_begin(s, finding);
    struct particulars p = none;
    p.frame = begin.frame;
    p.age = hindsight_waited(s, begin, ctx->now);
    switch (finding) {
    case TIMEOUT_FINDING_BACKLOG_OVERFLOW: p.tries = s->overflows; break;
    case TIMEOUT_FINDING_FIN_UNACKNOWLEDGED:
    case TIMEOUT_FINDING_LAST_ACK_MISSING: put_tries(&p, &end->fins); break;
    case TIMEOUT_FINDING_PEER_SILENT:
        put_tries(&p, &end->probes);
        p.heard = end->probes.first.time - other->heard;
        break;
    case TIMEOUT_FINDING_CLOSE_WAIT_STUCK:
    case TIMEOUT_FINDING_FIN_WAIT_2_STUCK:
    case TIMEOUT_FINDING_IDLE: p.tries = end->probes.count; break;
    default: put_tries(&p, &end->opening); break;
    }
    return p;
}

/* A doubtful segment that its receiver has rejected: this one, or earlier ones that this one rejects. */
static struct particulars of_rejection(const struct text_ctx *ctx, enum suspicion suspicion)
{
    const struct rejection *rejection = ctx->rejection;
    struct particulars p = none;
    if (rejection != NULL && (rejection->findings & witness_accusations((uint8_t)(1u << suspicion)))) {
        p.frame = rejection->suspect[suspicion];
        p.count = rejection->count[suspicion];
    } else if (ctx->received != NULL && ctx->received->verdict == RECEIVER_REJECTED) {
        p.frame = ctx->received->frame;
    }
    return p;
}

struct particulars diagnosis_particulars(const struct text_ctx *ctx, enum expert expert)
{
    const struct observation *o = ctx->observation;
    const struct summary *s = ctx->summary;
    enum timeout_finding timeout_finding = expert_timeout_finding(expert);
    struct particulars p = none;
    if (timeout_finding != TIMEOUT_FINDING_COUNT) {
        return s != NULL ? of_waiting(ctx, timeout_finding) : none;
    }
    switch (expert) {
    case EXPERT_step: p.frame = o->repeat ? o->repeat_of : 0; break;
    case EXPERT_syn_retransmitted:
    case EXPERT_synack_retransmitted:
    case EXPERT_fin_retransmitted:
        p.frame = o->repeat_of;
        p.tries = o->timer_count;
        break;
    case EXPERT_time_wait_reuse:
        p.age = s != NULL && s->previous != 0 && s->since_previous >= 0 ? s->since_previous : NO_TIME;
        break;
    case EXPERT_desynchronized:
        if (is_of_previous(s)) {
            p.frame = s->challenge.frame;
            p.answers = s->challenged_syn;
            p.lost = s->previous;
        }
        break;
    case EXPERT_lost_between: p.frame = ctx->crossing != NULL ? ctx->crossing->lost : 0; break;
    case EXPERT_made_between: p.frame = ctx->crossing != NULL ? ctx->crossing->made : 0; break;
    case EXPERT_seq_invalid: return of_rejection(ctx, SUSPICION_SEQ);
    case EXPERT_ack_invalid: return of_rejection(ctx, SUSPICION_ACK);
    case EXPERT_reset_invalid: return of_rejection(ctx, SUSPICION_RESET);
    case EXPERT_many_unanswered:
    case EXPERT_many_embryonic:
    case EXPERT_many_idle: p.count = preferences.many_limit + 1; break;
    default: break;
    }
    return p;
}
