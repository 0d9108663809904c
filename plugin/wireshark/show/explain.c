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
#include "show/words.h"

#define ARROW " \xe2\x86\x92 "

static void add_handshake(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    bool mismatch = ack_is_invalid(ctx->observation->ack_verdict);
    bool data = ctx->observation->findings & FINDING_ACKS_SYN_DATA;
    bool carries = ctx->segment->length_known && ctx->segment->data > 0;
    bool later = ctx->observation->ack_verdict == ACK_OF_FIN; /* what lies between wasn't captured */
    switch (ctx->observation->steps & STEPS_OF_HANDSHAKE) {
    case STEP_SYN:
        text_write(
            text, ctx,
            "Handshake step 1: the {sender} opens with SYN {seq}; the answer is SYN-ACK with ack {seq+1}");
        if (carries) {
            text_write(text, ctx, ", or {seq+1+bytes} if it takes the data, too");
        }
        break;
    case STEP_SYN_ACK:
        text_write(text, ctx, "Handshake step 2: SYN-ACK {seq} with ack {ack} ");
        text_write(text, ctx,
                   mismatch ? "answers no SYN of this handshake"
                   : data   ? "proves that the SYN arrived, and its data up to {ack-1}"
                            : "proves that SYN {ack-1} arrived");
        text_write(text, ctx, "; the answer is ack {seq+1}");
        break;
    case STEP_ACK:
        text_write(text, ctx,
                   later ? "Handshake step 3: ack {ack} covers the {peer}'s SYN, too"
                   : data
                       ? "Handshake step 3: ack {ack} proves that the {peer}'s SYN arrived, and its data up "
                         "to {ack-1}"
                       : "Handshake step 3: ack {ack} proves that the {peer}'s SYN {ack-1} arrived");
        wmem_strbuf_append(text, ": the handshake is complete");
        break;
    default: break;
    }
}

/* In the order in which they are told: first what the ACK does, then the FIN. */
static const struct {
    unsigned step;
    const char *words;
} teardown[] = {
    {STEP_ACK_OF_FIN, "Teardown step 2: ack {ack} confirms the {peer}'s FIN {ack-1}"},
    {STEP_ACK_OF_SECOND_FIN,
     "Teardown step 4: ack {ack} confirms the {peer}'s FIN {ack-1}, the second: both directions are closed"},
    {STEP_FIN, "Teardown step 1: FIN {fin}: the {sender} will send no more data (the {peer} still may); ack "
               "{fin+1} will "
               "confirm it"},
    {STEP_SECOND_FIN,
     "Teardown step 3: FIN {fin}: the {sender} closes its direction, too; ack {fin+1} will confirm it"},
};

static void add_teardown(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    for (size_t i = 0; i < array_length(teardown); i++) {
        if (ctx->observation->steps & teardown[i].step) {
            bool first = wmem_strbuf_get_len(text) == 0;
            wmem_strbuf_append(text, first ? "T" : "; t");
            text_write(text, ctx, teardown[i].words + 1);
        }
    }
}

void explain_step(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    add_handshake(text, ctx);
    add_teardown(text, ctx);
    if (o->repeat && frame_of(o->repeat_of).n) {
        wmem_strbuf_append_printf(text, " (again: first in frame %u)", frame_of(o->repeat_of).n);
    } else if (o->repeat) {
        wmem_strbuf_append(text, " (again)");
    } else {
        bool opening = o->steps & STEPS_OF_HANDSHAKE;
        wmem_strbuf_append_printf(text, " (RFC 9293 %s)", opening ? "3.5" : "3.6");
    }
}

void explain_seq(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    const struct verdict *verdict = &seq_verdicts[o->seq_verdict];
    uint32_t seq = shown_seq(ctx, ctx->segment->seq);
    wmem_strbuf_append_printf(text, "Sequence number %u %s", seq, verdict->sentence);
    if (verdict->valid == INVALID && o->has_bound) {
        wmem_strbuf_append_printf(text, "; the bound is %u", shown_seq(ctx, o->bound));
    }
    if (o->has_seq_expected && !seq_equal(o->seq_expected, ctx->segment->seq)) {
        wmem_strbuf_append_printf(text, " (next expected: %u)", shown_seq(ctx, o->seq_expected));
    }
    if (verdict->valid == INVALID && *verdict->section) {
        wmem_strbuf_append_printf(text, ", %s", verdict->section);
    }
}

void explain_ack(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    const struct verdict *verdict = &ack_verdicts[o->ack_verdict];
    uint32_t ack = shown_ack(ctx, ctx->segment->ack);
    if (segment_has(ctx->segment, FLAG_ACK)) {
        wmem_strbuf_append_printf(text, "Acknowledgment number %u %s", ack, verdict->sentence);
    } else {
        wmem_strbuf_append_printf(text, "The acknowledgment number %s", verdict->sentence);
    }
    if (verdict->valid == INVALID && o->has_bound && !seq_is_invalid(o->seq_verdict)) {
        wmem_strbuf_append_printf(text, "; the bound is %u", shown_ack(ctx, o->bound));
    }
    if (o->has_ack_expected && !seq_equal(o->ack_expected, ctx->segment->ack)) {
        wmem_strbuf_append_printf(text, " (all would be: %u)", shown_ack(ctx, o->ack_expected));
    }
    if (verdict->valid == INVALID && *verdict->section) {
        wmem_strbuf_append_printf(text, ", %s", verdict->section);
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

void explain_reset(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    enum reset_cause cause = o->reset_cause;
    text_write(text, ctx, reset_sentences[cause != RESET_NONE ? cause : RESET_CANNOT_TELL]);
    if (cause == RESET_AFTER_CLOSE && is_at_own_fin(ctx)) {
        text_write(text, ctx,
                   "; it has the number of the {sender}'s FIN, which some hosts accept and some don't");
    }
}

static void add_data(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    text_write(text, ctx,
               ctx->segment->data == 1 ? "1 byte of data, {seq}" : "{bytes} bytes of data, {seq} to {last}");
    if (ctx->observation->seq_verdict == SEQ_IN_ORDER) {
        wmem_strbuf_append(text, ", the next in order");
    } else if (ctx->observation->seq_verdict != SEQ_NOT_JUDGED) {
        wmem_strbuf_append(text, ". ");
        explain_seq(text, ctx);
    }
}

static void add_ack(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    if (o->findings & FINDING_CHALLENGE_ACK) {
        text_write(text, ctx,
                   "Challenge ACK {ack} (RFC 5961): the {sender} doubts what it was just sent and asks the "
                   "{peer} to prove itself");
    } else if (o->seq_verdict != SEQ_IN_ORDER) {
        explain_seq(text, ctx);
    } else if (ack_is_invalid(o->ack_verdict)) {
        wmem_strbuf_append(text, "ACK without data"); /* the rest is told as a fault */
    } else {
        text_write(text, ctx, "ACK without data: ack {ack} ");
        wmem_strbuf_append(text, ack_verdicts[o->ack_verdict].sentence);
    }
}

/* What the segment is. */
static void add_event(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    const struct segment *s = ctx->segment;
    if (o->findings & FINDING_UNUSABLE) {
        wmem_strbuf_append(text,
                           "Of this header too little was captured, it is malformed, or both ends have the "
                           "same address and port: nothing can be judged");
    } else if (o->reset_cause != RESET_NONE) {
        explain_reset(text, ctx);
    } else if (o->steps != 0) {
        explain_step(text, ctx);
    } else if (o->seq_verdict == SEQ_COPY) {
        wmem_strbuf_append(text, "The same packet was captured twice; the second copy changes nothing");
    } else if (s->data != 0 && !segment_has(s, FLAG_SYN)) {
        add_data(text, ctx);
    } else if (segment_has(s, FLAG_ACK) && (s->flags & (FLAG_SYN | FLAG_FIN)) == 0) {
        add_ack(text, ctx);
    } else {
        explain_seq(text, ctx);
    }
}

/* Numbers that add_event() passed over. */
static void add_faults(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    bool told = o->reset_cause == RESET_NONE && o->steps == 0;
    if (seq_is_invalid(o->seq_verdict) && !told) {
        wmem_strbuf_append(text, ". ");
        explain_seq(text, ctx);
    }
    if (ack_is_invalid(o->ack_verdict)) {
        wmem_strbuf_append(text, ". ");
        explain_ack(text, ctx);
    }
    if (o->findings & FINDING_LENGTH_UNKNOWN) {
        wmem_strbuf_append(text, "; the rest of it is in other IP fragments, so its length is unknown");
    }
    if (o->findings & FINDING_SPLIT_OPEN) {
        wmem_strbuf_append(text, "; both ends opened, but only one of them sends a SYN-ACK (split open)");
    }
    if (o->corrected && frame_of(o->lost_frame).n) {
        wmem_strbuf_append_printf(text, "; it proves that frame %u never arrived: the %s was not in %s",
                                  frame_of(o->lost_frame).n, ctx->sender, state_name(o->presumed));
    } else if (o->corrected && !(o->findings & FINDING_CROSSED)) {
        wmem_strbuf_append_printf(text, "; it proves that the %s was not in %s", ctx->sender,
                                  state_name(o->presumed));
    } else if (o->corrected) {
        wmem_strbuf_append_printf(text,
                                  "; it was sent before the %s's last segment arrived (they crossed): the %s "
                                  "was not yet in %s",
                                  ctx->peer, ctx->sender, state_name(o->presumed));
    }
}

static bool add_move(wmem_strbuf_t *text, const char *before, const char *name,
                     const struct observed_end *end)
{
    if (end->before == end->after) {
        return false;
    }
    wmem_strbuf_append_printf(text, "%sthe %s is %s%s" ARROW "%s: %s (%s)", before, name,
                              basis_adverb(end->basis), state_name(end->before), state_name(end->after),
                              rules[end->rule].sentence, rules[end->rule].section);
    return true;
}

static void add_debts(wmem_strbuf_t *text, const char *before, const char *name, unsigned set,
                      const struct owed *owed)
{
    enum debt list[DEBT_COUNT];
    unsigned count = debts_in_order(set & ~(1u << OWES_UNKNOWN), list);
    wmem_strbuf_append_printf(text, "%sthe %s's ", before, name);
    for (unsigned i = 0; i < count; i++) {
        wmem_strbuf_append_printf(text, "%s%s",
                                  i == 0          ? ""
                                  : i + 1 < count ? ", "
                                                  : " and ",
                                  debt_name(list[i]));
        if (owed->debt != OWES_NOTHING && list[i] == owed->debt) {
            wmem_strbuf_append_printf(text, " (owed %s)", owed_text(owed).text);
        }
    }
}

/* What it moves, if no step tells, and what is due next. */
static void add_consequence(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    unsigned known = ~(1u << OWES_UNKNOWN) & ~(1u << OWES_NOTHING);
    if (o->steps == 0 && add_move(text, ". So ", ctx->sender, &o->sender)) {
        add_move(text, "; ", ctx->peer, &o->peer);
    } else if (o->steps == 0) {
        add_move(text, ". So ", ctx->peer, &o->peer);
    }
    const char *before = ". Due next: ";
    if (o->client_owes & known) {
        add_debts(text, before, "client", o->client_owes & known, &o->client_owed);
        before = ", ";
    }
    if (o->server_owes & known) {
        add_debts(text, before, "server", o->server_owes & known, &o->server_owed);
    }
}

const char *explain(const struct text_ctx *ctx, wmem_allocator_t *pool)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, "");
    add_event(text, ctx);
    add_faults(text, ctx);
    add_consequence(text, ctx);
    wmem_strbuf_append_c(text, '.');
    return wmem_strbuf_get_str(text);
}
