/* timers.c - which timer of its sender explains a segment, and what does it say of losses?
 *
 * Read RFC 6298 (retransmission), RFC 9293 sections 3.8.6.1 (persist), 3.8.4
 * (keepalive), 3.6.1 (2MSL), RFC 5681 section 2 and RFC 2018 (who asks for a retransmission).
 *
 * What can't be known: when a segment was sent that is not the oldest
 * outstanding one; its repeats have no interval.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apply/parts.h"

#include "judge/judge.h"
#include "thresholds.h"

/* --- round trip --- */

/* From the SYN to its answer on one side of the observer, and from that to step 3 on the other. Which copy
 * a repeated one answers isn't known. */
static void measure_round_trip(const struct application *a)
{
    const struct attempts *p = &a->p->attempts;
    const struct step_judgment *step = &a->j->step;
    int64_t now = a->ctx->seg->time;
    bool answer = (step->steps & (STEP_SYN_ACK | STEP_ACK)) && !step->repeat &&
                  a->j->ack_verdict == ACK_HANDSHAKE && !seq_brings(a->j->seq_verdict, BRINGS_AHEAD);
    if (answer && p->tried_flag && p->tried != TIMER_NONE && p->tries == 0 && now >= p->tried_at) {
        dialogue_measure(&a->c->dialogue, step->steps & STEP_ACK ? HALF_TO_CLIENT : HALF_TO_SERVER,
                         now - p->tried_at);
    }
}

/* --- the sender's timers --- */

static void fire(const struct application *a, enum timer timer)
{
    a->e->attempt = attempts_fire(&a->s->attempts, timer, a->ctx->seg->time);
}

/* The oldest outstanding number is (also) in this segment, so that tried_at speaks of it. */
static bool holds_una(const struct application *a)
{
    const struct end *s = a->s;
    return s->sent.nxt_known && !seq_after(a->ctx->seg->seq, s->stream.una) &&
           seq_after(a->ctx->end, s->stream.una);
}

static bool repeats_flag(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    return a->j->step.repeat && (a->j->step.steps & (STEP_SYN | STEP_SYN_ACK | STEP_FIN | STEP_SECOND_FIN)) &&
           (ctx->syn || ctx->syn_ack || ctx->fin);
}

static void explain_repeat(const struct application *a)
{
    struct attempts *s = &a->s->attempts;
    int64_t now = a->ctx->seg->time;
    bool flag = repeats_flag(a), oldest = holds_una(a);
    if (!oldest && !flag) {
        return;
    }
    if (!oldest && !s->tried_flag) {
        attempts_forget_time(s); /* when this FIN was sent last is not kept */
    }
    bool late_enough = s->tried != TIMER_NONE && now - s->tried_at >= SHORTEST_RTO_MS * NS_PER_MS;
    if (flag || (late_enough && !s->loss_reported)) {
        fire(a, TIMER_RETRANSMISSION);
        attempts_note_flag(s, flag);
    } else {
        attempts_resend(s, now);
    }
    attempts_answer_loss(s);
}

/* New numbers while nothing is outstanding: from here the retransmission timer runs. */
static void start(const struct application *a)
{
    const struct end *s = a->s;
    const struct seg_ctx *ctx = a->ctx;
    bool idle = !s->sent.nxt_known || !s->stream.una_known || seq_equal(s->stream.una, s->sent.nxt) ||
                a->j->seq_verdict == SEQ_SYN;
    if (idle) {
        attempts_start(&a->s->attempts, ctx->seg->time, ctx->fin || ctx->syn || ctx->syn_ack);
    }
}

static void explain(const struct application *a)
{
    if (a->ctx->rst || !a->j->acceptable) {
        return;
    }
    switch (a->j->seq_verdict) {
    case SEQ_WINDOW_PROBE: fire(a, TIMER_PERSIST); return;
    case SEQ_KEEPALIVE: fire(a, TIMER_KEEPALIVE); return;
    default: break;
    }
    if (segment_length(a->ctx->seg) == 0) {
        return;
    }
    if (seq_brings(a->j->seq_verdict, BRINGS_OLD) || seq_brings(a->j->seq_verdict, BRINGS_OLD_AND_NEW)) {
        explain_repeat(a);
    } else {
        start(a);
    }
}

/* --- losses that the sender reports of its peer's data --- */

static bool shows_hole(const struct segment *seg)
{
    bool hole = false;
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        hole = hole || seq_after(seg->sack[i].left, seg->ack);
    }
    return hole;
}

/* RFC 5681 2. */
static void count_duplicate(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    if (a->j->ack_verdict == ACK_DUPLICATE && ctx->pure_ack && ctx->seg->window == a->s->stream.window) {
        attempts_count_duplicate(&a->p->attempts);
    }
}

static bool reports(const struct application *a)
{
    return a->ctx->ack && a->j->acceptable && !a->ctx->rst && !a->ctx->syn_ack;
}

/* RFC 5681 2, RFC 2018: does the sender ask for a retransmission? With the numbers set: what it acknowledges
 * has arrived, so it speaks of what is left. */
void apply_loss_reports(const struct application *a)
{
    const struct seg_ctx *ctx = a->ctx;
    struct attempts *p = &a->p->attempts;
    if (!reports(a)) {
        return;
    }
    bool outstanding = a->p->sent.nxt_known && seq_before(ctx->seg->ack, a->p->sent.nxt);
    if (outstanding && !p->loss_reported && (shows_hole(ctx->seg) || p->duplicate_acks == DUPLICATES_ASK)) {
        attempts_report_loss(p);
    }
}

/* An ACK that doesn't cover what was sent more than a crossing time ago: it didn't arrive. */
static void notice_lost_data(const struct application *a)
{
    const struct end *p = a->p;
    seq_t ack = a->ctx->seg->ack;
    bool outstanding = p->sent.nxt_known && seq_before(ack, p->sent.nxt) && seq_equal(ack, p->stream.una);
    if (outstanding && p->attempts.tried == TIMER_RETRANSMISSION) {
        int64_t age = a->ctx->seg->time - p->attempts.tried_at;
        int64_t crossing = seg_ctx_crossing_ms(a->ctx,
                                               p->attempts.tries > 0 ? CROSSING_REPEAT_MS : CROSSING_MS);
        attempts_lose_data(&a->p->attempts, age > crossing * NS_PER_MS);
    }
}

void apply_timers(const struct application *a)
{
    measure_round_trip(a);
    explain(a);
    if (reports(a)) {
        count_duplicate(a);
    }
    if (a->ctx->ack && a->j->acceptable && !a->ctx->rst) {
        notice_lost_data(a);
    }
}

/* --- 2MSL --- */

static bool restarts(const struct application *a)
{
    const struct moved_end *s = &a->e->sender;
    const struct step_judgment *step = &a->j->step;
    return s->before == TIME_WAIT && s->after == TIME_WAIT && step->repeat &&
           (step->steps & (STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN)) && a->ctx->pure_ack;
}

static bool begins_to_wait(const struct moved_end *end)
{
    return end->after == TIME_WAIT && end->before != TIME_WAIT;
}

void apply_time_wait(const struct application *a)
{
    struct effects *e = a->e;
    int64_t now = a->ctx->seg->time;
    bool began = e->state_changed && (begins_to_wait(&e->sender) || begins_to_wait(&e->peer));
    if (a->ctx->fin && a->j->step.repeat && e->peer.before == TIME_WAIT) { /* RFC 9293 3.10.7.4, eighth */
        belief_restart(&a->p->belief, now);
    }
    if (restarts(a)) {
        belief_restart(&a->s->belief, now);
        began = true;
    }
    if (began && e->attempt.timer == TIMER_NONE) {
        e->attempt.timer = TIMER_2MSL;
    }
}
