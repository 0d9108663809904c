/* connection.c - the one path that a segment takes; see connection.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include "copies.h"
#include "debts.h"
#include "endpoint.h"
#include "effects.h"
#include "evidence.h"
#include "facts.h"
#include "incarnation.h"
#include "remarks.h"
#include "reopening.h"
#include "reset.h"
#include "steps.h"
#include "stream.h"
#include "timers.h"
#include "window.h"

_Static_assert(sizeof(struct connection) <= 256, "a connection costs at most 256 bytes");

size_t connection_size(void)
{
    return sizeof(struct connection);
}

uint32_t connection_previous(const struct connection *connection)
{
    return connection->previous;
}

static void clear(struct observation *o, const struct segment *seg)
{
    *o = (struct observation){0};
    o->sender_role = seg->source_port >= seg->destination_port ? ROLE_CLIENT : ROLE_SERVER;
    o->sender.before = o->sender.after = o->peer.before = o->peer.after = o->presumed = UNKNOWN;
    o->sender.basis = o->peer.basis = BASIS_UNKNOWN;
    o->sender.time_in_state = o->peer.time_in_state = o->timer_interval = NO_TIME;
    o->sender.rule = o->peer.rule = RULE_NO_EVENT;
}

static struct view view_of(struct connection *c, const struct segment *seg, struct observation *o)
{
    unsigned flags = seg->flags;
    struct view v = {
        .c = c,
        .seg = seg,
        .o = o,
        .sender = &c->end[seg->from],
        .peer = &c->end[!seg->from],
        .end = segment_end(seg),
        .had_nxt = c->end[seg->from].nxt_known ? c->end[seg->from].nxt : seg->seq,
        .ack = (flags & FLAG_ACK) != 0,
        .rst = (flags & FLAG_RST) != 0,
    };
    v.syn = (flags & FLAG_SYN) && !v.rst && !v.ack;
    v.syn_ack = (flags & FLAG_SYN) && !v.rst && v.ack;
    v.fin = (flags & (FLAG_FIN | FLAG_SYN | FLAG_RST)) == FLAG_FIN &&
            seg->length_known; /* with a SYN it opens nothing to close */
    v.pure_ack = v.ack && segment_length(seg) == 0 && !v.rst;
    return v;
}

static enum basis basis_of(const struct view *v, const struct end *end)
{
    bool both_fins = end->fin_sent && v->c->end[end == &v->c->end[0]].fin_sent;
    if (end->shown == UNKNOWN) {
        return BASIS_UNKNOWN;
    }
    bool fin_in_gap = end->gaps > 0 && seq_equal(end->tail, end->nxt) && !end->fin_sent; /* may be */
    if (fact_is(end->pending, FACT_EXPIRED) || fin_in_gap ||
        (end->assumed && !both_fins && !end->rst_acceptable)) {
        return BASIS_ASSUMED;
    }
    if (fact_is(end->pending, FACT_RST_SENT)) {
        return BASIS_PROVEN;
    }
    bool silent_heir = end->inherited && end != v->sender; /* the old connection was not heard of since */
    return silent_heir || end->shown != end->held || end->shown == LISTEN ? BASIS_EXPECTED : BASIS_PROVEN;
}

/* Shows the state that an end has after the segment. */
static bool settle(struct view *v, struct end *end, struct observed_end *seen)
{
    seen->after = facts_state(v, end, 0);
    bool changed = seen->after != (enum state)end->shown;
    bool corrected = end == v->sender && v->o->corrected;
    if (seen->after != seen->before && seen->before == (enum state)end->shown && end->since != NO_TIME &&
        v->seg->time >= end->since) {
        seen->time_in_state = v->seg->time - end->since;
    }
    if (changed) {
        end->since = corrected && seen->after == seen->before ? NO_TIME : v->seg->time;
        end->shown = seen->after & 15u;
    }
    seen->basis = basis_of(v, end);
    return changed;
}

/* Numbers of it passed, or were acknowledged, that nobody saw. */
static bool is_incomplete(const struct end *end)
{
    return end->gaps > 0 || end->has_claim;
}

static void settle_both(struct view *v)
{
    struct observation *o = v->o;
    o->incomplete = is_incomplete(v->sender) || is_incomplete(v->peer);
    bool sender = settle(v, v->sender, &o->sender), peer = settle(v, v->peer, &o->peer);
    o->state_changed = sender || peer;
    o->assumed = o->assumed || o->sender.basis == BASIS_ASSUMED || o->peer.basis == BASIS_ASSUMED;
    o->sender_role = v->sender == &v->c->end[v->c->client] ? ROLE_CLIENT : ROLE_SERVER;
    bool client_sends = o->sender_role == ROLE_CLIENT;
    o->client_owes = debts_of(v->c, v->c->client, client_sends ? o->sender.after : o->peer.after);
    o->server_owes = debts_of(v->c, !v->c->client, client_sends ? o->peer.after : o->sender.after);
}

/* Nothing in it moves anybody: a copy, or a header that can't be believed. */
static void pass_over(struct view *v)
{
    struct observation *o = v->o;
    o->sender.before = (enum state)v->sender->shown;
    o->peer.before = (enum state)v->peer->shown;
    o->phase = v->c->begun && v->seg->usable ? steps_phase(v) : PHASE_UNKNOWN;
    settle_both(v);
}

static void watch_path(struct view *v)
{
    struct end *s = v->sender;
    unsigned path = path_fold(v->seg->path);
    if (s->path_known && s->path != path) {
        v->c->two_paths = true;
    }
    s->path = path & 15u;
    s->path_known = true;
    v->o->remarks |= v->c->two_paths ? REMARK_TWO_PATHS : 0u;
}

/* RFC 5681 2, RFC 2018: does the sender ask for a retransmission? */
static void count_loss_reports(struct view *v)
{
    struct end *p = v->peer;
    if (!v->ack || !v->acceptable || v->rst || v->syn_ack) {
        return;
    }
    bool duplicate = v->o->ack_verdict == ACK_DUPLICATE && v->pure_ack && v->seg->window == v->sender->window;
    if (duplicate && p->duplicate_acks < 3) {
        p->duplicate_acks = (p->duplicate_acks + 1u) & 3u;
    }
    bool hole = false;
    for (unsigned i = 0; i < v->seg->sack_blocks; i++) {
        hole = hole || seq_after(v->seg->sack[i].left, v->seg->ack);
    }
    bool outstanding = p->nxt_known && seq_before(v->seg->ack, p->nxt);
    if (outstanding && !p->loss_reported && (hole || p->duplicate_acks == 3)) {
        p->loss_reported = p->retransmission_due = true;
    }
}

/* An ACK that doesn't cover what was sent more than a crossing time ago: it didn't arrive. */
static void notice_lost_data(struct view *v)
{
    enum { CROSSING_MS = 1000, CROSSING_REPEAT_MS = 200 };
    struct end *p = v->peer;
    bool outstanding = v->ack && v->acceptable && !v->rst && p->nxt_known &&
                       seq_before(v->seg->ack, p->nxt) && !seq_before(v->seg->ack, p->una);
    if (outstanding && seq_equal(v->seg->ack, p->una) && p->tried == TIMER_RETRANSMISSION) {
        int64_t age = v->seg->time - p->tried_at;
        p->data_lost = age > (p->tries > 0 ? CROSSING_REPEAT_MS : CROSSING_MS) * INT64_C(1000000);
    }
}

/* From the SYN to its answer; what it takes on the other side of the observer comes on top. */
static void measure_round(struct view *v)
{
    struct connection *c = v->c;
    bool answer = (v->o->steps & STEP_SYN_ACK) && !v->o->repeat && v->o->ack_verdict == ACK_HANDSHAKE;
    if (answer && v->peer->tried != TIMER_NONE && v->peer->tries == 0 && v->seg->time > v->peer->tried_at) {
        int64_t us = (v->seg->time - v->peer->tried_at) / 1000;
        c->round_us = us < 1 ? 1u : us > 60000000 ? 60000000u : (uint32_t)us;
    }
}

static bool is_probe(const struct view *v)
{
    return v->o->seq_verdict == SEQ_KEEPALIVE || v->o->seq_verdict == SEQ_WINDOW_PROBE;
}

static void remember(struct view *v)
{
    struct connection *c = v->c;
    if (v->sender->tried == TIMER_KEEPALIVE && !is_probe(v)) {
        v->sender->tries = 0;
    }
    if (v->peer->tried == TIMER_KEEPALIVE) {
        v->peer->tries = 0; /* answered: what comes next is another series */
    }
    v->peer->padded = v->peer->padded || (v->o->ack_verdict == ACK_OF_FIN && v->peer->accused);
    c->provoked = remarks_is_provocation(v);
    c->last_from = v->seg->from & 1u;
    c->last_ms = time_ms(v->seg->time);
    c->begun = true;
}

/* What the segment says of numbers, and what its sender was and did. */
static void judge(struct view *v)
{
    struct observation *o = v->o;
    window_judge(v);
    o->peer.before = facts_state(v, v->peer, 0);
    if (v->rst) {
        reset_judge(v, facts_state(v, v->sender, 0), o->peer.before);
    }
    evidence_weigh(v);
    steps_count(v);
    remarks_make(v);
    effects_send(v);
    o->phase = steps_phase(v);
}

/* Does the IP ID count the packets of this end? Only then does it show that some are missing. */
static void follow_ip_id(struct view *v)
{
    struct end *s = v->sender;
    uint16_t step = (uint16_t)(v->seg->ip_id - s->ip_id);
    bool in_order = v->o->seq_verdict == SEQ_IN_ORDER && v->acceptable;
    s->ids_jump = s->ids_jump || (in_order && s->ip_id != 0 && step != 1);
    s->ip_id = v->seg->has_ip_id ? v->seg->ip_id : 0;
}

/* What it moves. */
static void apply(struct view *v)
{
    measure_round(v);
    timers_explain(v);
    count_loss_reports(v);
    notice_lost_data(v);
    stream_sent(v);
    if (v->o->remarks & REMARK_FIN_ACKED) {
        stream_fin_was_acknowledged(v);
    }
    stream_acknowledged(v);
    v->sender->fin_sent = v->sender->fin_sent || (v->fin && (v->o->steps & (STEP_FIN | STEP_SECOND_FIN)));
    effects_arrive(v);
    v->sender->probed = false;
    follow_ip_id(v);
    v->peer->probed = v->acceptable && is_probe(v);
}

/* The number, plus one, of the connection that the segment is part of; a copy goes where the first went. */
static uint32_t number_of(uint32_t *newest, const struct segment *seg, struct observer *observer,
                          struct observation *o)
{
    const struct connection *c = incarnation_at(observer, *newest);
    if (c && c->previous && (seg->flags & FLAG_SYN)) { /* one that began a connection would do so again */
        struct view old = view_of(incarnation_at(observer, c->previous), seg, o);
        if (copies_knows(observer, c->previous - 1, &old)) {
            return c->previous;
        }
    }
    uint32_t number = seg->usable ? incarnation_of(newest, seg, observer) : *newest;
    if (number == *newest) {
        return number;
    }
    struct view v = view_of(incarnation_at(observer, *newest), seg, o);
    return copies_knows(observer, *newest - 1, &v) ? *newest : number;
}

void connection_observe(uint32_t *newest, const struct segment *seg, struct observer *observer,
                        struct observation *o)
{
    clear(o, seg);
    uint32_t number = number_of(newest, seg, observer, o);
    struct connection *c = incarnation_at(observer, number);
    if (!c) {
        o->remarks = REMARK_UNUSABLE;
        return;
    }
    o->connection = number - 1;
    struct view v = view_of(c, seg, o);
    v.previous = incarnation_at(observer, c->previous);
    if (!seg->usable) {
        o->remarks = REMARK_UNUSABLE;
        pass_over(&v);
        return;
    }
    bool copy = c->begun && c->previous &&
                copies_knows(observer, c->previous - 1, &v); /* of the one before */
    if ((copies_has_seen(observer, &v) && c->begun) || copy) {
        window_judge(&v);
        o->seq_verdict = SEQ_COPY;
        if (ack_is_invalid(o->ack_verdict)) { /* said of the first copy */
            o->ack_verdict = v.ack ? ACK_NOT_JUDGED : ACK_NONE;
        }
        o->has_bound = false;
        pass_over(&v);
        return;
    }
    watch_path(&v);
    reopening_prepare(&v, observer->time_wait);
    facts_expire(&v, v.sender, observer->time_wait);
    facts_expire(&v, v.peer, observer->time_wait);
    judge(&v);
    apply(&v);
    settle_both(&v);
    timers_time_wait(&v);
    remember(&v);
}
