/* summary.c - see summary.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/update.h"
#include "summary/captured.h"
#include "summary/endings.h"
#include "summary/history.h"
#include "summary/openings.h"
#include "summary/owing.h"
#include "summary/tries.h"

/* When it ended; if it didn't, when it was last heard of. */
static int64_t end_of(const struct summary *s)
{
    const struct moment *fin = &s->milestone[MILESTONE_SECOND_FIN_ACK];
    const struct moment *rst = &s->milestone[MILESTONE_RESET];
    if (fin->frame != 0) {
        return s->start + fin->time;
    }
    return s->start + (s->reset && rst->frame != 0 ? rst->time : s->last);
}

/* A new SYN takes the place of a connection: whoever still waited there waits no longer. */
static void succeed(struct summary *s, int64_t time)
{
    s->replaced = s->opened && !has_closed(s) && !s->reset;
    s->succeeded = true;
    s->successor = time - s->start;
}

static void begin(struct update *u, uint32_t previous_number)
{
    struct summary *s = u->s;
    bool by_syn = (u->seg->flags & FLAG_SYN) && !(u->seg->flags & FLAG_RST);
    s->begun = true;
    s->start = u->seg->time;
    s->joined_late = (u->o->findings & FINDING_JOINED_LATE) != 0;
    s->opened = s->joined_late;
    s->previous = previous_number;
    s->since_previous = NO_TIME;
    if (u->previous) {
        s->since_previous = u->seg->time - end_of(u->previous);
        s->disorder = u->seg->time - u->previous->start - u->previous->last < UPDATE_DISORDER;
        if (by_syn) {
            succeed(u->previous, u->seg->time);
        }
    }
}

static void follow_roles(struct update *u)
{
    struct summary *s = u->s;
    unsigned server_sends = u->o->sender_role == ROLE_SERVER;
    unsigned client_from = u->seg->from ^ server_sends;
    if (s->begun && s->client_from != client_from) {
        struct summary_end client = s->end[1];
        s->end[1] = s->end[0];
        s->end[0] = client;
        s->closer = !s->closer;
    }
    s->client_from = client_from & 1u;
    u->sender = &s->end[server_sends];
    u->peer = &s->end[!server_sends];
}

/* The client goes on before its SYN-ACK was captured: that may come late. */
static void notice_disorder(struct update *u)
{
    struct summary *s = u->s;
    bool other = !(u->seg->flags & (FLAG_SYN | FLAG_RST)) && u->sender == &s->end[0];
    s->disorder = s->disorder ||
                  (other && has_milestone(s, MILESTONE_SYN) && !has_milestone(s, MILESTONE_SYN_ACK));
}

/* Its ACK; `u->acked`: it acknowledges more than before. */
static void update_acked(struct update *u)
{
    struct summary_end *end = u->sender;
    seq_t ack = u->seg->ack;
    u->acked = !end->acked_known || seq_after(ack, end->acked);
    if (u->acked) {
        end->acked_more = end->acked_more || end->acked_known;
        end->acked = ack;
        end->acked_known = true;
        u->peer->resent = false;
    }
}

/* Are its newest numbers missing? `fresh`: it brings new data. */
static void update_unseen(struct update *u, bool fresh)
{
    struct summary_end *end = u->sender, *peer = u->peer;
    const struct segment *seg = u->seg;
    bool bare = seq_brings(u->o->seq_verdict, BRINGS_AHEAD) &&
                segment_length(seg) == 0; /* what lies before it may be its FIN */
    if (bare || (u->o->findings & FINDING_LENGTH_UNKNOWN)) {
        end->unseen = true;
    } else if (fresh && end->unseen) {
        end->unseen = peer->acked_known && seq_after(peer->acked, segment_end(seg));
    }
    if (u->o->ack_verdict == ACK_NOT_CAPTURED) {
        peer->unseen = true;
    }
}

static void update_progress(struct update *u)
{
    struct summary_end *end = u->sender;
    const struct segment *seg = u->seg;
    enum seq_verdict verdict = u->o->seq_verdict;
    bool acceptable = !seq_is_invalid(verdict) && !ack_is_invalid(u->o->ack_verdict);
    bool data = seg->data > 0 && verdict != SEQ_KEEPALIVE && acceptable;
    bool fresh = data && !seq_brings(verdict, BRINGS_OLD) && !seq_brings(verdict, BRINGS_PROBE);
    end->seen = true;
    end->heard = u->now.time;
    if (acceptable && (seg->flags & (FLAG_SYN | FLAG_RST)) == 0) {
        end->spoke = true;
    }
    if (data) {
        end->sent_data = true;
        end->sent = u->now.time;
        if (seq_brings(verdict, BRINGS_NEXT)) {
            end->sent_next = true;
        }
    }
    update_unseen(u, fresh);
    if (seg->data > 0 && seq_brings(verdict, BRINGS_OLD)) {
        end->resent = true;
    }
    if ((seg->flags & (FLAG_ACK | FLAG_RST)) == FLAG_ACK && acceptable) {
        update_acked(u);
    }
    if (!(seg->flags & FLAG_RST)) {
        end->closed_window = seg->window == 0;
    }
    if (fresh || u->acked || u->fresh != 0) {
        u->s->progress = u->now.time;
    }
    if (fresh || u->fresh != 0) { /* it lives on beside the new one */
        u->s->replaced = u->s->succeeded = false;
        update_supplant(u->s, false);
    }
}

struct owed summary_owed(const struct summary *s, enum role role, uint32_t frame, int64_t time)
{
    return owing_by(&s->end[role == ROLE_SERVER], (struct moment){frame, time - s->start});
}

static void update_end(struct summary_end *end, const struct observed_end *seen)
{
    end->state = (uint8_t)seen->after;
    end->basis = (uint8_t)seen->basis;
    if (seen->after == TIME_WAIT && seen->before != TIME_WAIT) {
        end->waited = true;
    }
}

static void update_ends(struct update *u)
{
    struct summary *s = u->s;
    bool client = u->sender == &s->end[0];
    update_end(u->sender, &u->o->sender);
    update_end(u->peer, &u->o->peer);
    owing_update(&s->end[0], u->o->client_owes, u->now, client && u->acked);
    owing_update(&s->end[1], u->o->server_owes, u->now, !client && u->acked);
    if (state_is_synchronized(u->o->sender.after) && state_is_synchronized(u->o->peer.after)) {
        s->opened = true;
    }
    owing_tell(u);
}

/* What only matters while it goes on. If a RST should turn out to have had no effect, tries count anew. */
static void drop_the_past(struct summary *s)
{
    for (unsigned i = 0; i < 2; i++) {
        struct summary_end *end = &s->end[i];
        end->opening = end->fins = end->probes = (struct tries){{0, 0}, 0, 0};
        end->sent = end->heard = 0;
    }
    s->progress = 0;
    update_syn_ack_again(s, (struct moment){0, 0});
}

/* Nothing but data, or an ACK of it, while nobody moves. */
static bool is_plain(const struct observation *o, const struct segment *seg)
{
    return o->steps == 0 && !o->state_changed && (seg->flags & (FLAG_SYN | FLAG_RST)) == 0 &&
           (o->findings & FINDING_CHALLENGE_ACK) == 0;
}

static void update_events(struct update *u)
{
    struct summary *s = u->s;
    endings_take_reset_back(u);
    openings_update(u);
    endings_update_fins(u);
    endings_measure(u);
    s->opened = s->opened || endings_prove_opening(u);
    if (u->fresh & STEP_FIN) {
        s->closer = (u->sender == &s->end[1]) & 1u;
    }
    endings_update_challenge(u);
}

/* The ACK of a FIN that is captured only now: its step is none of a captured segment. */
static unsigned acked_before(const struct update *u)
{
    if (!(u->o->findings & FINDING_FIN_ACKED)) {
        return 0;
    }
    return u->fresh & STEP_FIN ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN;
}

void summary_update(struct summary *summary, struct summary *previous, uint32_t previous_number,
                    const struct segment *segment, struct observation *observation)
{
    struct update u = {.s = summary, .previous = previous, .seg = segment, .o = observation};
    if (observation->findings & FINDING_UNUSABLE) {
        return;
    }
    follow_roles(&u);
    if (!summary->begun) {
        begin(&u, previous_number);
    }
    u.now = (struct moment){segment->frame, segment->time - summary->start};
    if (observation->seq_verdict == SEQ_COPY) {
        owing_tell(&u);
        return;
    }
    summary->packets++;
    u.sender->bytes += segment->data;
    u.fresh = observation->repeat ? observation->steps & ~summary->steps : observation->steps;
    summary->incomplete = observation->incomplete;
    summary->lacks = observation->lacks & 3u;
    summary->multipath = (observation->findings & FINDING_MULTIPATH) != 0;
    bool plain = is_plain(observation, segment);
    if (!plain) {
        update_events(&u);
    } else if (summary->reset) {
        endings_take_reset_back(&u);
    }
    u.heard_before = u.sender->seen ? u.sender->heard : NO_TIME;
    if (!summary->opened) {
        notice_disorder(&u);
    }
    tries_update(&u);
    update_progress(&u);
    endings_update_reset(&u);
    history_update(summary, segment, observation);
    if (!summary->proven_open && (segment->data > 0 || (segment->flags & (FLAG_FIN | FLAG_RST)))) {
        captured_update(&u);
    }
    update_ends(&u);
    summary->steps |= u.fresh | acked_before(&u);
    summary->last = u.now.time;
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
