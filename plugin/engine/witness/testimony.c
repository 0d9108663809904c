/* testimony.c - does a later segment show what the receiver made of a doubtful one?
 *
 * Read RFC 9293 sections 3.5.3 and 3.10.7.4, RFC 5961 sections 3 to 5, RFC 2018.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "witness/testimony.h"

#include "thresholds.h"

/* --- the later segment --- */

static bool is_rst(const struct hearing *h)
{
    return (h->seg->flags & FLAG_RST) != 0;
}

/* It isn't doubtful itself. */
static bool is_sound(const struct hearing *h)
{
    return !seq_is_invalid(h->o->seq_verdict) && !ack_is_invalid(h->o->ack_verdict);
}

static bool is_ordinary(const struct hearing *h)
{
    return (h->seg->flags & (FLAG_SYN | FLAG_RST)) == 0 && is_sound(h);
}

static bool has_ack(const struct hearing *h)
{
    return (h->seg->flags & FLAG_ACK) != 0;
}

/* Whatever was under way when the suspect was sent has come by now. */
static bool is_late(const struct hearing *h)
{
    return h->seg->time - h->s->time >= h->wait;
}

/* --- of a RST --- */

static bool has_waited(const struct hearing *h)
{
    return h->seg->time - h->s->denied_time > h->wait;
}

static bool is_reset_at_answer(const struct hearing *h)
{
    return is_rst(h) && seq_equal(h->seg->seq, h->s->answer);
}

/* A SYN or SYN-ACK that was sent before is sent again; a first one opens anew. */
static bool goes_on(const struct hearing *h)
{
    return !is_rst(h) && is_sound(h) && ((h->seg->flags & FLAG_SYN) == 0 || h->o->repeat);
}

/* OBSERVER: a RST may have overtaken what was sent before it: what ends at its number, or lies below and
 * comes at once. */
static bool goes_on_behind(const struct hearing *h)
{
    seq_t end = segment_end(h->seg), rst = h->s->begin;
    bool late = h->seg->time - h->s->time >= DISORDER_MS * NS_PER_MS;
    return goes_on(h) && (seq_after(end, rst) || (late && !seq_equal(end, rst)));
}

/* A host without the connection answers what has an ACK by a RST without one. */
static bool is_reset_in_answer(const struct hearing *h)
{
    return is_rst(h) && !has_ack(h) && h->s->went_on;
}

static bool is_challenge(const struct hearing *h)
{
    return h->s->last && (h->o->findings & FINDING_CHALLENGE_ACK) != 0;
}

static bool goes_on_late(const struct hearing *h)
{
    return goes_on(h) && is_late(h);
}

/* OBSERVER: of a RST whose number may well be right, and whose sender was not heard of since. It may have
 * been lost behind the capture point: then its sender answers this segment by another one. */
static bool goes_on_alone(const struct hearing *h)
{
    return !h->s->invalid && !h->s->went_on && has_ack(h) && goes_on_late(h);
}

static bool opens(const struct hearing *h)
{
    return (h->seg->flags & (FLAG_SYN | FLAG_RST)) == FLAG_SYN;
}

/* --- of numbers: its sender --- */

/* What is sent again may have been lost before; so may an ACK that says the same again. */
static bool is_same_again(const struct hearing *h)
{
    const struct suspect *s = h->s;
    bool data = !seq_equal(s->begin, s->end) && seq_equal(h->seg->seq, s->begin) &&
                seq_equal(segment_end(h->seg), s->end) && seq_is_invalid(h->o->seq_verdict);
    bool claim = s->claims && has_ack(h) && !seq_before(h->seg->ack, s->claim);
    return !is_rst(h) && (data || claim);
}

/* Its sender has come there by what is in order: an acknowledgment may be of that. */
static bool covers_it(const struct hearing *h)
{
    return h->s->ahead && is_ordinary(h) && segment_length(h->seg) > 0 &&
           !seq_before(segment_end(h->seg), h->s->end);
}

/* --- of numbers: its receiver --- */

static bool begins_at_claim(const struct hearing *h)
{
    const struct suspect *s = h->s;
    seq_t seq = h->seg->seq;
    return s->claims && (h->seg->flags & (FLAG_SYN | FLAG_RST)) == 0 && !seq_before(seq, s->claim) &&
           (!seq_is_invalid(h->o->seq_verdict) || seq_equal(seq, s->claim));
}

static bool acknowledges_it(const struct hearing *h)
{
    const struct suspect *s = h->s;
    seq_t ack = h->seg->ack;
    return s->ahead && has_ack(h) && !is_rst(h) && !seq_before(ack, s->end) &&
           (!ack_is_invalid(h->o->ack_verdict) || seq_equal(ack, s->end));
}

/* A block at or below SEG.ACK tells of what came twice (RFC 2883). */
static bool reports_it(const struct hearing *h)
{
    const struct suspect *s = h->s;
    for (unsigned i = 0; s->ahead && has_ack(h) && i < h->seg->sack_blocks; i++) {
        seq_t left = h->seg->sack[i].left, right = h->seg->sack[i].right;
        if (seq_after(left, h->seg->ack) && !seq_after(left, s->begin) && !seq_before(right, s->end) &&
            !seq_equal(s->begin, s->end)) {
            return true;
        }
    }
    return false;
}

/* What had been sent when its ACK came can't lie below what that ACK claims. */
static bool is_challenge_of_ack(const struct hearing *h)
{
    const struct suspect *s = h->s;
    return s->bare && is_challenge(h) && (!s->claims || seq_before(h->seg->seq, s->claim));
}

static bool stays_below(const struct hearing *h)
{
    const struct suspect *s = h->s;
    bool below = has_ack(h) && seq_before(h->seg->ack, s->end) && seq_equal(h->seg->ack, h->acked);
    return s->invalid && s->ahead && below && is_ordinary(h) && is_late(h) && !h->o->peer.hole;
}

/* Is its SEG.SEQ among what its ACK claimed, and nobody had captured? */
static bool is_below_claim(const struct hearing *h)
{
    const struct suspect *s = h->s;
    return s->claims && !seq_before(h->seg->seq, s->next) && seq_before(h->seg->seq, s->claim);
}

/* It comes to be as claimed. Whether it had been so before is open: packets may stand in another order than
 * on the wire, or this one was sent before, and not captured. */
static bool grows_over_claim(const struct hearing *h)
{
    return is_below_claim(h) && is_sound(h) && !seq_before(segment_end(h->seg), h->s->claim);
}

/* OBSERVER: an ACK one below the claim may be a keepalive; and new data what was sent before and not
 * captured, unless no window allowed it. Of a first fragment nobody knows how much data it brings. */
static bool goes_on_below(const struct hearing *h)
{
    bool data = segment_length(h->seg) > 0;
    bool fresh = data ? h->s->invalid && seq_brings(h->o->seq_verdict, BRINGS_NEXT)
                      : !seq_equal(seq_add(h->seg->seq, 1), h->s->claim);
    return is_below_claim(h) && is_ordinary(h) && h->seg->length_known && fresh && is_late(h) &&
           !h->o->sender.hole;
}

static bool has_missed_answer(const struct hearing *h)
{
    return !h->s->claims && !h->s->ahead;
}

/* --- the table --- */

enum kind { OF_DENIED, OF_RESET, OF_NUMBERS };

static enum kind kind_of(const struct suspect *s)
{
    return s->denied ? OF_DENIED : s->is_reset ? OF_RESET : OF_NUMBERS;
}

static const struct row {
    enum kind of;
    enum speaker by;
    bool (*holds)(const struct hearing *hearing);
    enum shown shows;
} rows[TESTIMONY_COUNT] = {
#define TESTIMONY(name, of, by, predicate, shows, section) \
    [TESTIMONY_##name] = {of, by, predicate, SHOWS_##shows},
#include "witness/testimony.def"
#undef TESTIMONY
};

enum shown testimony_of(const struct hearing *h, enum speaker speaker, enum testimony_id *row)
{
    enum kind kind = kind_of(h->s);
    for (unsigned i = TESTIMONY_NONE + 1; i < TESTIMONY_COUNT; i++) {
        bool asked = rows[i].by == speaker || (rows[i].by == BY_ANYBODY && speaker != BY_NEXT);
        if (rows[i].of == kind && asked && rows[i].holds(h)) {
            *row = (enum testimony_id)i;
            return rows[i].shows;
        }
    }
    return SHOWS_NONE;
}

const char *testimony_name(enum testimony_id row)
{
    static const char *const names[TESTIMONY_COUNT] = {
#define TESTIMONY(name, of, by, predicate, shows, section) [TESTIMONY_##name] = #name,
#include "witness/testimony.def"
#undef TESTIMONY
    };
    return row < TESTIMONY_COUNT ? names[row] : NULL;
}
