/* show.c - the tree of a segment
 *
 * Reads the record and the header only, so that every later look equals the
 * first. On an invisible tree a field, or twin, costs nothing unless someone
 * refers to it; on a visible one all are there, for all may be shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/show.h"

#include "findings/experts.h"
#include "show/details.h"
#include "capture/serials.h"
#include "findings/hindsight.h"
#include "show/tree_writer.h"
#include "show/show_connection.h"
#include "show/brief.h"
#include "tap.h"

#include <epan/proto.h>
#include <epan/tap.h>

static int protocol = -1, tap;

void show_register(int id)
{
    protocol = id;
    tap = register_tap(TCPFSM_TAP);
    tree_writer_register();
}

bool show_is_tapped(void)
{
    return have_tap_listener(tap);
}

bool show_is_asked(proto_tree *tree)
{
    return show_is_tapped() || proto_field_is_referenced(tree, protocol);
}

bool show_taps_listen(packet_info *pinfo)
{
    static const struct tcpfsm_segment nothing; /* that nobody gets */
    tap_queue_packet(tap, pinfo, &nothing);
    return fetch_tapped_data(tap, 0) != NULL; /* else nobody queues it */
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
        .point = layer->crossing.point,
        .frame = {pinfo->num},
    };
    tap_queue_packet(tap, pinfo, segment);
}

static proto_item *put_protocol(tvbuff_t *tvb, proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, protocol, tvb, 0, 0, ENC_NA);
    proto_item_set_generated(item);
    return item;
}

/* What one reads first stands first: what the segment is, what is wrong, what is expected next, where both
 * ends are. `remarkable`: there are expert infos. */
static void show(const struct text_ctx *ctx, const struct tcp_layer *layer, packet_info *pinfo,
                 proto_tree *tree, bool remarkable)
{
    struct tree_writer outer = {ctx, tree, layer->tvb};
    proto_item *item = put_protocol(layer->tvb, tree);
    bool wanted = proto_field_is_referenced(tree, protocol); /* else only expert infos want to hang on it */
    struct tree_writer writer = tree_writer_below(&outer, item, SUBTREE_SEGMENT);
    if (wanted) {
        if (tree_writer_is_visible(&outer)) {
            char line[2 + BRIEF_MAX] = ": ";
            brief_line(ctx->observation, line + 2);
            tree_writer_label(item, proto_registrar_get_name(protocol), line);
        }
        details_put_explanation(&writer);
    }
    if (remarkable) {
        experts_add(ctx, pinfo, item);
        tree_writer_below(&outer, item, SUBTREE_SEGMENT); /* expert infos made the subtree one of theirs */
    }
    if (wanted) {
        details_put_lines(&writer);
        details_put_rest(&writer);
        show_connection(&writer, layer->record.stream);
    }
}

static bool wants_numbers(proto_tree *tree)
{
    return field_is_referenced(tree, FIELD_SEQ_EXPECTED) || field_is_referenced(tree, FIELD_ACK_EXPECTED) ||
           field_is_referenced(tree, FIELD_EXPLAIN);
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
    bool remarkable = experts_are_read(o, layer->reported, pinfo, tree);
    if (show_is_tapped()) {
        queue(layer, pinfo);
    }
    if (!remarkable && !proto_field_is_referenced(tree, protocol)) { /* not without a tree, either */
        return;
    }
    struct text_ctx ctx = text_ctx_make(layer, pinfo, wants_numbers(tree));
    if (wants_summary(&ctx, tree) && connections_summary(o->connection, &summary)) {
        ctx.summary = &summary;
    }
    if (tree != NULL) {
        show(&ctx, layer, pinfo, tree, remarkable);
    } else if (remarkable) {
        experts_add(&ctx, pinfo, NULL);
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
    proto_item *item = put_protocol(quote->tvb, tree);
    proto_item_append_text(item, ": %s", text);
    struct tree_writer outer = {&ctx, tree, quote->tvb};
    struct tree_writer writer = tree_writer_below(&outer, item, SUBTREE_SEGMENT);
    show_connection(&writer, STREAM_NONE);
    return item;
}
