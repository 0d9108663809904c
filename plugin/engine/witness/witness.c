/* witness.c - see witness.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "witness/witness.h"

#include "tell/addition.h"
#include "thresholds.h"
#include "witness/testimony.h"

/* --- who is suspected? --- */

/* A RST in the window, ahead of what was captured. */
static bool is_reset_ahead(const struct segment *seg, const struct observation *o)
{
    return (seg->flags & FLAG_RST) != 0 && o->seq_verdict == SEQ_NOT_JUDGED && o->pardon == PARDON_NONE &&
           o->has_seq_expected && seq_after(seg->seq, o->seq_expected) &&
           state_is_synchronized(o->peer.before) && o->peer.before != TIME_WAIT;
}

static uint8_t name_of(enum suspicion suspicion, bool condition)
{
    return condition ? (uint8_t)(1u << suspicion) : 0;
}

/* By an invalid number; or, failing that, by one that can't be told to be right. */
static uint8_t names_of(const struct segment *seg, const struct observation *o)
{
    uint8_t invalid = name_of(SUSPICION_SEQ, (o->findings & FINDING_SEQ_SUSPECT) != 0) |
                      name_of(SUSPICION_ACK, (o->findings & FINDING_ACK_SUSPECT) != 0) |
                      name_of(SUSPICION_RESET, (o->findings & FINDING_RESET_SUSPECT) != 0);
    bool unseen = o->ack_verdict == ACK_NOT_CAPTURED && (seg->flags & FLAG_RST) == 0;
    uint8_t doubtful = name_of(SUSPICION_ACK, unseen) | name_of(SUSPICION_RESET, is_reset_ahead(seg, o));
    return invalid != 0 ? invalid : doubtful;
}

static const struct summary_end *end_of(const struct summary *summary, unsigned from)
{
    return &summary->end[from != summary->client_from];
}

static bool brings_numbers(const struct segment *seg, const struct observation *o)
{
    bool new_data = seq_brings(o->seq_verdict, BRINGS_NEXT) || seq_brings(o->seq_verdict, BRINGS_AHEAD);
    return seq_is_invalid(o->seq_verdict) || (segment_length(seg) > 0 && new_data);
}

static struct suspect suspect_of(const struct segment *seg, const struct observation *o,
                                 const struct summary *summary)
{
    const struct summary_end *receiver = end_of(summary, !seg->from);
    bool rst = (seg->flags & FLAG_RST) != 0, has_ack = (seg->flags & FLAG_ACK) != 0;
    bool claim = has_ack && !rst;
    enum seq_verdict verdict = o->seq_verdict;
    bool probe = seq_brings(verdict, BRINGS_PROBE) || seq_brings(verdict, BRINGS_OLD);
    return (struct suspect){
        .time = seg->time,
        .frame = seg->frame,
        .next = o->ack_expected,
        .claim = seg->ack,
        .begin = seg->seq,
        .end = segment_end(seg),
        .names = names_of(seg, o),
        .from = seg->from & 1u,
        .is_reset = rst,
        .invalid = (o->findings & SUSPICIONS) != 0,
        .claims = claim && o->has_ack_expected && seq_after(seg->ack, o->ack_expected),
        .ahead = !rst && brings_numbers(seg, o) && receiver->acked_known &&
                 seq_after(segment_end(seg), receiver->acked),
        .bare = claim && segment_length(seg) == 0 && !probe,
        .harmless = verdict == SEQ_AFTER_FIN || (rst && !has_ack && o->peer.before == SYN_SENT),
        .last = true,
    };
}

bool witness_suspects(const struct witness *w, const struct segment *seg, const struct observation *o)
{
    bool told = (o->findings & (FINDING_UNUSABLE | FINDING_MULTIPATH)) == 0 && o->seq_verdict != SEQ_COPY;
    return told && (w->trusted >> seg->from & 1u) == 0 && names_of(seg, o) != 0;
}

static void forget(struct witness *w, unsigned place)
{
    w->count--;
    for (unsigned i = place; i < w->count; i++) {
        w->suspect[i] = w->suspect[i + 1];
    }
}

/* As long as there is room; one that nobody has answered for long makes room. */
static void note(struct witness *w, const struct suspect *s)
{
    if (w->count == SUSPECTS_MAX && s->time - w->suspect[0].time > SUSPECT_MS * NS_PER_MS) {
        forget(w, 0);
    }
    if (w->count < w->room && w->count < SUSPECTS_MAX) {
        w->suspect[w->count++] = *s;
    }
}

/* --- what do they come to? --- */

/* One second, or four round trips if both halves of one are known. */
static int64_t wait_of(const struct summary *summary)
{
    int64_t server = summary_span(summary, SPAN_SERVER_RTT), client = summary_span(summary, SPAN_CLIENT_RTT);
    int64_t least = WITNESS_MS * NS_PER_MS;
    int64_t rounds = server != NO_TIME && client != NO_TIME ? WITNESS_ROUNDS * (server + client) : 0;
    return rounds > least ? rounds : least;
}

/* The names by which it may be accused: of each only so often. */
static uint8_t accusations(const struct witness *w, const struct suspect *s)
{
    uint8_t names = 0;
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        bool may = w->accused[s->from][i] < ACCUSATIONS_MAX;
        names |= (uint8_t)((s->names >> i & may) << i);
    }
    return names;
}

/* Its receiver has rejected it. */
static void convict(const struct witness *w, const struct suspect *s, struct testimony *t)
{
    t->names = s->harmless ? 0 : s->names;
    t->accuses = s->harmless ? 0 : accusations(w, s);
}

static void count(struct witness *w, const struct suspect *s, uint8_t names)
{
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        w->accused[s->from][i] = (uint8_t)(w->accused[s->from][i] + (names >> i & 1u));
    }
}

static void deny(struct suspect *s, const struct segment *seg)
{
    s->denied = true;
    s->denied_by = seg->frame;
    s->denied_time = seg->time;
    s->answer = seg->ack;
}

/* Of a suspect and what a segment shows of it; false: nothing that is to be told. */
static bool conclude(struct witness *w, struct suspect *s, const struct segment *seg, enum shown shown,
                     struct testimony *t)
{
    *t = (struct testimony){.suspect = s->frame,
                            .frame = s->denied ? s->denied_by : seg->frame,
                            .verdict = RECEIVER_REJECTED,
                            .row = t->row,
                            .settled = shown != SHOWS_DENIED};
    switch (shown) {
    case SHOWS_ACCEPTED:
        t->verdict = RECEIVER_ACCEPTED;
        w->trusted |= (uint8_t)(s->invalid ? 1u << s->from : 0u);
        return true;
    case SHOWS_REJECTED:
    case SHOWS_FORGED:
        convict(w, s, t);
        count(w, s, t->accuses);
        return true;
    case SHOWS_DENIED: deny(s, seg); return true;
    case SHOWS_GENUINE: return true;
    case SHOWS_SENT_AGAIN:
        s->time = seg->time;
        t->settled = false;
        t->verdict = RECEIVER_NONE;
        return true;
    case SHOWS_NOTHING:
        t->settled = !s->claims || !s->ahead; /* else its ACK may still show */
        s->ahead = false;
        t->verdict = RECEIVER_NONE;
        return true;
    default: return false;
    }
}

/* Goes over the suspects; drops those that are settled. */
static unsigned hear(struct witness *w, struct hearing *h, bool next, struct testimony list[SUSPECTS_MAX])
{
    unsigned told = 0, kept = 0, open = w->count;
    for (unsigned i = 0; i < open; i++) {
        struct suspect *s = &w->suspect[i];
        enum speaker speaker = h->seg->from == s->from ? BY_SENDER : next ? BY_NEXT : BY_RECEIVER;
        struct testimony t = {.row = TESTIMONY_NONE};
        h->s = s;
        enum shown shown = next && speaker == BY_SENDER ? SHOWS_NONE : testimony_of(h, speaker, &t.row);
        bool tells = conclude(w, s, h->seg, shown, &t);
        s->went_on = s->went_on || (speaker == BY_SENDER && (h->seg->flags & FLAG_RST) == 0);
        s->last = false;
        if (tells) {
            list[told++] = t;
        }
        if (!tells || !t.settled) {
            w->suspect[kept++] = *s;
        }
    }
    w->count = (uint8_t)kept;
    return told;
}

/* Who is trusted is not suspected any more. */
static void trust(struct witness *w)
{
    for (unsigned i = w->count; w->trusted != 0 && i-- > 0;) {
        if ((w->trusted >> w->suspect[i].from & 1u) != 0 && w->suspect[i].invalid) {
            forget(w, i);
        }
    }
}

unsigned witness_hear(struct witness *w, const struct segment *seg, struct observation *o,
                      const struct summary *summary, struct testimony list[SUSPECTS_MAX])
{
    if ((o->findings & FINDING_UNUSABLE) != 0 || o->seq_verdict == SEQ_COPY) {
        return 0;
    }
    struct hearing h = {
        .seg = seg, .o = o, .acked = end_of(summary, seg->from)->acked, .wait = wait_of(summary)};
    unsigned told = hear(w, &h, false, list);
    trust(w);
    if (witness_suspects(w, seg, o)) {
        struct suspect s = suspect_of(seg, o, summary);
        note(w, &s);
    } else if ((w->trusted >> seg->from & 1u) != 0) {
        tell_trust(o);
    }
    return told;
}

unsigned witness_hear_of_next(struct witness *w, const struct segment *seg,
                              struct testimony list[SUSPECTS_MAX])
{
    struct hearing h = {.seg = seg};
    return hear(w, &h, true, list);
}

struct testimony witness_at(const struct witness *w, const struct summary *summary, uint32_t frame,
                            int64_t now)
{
    struct testimony t = {.suspect = frame};
    for (unsigned i = 0; i < w->count; i++) {
        const struct suspect *s = &w->suspect[i];
        if (s->frame == frame && s->denied && now - s->denied_time > wait_of(summary)) {
            convict(w, s, &t);
        }
    }
    return t;
}

static findings_t findings_by(uint8_t names, const findings_t by_name[SUSPICION_COUNT])
{
    findings_t set = 0;
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        set |= (names >> i & 1u) != 0 ? by_name[i] : 0;
    }
    return set;
}

findings_t witness_accusations(uint8_t names)
{
    static const findings_t warns[] = {FINDING_SEQ_INVALID, FINDING_ACK_INVALID, FINDING_RESET_INVALID};
    return findings_by(names, warns);
}

findings_t witness_findings(findings_t suspicions, const struct testimony *t)
{
    static const findings_t notes[] = {FINDING_SEQ_SUSPECT, FINDING_ACK_SUSPECT, FINDING_RESET_SUSPECT};
    if (t->verdict == RECEIVER_ACCEPTED) {
        return 0;
    }
    return t->names == 0 ? suspicions & SUSPICIONS
                         : witness_accusations(t->accuses) | findings_by(t->names & ~t->accuses, notes);
}
