/* tell.c - see tell.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tell/tell.h"

#include "tell/addition.h"
#include "tell/debts.h"
#include "tell/phase.h"

/* It rests on packets that were not captured, or on time that passed. Asked for both ends of each
 * segment: what is rare stands first. */
static bool is_assumption(const struct end *end, const struct end *other)
{
    const struct belief *b = &end->belief;
    return (b->assumed && !b->reset_counted && !(end->stream.fin_sent && other->stream.fin_sent)) ||
           (sent_ends_in_gap(&end->sent) && !end->stream.fin_sent) || /* its FIN may be in there */
           fact_is(b->presumed, FACT_EXPIRED);
}

/* How surely the state of an end is known. `sends`: it is the segment's sender. */
static enum basis basis_of(const struct end *end, const struct end *other, bool sends)
{
    const struct belief *b = &end->belief;
    if (b->expected == UNKNOWN) {
        return BASIS_UNKNOWN;
    }
    if (is_assumption(end, other)) {
        return BASIS_ASSUMED;
    }
    if (fact_is(b->presumed, FACT_RST_SENT)) {
        return BASIS_PROVEN;
    }
    bool silent_heir = b->from_previous && !sends; /* the old connection was not heard of since */
    return silent_heir || b->expected != b->proven || b->expected == LISTEN ? BASIS_EXPECTED : BASIS_PROVEN;
}

static void tell_end(struct observed_end *told, const struct moved_end *moved, enum basis basis, bool hole)
{
    told->before = moved->before;
    told->after = moved->after;
    told->basis = basis;
    told->rule = moved->rule;
    told->time_in_state = moved->time_in_state;
    told->hole = hole;
}

/* Numbers of it passed, or were acknowledged, that nobody saw. */
static bool is_incomplete(const struct end *end)
{
    return end->sent.gaps > 0 || end->stream.has_acked_unseen;
}

static uint8_t lacks_of(const struct connection *c)
{
    return (uint8_t)(is_incomplete(&c->end[0]) | is_incomplete(&c->end[1]) << 1);
}

/* Every member is written here, or in the functions that this calls: nothing is zeroed before. */
static void tell_numbers(struct observation *o, const struct judgment *j)
{
    o->has_seq_expected = j->next.known;
    o->seq_expected = j->next.number;
    o->seq_from_frame = j->next.from_frame;
    o->has_ack_expected = j->due.known;
    o->ack_expected = j->due.number;
    o->ack_from_frame = j->due.from_frame;
    o->seq_verdict = j->seq_verdict;
    o->ack_verdict = j->ack_verdict;
    o->has_bound = j->has_bound;
    o->bound = j->bound;
    o->reset_cause = j->reset_cause;
    o->steps = j->step.steps;
    o->repeat = j->step.repeat;
    o->repeat_of = j->step.repeat_of;
    o->seq_rule = j->seq_rule;
    o->ack_rule = j->ack_rule;
    o->cause_rule = j->cause_rule;
    o->pardon = j->pardon;
}

/* Has it got something of the peer that was sent after all that was captured of that? */
static bool echoes_unseen(const struct end *peer, const struct segment *seg)
{
    const struct stream *p = &peer->stream;
    return p->ts_known && seg->has_timestamps && (seg->flags & (FLAG_ACK | FLAG_RST)) == FLAG_ACK &&
           (int32_t)(seg->tsecr - p->ts_recent) > 0;
}

/* Does it compare with numbers that come from no captured frame? */
static bool assumes_numbers(const struct observation *o)
{
    return (o->has_seq_expected && o->seq_from_frame == 0) || (o->has_ack_expected && o->ack_from_frame == 0);
}

static void tell_timer(struct observation *o, const struct attempt *attempt)
{
    o->timer = attempt->timer;
    o->timer_count = attempt->count;
    o->timer_interval = attempt->interval;
}

/* Both ends as they are now; with the numbers told. */
static void tell_ends(struct observation *o, const struct seg_ctx *ctx, const struct effects *e)
{
    const struct end *s = ctx->sender, *p = ctx->peer;
    unsigned sender_owes = debts_of(ctx->c, s, p, e->sender.after);
    unsigned peer_owes = debts_of(ctx->c, p, s, e->peer.after);
    bool client_sends = seg_ctx_is_client(ctx);
    tell_end(&o->sender, &e->sender, basis_of(s, p, true), s->sent.gaps > 0);
    tell_end(&o->peer, &e->peer, basis_of(p, s, false), p->sent.gaps > 0);
    o->sender_role = client_sends ? ROLE_CLIENT : ROLE_SERVER;
    o->state_changed = e->state_changed;
    o->assumed = assumes_numbers(o) || o->sender.basis == BASIS_ASSUMED || o->peer.basis == BASIS_ASSUMED;
    o->lacks = lacks_of(ctx->c);
    o->incomplete = o->lacks != 0;
    o->echoes_unseen = echoes_unseen(p, ctx->seg);
    o->client_owes = client_sends ? sender_owes : peer_owes;
    o->server_owes = client_sends ? peer_owes : sender_owes;
    o->skipped = e->skipped;
    tell_timer(o, &e->attempt);
}

static const struct weighing not_corrected = {.presumed = UNKNOWN};

static void tell_correction(struct observation *o, const struct weighing *w)
{
    o->corrected = w->corrected;
    o->presumed = w->presumed;
    o->lost_frame = w->lost_frame;
}

/* An end that is near to the capture point was not only expected to get what passed there. */
static enum basis basis_near(enum basis basis)
{
    return basis == BASIS_EXPECTED ? BASIS_SEEN : basis;
}

void tell_end_there(struct end_there *there, const struct connection *c, unsigned end)
{
    const struct end *near = &c->end[end], *other = &c->end[!end];
    there->state = (enum state)near->belief.expected;
    there->basis = basis_near(basis_of(near, other, false));
    there->owes = debts_of(c, near, other, there->state);
    there->owed = (struct owed){OWES_NOTHING, 0, 0};
    there->hole = near->sent.gaps > 0;
}

void tell_other_point(struct observation *o, const struct end_there *there, bool arrives)
{
    struct observed_end *here = arrives ? &o->peer : &o->sender;
    bool client = (o->sender_role == ROLE_CLIENT) == arrives; /* the other end is the client */
    const struct moved_end stays = {there->state, there->state, RULE_NO_EVENT, NO_TIME};
    tell_end(arrives ? &o->sender : &o->peer, &stays, there->basis, there->hole);
    here->basis = basis_near(here->basis);
    o->state_changed = here->before != here->after;
    o->assumed = here->basis == BASIS_ASSUMED || there->basis == BASIS_ASSUMED ||
                 (o->has_seq_expected && o->seq_from_frame == 0) ||
                 (o->has_ack_expected && o->ack_from_frame == 0);
    o->client_owes = client ? there->owes : o->client_owes;
    o->server_owes = client ? o->server_owes : there->owes;
    tell_owed(o, client ? there->owed : o->client_owed, client ? o->server_owed : there->owed);
    if (o->timer == TIMER_2MSL ? here->after != TIME_WAIT : arrives) { /* the other end's: told there */
        tell_timer(o, &(struct attempt){.interval = NO_TIME});
    }
    if (arrives) { /* of its sender more is known where it departed */
        tell_correction(o, &not_corrected);
    }
}

/* Until the summary adds to it. */
static void tell_nothing_owed(struct observation *o)
{
    const struct owed nothing = {OWES_NOTHING, 0, 0};
    tell_owed(o, nothing, nothing);
}

void tell(struct observation *o, const struct routing *routing, const struct seg_ctx *ctx,
          const struct judgment *j, const struct weighing *w, const struct effects *e, findings_t findings)
{
    o->connection = routing->number - 1;
    o->route = routing->route;
    o->phase = phase_of(ctx, j, e->sender.before, e->peer.before, routing->first);
    o->findings = findings;
    tell_numbers(o, j);
    tell_ends(o, ctx, e);
    tell_correction(o, w);
    tell_nothing_owed(o);
}

/* Of an end of a calm connection. */
static enum basis basis_of_calm(const struct end *end)
{
    const struct belief *b = &end->belief;
    return b->assumed && !b->reset_counted ? BASIS_ASSUMED
           : b->expected != b->proven      ? BASIS_EXPECTED
                                           : BASIS_PROVEN;
}

static unsigned debts_of_calm(const struct connection *c, const struct end *end, const struct end *peer)
{
    bool data_only = end->stream.window != 0 && !end->attempts.retransmission_due;
    return !data_only                 ? debts_of(c, end, peer, ESTABLISHED)
           : debts_owes_data(c, peer) ? 1u << OWES_ACK_OF_DATA
                                      : 0;
}

void tell_plain(struct observation *o, const struct routing *routing, const struct segment *seg,
                uint32_t from_frame)
{
    const struct connection *c = routing->c;
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    const struct expected_seq due = end_next_due(p);
    bool client_sends = seg->from == c->lineage.client, all = seq_equal(seg->ack, p->sent.nxt);
    unsigned sender_owes = debts_of_calm(c, s, p), peer_owes = debts_of_calm(c, p, s);
    *o = (struct observation){
        .connection = routing->number - 1,
        .sender_role = client_sends ? ROLE_CLIENT : ROLE_SERVER,
        .phase = PHASE_ESTABLISHED,
        .sender = {ESTABLISHED, ESTABLISHED, basis_of_calm(s), RULE_STILL_OPEN, NO_TIME, false},
        .peer = {ESTABLISHED, ESTABLISHED, basis_of_calm(p), RULE_NO_EVENT, NO_TIME, false},
        .presumed = ESTABLISHED,
        .has_seq_expected = true,
        .has_ack_expected = due.known,
        .seq_expected = seg->seq,
        .ack_expected = due.number,
        .seq_from_frame = from_frame,
        .ack_from_frame = due.from_frame,
        .seq_verdict = SEQ_IN_ORDER,
        .ack_verdict = all ? ACK_CURRENT : ACK_PARTIAL,
        .timer_interval = NO_TIME,
        .client_owes = client_sends ? sender_owes : peer_owes,
        .server_owes = client_sends ? peer_owes : sender_owes,
        .echoes_unseen = echoes_unseen(p, seg),
        .route = routing->route,
        .seq_rule = SEQ_RULE_in_order,
        .ack_rule = all ? ACK_RULE_current : ACK_RULE_partial,
    };
    o->assumed = assumes_numbers(o) || o->sender.basis == BASIS_ASSUMED || o->peer.basis == BASIS_ASSUMED;
}

static struct moved_end staying(const struct end *end)
{
    enum state state = (enum state)end->belief.expected;
    return (struct moved_end){state, state, RULE_NO_EVENT, NO_TIME};
}

void tell_passing(struct observation *o, const struct routing *routing, const struct seg_ctx *ctx,
                  const struct judgment *judgment)
{
    static const struct judgment none;
    const struct judgment *j = judgment ? judgment : &none;
    struct effects e = {
        .sender = staying(ctx->sender), .peer = staying(ctx->peer), .attempt = {.interval = NO_TIME}};
    bool knows = judgment && !routing->first;
    o->connection = routing->number - 1;
    o->route = routing->route;
    o->phase = knows ? phase_of(ctx, j, e.sender.before, e.peer.before, false) : PHASE_UNKNOWN;
    o->findings = judgment ? 0 : FINDING_UNUSABLE;
    tell_numbers(o, j);
    tell_ends(o, ctx, &e);
    tell_correction(o, &not_corrected);
    tell_nothing_owed(o);
}

void tell_nothing(struct observation *o, const struct segment *seg)
{
    struct observed_end unknown = {UNKNOWN, UNKNOWN, BASIS_UNKNOWN, RULE_NO_EVENT, NO_TIME, false};
    *o = (struct observation){
        .sender_role = seg->source_port >= seg->destination_port ? ROLE_CLIENT : ROLE_SERVER,
        .sender = unknown,
        .peer = unknown,
        .presumed = UNKNOWN,
        .timer_interval = NO_TIME,
        .findings = FINDING_UNUSABLE,
    };
}
