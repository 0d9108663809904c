/* apply.c - see apply.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apply/parts.h"

#include "judge/judge.h"

/* --- steps --- */

static void make_steps(const struct application *a)
{
    const struct step_judgment *step = &a->j->step;
    const struct seg_ctx *ctx = a->ctx;
    struct attempts *s = &a->s->attempts, *p = &a->p->attempts;
    if (!ctx->rst) {
        attempts_ask_answer(s, false);
    }
    if (step->completes) {
        dialogue_complete(&a->c->dialogue);
    }
    if (step->steps == 0) {
        return;
    }
    dialogue_step(&a->c->dialogue, step->made);
    if (step->first_flag) {
        attempts_note_flag_frame(s, ctx->seg->frame);
    }
    if (step->first_ack) {
        attempts_note_ack_frame(s, ctx->seg->frame);
    }
    if (step->first_fin) {
        dialogue_close_first(&a->c->dialogue, ctx->seg->from);
    }
    if (step->fin_acked) {
        attempts_note_ack_frame(p, 0);
    }
    if (step->asks_again) {
        attempts_ask_answer(p, true);
    }
    if (step->mends_step) {
        attempts_lose_step(s, false);
    }
}

/* What is said of a connection once is remembered. */
static void note_findings(const struct application *a, findings_t findings)
{
    struct dialogue *d = &a->c->dialogue;
    if ((a->ctx->syn || a->ctx->syn_ack) && a->ctx->seg->fast_open) {
        dialogue_offer_fast_open(d);
    }
    if (a->ctx->syn_ack && (findings & FINDING_ACKS_SYN_DATA)) {
        dialogue_take_syn_data(d);
    }
    if (findings & (FINDING_SIMULTANEOUS_OPEN | FINDING_SPLIT_OPEN)) {
        dialogue_cross(d, (findings & FINDING_SIMULTANEOUS_OPEN) != 0);
    }
    if (findings & FINDING_HALF_CLOSED) {
        dialogue_half_close(d);
    }
    if (findings & FINDING_SIMULTANEOUS_CLOSE) {
        dialogue_cross_fins(d);
    }
}

/* --- what was proven of the sender has consequences --- */

static void follow_losses(const struct application *a, const struct weighing *w)
{
    if (w->fin_lost) {
        attempts_lose_fin(&a->p->attempts, true);
    }
    if (w->step_lost) {
        attempts_lose_step(&a->p->attempts, true);
    }
    if (w->untouched) {
        lineage_doubt(&a->c->lineage, true);
    }
    if (w->hole) {
        sent_reopen_gap(&a->p->sent, w->hole_left, w->hole_right);
    }
}

static void follow_opening(const struct application *a)
{
    struct belief *p = &a->p->belief;
    dialogue_complete(&a->c->dialogue);
    if (p->proven == SYN_SENT && a->p->stream.syn_sent) { /* the SYN-ACK was missed, and an answer to it */
        belief_add(p, FACT_SYN_ACK);
        belief_assume(p, true);
    }
}

/* --- the states that are shown after the segment --- */

static bool settle(const struct application *a, struct end *end, struct moved_end *moved, bool corrected)
{
    struct belief *b = &end->belief;
    int64_t now = a->ctx->seg->time;
    moved->after = end_state(a->c, end, 0);
    bool changed = moved->after != (enum state)b->expected;
    if (moved->after != moved->before && moved->before == (enum state)b->expected && b->since != NO_TIME &&
        now >= b->since) {
        moved->time_in_state = now - b->since;
    }
    if (changed) {
        belief_settle(b, moved->after, corrected && moved->after == moved->before ? NO_TIME : now);
    }
    return changed;
}

/* --- what the next segment has to know --- */

static void remember(const struct application *a)
{
    struct attempts *s = &a->s->attempts, *p = &a->p->attempts;
    if (s->tried == TIMER_KEEPALIVE && !judge_is_probe(a->j)) {
        attempts_end_series(s);
    }
    if (p->tried == TIMER_KEEPALIVE) { /* answered: what comes next is another series */
        attempts_end_series(p);
    }
    if (a->j->ack_verdict == ACK_OF_FIN && a->p->stream.suspect_rewrite) {
        stream_deny_padding(&a->p->stream);
    }
    dialogue_remember(&a->c->dialogue, a->ctx->seg, judge_earns_challenge(a->ctx, a->j));
}

void apply(struct connection *c, const struct seg_ctx *ctx, const struct judgment *j,
           const struct learnt *learnt, const struct weighing *w, findings_t findings, struct effects *e)
{
    struct application a = {c, ctx, j, &c->end[ctx->seg->from], &c->end[!ctx->seg->from], e};
    e->sender = (struct moved_end){w->before, w->before, w->rule, NO_TIME};
    e->peer = (struct moved_end){j->peer_before, j->peer_before, learnt_rule(learnt->peer_expired), NO_TIME};
    e->attempt = (struct attempt){TIMER_NONE, 0, NO_TIME};
    e->skipped = learnt->redeemed ? 1u << ctx->seg->from : 0;
    follow_losses(&a, w);
    make_steps(&a);
    if (findings != 0 || ctx->seg->fast_open) {
        note_findings(&a, findings);
    }
    if (w->opened) {
        follow_opening(&a);
    }
    apply_sending(&a, w->opened);
    apply_timers(&a);
    apply_unseen(&a);
    apply_numbers(&a);
    apply_loss_reports(&a);
    apply_arriving(&a, findings);
    attempts_probe(&a.s->attempts, false);
    attempts_probe(&a.p->attempts, j->acceptable && judge_is_probe(j));
    path_follow(&a.s->path, ctx->seg, j->acceptable && seq_brings(j->seq_verdict, BRINGS_NEXT));
    bool sender = settle(&a, a.s, &e->sender, w->corrected), peer = settle(&a, a.p, &e->peer, false);
    e->state_changed = sender || peer;
    apply_time_wait(&a);
    remember(&a);
}
