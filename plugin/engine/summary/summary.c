/* summary.c - see summary.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/update.h"
#include "summary/endings.h"
#include "summary/history.h"
#include "summary/openings.h"
#include "summary/tries.h"
#include "tell/addition.h"

/* When it ended; if it didn't, when it was last heard of. */
static int64_t end_of(const struct summary *a)
{
    const struct moment *fin = &a->milestone[MILESTONE_SECOND_FIN_ACK];
    const struct moment *rst = &a->milestone[MILESTONE_RESET];
    if (fin->frame != 0) {
        return a->start + fin->time;
    }
    return a->start + (a->reset && rst->frame != 0 ? rst->time : a->last);
}

static void begin(struct update *e, uint32_t previous_number)
{
    struct summary *a = e->a;
    bool by_syn = (e->seg->flags & FLAG_SYN) && !(e->seg->flags & FLAG_RST);
    a->begun = true;
    a->start = e->seg->time;
    a->joined_late = (e->o->findings & FINDING_JOINED_LATE) != 0;
    a->opened = a->joined_late;
    a->into_connection = (e->o->findings & FINDING_SYN_IN_CONNECTION) != 0;
    a->previous = previous_number;
    a->since_previous = NO_TIME;
    if (e->previous) {
        a->since_previous = e->seg->time - end_of(e->previous);
        a->disorder = e->seg->time - e->previous->start - e->previous->last < UPDATE_DISORDER;
        e->previous->replaced = by_syn && e->previous->opened && !has_closed(e->previous) &&
                                !e->previous->reset;
    }
}

static void follow_roles(struct update *e)
{
    struct summary *a = e->a;
    unsigned client_from = e->o->sender_role == ROLE_CLIENT ? e->seg->from : !e->seg->from;
    if (a->begun && a->client_from != client_from) {
        struct summary_end client = a->end[1];
        a->end[1] = a->end[0];
        a->end[0] = client;
        a->closer = !a->closer;
    }
    a->client_from = client_from & 1u;
    e->sender = &a->end[e->o->sender_role == ROLE_SERVER];
    e->peer = &a->end[e->o->sender_role != ROLE_SERVER];
}

/* The client goes on before its SYN-ACK was captured: that may come late. */
static void notice_disorder(struct update *e)
{
    struct summary *a = e->a;
    bool other = !(e->seg->flags & (FLAG_SYN | FLAG_RST)) && e->sender == &a->end[0];
    a->disorder = a->disorder ||
                  (other && has_milestone(a, MILESTONE_SYN) && !has_milestone(a, MILESTONE_SYN_ACK));
}

static void update_progress(struct update *e)
{
    struct summary_end *s = e->sender;
    const struct segment *seg = e->seg;
    enum seq_verdict verdict = e->o->seq_verdict;
    bool acceptable = !seq_is_invalid(verdict) && !ack_is_invalid(e->o->ack_verdict);
    bool data = seg->data > 0 && verdict != SEQ_KEEPALIVE && acceptable;
    bool fresh = data && !seq_brings(verdict, BRINGS_OLD) && !seq_brings(verdict, BRINGS_PROBE);
    s->seen = true;
    s->heard = e->now.time;
    s->sent_data = s->sent_data || data;
    s->sent_next = s->sent_next || (data && seq_brings(verdict, BRINGS_NEXT));
    s->sent = data ? e->now.time : s->sent;
    bool bare = seq_brings(verdict, BRINGS_AHEAD) &&
                segment_length(seg) == 0; /* what lies before it may be its FIN */
    bool more = e->peer->acked_known && seq_after(e->peer->acked, segment_end(seg));
    s->unseen = (s->unseen && (!fresh || more)) || bare || (e->o->findings & FINDING_LENGTH_UNKNOWN);
    e->peer->unseen = e->peer->unseen || e->o->ack_verdict == ACK_NOT_CAPTURED;
    if ((seg->flags & FLAG_ACK) && acceptable && !(seg->flags & FLAG_RST)) {
        e->acked = !s->acked_known || seq_after(seg->ack, s->acked);
        s->acked = e->acked ? seg->ack : s->acked;
        s->acked_known = true;
    }
    if (fresh || e->acked || e->fresh != 0) {
        e->a->progress = e->now.time;
        e->a->replaced = e->a->replaced && e->fresh == 0 && !fresh;
    }
}

static enum debt most_urgent(unsigned set)
{
    enum debt list[DEBT_COUNT];
    debts_in_order(set & ~(1u << OWES_UNKNOWN), list);
    return list[0];
}

/* Since when an end owes what it owes. `paid`: it has just acknowledged some data, so what is left is
 * younger. */
static void update_debts(struct summary_end *end, unsigned owes, struct moment now, bool paid)
{
    if (owes == end->owes && !paid) {
        return;
    }
    unsigned renewed = owes & ~(unsigned)end->owes, gone = end->owes & ~owes;
    if (paid) {
        renewed |= owes & 1u << OWES_ACK_OF_DATA;
    }
    for (unsigned debt = 0, set = renewed | gone; set != 0; debt++, set >>= 1) {
        if (set & 1u) {
            end->owed[debt] = renewed & 1u << debt ? now : (struct moment){0, 0};
        }
    }
    end->owes = (uint16_t)owes;
}

static struct owed owed_by(const struct summary_end *end, struct moment now)
{
    unsigned old = 0;
    for (unsigned debt = 0, set = end->owes; set != 0; debt++, set >>= 1) {
        const struct moment *since = &end->owed[debt];
        if ((set & 1u) && since->frame != now.frame && now.time - since->time >= OWED_MS * NS_PER_MS) {
            old |= 1u << debt;
        }
    }
    enum debt debt = old != 0 ? most_urgent(old) : OWES_NOTHING;
    return debt == OWES_NOTHING ? (struct owed){OWES_NOTHING, 0, 0}
                                : (struct owed){debt, end->owed[debt].frame, now.time - end->owed[debt].time};
}

static void tell_debts(struct update *e)
{
    tell_owed(e->o, owed_by(&e->a->end[0], e->now), owed_by(&e->a->end[1], e->now));
}

static void update_end(struct summary_end *end, const struct observed_end *seen)
{
    end->state = (uint8_t)seen->after;
    end->basis = (uint8_t)seen->basis;
    end->waited = end->waited || (seen->after == TIME_WAIT && seen->before != TIME_WAIT);
}

static void update_ends(struct update *e)
{
    struct summary *a = e->a;
    bool client = e->sender == &a->end[0];
    update_end(e->sender, &e->o->sender);
    update_end(e->peer, &e->o->peer);
    update_debts(&a->end[0], e->o->client_owes, e->now, client && e->acked);
    update_debts(&a->end[1], e->o->server_owes, e->now, !client && e->acked);
    a->opened = a->opened ||
                (state_is_synchronized(e->o->sender.after) && state_is_synchronized(e->o->peer.after));
    tell_debts(e);
}

/* What only matters while it goes on. If a RST should turn out to have had no effect, tries count anew. */
static void drop_the_past(struct summary *a)
{
    for (unsigned i = 0; i < 2; i++) {
        struct summary_end *end = &a->end[i];
        end->opening = end->fins = end->probes = (struct tries){{0, 0}, 0, 0};
        end->sent = end->heard = 0;
    }
    a->progress = 0;
}

/* Nothing but data, or an ACK of it, while nobody moves. */
static bool is_plain(const struct observation *o, const struct segment *seg)
{
    return o->steps == 0 && !o->state_changed && (seg->flags & (FLAG_SYN | FLAG_RST)) == 0 &&
           (o->findings & FINDING_CHALLENGE_ACK) == 0;
}

static void update_events(struct update *e)
{
    struct summary *a = e->a;
    endings_take_reset_back(e);
    openings_update(e);
    endings_update_fins(e);
    endings_measure(e);
    if (e->fresh & STEP_FIN) {
        a->closer = (e->sender == &a->end[1]) & 1u;
    }
    if (e->o->findings & FINDING_CHALLENGE_ACK && e->sender == &a->end[1]) {
        a->challenge = e->now;
        a->challenged_syn = e->peer->opening.first.frame;
    }
}

/* The ACK of a FIN that is captured only now: its step is none of a captured segment. */
static unsigned acked_before(const struct update *e)
{
    if (!(e->o->findings & FINDING_FIN_ACKED)) {
        return 0;
    }
    return e->fresh & STEP_FIN ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN;
}

void summary_update(struct summary *summary, struct summary *previous, uint32_t previous_number,
                    const struct segment *segment, struct observation *observation)
{
    struct update e = {.a = summary, .previous = previous, .seg = segment, .o = observation};
    if (observation->findings & FINDING_UNUSABLE) {
        return;
    }
    follow_roles(&e);
    if (!summary->begun) {
        begin(&e, previous_number);
    }
    e.now = (struct moment){segment->frame, segment->time - summary->start};
    if (observation->seq_verdict == SEQ_COPY) {
        tell_debts(&e);
        return;
    }
    e.fresh = observation->repeat ? observation->steps & ~summary->steps : observation->steps;
    summary->incomplete = observation->incomplete;
    summary->multipath = (observation->findings & FINDING_MULTIPATH) != 0;
    bool plain = is_plain(observation, segment);
    if (!plain) {
        update_events(&e);
    } else if (summary->reset) {
        endings_take_reset_back(&e);
    }
    e.heard_before = e.sender->seen ? e.sender->heard : NO_TIME;
    if (!summary->opened) {
        notice_disorder(&e);
    }
    tries_update(&e);
    update_progress(&e);
    endings_update_reset(&e);
    history_update(summary, segment, observation);
    update_ends(&e);
    summary->steps |= e.fresh | acked_before(&e);
    summary->last = e.now.time;
    if (has_closed(summary) || (summary->reset && summary->reset_cause != RESET_UNANSWERED_TRIES)) {
        drop_the_past(summary);
    }
}

bool summary_update_icmp(struct summary *summary, unsigned from, seq_t seq, uint32_t frame, int64_t time)
{
    const struct summary_end *client = &summary->end[0];
    bool quotes = summary->begun && client->syn_seen && from == summary->client_from &&
                  seq_equal(seq, client->isn) && !summary->end[1].seen;
    if (quotes && !has_milestone(summary, MILESTONE_ICMP)) {
        update_milestone(summary, MILESTONE_ICMP, (struct moment){frame, time - summary->start});
    }
    return quotes;
}

int64_t summary_between(const struct summary *summary, enum milestone from, enum milestone to)
{
    bool both = has_milestone(summary, from) && has_milestone(summary, to);
    int64_t time = both ? summary->milestone[to].time - summary->milestone[from].time : NO_TIME;
    return time < 0 ? NO_TIME : time;
}

int64_t summary_span(const struct summary *summary, enum span span)
{
    return summary->spans & 1u << span ? summary->span[span] : NO_TIME;
}
