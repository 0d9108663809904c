/* reset_causes.c - why was a RST sent?
 *
 * Read RFC 9293 sections 3.5.2 (who sends a RST and with which numbers), 3.8.3, 3.8.4, 3.10.5, 3.10.7.1.
 *
 * Who has no connection can only answer: its RST takes its number from a segment that came just before. Who
 * aborts speaks when it likes, from its own SND.NXT, with or without an ACK.
 *
 * What can't be known: whether a device in between sent it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/resets.h"
#include "judge/rules.h"

#include "judge/judge.h"
#include "thresholds.h"

/* An ACK of what was not captured may well cover the SYN. */
static bool is_not_of_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx;
    return j->peer_before == SYN_SENT && !j->rst_counts && j->ack_verdict != ACK_NOT_CAPTURED &&
           j->pardon == PARDON_NONE;
}

static bool has_invalid_seq(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx;
    return seq_is_invalid(j->seq_verdict);
}

static bool has_stale_seq(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx;
    return j->seq_verdict == SEQ_STALE_RESET;
}

/* --- instead of a connection --- */

static bool refuses_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    return j->ack_verdict == ACK_HANDSHAKE && !ctx->peer->stream.syn_ack_sent &&
           !ctx->sender->stream.syn_sent;
}

static bool rejects_syn_ack(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->peer->stream.syn_ack_sent && !ctx->peer->belief.from_previous && !ctx->c->dialogue.complete &&
           !reset_proves_open(ctx);
}

/* Step 3 is a moment old, or the SYN-ACK was still repeated, for which hosts double the time: until then a
 * server that has sent nothing else need not have taken the connection. */
static bool is_still_accepting(const struct seg_ctx *ctx)
{
    const struct end *s = ctx->sender;
    uint32_t most = dialogue_answer_ms(&ctx->c->dialogue, NOT_ACCEPTED_MS);
    bool step_arrived = fact_is(s->belief.presumed, FACT_ACK_OF_SYN);
    if (step_arrived && seg_ctx_since_ms(ctx, s->belief.arrival[SLOT_ACK].ms) <= most) {
        return true;
    }
    unsigned repeats = s->attempts.tries < SYN_ACK_REPEATS ? s->attempts.tries : SYN_ACK_REPEATS;
    return repeats > 0 && seg_ctx_since_ms(ctx, time_ms(s->attempts.tried_at)) <= most << repeats;
}

static bool does_not_accept(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct stream *s = &ctx->sender->stream;
    (void)j;
    return !ctx->ack && s->syn_ack_sent && !s->spoke && seq_equal(ctx->seg->seq, seq_add(s->isn, 1)) &&
           (ctx->c->dialogue.steps & STEP_ACK) && is_still_accepting(ctx);
}

/* --- the end of one --- */

static bool gives_up(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->sender->attempts.tries >= TRIES_BEFORE_ABORT && ctx->c->dialogue.last_from == ctx->seg->from;
}

static bool answers_probe(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->sender->attempts.probed;
}

static bool comes_after_close(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    bool gone = state_is_gone(end_state(ctx->c, ctx->sender, 0));
    return ctx->sender->stream.fin_sent || (gone && ctx->peer->stream.fin_sent);
}

/* RFC 9293 3.5.2: <SEQ=SEG.ACK><CTL=RST>, directly after a segment of the peer. */
static bool answers_segment(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct dialogue *d = &ctx->c->dialogue;
    (void)j;
    uint32_t most = d->halves == BOTH_HALVES ? dialogue_answer_ms(d, RESET_ANSWER_MS) : RESET_UNTIMED_MS;
    return !ctx->ack && reset_is_at_ack(ctx) && d->spoke_from != ctx->seg->from &&
           seg_ctx_since_ms(ctx, d->spoke_ms) <= most;
}

/* SND.NXT, or beyond: then the capture has missed something. */
static bool aborts(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct sent *s = &ctx->sender->sent;
    (void)j;
    if (!s->nxt_known || seq_before(ctx->seg->seq, s->nxt)) {
        return false;
    }
    bool spoke_last = ctx->c->dialogue.spoke_from == ctx->seg->from;
    return ctx->ack || (spoke_last && seq_equal(ctx->seg->seq, s->nxt));
}

static bool is_anything_at_all(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)ctx, (void)j;
    return true;
}

/* --- the table --- */

/* RFC 9293 3.10.7.3: in SYN-SENT only if the ACK covers the SYN. */
static bool counts(const struct seg_ctx *ctx, const struct judgment *j)
{
    if (j->peer_before == SYN_SENT) {
        return judge_covers_syn(ctx, j);
    }
    return j->reset_effect == RST_ENDS || j->reset_effect == RST_ENDS_ASSUMED;
}

void judge_cause(const struct seg_ctx *ctx, struct judgment *j)
{
    j->rst_counts = counts(ctx, j);
#define RESET_RULE(name, predicate, verdict, effect, bound, section)
#define CAUSE_RULE(name, predicate, cause, section) \
    if (predicate(ctx, j)) {                        \
        j->cause_rule = CAUSE_RULE_##name;          \
        j->reset_cause = cause;                     \
        return;                                     \
    }
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
}
