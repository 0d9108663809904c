/* details.c - see details.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/details.h"

#include "show/explain.h"
#include "tell/names.h"
#include "words/words.h"

#include <epan/proto.h>

void details_put_explanation(const struct tree_writer *writer)
{
    if (tree_writer_wants(writer, FIELD_EXPLAIN)) {
        char chars[EXPLANATION_MAX];
        struct text text = text_in(chars, sizeof chars);
        explain(&text, writer->ctx);
        ws_assert(text.length + 1 < sizeof chars);
        tree_writer_text(writer, FIELD_EXPLAIN, chars);
    }
}

/* ---------------------------------------------------------------------- a line each */

/* Known once later segments were read. */
static void put_received(const struct tree_writer *writer)
{
    const struct testimony *received = writer->ctx->received;
    if (received->verdict != RECEIVER_NONE) {
        proto_item *item = tree_writer_enum(writer, FIELD_RECEIVER_VERDICT, received->verdict);
        struct tree_writer below = tree_writer_below(writer, item, SUBTREE_RECEIVER);
        tree_writer_frame(&below, FIELD_RECEIVER_FRAME, frame_of(received->frame));
    }
}

/* Where it was captured, and where else. */
static void put_points(const struct tree_writer *writer)
{
    enum { SHOWN = 64 };
    struct link links[SHOWN];
    uint32_t serial = writer->ctx->segment->frame;
    const struct crossing *crossing = writer->ctx->crossing;
    if (crossing == NULL || crossing->point == 0) {
        return;
    }
    tree_writer_uint(writer, FIELD_POINT, crossing->point);
    unsigned count = MIN(links_of(serial, links, SHOWN), SHOWN);
    for (unsigned i = 0; i < count; i++) {
        tree_writer_frame(writer, FIELD_OTHER_FRAME, frame_of(links[i].other));
    }
    if (count != 0) {
        tree_writer_time(writer, FIELD_TRANSIT_TIME, links[0].transit);
    }
    tree_writer_bool(writer, FIELD_LOST_BETWEEN, links_marks(serial) & FINDING_LOST_BETWEEN);
}

static void put_repeat(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    tree_writer_bool(writer, FIELD_REPEAT, o->repeat);
    tree_writer_frame(writer, FIELD_REPEAT_OF, frame_of(o->repeat_of));
}

/* Two steps in one segment: the field twice. */
static void put_numbered(const struct tree_writer *writer, unsigned steps)
{
    for (unsigned i = 0; i < ALL_STEPS; i++) {
        if (steps & 1u << i) {
            bool opening = i < HANDSHAKE_STEPS;
            tree_writer_uint(writer, opening ? FIELD_HANDSHAKE_STEP : FIELD_TEARDOWN_STEP,
                             opening ? i + 1 : i + 1 - HANDSHAKE_STEPS);
            tree_writer_uint(writer, FIELD_STEP, i + 1);
        }
    }
}

static void put_step(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    struct tree_writer below = *writer;
    if (o->steps != 0) {
        proto_item *item = tree_writer_wants(writer, FIELD_STEP_STR)
                               ? tree_writer_text(writer, FIELD_STEP_STR, step_text(o->steps).text)
                               : NULL;
        if (o->repeat && tree_writer_is_visible(writer)) {
            proto_item_append_text(item, WORDS_DETAILS_REPEATED);
        }
        below = tree_writer_below(writer, item, SUBTREE_STEP);
        put_numbered(&below, o->steps);
    }
    put_repeat(&below);
}

static void put_causes(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    if (o->reset_cause != RESET_NONE) {
        tree_writer_enum(writer, FIELD_RESET_CAUSE, o->reset_cause);
    }
    if (o->timer != TIMER_NONE) {
        proto_item *item = tree_writer_enum(writer, FIELD_TIMER, o->timer);
        struct tree_writer below = tree_writer_below(writer, item, SUBTREE_TIMER);
        if (o->timer_count != 0) {
            tree_writer_uint(&below, FIELD_TIMER_COUNT, o->timer_count);
        }
        tree_writer_time(&below, FIELD_TIMER_INTERVAL, o->timer_interval);
    }
}

/* Nothing is no line. */
static void put_debts(const struct tree_writer *writer, enum field field, unsigned set,
                      const struct owed *owed)
{
    enum debt list[DEBT_COUNT];
    char chars[sizeof(struct owed_text) + sizeof WORDS_DETAILS_OWED];
    unsigned count = debts_in_order(set, list);
    for (unsigned i = 0; i < count; i++) {
        struct text since = text_in(chars, sizeof chars);
        if (list[i] != OWES_NOTHING && list[i] == owed->debt && tree_writer_is_visible(writer)) {
            text_format(&since, WORDS_DETAILS_OWED, owed_text(owed).text);
        }
        proto_item *item = tree_writer_enum_with(writer, field, list[i], chars);
        if (item != NULL && list[i] == OWES_NOTHING) {
            proto_item_set_hidden(item);
        }
    }
}

/* "Client state: ESTABLISHED (expected)" */
static void put_state(const struct tree_writer *writer, enum field state, enum field basis,
                      const struct observed_end *end)
{
    char chars[32];
    struct text surely = text_in(chars, sizeof chars);
    if (end->after != UNKNOWN && tree_writer_is_visible(writer)) {
        text_format(&surely, " (%s)", basis_name(end->basis));
    }
    proto_item *item = tree_writer_enum_with(writer, state, end->after, chars);
    struct tree_writer below = tree_writer_below(writer, item, SUBTREE_STATE);
    tree_writer_enum(&below, basis, end->basis);
}

void details_put_lines(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    put_received(writer);
    put_step(writer);
    put_points(writer);
    put_causes(writer);
    put_debts(writer, FIELD_OWES_CLIENT, o->client_owes, &o->client_owed);
    put_debts(writer, FIELD_OWES_SERVER, o->server_owes, &o->server_owed);
    put_state(writer, FIELD_CLIENT_STATE, FIELD_CLIENT_BASIS, end_of(o, ROLE_CLIENT));
    put_state(writer, FIELD_SERVER_STATE, FIELD_SERVER_BASIS, end_of(o, ROLE_SERVER));
    tree_writer_enum(writer, FIELD_PHASE, o->phase);
}

/* ---------------------------------------------------------------------- closed */

/* An invalid number is worth its line. */
static void put_valid(const struct tree_writer *writer, enum field field, enum validity valid)
{
    if (valid != UNTOLD && tree_writer_wants(writer, field)) {
        proto_item_set_generated(
            proto_tree_add_boolean(writer->tree, fields[field], writer->tvb, 0, 0, valid == VALID));
    }
}

static void put_seq(const struct tree_writer *writer)
{
    const struct text_ctx *ctx = writer->ctx;
    const struct observation *o = ctx->observation;
    if (ctx->segment->usable && ctx->segment->length_known) {
        tree_writer_uint(writer, FIELD_SEQ_LENGTH, segment_length(ctx->segment));
    }
    if (o->has_seq_expected) {
        tree_writer_uint(writer, FIELD_SEQ_EXPECTED, shown_seq(ctx, o->seq_expected));
        tree_writer_uint(writer, FIELD_SEQ_EXPECTED_RAW, o->seq_expected.n);
    }
    tree_writer_frame(writer, FIELD_SEQ_FROM, frame_of(o->seq_from_frame));
    tree_writer_enum(writer, FIELD_SEQ_VERDICT, o->seq_verdict);
    put_valid(writer, FIELD_SEQ_VALID, seq_verdicts[o->seq_verdict].valid);
}

static void put_ack(const struct tree_writer *writer)
{
    const struct text_ctx *ctx = writer->ctx;
    const struct observation *o = ctx->observation;
    if (o->has_ack_expected) {
        tree_writer_uint(writer, FIELD_ACK_EXPECTED, shown_ack(ctx, o->ack_expected));
        tree_writer_uint(writer, FIELD_ACK_EXPECTED_RAW, o->ack_expected.n);
    }
    tree_writer_frame(writer, FIELD_ACK_FROM, frame_of(o->ack_from_frame));
    tree_writer_enum(writer, FIELD_ACK_VERDICT, o->ack_verdict);
    put_valid(writer, FIELD_ACK_VALID, ack_verdicts[o->ack_verdict].valid);
}

static const char *invalid_words(const struct verdict *verdict)
{
    return verdict->valid == INVALID ? WORDS_DETAILS_INVALID : "";
}

/* ": seq 10 (in-order), ack 8 (too-old, invalid)" */
static void put_numbers_label(proto_item *item, const struct text_ctx *ctx)
{
    char chars[ITEM_LABEL_LENGTH];
    struct text text = text_in(chars, sizeof chars);
    const struct verdict *seq = &seq_verdicts[ctx->observation->seq_verdict];
    const struct verdict *ack = &ack_verdicts[ctx->observation->ack_verdict];
    text_format(&text, WORDS_DETAILS_SEQ, shown_seq(ctx, ctx->segment->seq), seq->name, invalid_words(seq));
    if (segment_has(ctx->segment, FLAG_ACK)) {
        text_format(&text, WORDS_DETAILS_ACK, shown_ack(ctx, ctx->segment->ack), ack->name,
                    invalid_words(ack));
    } else {
        text_format(&text, WORDS_DETAILS_NO_ACK, ack->name);
    }
    tree_writer_label(item, field_name(FIELD_NUMBERS), chars);
}

static void put_numbers(const struct tree_writer *writer)
{
    proto_item *item = tree_writer_heading(writer, FIELD_NUMBERS);
    struct tree_writer below = tree_writer_below(writer, item, SUBTREE_NUMBERS);
    if (tree_writer_is_visible(writer) && writer->ctx->segment->usable) {
        put_numbers_label(item, writer->ctx);
    }
    put_seq(&below);
    put_ack(&below);
}

static void put_ends(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    proto_item *item = tree_writer_heading(writer, FIELD_ENDS);
    struct tree_writer below = tree_writer_below(writer, item, SUBTREE_ENDS);
    if (tree_writer_is_visible(writer)) {
        char chars[ITEM_LABEL_LENGTH];
        struct text text = text_in(chars, sizeof chars);
        text_format(&text, WORDS_DETAILS_ENDS, writer->ctx->sender, writer->ctx->peer);
        tree_writer_label(item, field_name(FIELD_ENDS), chars);
    }
    tree_writer_enum(&below, FIELD_SENDER_ROLE, o->sender_role);
    tree_writer_enum(&below, FIELD_SENDER_BEFORE, o->sender.before);
    tree_writer_enum(&below, FIELD_SENDER_STATE, o->sender.after);
    tree_writer_time(&below, FIELD_SENDER_TIME, o->sender.time_in_state);
    tree_writer_enum(&below, FIELD_PEER_BEFORE, o->peer.before);
    tree_writer_enum(&below, FIELD_PEER_STATE, o->peer.after);
    tree_writer_time(&below, FIELD_PEER_TIME, o->peer.time_in_state);
    tree_writer_bool(&below, FIELD_STATE_CHANGED, o->state_changed);
    tree_writer_bool(&below, FIELD_ASSUMED, o->assumed);
    if (o->corrected) {
        tree_writer_enum(&below, FIELD_SENDER_PRESUMED, o->presumed);
        tree_writer_frame(&below, FIELD_LOST_FRAME, frame_of(o->lost_frame));
    }
}

void details_put_rest(const struct tree_writer *writer)
{
    put_numbers(writer);
    put_ends(writer);
}
