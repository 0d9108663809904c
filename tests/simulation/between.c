/* between.c - see between.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "between.h"

#include <stdio.h>

static const struct breach none = {.frame = NO_BREACH};

static struct breach breach_at(unsigned at, const char *why)
{
    struct breach breach = {.frame = (int)at};
    snprintf(breach.why, sizeof breach.why, "%s", why);
    return breach;
}

static bool is_named(const struct sightings *s, unsigned at, findings_t finding)
{
    return (s->marks[at] & finding) != 0;
}

/* Nothing in them tells them apart. */
static bool are_twins(const struct frame *a, const struct frame *b)
{
    const struct segment *x = &a->packet.seg, *y = &b->packet.seg;
    return a->point == b->point && x->from == y->from && seq_equal(x->seq, y->seq) && x->data == y->data &&
           x->flags == y->flags && seq_equal(x->ack, y->ack) && x->tsval == y->tsval && x->ip_id == y->ip_id;
}

/* A twin of it for which the same is said wrongly the other way round. */
static bool is_made_up_for(const struct capture *capture, const struct sightings *s, unsigned at)
{
    const struct frame *frame = &capture->frame[at];
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *twin = &capture->frame[i];
        if (i != at && are_twins(frame, twin) && twin->lost != frame->lost &&
            is_named(s, i, FINDING_LOST_BETWEEN) != twin->lost) {
            return true;
        }
    }
    return false;
}

/* The other point was not seen to capture any more, or nothing was seen at both before. */
static bool may_be_unnamed(const struct capture *capture, const struct sightings *s, unsigned at,
                           bool watched)
{
    int64_t end[2] = {0, 0};
    unsigned far = !capture->frame[at].point;
    bool both = false;
    for (unsigned i = 0; i < capture->count; i++) {
        end[capture->frame[i].point] = capture->frame[i].packet.seg.time;
        both = both || s->crossing[i].point != 0;
    }
    return !both || (!watched && capture->frame[at].packet.seg.time > end[far] - 2 * SECOND);
}

/* When the capture ended: whether it would have arrived, or was lost behind the points, nobody knows. */
static bool is_under_way(const struct frame *frame)
{
    return frame->departed == 0 && frame->arrived == 0 && !frame->lost;
}

struct breach check_lost(const struct capture *capture, const struct sightings *s, bool watched,
                         unsigned *named, unsigned *unnamed)
{
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        bool lost = is_named(s, i, FINDING_LOST_BETWEEN);
        uint32_t told = s->crossing[i].findings & FINDING_LOST_BETWEEN ? s->crossing[i].lost : 0;
        if (told != 0 && !capture->frame[told - 1].lost && !is_made_up_for(capture, s, told - 1) &&
            !is_under_way(&capture->frame[told - 1])) {
            return breach_at(told - 1, "told to be lost while it was read, but it arrived");
        }
        *named += lost && frame->lost;
        if (lost == frame->lost || is_made_up_for(capture, s, i)) {
            continue;
        }
        if (lost && !is_under_way(frame)) {
            return breach_at(i, "named lost, but it arrived");
        }
        *unnamed += !lost && !may_be_unnamed(capture, s, i, watched);
    }
    return none;
}

/* The network has copied it. */
static bool has_named_twin(const struct capture *capture, const struct sightings *s, unsigned at)
{
    bool named = false;
    for (unsigned i = 0; i < capture->count && !named; i++) {
        named = are_twins(&capture->frame[i], &capture->frame[at]) &&
                is_named(s, i, FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE);
    }
    return named;
}

/* A device has spoken in an end's name before, and the other has taken that: which segments count is
 * ambiguous from then on. */
static bool is_behind_forged(const struct capture *capture, unsigned at)
{
    bool behind = false;
    for (unsigned i = 0; i < at && !behind; i++) {
        behind = capture->frame[i].forged;
    }
    return behind;
}

struct breach check_made(const struct capture *capture, const struct sightings *s, unsigned *made,
                         unsigned *once, unsigned *unnamed)
{
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        bool is_made = is_named(s, i, FINDING_MADE_BETWEEN), is_once = is_named(s, i, FINDING_SEEN_ONCE);
        *made += is_made && frame->forged;
        *once += is_once && frame->forged;
        if (is_made && !frame->forged) {
            return breach_at(i, "named made between, but its sender sent it");
        }
        if (is_once && !frame->forged && !is_behind_forged(capture, i)) {
            return breach_at(i, "named seen once, but it departed");
        }
        if (frame->forged && !is_made && !is_once && !has_named_twin(capture, s, i)) {
            ++*unnamed;
        }
        uint32_t told = s->crossing[i].made;
        if ((s->crossing[i].findings & FINDING_MADE_BETWEEN) && !capture->frame[told - 1].forged) {
            return breach_at(told - 1, "told to be made between while it was read, but its sender sent it");
        }
    }
    return none;
}

static bool carries(const struct frame *frame, seq_t left, seq_t right)
{
    const struct segment *seg = &frame->packet.seg;
    return seq_before(seg->seq, right) && seq_after(segment_end(seg), left);
}

/* Has its receiver acknowledged it, though no other copy was captured? */
static bool is_acknowledged(const struct capture *capture, unsigned at)
{
    const struct frame *frame = &capture->frame[at];
    seq_t end = segment_end(&frame->packet.seg);
    if (seq_equal(end, frame->packet.seg.seq) || (frame->packet.seg.flags & FLAG_RST)) {
        return false;
    }
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *ack = &capture->frame[i];
        bool own = ack->packet.seg.from == frame->packet.seg.from;
        if (i != at && own && carries(ack, frame->packet.seg.seq, end)) {
            return false;
        }
    }
    for (unsigned i = at + 1; i < capture->count; i++) {
        const struct frame *ack = &capture->frame[i];
        if (ack->packet.life != 0 && ack->packet.seg.from != frame->packet.seg.from &&
            (ack->packet.seg.flags & FLAG_ACK) && seq_equal(ack->packet.iss, frame->packet.irs) &&
            !seq_after(end, ack->packet.seg.ack)) {
            return true;
        }
    }
    return false;
}

struct breach check_missing(const struct capture *capture, const struct sightings *s, unsigned *wrong)
{
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        bool is_made = (s->marks[i] | s->crossing[i].findings) & FINDING_MADE_BETWEEN;
        if (is_made) {
            return breach_at(i, "nothing was made, but something is named so");
        }
        if (is_named(s, i, FINDING_LOST_BETWEEN) && !frame->lost && !is_made_up_for(capture, s, i)) {
            if (is_acknowledged(capture, i)) {
                return breach_at(i, "named lost, but it was acknowledged");
            }
            ++*wrong;
        }
    }
    return none;
}

static enum state comparable(enum state state)
{
    return state == TIME_WAIT || state == LISTEN ? CLOSED : state;
}

unsigned count_wrong_states(const struct capture *capture, const struct reading *reading, unsigned *of)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        const struct observation *o = &reading->o[i];
        unsigned from = frame->packet.seg.from;
        enum state shown[2];
        shown[from] = o->sender.after;
        shown[!from] = o->peer.after;
        for (unsigned e = 0; frame->after.is && e < 2; e++) {
            ++*of;
            wrong += comparable(shown[e]) != comparable(frame->after.state[e]);
        }
    }
    return wrong;
}
