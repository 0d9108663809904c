/* show.c - the tree of a segment
 *
 * Reads the record and the header only, so that every later look equals the
 * first. On an invisible tree a field costs nothing unless someone refers to it;
 * twins are left out everywhere unless someone does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/show.h"

#include "findings/experts.h"
#include "show/explain.h"
#include "capture/serials.h"
#include "findings/hindsight.h"
#include "tell/names.h"
#include "show/tree_writer.h"
#include "show/show_connection.h"
#include "show/brief.h"
#include "words/words.h"
#include "tap.h"

#include <epan/proto.h>
#include <epan/tap.h>

static int protocol = -1, subtree = -1, tap;

void show_register(int id)
{
    static int *subtrees[] = {&subtree};
    protocol = id;
    proto_register_subtree_array(subtrees, array_length(subtrees));
    tap = register_tap(TCPFSM_TAP);
    show_connection_register();
}

static void put_valid(const struct tree_writer *writer, enum field field, enum validity valid)
{
    if (valid != UNTOLD) {
        tree_writer_bool(writer, field, valid == VALID);
    }
}

/* The number is the value, the name is only in the packet details. */
static void put_step(const struct tree_writer *writer, enum field field, unsigned number, const char *name)
{
    if (tree_writer_wants(writer, field)) {
        proto_item_set_generated(proto_tree_add_uint_format_value(writer->tree, fields[field], writer->tvb, 0,
                                                                  0, number, "%u (%s)", number, name));
    }
}

/* Two steps in one segment: the field twice. */
static void put_steps(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    for (unsigned i = 0; i < ALL_STEPS; i++) {
        if (o->steps & 1u << i) {
            if (i < HANDSHAKE_STEPS) {
                put_step(writer, FIELD_HANDSHAKE_STEP, i + 1, step_words[i].name);
            } else {
                put_step(writer, FIELD_TEARDOWN_STEP, i + 1 - HANDSHAKE_STEPS, step_words[i].name);
            }
            put_step(writer, FIELD_STEP, i + 1, step_words[i].name);
        }
    }
    if (o->steps != 0) {
        tree_writer_text(writer, FIELD_STEP_STR, step_text(o->steps).text);
    }
    tree_writer_bool(writer, FIELD_REPEAT, o->repeat);
    tree_writer_frame(writer, FIELD_REPEAT_OF, frame_of(o->repeat_of));
}

static void put_states(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    const struct observed_end *client = end_of(o, ROLE_CLIENT), *server = end_of(o, ROLE_SERVER);
    tree_writer_enum(writer, FIELD_CLIENT_STATE, client->after);
    tree_writer_enum(writer, FIELD_CLIENT_BASIS, client->basis);
    tree_writer_enum(writer, FIELD_SERVER_STATE, server->after);
    tree_writer_enum(writer, FIELD_SERVER_BASIS, server->basis);
    tree_writer_enum(writer, FIELD_SENDER_BEFORE, o->sender.before);
    tree_writer_enum(writer, FIELD_SENDER_STATE, o->sender.after);
    tree_writer_time(writer, FIELD_SENDER_TIME, o->sender.time_in_state);
    tree_writer_enum(writer, FIELD_PEER_BEFORE, o->peer.before);
    tree_writer_enum(writer, FIELD_PEER_STATE, o->peer.after);
    tree_writer_time(writer, FIELD_PEER_TIME, o->peer.time_in_state);
    tree_writer_bool(writer, FIELD_STATE_CHANGED, o->state_changed);
    tree_writer_bool(writer, FIELD_ASSUMED, o->assumed);
    if (o->corrected) {
        tree_writer_enum(writer, FIELD_SENDER_PRESUMED, o->presumed);
        tree_writer_frame(writer, FIELD_LOST_FRAME, frame_of(o->lost_frame));
    }
}

static void put_numbers(const struct tree_writer *writer)
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
    if (o->has_ack_expected) {
        tree_writer_uint(writer, FIELD_ACK_EXPECTED, shown_ack(ctx, o->ack_expected));
        tree_writer_uint(writer, FIELD_ACK_EXPECTED_RAW, o->ack_expected.n);
    }
    tree_writer_frame(writer, FIELD_ACK_FROM, frame_of(o->ack_from_frame));
    tree_writer_enum(writer, FIELD_ACK_VERDICT, o->ack_verdict);
    put_valid(writer, FIELD_ACK_VALID, ack_verdicts[o->ack_verdict].valid);
}

/* Known once later segments were read. */
static void put_received(const struct tree_writer *writer)
{
    const struct testimony *received = writer->ctx->received;
    if (received->verdict != RECEIVER_NONE) {
        tree_writer_enum(writer, FIELD_RECEIVER_VERDICT, received->verdict);
        tree_writer_frame(writer, FIELD_RECEIVER_FRAME, frame_of(received->frame));
    }
}

static void put_debts(const struct tree_writer *writer, enum field field, unsigned set)
{
    enum debt list[DEBT_COUNT];
    unsigned count = debts_in_order(set, list);
    for (unsigned i = 0; i < count; i++) {
        tree_writer_enum(writer, field, list[i]);
    }
}

static void put_causes(const struct tree_writer *writer)
{
    const struct observation *o = writer->ctx->observation;
    if (o->reset_cause != RESET_NONE) {
        tree_writer_enum(writer, FIELD_RESET_CAUSE, o->reset_cause);
    }
    if (o->timer != TIMER_NONE) {
        tree_writer_enum(writer, FIELD_TIMER, o->timer);
        if (o->timer_count != 0) {
            tree_writer_uint(writer, FIELD_TIMER_COUNT, o->timer_count);
        }
        tree_writer_time(writer, FIELD_TIMER_INTERVAL, o->timer_interval);
    }
    put_debts(writer, FIELD_OWES_CLIENT, o->client_owes);
    put_debts(writer, FIELD_OWES_SERVER, o->server_owes);
}

static void put_explanation(const struct tree_writer *writer, packet_info *pinfo)
{
    if (tree_writer_wants(writer, FIELD_EXPLAIN)) {
        tree_writer_text(writer, FIELD_EXPLAIN, explain(writer->ctx, pinfo->pool));
    }
}

static void put_all(const struct tree_writer *writer, uint32_t stream, packet_info *pinfo)
{
    const struct observation *o = writer->ctx->observation;
    put_explanation(writer, pinfo);
    tree_writer_enum(writer, FIELD_PHASE, o->phase);
    tree_writer_enum(writer, FIELD_SENDER_ROLE, o->sender_role);
    put_steps(writer);
    put_states(writer);
    put_numbers(writer);
    put_received(writer);
    put_causes(writer);
    tree_writer_uint(writer, FIELD_CONNECTION, o->connection);
    if (stream != STREAM_NONE) {
        tree_writer_uint(writer, FIELD_STREAM, stream);
    }
    if (writer->ctx->summary != NULL) {
        show_connection(writer);
    }
}

static void queue(const struct tcp_layer *layer, packet_info *pinfo)
{
    struct tcpfsm_segment *segment = wmem_new(pinfo->pool, struct tcpfsm_segment);
    *segment = (struct tcpfsm_segment){
        .segment = &layer->segment,
        .observation = &layer->record.observation,
        .source = &layer->source,
        .destination = &layer->destination,
        .layer = layer->depth,
        .stream = layer->record.stream,
        .reported = &layer->reported,
        .frame = {pinfo->num},
    };
    tap_queue_packet(tap, pinfo, segment);
}

static proto_item *show(const struct text_ctx *ctx, const struct tcp_layer *layer, packet_info *pinfo,
                        proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, protocol, layer->tvb, 0, 0, ENC_NA);
    proto_item_set_generated(item);
    if (!proto_field_is_referenced(tree, protocol)) {
        return item; /* only expert infos want to hang on it */
    }
    struct tree_writer writer = {ctx, proto_item_add_subtree(item, subtree), layer->tvb};
    if (tree->tree_data->visible) {
        char line[BRIEF_MAX];
        brief_line(ctx->observation, line);
        proto_item_append_text(item, ": %s", line);
    }
    put_all(&writer, layer->record.stream, pinfo);
    return item;
}

static bool wants_numbers(proto_tree *tree)
{
    return proto_field_is_referenced(tree, fields[FIELD_SEQ_EXPECTED]) ||
           proto_field_is_referenced(tree, fields[FIELD_ACK_EXPECTED]) ||
           proto_field_is_referenced(tree, fields[FIELD_EXPLAIN]);
}

/* Texts that tell of more than one segment need the summary, and so do the fields of the connection. */
static bool wants_summary(const struct text_ctx *ctx, proto_tree *tree)
{
    findings_t findings = FINDING_DESYNCHRONIZED | FINDING_TIME_WAIT_REUSE;
    return ctx->reported.timeout_findings != 0 || (ctx->observation->findings & findings) ||
           (proto_field_is_referenced(tree, protocol) && show_connection_wanted(tree));
}

void show_segment(const struct tcp_layer *layer, packet_info *pinfo, proto_tree *tree)
{
    struct summary summary;
    const struct observation *o = &layer->record.observation;
    bool remarkable = experts_have(o, layer->reported, tree != NULL);
    if (have_tap_listener(tap)) {
        queue(layer, pinfo);
    }
    if (!remarkable && !proto_field_is_referenced(tree, protocol)) { /* not without a tree, either */
        return;
    }
    struct text_ctx ctx = text_ctx_make(layer, pinfo, remarkable || wants_numbers(tree));
    if (wants_summary(&ctx, tree) && connections_summary(o->connection, &summary)) {
        ctx.summary = &summary;
    }
    proto_item *item = tree != NULL ? show(&ctx, layer, pinfo, tree) : NULL;
    if (remarkable) {
        experts_add(&ctx, pinfo, item);
    }
}

proto_item *show_quote(const struct quote *quote, const char *text, packet_info *pinfo, proto_tree *tree)
{
    struct summary summary;
    struct observation observation = {.connection = quote->connection};
    struct text_ctx ctx = {
        .observation = &observation, .final = PINFO_FD_VISITED(pinfo), .now = hindsight_end()};
    if (!proto_field_is_referenced(tree, protocol) || !connections_summary(quote->connection, &summary)) {
        return NULL;
    }
    ctx.summary = &summary;
    proto_item *item = proto_tree_add_item(tree, protocol, quote->tvb, 0, 0, ENC_NA);
    proto_item_set_generated(item);
    proto_item_append_text(item, ": %s", text);
    struct tree_writer writer = {&ctx, proto_item_add_subtree(item, subtree), quote->tvb};
    tree_writer_uint(&writer, FIELD_CONNECTION, quote->connection);
    show_connection(&writer);
    return item;
}
