/* acknowledgment.c - see acknowledgment.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "acknowledgment.h"

#include "reach.h"

/* So many bytes may be missing from a capture between a SYN and the first segment after it. */
#define MISSED_MAX (UINT32_C(1) << 24)

static bool is_too_old(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    if (p->syn_sent && !p->isn_far && !seq_after(v->seg->ack, p->isn)) {
        reach_break(v, seq_add(p->isn, 1));
        return true;
    }
    if (!scale_is_known(v->c) || p->missing || s->missing) {
        return false;
    }
    seq_t lowest = seq_sub(p->una, reach_max_window(v->c, s));
    if (!seq_before(v->seg->ack, lowest) || reach_may_be_disorder(v, lowest, v->seg->ack)) {
        return false;
    }
    reach_break(v, lowest);
    return true;
}

/* Above SND.NXT of the peer as far as it was captured. */
static enum ack_verdict judge_ack_ahead(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    if (p->probe_byte && seq_equal(v->seg->ack, seq_add(p->nxt, 1))) {
        return ACK_CURRENT;
    }
    seq_t right;
    if (reach_right_edge(s, p, &right) && reach_is_beyond(v, s, right, v->seg->ack)) {
        reach_break(v, v->c->complete ? right : p->nxt);
        return v->c->complete ? ACK_BEYOND_SENT : ACK_HANDSHAKE_MISMATCH;
    }
    return ACK_NOT_CAPTURED;
}

/* At or below SND.NXT of the peer. */
static enum ack_verdict judge_ack_in_range(struct view *v)
{
    const struct end *p = v->peer;
    seq_t ack = v->seg->ack;
    if (seq_equal(ack, p->nxt)) {
        return p->fin_sent ? ACK_OF_FIN : ACK_CURRENT;
    }
    if (!p->una_known || seq_after(ack, p->una)) {
        return ACK_PARTIAL;
    }
    if (seq_equal(ack, p->una)) {
        return ACK_DUPLICATE;
    }
    return is_too_old(v) ? ACK_TOO_OLD : ACK_OLD;
}

/* OBSERVER: an ACK above SND.NXT in the handshake is called a mismatch only if it comes with a SYN or
 * lies beyond any window: else a third step and what followed it may just not have been captured. */
static enum ack_verdict judge_ack_in_handshake(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    seq_t ack = v->seg->ack;
    bool covers = seq_between(ack, seq_add(p->isn, 1), p->nxt) ||
                  (p->alternative && seq_equal(ack, seq_add(p->other_isn, 1)));
    if (covers) {
        v->acks_syn = !p->una_known || !seq_after(p->una, p->isn);
        bool of_fin = p->fin_sent && seq_equal(ack, p->nxt);
        return (v->acks_syn || v->syn_ack) && !of_fin ? ACK_HANDSHAKE : judge_ack_in_range(v);
    }
    bool answered = s->syn_acks || p->syn_acks; /* before, a RST has to fit the SYN exactly */
    if (seq_after(ack, p->nxt) && !v->syn && !v->syn_ack && (!v->rst || answered) && !s->inherited) {
        bool near = ack.n - p->isn.n <
                    MISSED_MAX; /* far off, it is a challenge by a connection we don't know */
        return answered || near ? judge_ack_ahead(v) : ACK_NOT_JUDGED;
    }
    bool challenge = !answered && !s->inherited && v->pure_ack;
    /* From TIME-WAIT, too; or the SYN-ACK that ended that was not captured, nor what this acknowledges. */
    bool waited = s->inherited && !v->c->contested && !v->syn_ack && !v->rst && ack.n - p->isn.n < MISSED_MAX;
    if (!reach_opening_is_known(v->c) || p->muted || challenge || waited) {
        return ACK_NOT_JUDGED;
    }
    reach_break(v, seq_add(p->isn, 1));
    return ACK_HANDSHAKE_MISMATCH;
}

enum ack_verdict acknowledgment_judge(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    seq_t ack = v->seg->ack;
    if (!v->ack) {
        bool synchronized = v->c->complete && s->nxt_known && p->nxt_known;
        return synchronized && !v->syn && !v->rst ? ACK_MISSING : ACK_NONE;
    }
    if (!p->nxt_known || p->inherited) {
        return ACK_NOT_JUDGED;
    }
    if (p->isn_known && p->syn_sent && !p->inherited && (!v->c->complete || v->syn_ack)) {
        return judge_ack_in_handshake(v);
    }
    return seq_after(ack, p->nxt) ? judge_ack_ahead(v) : judge_ack_in_range(v);
}
