/* weigh.c - see weigh.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "weigh/weigh.h"

#include "judge/judge.h"
#include "thresholds.h"
#include "weigh/evidence.h"

static bool is_passive(const struct seg_ctx *ctx)
{
    return end_is_passive(ctx->c, ctx->sender);
}

/* Whose RST counted went on: somebody else sent that, and its receiver goes on likewise. */
static bool is_taken_back(const struct belief *b)
{
    return b->reset_counted && !fact_is(b->presumed, FACT_RST_SENT);
}

static bool may_have_crossed(const struct seg_ctx *ctx, enum fact fact)
{
    const struct belief *s = &ctx->sender->belief;
    /* Who repeats its SYN was not impressed by a RST: in SYN-SENT only one that acknowledges it counts. */
    if (fact == FACT_EXPIRED || fact == FACT_RST_SENT || (fact == FACT_RST && ctx->syn)) {
        return false;
    }
    if (fact == FACT_RST && is_taken_back(&ctx->peer->belief)) {
        return false;
    }
    enum arrival_slot slot = fact_slot(fact);
    bool repeated = slot == SLOT_FLAG ? s->flag_repeated : s->ack_repeated;
    uint32_t age = seg_ctx_since_ms(ctx, s->arrival[slot].ms);
    return age <= seg_ctx_crossing_ms(ctx, repeated ? CROSSING_REPEAT_MS : CROSSING_MS);
}

/* SACK shows that the peer's FIN lies behind a gap: it has arrived, but does not count yet. */
static bool fin_waits_behind_gap(const struct seg_ctx *ctx, struct weighing *w)
{
    const struct segment *seg = ctx->seg;
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        if (seq_equal(seg->sack[i].right, ctx->peer->sent.nxt) && seq_after(seg->sack[i].left, seg->ack)) {
            w->hole = true;
            w->hole_left = seg->ack;
            w->hole_right = seg->sack[i].left;
            return true;
        }
    }
    return false;
}

static bool brings_new_data(const struct seg_ctx *ctx)
{
    return ctx->seg->data > 0 && ctx->sender->sent.nxt_known && seq_after(ctx->end, ctx->sender->sent.nxt);
}

/* Not even where the round trip isn't known. */
static bool cannot_have_crossed(const struct seg_ctx *ctx)
{
    uint32_t age = seg_ctx_since_ms(ctx, ctx->sender->belief.arrival[SLOT_FLAG].ms);
    bool timed = dialogue_round_trip(&ctx->c->dialogue) != NO_TIME;
    return age > seg_ctx_crossing_ms(ctx, CROSSING_MS) && (timed || age > CROSSING_UNTIMED_MS);
}

/* The presumption was wrong, and what it rested on is lost. */
static void lose(const struct seg_ctx *ctx, enum fact fact, struct weighing *w)
{
    w->lost_frame = w->lost_frame ? w->lost_frame : ctx->sender->belief.arrival[fact_slot(fact)].frame;
    w->fin_lost = w->fin_lost || fact == FACT_FIN;
    w->step_lost = w->step_lost || fact == FACT_ACK_OF_SYN;
}

/* It is sent after the RST, which was for this connection. */
static bool may_accuse(const struct seg_ctx *ctx)
{
    return !ctx->syn && !ctx->syn_ack && !ctx->sender->sent.missing && !ctx->peer->stream.has_other_isn &&
           !path_is_before(&ctx->sender->path, ctx->seg);
}

/* The sender of an acceptable RST, or long after it its receiver, goes on. */
static bool goes_on_after_reset(const struct belief *s, const struct seg_ctx *ctx, enum fact fact)
{
    bool answered = fact == FACT_RST && ctx->peer->belief.reset_counted && brings_new_data(ctx) &&
                    cannot_have_crossed(ctx);
    return may_accuse(ctx) && (answered || (fact == FACT_RST_SENT && s->reset_counted));
}

/* The presumption was wrong. */
static void overturn(struct belief *s, const struct seg_ctx *ctx, enum fact fact, struct weighing *w)
{
    bool behind_gap = fact == FACT_FIN && fin_waits_behind_gap(ctx, w);
    if (!behind_gap && may_have_crossed(ctx, fact)) {
        w->crossed = true; /* it still takes effect, after this segment */
        return;
    }
    w->data_after_reset = w->data_after_reset || goes_on_after_reset(s, ctx, fact);
    belief_drop(s, FACT(fact));
    if (fact == FACT_EXPIRED) {
        belief_assume(s, false);
        w->rule = RULE_NO_EVENT;
    }
    bool nothing_lost = fact == FACT_EXPIRED || fact == FACT_RST_SENT || behind_gap ||
                        (fact == FACT_RST && ctx->syn);
    if (!nothing_lost) {
        lose(ctx, fact, w);
    }
}

/* Each presumed fact in turn; returns those that the sender lacked. */
static uint8_t weigh_facts(struct belief *s, const struct seg_ctx *ctx, const struct judgment *j,
                           struct weighing *w)
{
    uint8_t lacked = 0;
    if (j->ack_verdict == ACK_OF_FIN && !ctx->rst && !fact_is(s->confirmed, FACT_FIN)) {
        belief_add(s, FACT_FIN); /* proven, however it got there */
    }
    if (s->proven == SYN_SENT && !ctx->rst && ctx->peer->stream.syn_ack_sent && judge_covers_syn(ctx, j)) {
        belief_add(s,
                   FACT_SYN_ACK); /* likewise: a copy that wasn't captured, or one that had crossed its SYN */
    }
    for (unsigned fact = 0; fact < FACT_COUNT && s->presumed >> fact != 0; fact++) {
        if (!fact_is(s->presumed, (enum fact)fact)) {
            continue;
        }
        switch (evidence_of(ctx, j, (enum fact)fact)) {
        case CONFIRMED: belief_confirm(s, (enum fact)fact, is_passive(ctx)); break;
        case LACKED:
            overturn(s, ctx, (enum fact)fact, w);
            lacked |= FACT(fact);
            break;
        default: break;
        }
    }
    return lacked;
}

/* OBSERVER: a refusal corrects LISTEN to CLOSED: nobody was there when the SYN came. */
static bool is_refusal(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct end *s = ctx->sender;
    return ctx->rst && fact_is(s->belief.presumed, FACT_SYN) && !s->stream.syn_sent &&
           !s->belief.from_previous && j->ack_verdict == ACK_HANDSHAKE;
}

static void refuse(struct belief *s, struct weighing *w)
{
    belief_drop(s, FACT(FACT_SYN));
    belief_correct(s, LISTEN);
    w->rule = belief_move(s, SND_RST).rule;
}

/* A bare ACK with foreign numbers answers a new SYN: it comes from a connection of before, which the SYN
 * did not touch (RFC 9293 3.5.1, 3.10.7.4). If that was not captured, nothing tells its state. */
static bool is_untouched(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct end *s = ctx->sender;
    const struct dialogue *d = &ctx->c->dialogue;
    bool answers = d->challenge_expected && d->last_from != ctx->seg->from && ctx->pure_ack;
    if (!s->belief.from_previous && state_is_synchronized((enum state)s->belief.proven)) {
        return false; /* it has shown its state in this connection */
    }
    return fact_is(s->belief.presumed, FACT_SYN) && (!s->stream.syn_sent || s->belief.from_previous) &&
           answers && !judge_covers_syn(ctx, j);
}

static void leave_untouched(struct belief *s, struct weighing *w)
{
    belief_drop(s, FACT(FACT_SYN));
    if (!s->from_previous) {
        belief_correct(s, UNKNOWN);
    }
    w->untouched = true;
}

static uint8_t weigh_presumed(struct belief *s, const struct seg_ctx *ctx, const struct judgment *j,
                              struct weighing *w)
{
    if (is_refusal(ctx, j)) {
        refuse(s, w);
        return 0;
    }
    if (is_untouched(ctx, j)) {
        leave_untouched(s, w);
        return FACT(FACT_SYN);
    }
    if (j->seq_rule == SYN_RULE_stray || (j->seq_rule == SYN_RULE_second_isn && s->proven == SYN_RECEIVED)) {
        return 0; /* it tells nothing of the host whose SYN-ACK came first */
    }
    if (!evidence_is_late(ctx, j) && (j->acceptable || ctx->syn || ctx->syn_ack)) {
        return weigh_facts(s, ctx, j, w);
    }
    return 0;
}

/* An ordinary segment that only an open end sends: what opened it was not captured. */
static void open_end(struct belief *s, const struct seg_ctx *ctx, struct weighing *w)
{
    w->rule = belief_move(s, SND_SEGMENT).rule;
    belief_drop(s, FACT(FACT_SYN) | FACT(FACT_SYN_ACK) | FACT(FACT_ACK_OF_SYN));
    if (fact_is(s->confirmed, FACT_FIN)) { /* it arrived while the state was unknown */
        belief_move(s, RCV_FIN);
    }
    belief_assume(s, true);
    w->opened = true;
    w->before = end_state(ctx->c, ctx->sender, 0);
    w->corrected = false;
    w->lost_frame = 0;
}

/* It goes on with the numbers of before, as if there had been no other SYN-ACK. */
static bool resumes(const struct seg_ctx *ctx, const struct judgment *j)
{
    return ctx->sender->belief.aside != CLOSED && j->acceptable && j->seq_verdict != SEQ_NOT_JUDGED &&
           !ctx->syn && !ctx->syn_ack && !ctx->rst;
}

void weigh(struct belief *s, const struct seg_ctx *ctx, const struct judgment *j, const struct learnt *learnt,
           struct weighing *w)
{
    *w = (struct weighing){.rule = learnt_rule(learnt->sender_expired),
                           .presumed = (enum state)s->expected,
                           .lost_frame = learnt->lost_frame};
    bool resumed = resumes(ctx, j);
    if (resumed) {
        belief_resume(s);
    }
    uint8_t lacked = weigh_presumed(s, ctx, j, w);
    w->before = end_state(ctx->c, ctx->sender, lacked);
    w->corrected = w->before != w->presumed && (lacked != 0 || ctx->rst || resumed || learnt->revived);
    if (!w->corrected) {
        w->lost_frame = 0;
        w->crossed = false;
    }
    bool ordinary = j->acceptable && !ctx->syn && !ctx->syn_ack && !ctx->rst;
    if (ordinary && evidence_of_open(ctx, j, w->before) && !judge_is_challenge(ctx, j)) {
        open_end(s, ctx, w);
    }
}
