/* explain.c - a segment in plain sentences
 *
 * The words are the textbook's: SYN x; SYN-ACK y, ack x+1; ACK y+1; FIN u, ack
 * u+1. The first sentence tells what the segment is and proves, the second how
 * that moves the ends and what is due next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/explain.h"

#include "capture/serials.h"
#include "words/words.h"

static void add_handshake(struct text *text, const struct text_ctx *ctx)
{
    bool mismatch = ack_is_invalid(ctx->observation->ack_verdict);
    bool data = ctx->observation->findings & FINDING_ACKS_SYN_DATA;
    bool carries = ctx->segment->length_known && ctx->segment->data > 0;
    bool later = ctx->observation->ack_verdict == ACK_OF_FIN; /* what lies between wasn't captured */
    switch (ctx->observation->steps & STEPS_OF_HANDSHAKE) {
    case STEP_SYN:
        text_write(text, ctx, WORDS_EXPLAIN_SYN);
        if (carries) {
            text_write(text, ctx, WORDS_EXPLAIN_SYN_DATA);
        }
        break;
    case STEP_SYN_ACK:
        text_write(text, ctx,
                   mismatch ? WORDS_EXPLAIN_SYN_ACK_MISMATCH
                   : data   ? WORDS_EXPLAIN_SYN_ACK_DATA
                            : WORDS_EXPLAIN_SYN_ACK);
        break;
    case STEP_ACK:
        text_write(text, ctx,
                   later  ? WORDS_EXPLAIN_ACK_LATER
                   : data ? WORDS_EXPLAIN_ACK_DATA
                          : WORDS_EXPLAIN_ACK);
        break;
    default: break;
    }
}

/* In the order in which they are told: first what the ACK does, then the FIN. */
static const struct {
    unsigned step;
    const char *words;
} teardown[] = {
    {STEP_ACK_OF_FIN, WORDS_EXPLAIN_ACK_OF_FIN},
    {STEP_ACK_OF_SECOND_FIN, WORDS_EXPLAIN_ACK_OF_SECOND_FIN},
    {STEP_FIN, WORDS_EXPLAIN_FIN},
    {STEP_SECOND_FIN, WORDS_EXPLAIN_SECOND_FIN},
};

static void add_teardown(struct text *text, const struct text_ctx *ctx)
{
    for (size_t i = 0; i < array_length(teardown); i++) {
        if (ctx->observation->steps & teardown[i].step) {
            bool first = text->length == 0;
            text_add(text, first ? "T" : "; t");
            text_write(text, ctx, teardown[i].words + 1);
        }
    }
}

static void explain_step(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    add_handshake(text, ctx);
    add_teardown(text, ctx);
    if (o->repeat && frame_of(o->repeat_of).n) {
        text_format(text, WORDS_EXPLAIN_REPEATS, frame_of(o->repeat_of).n);
    } else if (o->repeat) {
        text_add(text, WORDS_EXPLAIN_REPEATED);
    } else {
        bool opening = o->steps & STEPS_OF_HANDSHAKE;
        text_format(text, " (RFC 9293 %s)", opening ? "3.5" : "3.6");
    }
}

static void explain_seq(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    const struct verdict *verdict = &seq_verdicts[o->seq_verdict];
    uint32_t seq = shown_seq(ctx, ctx->segment->seq);
    text_format(text, WORDS_EXPLAIN_SEQ, seq, seq_sentences[o->seq_verdict]);
    if (verdict->valid == INVALID && o->has_bound) {
        text_format(text, WORDS_EXPLAIN_LIMIT, shown_seq(ctx, o->bound));
    }
    if (o->has_seq_expected && !seq_equal(o->seq_expected, ctx->segment->seq)) {
        text_format(text, WORDS_EXPLAIN_SEQ_EXPECTED, shown_seq(ctx, o->seq_expected));
    }
    if (verdict->valid == INVALID && *verdict->section) {
        text_format(text, ", %s", verdict->section);
    }
}

static void explain_ack(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    const struct verdict *verdict = &ack_verdicts[o->ack_verdict];
    uint32_t ack = shown_ack(ctx, ctx->segment->ack);
    if (segment_has(ctx->segment, FLAG_ACK)) {
        text_format(text, WORDS_EXPLAIN_NUMBER_ACK, ack, ack_sentences[o->ack_verdict]);
    } else {
        text_format(text, WORDS_EXPLAIN_NO_ACK, ack_sentences[o->ack_verdict]);
    }
    if (verdict->valid == INVALID && o->has_bound && !seq_is_invalid(o->seq_verdict)) {
        text_format(text, WORDS_EXPLAIN_LIMIT, shown_ack(ctx, o->bound));
    }
    if (o->has_ack_expected && !seq_equal(o->ack_expected, ctx->segment->ack)) {
        text_format(text, WORDS_EXPLAIN_ACK_EXPECTED, shown_ack(ctx, o->ack_expected));
    }
    if (verdict->valid == INVALID && *verdict->section) {
        text_format(text, ", %s", verdict->section);
    }
}

/* The number of its sender's own FIN, one below what the peer expects. */
static bool is_at_own_fin(const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    enum state peer = o->peer.before;
    return o->seq_verdict == SEQ_IN_ORDER && o->has_seq_expected &&
           seq_equal(seq_add(ctx->segment->seq, 1), o->seq_expected) && o->peer.after == CLOSED &&
           (peer == CLOSE_WAIT || peer == LAST_ACK || peer == CLOSING);
}

static void explain_reset(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    enum reset_cause cause = o->reset_cause;
    text_write(text, ctx, reset_sentences[cause != RESET_NONE ? cause : RESET_CANNOT_TELL]);
    if (cause == RESET_AFTER_CLOSE && is_at_own_fin(ctx)) {
        text_write(text, ctx, WORDS_RESET_OWN_FIN);
    }
}

static void add_data(struct text *text, const struct text_ctx *ctx)
{
    text_write(text, ctx, ctx->segment->data == 1 ? WORDS_EXPLAIN_BYTE : WORDS_EXPLAIN_BYTES);
    if (ctx->observation->seq_verdict == SEQ_IN_ORDER) {
        text_add(text, WORDS_EXPLAIN_IN_ORDER);
    } else if (ctx->observation->seq_verdict != SEQ_NOT_JUDGED) {
        text_add(text, ". ");
        explain_seq(text, ctx);
    }
}

static void add_ack(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    if (o->findings & FINDING_CHALLENGE_ACK) {
        text_write(text, ctx, WORDS_EXPLAIN_CHALLENGE);
    } else if (o->seq_verdict != SEQ_IN_ORDER) {
        explain_seq(text, ctx);
    } else if (ack_is_invalid(o->ack_verdict)) {
        text_add(text, WORDS_EXPLAIN_PURE_ACK); /* the rest is told as a fault */
    } else {
        text_write(text, ctx, WORDS_EXPLAIN_PURE_ACK_OF);
        text_add(text, ack_sentences[o->ack_verdict]);
    }
}

/* What the segment is. */
static void add_event(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    const struct segment *s = ctx->segment;
    if (o->findings & FINDING_UNUSABLE) {
        text_add(text, WORDS_EXPLAIN_UNUSABLE);
    } else if (o->reset_cause != RESET_NONE) {
        explain_reset(text, ctx);
    } else if (o->steps != 0) {
        explain_step(text, ctx);
    } else if (o->seq_verdict == SEQ_COPY) {
        text_add(text, WORDS_EXPLAIN_COPY);
    } else if (s->data != 0 && !segment_has(s, FLAG_SYN)) {
        add_data(text, ctx);
    } else if (segment_has(s, FLAG_ACK) && (s->flags & (FLAG_SYN | FLAG_FIN)) == 0) {
        add_ack(text, ctx);
    } else {
        explain_seq(text, ctx);
    }
}

/* Numbers that add_event() passed over. */
static void add_faults(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    bool told = o->reset_cause == RESET_NONE && o->steps == 0;
    if (seq_is_invalid(o->seq_verdict) && !told) {
        text_add(text, ". ");
        explain_seq(text, ctx);
    }
    if (ack_is_invalid(o->ack_verdict)) {
        text_add(text, ". ");
        explain_ack(text, ctx);
    }
    if (o->findings & FINDING_LENGTH_UNKNOWN) {
        text_add(text, WORDS_EXPLAIN_FRAGMENT);
    }
    if (o->findings & FINDING_SPLIT_OPEN) {
        text_add(text, WORDS_EXPLAIN_SPLIT);
    }
    if (o->corrected) {
        text_format(text, WORDS_EXPLAIN_PROVES, correction_text(o).text);
    }
}

static bool add_move(struct text *text, const char *before, const char *name, const struct observed_end *end)
{
    if (end->before == end->after) {
        return false;
    }
    text_format(text, WORDS_EXPLAIN_MOVE, before, name, state_name(end->before), state_name(end->after),
                basis_words(end->basis), rule_sentences[end->rule], rules[end->rule].section);
    return true;
}

/* "an ACK of the FIN, then its own FIN, owed since frame 8 (90.1 s)" */
static void add_debts(struct text *text, unsigned set, const struct owed *owed)
{
    enum debt list[DEBT_COUNT];
    unsigned count = debts_in_order(set & ~(1u << OWES_UNKNOWN), list);
    for (unsigned i = 0; i < count; i++) {
        bool fin = list[i] == OWES_FIN;
        text_format(text, "%s%s",
                    i == 0          ? ""
                    : fin           ? WORDS_EXPLAIN_THEN
                    : i + 1 < count ? ", "
                                    : WORDS_EXPLAIN_AND,
                    fin ? WORDS_OWES_ITS_FIN : debt_phrases[list[i]]);
        if (owed->debt != OWES_NOTHING && list[i] == owed->debt) {
            text_format(text, WORDS_EXPLAIN_OWED, owed_text(owed).text);
        }
    }
}

/* What an end owes and no sentence about the step says already. */
static unsigned left_to_say(const struct observation *o, unsigned owes, const struct owed *owed)
{
    unsigned said = o->steps & STEP_SYN       ? 1u << OWES_SYN_ACK
                    : o->steps & STEP_SYN_ACK ? 1u << OWES_ACK_OF_SYN_ACK
                                              : 0;
    owes &= ~(1u << OWES_UNKNOWN) & ~(1u << OWES_NOTHING);
    return owed->debt == OWES_NOTHING ? owes & ~said : owes;
}

/* What it moves, if no step tells, and what is expected next. */
static void add_consequence(struct text *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    unsigned client = left_to_say(o, o->client_owes, &o->client_owed);
    unsigned server = left_to_say(o, o->server_owes, &o->server_owed);
    if (o->steps == 0 && add_move(text, WORDS_EXPLAIN_SO, ctx->sender, &o->sender)) {
        add_move(text, "; ", ctx->peer, &o->peer);
    } else if (o->steps == 0) {
        add_move(text, WORDS_EXPLAIN_SO, ctx->peer, &o->peer);
    }
    if (client != 0) {
        text_format(text, WORDS_EXPLAIN_NEXT, role_name(ROLE_CLIENT));
        add_debts(text, client, &o->client_owed);
    }
    if (server != 0) {
        text_format(text, client != 0 ? WORDS_EXPLAIN_NEXT_ALSO : WORDS_EXPLAIN_NEXT, role_name(ROLE_SERVER));
        add_debts(text, server, &o->server_owed);
    }
}

/* Where else the segment was captured: of a departure that is known from later frames. */
static void add_other_point(struct text *text, const struct text_ctx *ctx)
{
    enum { SHOWN = 8 };
    struct link links[SHOWN];
    const struct crossing *crossing = ctx->crossing;
    bool two = crossing != NULL &&
               (crossing->point == POINT_NEAR_CLIENT || crossing->point == POINT_NEAR_SERVER);
    unsigned count = two ? MIN(links_of(ctx->segment->frame, links, SHOWN), SHOWN) : 0;
    if (count == 0) {
        return;
    }
    bool arrives = ctx->observation->findings & FINDING_ARRIVAL;
    const struct link *other = &links[arrives ? 0 : count - 1]; /* as far away as it was seen */
    text_format(text, WORDS_EXPLAIN_SAME, frame_of(other->other).n);
    if (other->transit > 0) { /* else the clocks differ */
        char time[32];
        snprintf(time, sizeof time, WORDS_EXPLAIN_MS, seconds(other->transit) * 1e3);
        text_format(text, arrives ? WORDS_EXPLAIN_EARLIER : WORDS_EXPLAIN_LATER, time);
    }
    text_format(text, WORDS_EXPLAIN_AT_POINT,
                role_name(crossing->point == POINT_NEAR_CLIENT ? ROLE_SERVER : ROLE_CLIENT));
}

void explain(struct text *text, const struct text_ctx *ctx)
{
    add_event(text, ctx);
    add_faults(text, ctx);
    add_consequence(text, ctx);
    add_other_point(text, ctx);
    text_add(text, ".");
}
