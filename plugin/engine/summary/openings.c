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
static int64_t answered_at(const struct update *e)
{
    const struct summary *a = e->a;
    const struct tries *syns = &e->peer->opening;
    if (!has_milestone(a, MILESTONE_SYN) || e->o->ack_verdict != ACK_HANDSHAKE) {
        return NO_TIME;
    }
    bool tells = syns->count > 1 && e->seg->has_timestamps && e->peer->timestamps && e->seg->tsecr != 0;
    if (!tells || e->seg->tsecr == a->newest_tsval) {
        return syns->last;
    }
    return e->seg->tsecr == a->earlier_tsval ? a->earlier
           : e->seg->tsecr == a->first_tsval ? syns->first.time
                                             : NO_TIME;
}

static void measure_answer(struct summary *a, int64_t answered, int64_t time)
{
    update_unmeasure(a, SPAN_SERVER_RTT);
    update_unmeasure(a, SPAN_SYN_WAIT);
    if (answered != NO_TIME) {
        update_measure(a, SPAN_SERVER_RTT, time - answered);
        update_measure(a, SPAN_SYN_WAIT, answered - a->milestone[MILESTONE_SYN].time);
    }
}

static void update_syn(struct update *e)
{
    struct summary *a = e->a;
    if (e->fresh & STEP_SYN) {
        update_reach(e, MILESTONE_SYN);
        note_offer(e->sender, offer_of(e->seg));
        a->first_tsval = e->seg->tsval;
    }
    if (e->o->steps & STEP_SYN) {
        a->earlier_tsval = a->newest_tsval;
        a->earlier = e->sender->opening.last;
        a->newest_tsval = e->seg->tsval;
    }
    a->simultaneous_open = a->simultaneous_open || (e->o->findings & FINDING_SIMULTANEOUS_OPEN);
    a->split_open = a->split_open || (e->o->findings & FINDING_SPLIT_OPEN);
    a->mptcp = a->mptcp || e->seg->mptcp;
}

static void update_first_answer(struct update *e)
{
    struct summary *a = e->a;
    if (!has_milestone(a, MILESTONE_SYN_ACK)) {
        update_reach(e, MILESTONE_SYN_ACK);
        measure_answer(a, answered_at(e), e->now.time);
    }
    a->syn_ack_last = e->now.time;
    note_offer(e->sender, offer_of(e->seg));
    bool data = e->peer->syn_seen && seq_after(e->seg->ack, seq_add(e->peer->isn, 1));
    a->fast_open = a->fast_open || (data && e->o->ack_verdict == ACK_HANDSHAKE);
}

static void update_syn_ack(struct update *e)
{
    struct summary *a = e->a;
    if (!(e->o->steps & STEP_SYN_ACK)) {
        return;
    }
    if (!has_milestone(a, MILESTONE_SYN_ACK) || !e->sender->syn_seen ||
        seq_equal(e->sender->isn, e->seg->seq)) {
        update_first_answer(e);
        return;
    }
    if (a->other.first.frame == 0 || !seq_equal(a->other.offer.isn, e->seg->seq)) {
        a->other = (struct answer){.first = e->now, .answered = answered_at(e), .offer = offer_of(e->seg)};
    }
    a->other.last = e->now.time;
}

static void update_third_step(struct update *e)
{
    struct summary *a = e->a;
    if (!(e->fresh & STEP_ACK)) {
        return;
    }
    const struct answer *other = &a->other;
    if (other->first.frame != 0 && seq_equal(e->seg->ack, seq_add(other->offer.isn, 1))) {
        update_milestone(a, MILESTONE_SYN_ACK, other->first);
        a->syn_ack_last = other->last;
        note_offer(e->peer, other->offer);
        measure_answer(a, other->answered, other->first.time);
    }
    update_reach(e, MILESTONE_ACK);
    a->split_open = a->split_open || a->simultaneous_open; /* with two SYN-ACKs there is no step 3 */
    if (has_milestone(a, MILESTONE_SYN_ACK)) {
        update_measure(a, SPAN_CLIENT_RTT, e->now.time - a->syn_ack_last);
    }
}

/* The server sends its SYN-ACK again although step 3 was captured a second ago or more. */
static void update_overflow(struct update *e)
{
    struct summary *a = e->a;
    const struct moment *ack = &a->milestone[MILESTONE_ACK];
    if (!(e->o->steps & STEP_SYN_ACK) || !e->o->repeat || ack->frame == 0 ||
        e->now.time - ack->time < OVERFLOW_MS * NS_PER_MS) {
        return;
    }
    if (a->overflows == 0) {
        a->overflow = e->now;
    }
    a->overflows++;
    bool data = e->peer->sent_data && e->peer->syn_seen && e->sender->acked_known &&
                !seq_after(e->sender->acked, seq_add(e->peer->isn, 1));
    a->overflowed = a->overflowed || (a->overflows >= 2 && data && !a->multipath);
}

void openings_update(struct update *e)
{
    update_syn(e);
    update_syn_ack(e);
    update_third_step(e);
    update_overflow(e);
}
