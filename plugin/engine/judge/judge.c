/* judge.c - see judge.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/judge.h"

#include "judge/reach.h"
#include "judge/rules.h"
#include "thresholds.h"

/* --- pardons --- */

static bool is_rewritten(const struct seg_ctx *ctx, const struct judgment *j)
{
    return ctx->sender->stream.rewritten || (ack_is_invalid(j->ack_verdict) && ctx->peer->stream.rewritten);
}

static bool is_on_two_ways(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->c->dialogue.multipath;
}

static bool is_behind_new_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    return j->seq_verdict == SEQ_STALE_INCARNATION && !ctx->c->dialogue.complete &&
           seg_ctx_may_be_disorder(ctx);
}

static bool is_padding(const struct seg_ctx *ctx, const struct judgment *j)
{
    return j->seq_verdict == SEQ_AFTER_FIN && ctx->sender->stream.padded && ctx->seg->data <= PADDING_MAX;
}

static bool is_harmless_reset(const struct seg_ctx *ctx, const struct judgment *j)
{
    (void)j;
    return ctx->rst && end_state(ctx->c, ctx->peer, 0) == CLOSED;
}

/* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> is what a closed port says to a SYN: to one that the capture
 * doesn't have. */
static bool refuses_unseen(const struct seg_ctx *ctx, const struct judgment *j)
{
    return ctx->rst && ctx->seg->seq.n == 0 && ack_is_invalid(j->ack_verdict) && !ctx->previous &&
           !ctx->c->dialogue.complete && !ctx->sender->sent.nxt_known;
}

static enum pardon_id pardon_of(const struct seg_ctx *ctx, const struct judgment *j)
{
#define PARDON(name, predicate, reason) \
    if (predicate(ctx, j)) {            \
        return PARDON_##name;           \
    }
#include "judge/pardons.def"
#undef PARDON
    return PARDON_NONE;
}

static bool is_acceptable(const struct judgment *j)
{
    return !seq_is_invalid(j->seq_verdict) && !ack_is_invalid(j->ack_verdict);
}

static void pardon(const struct seg_ctx *ctx, struct judgment *j)
{
    if (ctx->rst && ack_is_invalid(j->ack_verdict) && end_state(ctx->c, ctx->peer, 0) != SYN_SENT) {
        j->ack_verdict = ACK_NOT_JUDGED; /* RFC 9293 3.10.7.4 looks at no ACK of a RST, 3.10.7.3 does */
    }
    j->acceptable = is_acceptable(j);
    if (!j->acceptable) {
        j->pardon = pardon_of(ctx, j);
        if (j->pardon != PARDON_NONE) {
            j->seq_verdict = seq_is_invalid(j->seq_verdict) ? SEQ_NOT_JUDGED : j->seq_verdict;
            j->ack_verdict = ack_is_invalid(j->ack_verdict) ? ACK_NOT_JUDGED : j->ack_verdict;
            j->has_bound = false;
            j->acceptable = j->pardon != PARDON_behind_new_syn; /* that is of another connection */
        }
    }
    if (j->acceptable) {
        j->has_bound = false;
    }
}

/* --- what was expected --- */

static void expect(const struct seg_ctx *ctx, struct judgment *j)
{
    const struct end *s = ctx->sender, *p = ctx->peer;
    bool first_syn = (ctx->syn || ctx->syn_ack) && j->seq_verdict == SEQ_SYN;
    if (s->sent.nxt_known && !first_syn) {
        j->next = (struct expected_seq){true, s->sent.nxt, s->sent.nxt_frame};
    }
    j->due = end_next_due(p);
}

static void judge_numbers(const struct seg_ctx *ctx, struct judgment *j)
{
    *j = (struct judgment){0};
    if (ctx->rst) {
        judge_reset(ctx, j);
    } else {
        judge_seq(ctx, j);
    }
    judge_ack(ctx, j);
    pardon(ctx, j);
    expect(ctx, j);
}

void judge(const struct seg_ctx *ctx, struct judgment *j)
{
    judge_numbers(ctx, j);
    j->peer_before = end_state(ctx->c, ctx->peer, 0);
    if (ctx->rst) {
        judge_cause(ctx, j);
    }
    judge_steps(ctx, j);
}

void judge_copy(const struct seg_ctx *ctx, struct judgment *j)
{
    judge_numbers(ctx, j);
    j->seq_verdict = SEQ_COPY;
    if (ack_is_invalid(j->ack_verdict)) {
        j->ack_verdict = ctx->ack ? ACK_NOT_JUDGED : ACK_NONE;
    }
    j->has_bound = false;
    j->peer_before = (enum state)ctx->peer->belief.expected;
}

bool judge_covers_syn(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct stream *p = &ctx->peer->stream;
    if (!p->isn_known) {
        return false;
    }
    switch (j->ack_verdict) {
    case ACK_HANDSHAKE:
    case ACK_CURRENT:
    case ACK_PARTIAL:
    case ACK_DUPLICATE:
    case ACK_OF_FIN:
    case ACK_OLD: return p->isn_far || p->has_other_isn || seq_after(ctx->seg->ack, p->isn);
    case ACK_NOT_CAPTURED:
        return ctx->c->dialogue.complete || ctx->sender->stream.syn_ack_sent ||
               (p->syn_ack_sent && reach_acks_unseen(ctx));
    case ACK_NOT_JUDGED: return ctx->syn_ack; /* the first that is known of the peer */
    default: return false;
    }
}

bool judge_may_be_fast_open(const struct seg_ctx *ctx, bool complete)
{
    const struct dialogue *d = &ctx->c->dialogue; /* servers may do without a cookie */
    return (d->fast_open || d->takes_syn_data) && ctx->seg->data > 0 && ctx->peer->stream.syn_sent &&
           !complete;
}

bool judge_earns_challenge(const struct seg_ctx *ctx, const struct judgment *j)
{
    bool refused = !ctx->rst && ctx->ack && ack_is_invalid(j->ack_verdict); /* without ACK it is dropped */
    bool ahead = j->reset_effect == RST_AHEAD || j->reset_effect == RST_ENDS_ASSUMED;
    return ctx->syn || ahead || refused;
}

bool judge_is_challenge(const struct seg_ctx *ctx, const struct judgment *j)
{
    const struct end *s = ctx->sender;
    const struct dialogue *d = &ctx->c->dialogue;
    if (!d->challenge_expected || d->last_from == ctx->seg->from || !ctx->pure_ack || j->step.steps != 0) {
        return false;
    }
    bool said_before = s->stream.acks_seen == 0 || seq_equal(ctx->seg->ack, s->stream.last_ack) ||
                       (s->belief.from_previous && !judge_covers_syn(ctx, j)); /* of the old connection */
    bool nothing_new = said_before && (!s->sent.nxt_known || seq_equal(ctx->seg->seq, s->sent.nxt));
    return nothing_new && !(j->ack_verdict == ACK_HANDSHAKE && !d->complete);
}

bool judge_is_probe(const struct judgment *j)
{
    return seq_brings(j->seq_verdict, BRINGS_PROBE);
}
