/* openings.c - see openings.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/openings.h"

static struct offer offer_of(const struct segment *seg)
{
    return (struct offer){
        .isn = seg->seq,
        .window = seg->window,
        .mss = seg->mss,
        .scale_plus_one = seg->has_scale ? (uint8_t)(seg->scale + 1) : 0,
        .sack_permitted = seg->sack_permitted,
        .timestamps = seg->has_timestamps,
    };
}

static void note_offer(struct summary_end *end, struct offer offer)
{
    end->syn_seen = true;
    end->isn = offer.isn;
    end->window = offer.window;
    end->mss = offer.mss;
    end->scale_plus_one = offer.scale_plus_one;
    end->sack_permitted = offer.sack_permitted;
    end->timestamps = offer.timestamps;
}

/* When the SYN was sent that this SYN-ACK answers: its timestamp tells, else it is the newest copy. */
static int64_t answered_at(const struct update *u)
{
    const struct summary *s = u->s;
    const struct tries *syns = &u->peer->opening;
    if (!has_milestone(s, MILESTONE_SYN) || u->o->ack_verdict != ACK_HANDSHAKE) {
        return NO_TIME;
    }
    bool tells = syns->count > 1 && u->seg->has_timestamps && u->peer->timestamps && u->seg->tsecr != 0;
    if (!tells || u->seg->tsecr == s->newest_tsval) {
        return syns->last;
    }
    return u->seg->tsecr == s->earlier_tsval ? s->earlier
           : u->seg->tsecr == s->first_tsval ? syns->first.time
                                             : NO_TIME;
}

static void measure_answer(struct summary *s, int64_t answered, int64_t time)
{
    update_unmeasure(s, SPAN_SERVER_RTT);
    update_unmeasure(s, SPAN_SYN_WAIT);
    if (answered != NO_TIME) {
        update_measure(s, SPAN_SERVER_RTT, time - answered);
        update_measure(s, SPAN_SYN_WAIT, answered - s->milestone[MILESTONE_SYN].time);
    }
}

static void update_syn(struct update *u)
{
    struct summary *s = u->s;
    if (u->fresh & STEP_SYN) {
        update_reach(u, MILESTONE_SYN);
        note_offer(u->sender, offer_of(u->seg));
        s->first_tsval = u->seg->tsval;
    }
    if (u->o->steps & STEP_SYN) {
        s->earlier_tsval = s->newest_tsval;
        s->earlier = u->sender->opening.last;
        s->newest_tsval = u->seg->tsval;
    }
    if (u->o->findings & FINDING_SIMULTANEOUS_OPEN) {
        s->simultaneous_open = true;
    }
    if (u->o->findings & FINDING_SPLIT_OPEN) {
        s->split_open = true;
    }
    if (u->seg->mptcp) {
        s->mptcp = true;
    }
}

static void update_first_answer(struct update *u)
{
    struct summary *s = u->s;
    if (!has_milestone(s, MILESTONE_SYN_ACK)) {
        update_reach(u, MILESTONE_SYN_ACK);
        measure_answer(s, answered_at(u), u->now.time);
    }
    s->syn_ack_last = u->now.time;
    if (u->o->repeat && s->syn_ack_again.frame == 0) {
        update_syn_ack_again(s, u->now);
    }
    note_offer(u->sender, offer_of(u->seg));
    bool data = u->peer->syn_seen && seq_after(u->seg->ack, seq_add(u->peer->isn, 1));
    s->fast_open = s->fast_open || (data && u->o->ack_verdict == ACK_HANDSHAKE);
}

static void update_syn_ack(struct update *u)
{
    struct summary *s = u->s;
    if (!(u->o->steps & STEP_SYN_ACK)) {
        return;
    }
    if (u->previous) {
        update_supplant(u->previous, true);
    }
    if (!has_milestone(s, MILESTONE_SYN_ACK) || !u->sender->syn_seen ||
        seq_equal(u->sender->isn, u->seg->seq)) {
        update_first_answer(u);
        return;
    }
    if (s->other.first.frame == 0 || !seq_equal(s->other.offer.isn, u->seg->seq)) {
        s->other = (struct answer){.first = u->now, .answered = answered_at(u), .offer = offer_of(u->seg)};
    }
    s->other.last = u->now.time;
}

static void update_third_step(struct update *u)
{
    struct summary *s = u->s;
    if (!(u->fresh & STEP_ACK)) {
        return;
    }
    const struct answer *other = &s->other;
    if (other->first.frame != 0 && seq_equal(u->seg->ack, seq_add(other->offer.isn, 1))) {
        update_milestone(s, MILESTONE_SYN_ACK, other->first);
        s->syn_ack_last = other->last;
        note_offer(u->peer, other->offer);
        measure_answer(s, other->answered, other->first.time);
    }
    update_reach(u, MILESTONE_ACK);
    s->split_open = s->split_open || s->simultaneous_open; /* with two SYN-ACKs there is no step 3 */
    if (has_milestone(s, MILESTONE_SYN_ACK)) {
        update_measure(s, SPAN_CLIENT_RTT, u->now.time - s->syn_ack_last);
    }
}

/* From SYN to SYN-ACK and from SYN-ACK to step 3, as far as captured; else as long as an answer may take. */
static int64_t round_trip(const struct summary *s)
{
    unsigned server = s->spans & 1u << SPAN_SERVER_RTT, client = s->spans & 1u << SPAN_CLIENT_RTT;
    if (!server && !client) {
        return ANSWER_MS * NS_PER_MS;
    }
    return (server ? s->span[SPAN_SERVER_RTT] : 0) + (client ? s->span[SPAN_CLIENT_RTT] : 0);
}

/* The client's data waits: nothing of it was acknowledged, or nothing more since it was sent again. */
static bool data_waits(const struct update *u)
{
    const struct summary_end *client = u->peer, *server = u->sender;
    bool none = server->acked_known && !seq_after(server->acked, seq_add(client->isn, 1));
    return client->sent_data && client->syn_seen && (none || client->resent);
}

/* A step 3 before this SYN-ACK may have answered another one: then it lies nowhere near. */
static bool has_step_3_of(const struct summary_end *client, const struct segment *syn_ack)
{
    return client->acked_known &&
           seq_distance(seq_add(syn_ack->seq, 1), client->acked) < (uint32_t)MISSED_MAX;
}

/* The server sends its SYN-ACK again although step 3 was captured. Each SYN that was sent again may be the
 * reason for one of them. */
static void update_overflow(struct update *u)
{
    struct summary *s = u->s;
    const struct moment *ack = &s->milestone[MILESTONE_ACK];
    bool again = (u->o->steps & STEP_SYN_ACK) && u->o->repeat;
    if (!again || u->sender->opening.count < u->peer->opening.count) {
        return;
    }
    if (s->overflows == 0) {
        s->overflow = u->now;
    }
    s->overflows++;
    bool late = ack->frame != 0 && u->now.time - ack->time > round_trip(s);
    bool apart = u->now.time - s->overflow.time >= OVERFLOW_APART_MS * NS_PER_MS;
    if (late && apart && !s->overflowed && data_waits(u) && has_step_3_of(u->peer, u->seg) && !s->multipath) {
        s->overflowed = true;
        s->overflow = s->overflow.frame > ack->frame ? s->overflow : u->now;
    }
}

void openings_update(struct update *u)
{
    update_syn(u);
    update_syn_ack(u);
    update_third_step(u);
    update_overflow(u);
}
