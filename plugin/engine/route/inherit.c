/* inherit.c - see inherit.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/inherit.h"

/* --- beginning --- */

/* The SYN may find nothing there: it opens a port where nobody is left. */
static bool has_left(const struct end *end, int64_t now, int64_t time_wait)
{
    enum state state = (enum state)end->belief.expected;
    bool embryonic = state == SYN_RECEIVED && !end->stream.syn_sent;
    return state_is_closed(state) || state == SYN_SENT || state == UNKNOWN || embryonic ||
           belief_has_expired(&end->belief, now, time_wait);
}

static void begin_by_syn(struct connection *c, const struct connection *before, const struct segment *seg,
                         int64_t time_wait)
{
    struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    belief_begin(&s->belief, CLOSED);
    belief_begin(&p->belief, LISTEN);
    if (!before) {
        return;
    }
    const struct end *old_s = &before->end[seg->from], *old_p = &before->end[!seg->from];
    if (belief_waits(&old_s->belief, seg->time, time_wait)) {
        belief_begin_waiting(&s->belief, old_s->belief.since);
    }
    if (!has_left(old_p, seg->time, time_wait)) {
        end_inherit(p, old_p);
        lineage_doubt(&c->lineage, old_p->belief.expected != TIME_WAIT);
    }
}

/* Who takes the role of the client if no SYN tells: the higher port. */
static unsigned assumed_client(const struct segment *seg)
{
    return seg->source_port >= seg->destination_port ? seg->from : !seg->from;
}

void inherit_begin(struct connection *c, uint32_t previous, const struct connection *before,
                   const struct segment *seg, int64_t time_wait)
{
    if (segment_is_syn(seg)) {
        lineage_begin(&c->lineage, previous, seg->from, false);
        begin_by_syn(c, before, seg, time_wait);
        return;
    }
    bool answer = segment_is_syn_ack(seg);
    lineage_begin(&c->lineage, previous, answer ? !seg->from : assumed_client(seg), !answer);
    lineage_doubt(&c->lineage, before && !connection_is_over(before));
    belief_begin(&c->end[seg->from].belief, UNKNOWN);
    belief_begin(&c->end[!seg->from].belief, answer ? SYN_SENT : UNKNOWN);
    belief_assume(&c->end[!seg->from].belief, true);
    if (!answer) {
        belief_assume(&c->end[seg->from].belief, true);
        dialogue_complete(&c->dialogue);
    }
}

/* --- what a SYN, a SYN-ACK or an answer meets --- */

/* The past does not bind this end any more; the peer's SYN may have reached it. */
static void listen_anew(struct end *end)
{
    end_forget(end);
    belief_renew(&end->belief, LISTEN);
    belief_add(&end->belief, FACT_SYN);
}

/* What it sent before its SYN or SYN-ACK has nothing to do with that: it was of another connection. */
static bool sent_for_another(const struct end *s, const struct segment *seg)
{
    return !s->stream.syn_sent && s->sent.nxt_known && s->sent.nxt_frame != 0 && !s->stream.isn_known &&
           !seq_equal(seg->seq, s->sent.nxt) && !stream_begins_with(&s->stream, &s->sent, seg);
}

static void forget_another(struct connection *c, struct end *s, struct end *p)
{
    listen_anew(s);
    belief_drop(&p->belief, FACT(FACT_FIN));
    dialogue_reopen(&c->dialogue);
}

static void prepare_syn(struct connection *c, const struct seg_ctx *ctx)
{
    struct end *s = &c->end[ctx->seg->from], *p = &c->end[!ctx->seg->from];
    enum state peer = end_state(c, p, 0);
    bool gone = peer == CLOSED || (peer == LISTEN && fact_is(p->belief.presumed, FACT_RST));
    if (c->dialogue.begun && gone) { /* who is sent a SYN is presumed to listen */
        end_forget(p);
        belief_listen(&p->belief);
    }
    if (sent_for_another(s, ctx->seg)) {
        forget_another(c, s, p);
    }
    if (!s->stream.syn_sent && s->belief.proven == LISTEN) { /* it opens actively itself */
        belief_correct(&s->belief, CLOSED);
    }
    if (s->stream.isn_known && !s->stream.syn_sent &&
        !s->belief.from_previous) { /* captured behind its SYN-ACK */
        belief_assume(&s->belief, false);
        belief_assume(&p->belief, false);
    }
}

/* Was it reset before, so that the SYN-ACK shows that the RST had its effect? */
static bool was_reset(const struct connection *c, const struct end *s, const struct segment *seg)
{
    enum state state = end_state(c, s, 0);
    bool other = s->stream.syn_sent && !seq_equal(s->stream.isn, seg->seq);
    return (other && state == LISTEN) ||
           (!s->stream.syn_sent && state == CLOSED && fact_is(s->belief.presumed, FACT_RST));
}

static void prepare_syn_ack(struct connection *c, const struct seg_ctx *ctx)
{
    struct end *s = &c->end[ctx->seg->from], *p = &c->end[!ctx->seg->from];
    const struct stream *own = &s->stream;
    if (s->belief.from_previous && !seq_equal(own->isn, ctx->seg->seq)) {
        listen_anew(s); /* whatever it acknowledges, who opens has nothing of before any more */
        lineage_doubt(&c->lineage, false);
    } else if (was_reset(c, s, ctx->seg)) {
        listen_anew(s); /* and then another SYN reached the listener */
    } else if (sent_for_another(s, ctx->seg)) {
        forget_another(c, s, p);
    }
    if (!ctx->peer->stream.syn_sent && !own->syn_sent && !c->lineage.joined_late) {
        lineage_set_client(&c->lineage, !ctx->seg->from);
    }
}

/* What acknowledges the new SYN comes from the new connection, even if its SYN-ACK was not captured. */
static void prepare_answer(struct connection *c, const struct seg_ctx *ctx)
{
    const struct end *p = ctx->peer;
    if (ctx->sender->belief.from_previous && p->stream.syn_sent && ctx->ack &&
        seq_between(ctx->seg->ack, seq_add(p->stream.isn, 1), p->sent.nxt)) {
        listen_anew(&c->end[ctx->seg->from]);
        lineage_doubt(&c->lineage, false);
    }
}

void inherit_prepare(struct connection *c, const struct seg_ctx *ctx)
{
    prepare_answer(c, ctx);
    if (ctx->syn) {
        prepare_syn(c, ctx);
    } else if (ctx->syn_ack) {
        prepare_syn_ack(c, ctx);
    }
}

/* --- what the connection before has left behind all the same --- */

/* Directly behind a SYN, and exactly the numbers with which the connection before had come to its end. */
static bool challenges_for_previous(const struct seg_ctx *ctx)
{
    const struct connection *before = ctx->previous;
    const struct dialogue *d = &ctx->c->dialogue;
    if (!ctx->pure_ack || !before || !d->challenge_expected || d->last_from == ctx->seg->from ||
        ctx->sender->stream.syn_sent || ctx->sender->belief.from_previous) {
        return false;
    }
    const struct end *old_s = &before->end[ctx->seg->from], *old_p = &before->end[!ctx->seg->from];
    bool ack = (old_s->stream.acks_seen > 0 && seq_equal(ctx->seg->ack, old_s->stream.last_ack)) ||
               (old_p->sent.nxt_known && seq_equal(ctx->seg->ack, old_p->sent.nxt));
    return old_s->sent.nxt_known && seq_equal(ctx->seg->seq, old_s->sent.nxt) && ack;
}

bool inherit_revive(struct connection *c, const struct seg_ctx *ctx, uint32_t *lost_frame)
{
    *lost_frame = 0;
    if (!challenges_for_previous(ctx)) {
        return false;
    }
    struct end *s = &c->end[ctx->seg->from];
    const struct end *old = &ctx->previous->end[ctx->seg->from];
    enum state state = end_state(ctx->previous, old, FACT(FACT_RST) | FACT(FACT_EXPIRED));
    enum arrival_slot slot = SLOT_FLAG;
    if (!state_is_synchronized(state)) {
        state = end_state(ctx->previous, old, FACT(FACT_RST) | FACT(FACT_EXPIRED) | FACT(FACT_ACK_OF_FIN));
        slot = SLOT_ACK;
    }
    if (!state_is_synchronized(state)) {
        return false;
    }
    enum state shown = (enum state)s->belief.expected;
    end_inherit(s, old);
    belief_revive(&s->belief, state, shown);
    lineage_doubt(&c->lineage, true);
    *lost_frame = fact_is(old->belief.presumed, FACT_EXPIRED) ? 0 : old->belief.arrival[slot].frame;
    return true;
}

/* --- reuse --- */

/* RFC 1122 4.2.2.13 (a higher ISN), RFC 6191 (a higher timestamp). */
static bool reuse_is_allowed(const struct end *old, const struct segment *seg)
{
    if (old->stream.ts_known && seg->has_timestamps) {
        int32_t newer = (int32_t)(seg->tsval - old->stream.ts_recent);
        if (newer != 0) {
            return newer > 0;
        }
    }
    return !old->sent.nxt_known || !seq_before(seg->seq, old->sent.nxt);
}

findings_t inherit_findings(const struct seg_ctx *ctx, int64_t time_wait)
{
    const struct connection *before = ctx->previous;
    if (!before || ctx->c->dialogue.begun || !ctx->syn) {
        return 0;
    }
    const struct end *old_s = &before->end[ctx->seg->from], *old_p = &before->end[!ctx->seg->from];
    bool live = ctx->c->lineage.ambiguous && before->dialogue.complete && !connection_is_over(before);
    findings_t found = live ? FINDING_SYN_IN_CONNECTION : 0;
    if (belief_waits(&old_s->belief, ctx->seg->time, time_wait) ||
        belief_waits(&old_p->belief, ctx->seg->time, time_wait)) {
        found |= FINDING_TIME_WAIT_REUSE |
                 (reuse_is_allowed(old_s, ctx->seg) ? FINDING_TIME_WAIT_REUSE_ALLOWED : 0);
    }
    return found;
}
