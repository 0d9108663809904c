/* show.c - the tree of a segment
 *
 * Reads the record and the header only, so that every later look equals the
 * first. On an invisible tree a field costs nothing unless someone refers to it;
 * twins are left out everywhere unless someone does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show.h"

#include "experts.h"
#include "explain.h"
#include "fields.h"
#include "names.h"
#include "numbers.h"
#include "summary.h"
#include "tap.h"

#include <epan/proto.h>
#include <epan/tap.h>

enum { SECOND = 1000000000, HANDSHAKE_STEPS = 3, ALL_STEPS = 7 };

static int protocol = -1, subtree = -1, tap;

/* A tree under construction. */
struct sheet {
    const struct view *view;
    proto_tree *tree;
    tvbuff_t *tvb;
};

void show_register(int id)
{
    static int *subtrees[] = {&subtree};
    protocol = id;
    proto_register_subtree_array(subtrees, array_length(subtrees));
    tap = register_tap(TCPFSM_TAP);
}

static bool wanted(const struct sheet *sheet, enum field field)
{
    return proto_field_is_referenced(sheet->tree, fields[field]);
}

static void put_uint(const struct sheet *sheet, enum field field, uint32_t value)
{
    if (wanted(sheet, field)) {
        proto_item_set_generated(proto_tree_add_uint(sheet->tree, fields[field], sheet->tvb, 0, 0, value));
    }
}

static void put_bool(const struct sheet *sheet, enum field field, bool value)
{
    if (wanted(sheet, field)) {
        proto_item_set_generated(proto_tree_add_boolean(sheet->tree, fields[field], sheet->tvb, 0, 0, value));
    }
}

/* A field with names; its twin is the next field. */
static void put_enum(const struct sheet *sheet, enum field field, unsigned value)
{
    put_uint(sheet, field, value);
    if (wanted(sheet, field + 1)) {
        proto_item *twin = proto_tree_add_string(sheet->tree, fields[field + 1], sheet->tvb, 0, 0,
                                                 field_value_name(field, value));
        proto_item_set_generated(twin);
        proto_item_set_hidden(twin);
    }
}

static void put_frame(const struct sheet *sheet, enum field field, uint32_t frame)
{
    if (frame != 0) {
        put_uint(sheet, field, frame);
    }
}

static void put_time(const struct sheet *sheet, enum field field, int64_t time)
{
    if (time != NO_TIME && wanted(sheet, field)) {
        nstime_t duration = {.secs = (time_t)(time / SECOND), .nsecs = (int)(time % SECOND)};
        proto_item_set_generated(
            proto_tree_add_time(sheet->tree, fields[field], sheet->tvb, 0, 0, &duration));
    }
}

static void put_valid(const struct sheet *sheet, enum field field, enum validity valid)
{
    if (valid != UNTOLD) {
        put_bool(sheet, field, valid == VALID);
    }
}

/* The number is the value, the name is only in the packet details. */
static void put_step(const struct sheet *sheet, enum field field, unsigned number, const char *name)
{
    if (wanted(sheet, field)) {
        proto_item_set_generated(proto_tree_add_uint_format_value(sheet->tree, fields[field], sheet->tvb, 0,
                                                                  0, number, "%u (%s)", number, name));
    }
}

/* Two steps in one segment: the field twice. */
static void put_steps(const struct sheet *sheet)
{
    static const char *const names[ALL_STEPS] = {
        "SYN", "SYN-ACK", "ACK", "FIN", "ACK of FIN", "the other end's FIN", "ACK of that FIN"};
    const struct observation *o = sheet->view->observation;
    for (unsigned i = 0; i < ALL_STEPS; i++) {
        if (o->steps & 1u << i) {
            if (i < HANDSHAKE_STEPS) {
                put_step(sheet, FIELD_HANDSHAKE_STEP, i + 1, names[i]);
            } else {
                put_step(sheet, FIELD_TEARDOWN_STEP, i + 1 - HANDSHAKE_STEPS, names[i]);
            }
            put_step(sheet, FIELD_STEP, i + 1, names[i]);
        }
    }
    put_bool(sheet, FIELD_REPEAT, o->repeat);
    put_frame(sheet, FIELD_REPEAT_OF, o->repeat_of);
}

static void put_states(const struct sheet *sheet)
{
    const struct observation *o = sheet->view->observation;
    const struct observed_end *client = client_of(o), *server = server_of(o);
    put_enum(sheet, FIELD_CLIENT_STATE, client->after);
    put_enum(sheet, FIELD_CLIENT_BASIS, client->basis);
    put_enum(sheet, FIELD_SERVER_STATE, server->after);
    put_enum(sheet, FIELD_SERVER_BASIS, server->basis);
    put_enum(sheet, FIELD_SENDER_BEFORE, o->sender.before);
    put_enum(sheet, FIELD_SENDER_STATE, o->sender.after);
    put_time(sheet, FIELD_SENDER_TIME, o->sender.time_in_state);
    put_enum(sheet, FIELD_PEER_BEFORE, o->peer.before);
    put_enum(sheet, FIELD_PEER_STATE, o->peer.after);
    put_time(sheet, FIELD_PEER_TIME, o->peer.time_in_state);
    put_bool(sheet, FIELD_STATE_CHANGED, o->state_changed);
    put_bool(sheet, FIELD_ASSUMED, o->assumed);
    if (o->corrected) {
        put_enum(sheet, FIELD_SENDER_PRESUMED, o->presumed);
        put_frame(sheet, FIELD_LOST_FRAME, o->lost_frame);
    }
}

static void put_numbers(const struct sheet *sheet)
{
    const struct view *view = sheet->view;
    const struct observation *o = view->observation;
    if (view->segment->usable && view->segment->length_known) {
        put_uint(sheet, FIELD_SEQ_LENGTH, segment_length(view->segment));
    }
    if (o->has_seq_expected) {
        put_uint(sheet, FIELD_SEQ_EXPECTED, shown_seq(view, o->seq_expected));
        put_uint(sheet, FIELD_SEQ_EXPECTED_RAW, o->seq_expected.n);
    }
    put_frame(sheet, FIELD_SEQ_FROM, o->seq_from_frame);
    put_enum(sheet, FIELD_SEQ_VERDICT, o->seq_verdict);
    put_valid(sheet, FIELD_SEQ_VALID, seq_verdicts[o->seq_verdict].valid);
    if (o->has_ack_expected) {
        put_uint(sheet, FIELD_ACK_EXPECTED, shown_ack(view, o->ack_expected));
        put_uint(sheet, FIELD_ACK_EXPECTED_RAW, o->ack_expected.n);
    }
    put_frame(sheet, FIELD_ACK_FROM, o->ack_from_frame);
    put_enum(sheet, FIELD_ACK_VERDICT, o->ack_verdict);
    put_valid(sheet, FIELD_ACK_VALID, ack_verdicts[o->ack_verdict].valid);
}

static void put_debts(const struct sheet *sheet, enum field field, unsigned set)
{
    enum debt list[DEBT_COUNT];
    unsigned count = debts_in_order(set, list);
    for (unsigned i = 0; i < count; i++) {
        put_enum(sheet, field, list[i]);
    }
}

static void put_causes(const struct sheet *sheet)
{
    const struct observation *o = sheet->view->observation;
    if (o->reset_cause != RESET_NONE) {
        put_enum(sheet, FIELD_RESET_CAUSE, o->reset_cause);
    }
    if (o->timer != TIMER_NONE) {
        put_enum(sheet, FIELD_TIMER, o->timer);
        put_frame(sheet, FIELD_TIMER_COUNT, o->timer_count); /* as absent when 0 */
        put_time(sheet, FIELD_TIMER_INTERVAL, o->timer_interval);
    }
    put_debts(sheet, FIELD_OWES_CLIENT, o->client_owes);
    put_debts(sheet, FIELD_OWES_SERVER, o->server_owes);
}

static void put_explanation(const struct sheet *sheet, packet_info *pinfo)
{
    if (wanted(sheet, FIELD_EXPLAIN)) {
        proto_item_set_generated(proto_tree_add_string(sheet->tree, fields[FIELD_EXPLAIN], sheet->tvb, 0, 0,
                                                       explain(sheet->view, pinfo->pool)));
    }
}

static void put_all(const struct sheet *sheet, uint32_t stream, packet_info *pinfo)
{
    const struct observation *o = sheet->view->observation;
    put_explanation(sheet, pinfo);
    put_enum(sheet, FIELD_PHASE, o->phase);
    put_enum(sheet, FIELD_SENDER_ROLE, o->sender_role);
    put_steps(sheet);
    put_states(sheet);
    put_numbers(sheet);
    put_causes(sheet);
    put_uint(sheet, FIELD_CONNECTION, o->connection);
    if (stream != STREAM_NONE) {
        put_uint(sheet, FIELD_STREAM, stream);
    }
}

static void queue(const struct sighting *sighting, packet_info *pinfo)
{
    struct tcpfsm_segment *segment = wmem_new(pinfo->pool, struct tcpfsm_segment);
    *segment = (struct tcpfsm_segment){
        .segment = &sighting->segment,
        .observation = &sighting->record.observation,
        .source = &sighting->source,
        .destination = &sighting->destination,
        .layer = sighting->layer,
        .stream = sighting->record.stream,
    };
    tap_queue_packet(tap, pinfo, segment);
}

static proto_item *show(const struct view *view, const struct sighting *sighting, packet_info *pinfo,
                        proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, protocol, sighting->tvb, 0, 0, ENC_NA);
    proto_item_set_generated(item);
    if (!proto_field_is_referenced(tree, protocol)) {
        return item; /* only expert infos want to hang on it */
    }
    struct sheet sheet = {view, proto_item_add_subtree(item, subtree), sighting->tvb};
    if (tree->tree_data->visible) {
        char line[SUMMARY_MAX];
        summary_line(view->observation, line);
        proto_item_append_text(item, ": %s", line);
    }
    put_all(&sheet, sighting->record.stream, pinfo);
    return item;
}

static bool wants_numbers(proto_tree *tree)
{
    return proto_field_is_referenced(tree, fields[FIELD_SEQ_EXPECTED]) ||
           proto_field_is_referenced(tree, fields[FIELD_ACK_EXPECTED]) ||
           proto_field_is_referenced(tree, fields[FIELD_EXPLAIN]);
}

void show_sighting(const struct sighting *sighting, packet_info *pinfo, proto_tree *tree)
{
    bool remarkable = experts_have(&sighting->record.observation, tree != NULL);
    if (have_tap_listener(tap)) {
        queue(sighting, pinfo);
    }
    if (!remarkable && !proto_field_is_referenced(tree, protocol)) { /* not without a tree, either */
        return;
    }
    struct view view = view_make(sighting, pinfo, remarkable || wants_numbers(tree));
    proto_item *item = tree != NULL ? show(&view, sighting, pinfo, tree) : NULL;
    if (remarkable) {
        experts_add(&view, pinfo, item);
    }
}
