/* observe.c - how segments get from Wireshark to the engine
 *
 * A frame is dissected again and again, and may hold several TCP headers: all
 * that belongs to a dissection lies in pinfo->pool, chained to the frame. What
 * is noted is noted before TCP runs, for TCP may throw, and may leave an inner
 * layer's addresses in pinfo.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_LOG_DOMAIN "tcpfsm"

#include "observe.h"

#include "audience.h"
#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "capture/live_clock.h"
#include "statistics/statistics.h"
#include "findings/experts.h"
#include "capture/serials.h"
#include "findings/hindsight.h"
#include "preferences.h"
#include "show/show.h"
#include "store/records.h"
#include "tcp_dissector.h"
#include "show/brief.h"
#include "words/words.h"

#include <epan/ipproto.h>
#include <epan/proto_data.h>
#include <wsutil/wslog.h>

enum { LAYERS = 0 }; /* the key of our data of a frame */

static struct {
    int id; /* this plugin's protocol */
    protocol_t *protocol;
    dissector_handle_t shim, post, tcp;
    uint32_t layered;               /* the frame that is being dissected, if it has layers */
    struct tcp_layer *first, *last; /* of these; they live as long as that dissection */
} us;

struct tcp_layer *observe_layers(packet_info *pinfo)
{
    return (struct tcp_layer *)p_get_proto_data(pinfo->pool, pinfo, us.id, LAYERS);
}

/* Chains `layer` behind the others of the frame. No dissection begins within another one, so there is one
 * chain; to look for it among pinfo's data costs as much as a tenth of all that the plugin does. */
static void layer_keep(struct tcp_layer *layer, const packet_info *pinfo)
{
    if (us.layered != pinfo->num) {
        us.layered = pinfo->num;
        us.first = layer;
    } else {
        us.last->next = layer;
        layer->depth = us.last->depth + 1;
    }
    us.last = layer;
}

/* Takes the chain of the frame; NULL: there was no TCP header. */
static struct tcp_layer *layers_take(const packet_info *pinfo)
{
    struct tcp_layer *first = us.layered == pinfo->num ? us.first : NULL;
    us.layered = 0;
    us.first = us.last = NULL;
    return first;
}

/* The first visit asks the engine, later ones the record. */
static void layer_observe(struct tcp_layer *layer, packet_info *pinfo)
{
    struct record *record = &layer->record;
    if (PINFO_FD_VISITED(pinfo)) {
        struct record_key key = record_key(&layer->segment, layer->depth, layer->tuple.hash);
        layer->observed = records_find(key, &layer->segment, record);
        if (layer->observed) {
            layer->reported = hindsight_reported(&layer->segment, record, &layer->received);
            layer->crossing.point = points_point(&layer->tuple, &layer->segment,
                                                 record->observation.sender_role);
        }
        return;
    }
    uint32_t count = connections_count();
    layer->entry = connections_entry(&layer->tuple);
    if (layer->entry != NULL) {
        layer->reported.timeout_findings = connections_observe(layer->entry, &layer->segment, record,
                                                               &layer->rejection, &layer->crossing);
        layer->reported.findings = record->observation.findings | record->of_load |
                                   layer->rejection.findings | layer->crossing.findings;
        layer->observed = true;
        layer->begins = connections_count() != count;
        stream_watch(layer, pinfo);
    }
}

static struct tcp_layer *layer_new(tvbuff_t *tvb, packet_info *pinfo, const void *ip)
{
    struct tcp_layer *layer = wmem_new(pinfo->pool, struct tcp_layer);
    layer->next = NULL;
    layer->depth = 0;
    layer->tvb = tvb;
    layer->entry = NULL;
    layer->quote = NULL;
    layer->observed = false;
    layer->reported = (struct reported){0, 0};
    layer->rejection.findings = 0;
    layer->received.verdict = RECEIVER_NONE;
    layer->begins = false;
    layer->crossing = (struct crossing){0};
    layer->info_shown = false;
    layer->base_watched = false;
    if (!tcp_layer_read(layer, pinfo, ip)) {
        return NULL;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        capture_clock_advance(layer->segment.frame, layer->segment.time);
    }
    layer_keep(layer, pinfo);
    layer_observe(layer, pinfo);
    return layer;
}

/* A header that an ICMP error quotes is kept among the segments if there is something to say of it. */
static void quote_keep(tvbuff_t *tvb, packet_info *pinfo, const void *ip)
{
    const struct quote *quote = icmp_errors_note(tvb, pinfo, ip, tcp_layer_time(pinfo));
    if (quote != NULL) {
        struct tcp_layer *layer = wmem_new0(pinfo->pool, struct tcp_layer);
        layer->quote = quote;
        layer_keep(layer, pinfo);
    }
}

/* In front of what TCP and its payload say, where narrow columns and the Flow Graph still show it. The fence
 * keeps it there when whoever called us clears the column. */
static void show_info(struct tcp_layer *layer, packet_info *pinfo)
{
    if (preferences.info_column && layer->observed && !layer->info_shown &&
        col_get_writable(pinfo->cinfo, COL_INFO)) {
        char text[INFO_MAX];
        brief_info(&layer->record.observation, text);
        col_prepend_fence_fstr(pinfo->cinfo, COL_INFO, "%s ", text);
        layer->info_shown = true;
    }
}

/* Of the layers whose TCP threw: the outermost last, so that it comes first as in all others. */
static void show_missing_infos(struct tcp_layer *layer, packet_info *pinfo)
{
    if (layer != NULL) {
        show_missing_infos(layer->next, pinfo);
        show_info(layer, pinfo);
    }
}

/* Stands where TCP stood in the table ip.proto. Header quotes in ICMP errors are no segments. */
static int shim_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    struct tcp_layer *layer = NULL;
    if (preferences.analyze && proto_is_protocol_enabled(us.protocol) &&
        (!audience_sleeps || audience_listens(pinfo, tree))) {
        if (pinfo->flags.in_error_pkt) {
            quote_keep(tvb, pinfo, data);
        } else {
            layer = layer_new(tvb, pinfo, data);
        }
    }
    int length = call_dissector_only(us.tcp, tvb, pinfo, tree, data);
    if (layer != NULL) {
        show_info(layer, pinfo); /* from the post-dissector, _ws.col.info would miss it */
    }
    return length;
}

/* Stores what the engine said, with the stream that TCP chose meanwhile. */
static void layer_store(struct tcp_layer *layer, packet_info *pinfo)
{
    struct record_key key = record_key(&layer->segment, layer->depth, layer->tuple.hash);
    layer->record.stream = stream_number(layer, pinfo);
    if (layer->begins) {
        connections_set_stream(layer->record.observation.connection, layer->record.stream);
    }
    if (audience_returns()) {
        records_add(key, &layer->segment, &layer->record);
    }
}

/* What a filter of the capture explains is no suspicion: so far, for the end may know better. */
static void layer_excuse(struct tcp_layer *layer)
{
    struct summary summary;
    const struct observation *observation = &layer->record.observation;
    if ((layer->reported.findings & FINDING_SEQ_SUSPECT) &&
        connections_summary(observation->connection, &summary) &&
        capture_filter_excuses(&summary, observation)) {
        layer->reported.findings &= ~FINDING_SEQ_SUSPECT;
    }
}

static void layers_show(struct tcp_layer *layer, packet_info *pinfo, proto_tree *tree)
{
    for (; layer != NULL; layer = layer->next) {
        if (layer->quote != NULL) {
            icmp_errors_show(layer->quote, pinfo, tree);
        }
        if (layer->entry != NULL) {
            layer_store(layer, pinfo);
        }
        if (layer->observed) {
            layer_excuse(layer);
            show_segment(layer, pinfo, tree);
        }
    }
}

/* The end of a frame's first visit. */
static void visit_end(const struct tcp_layer *first, packet_info *pinfo, proto_tree *tree)
{
    bool told = first != NULL && first->quote == NULL; /* by layer_new() */
    int64_t time = told ? first->segment.time : tcp_layer_time(pinfo);
    uint32_t serial = serials_end((frame_t){pinfo->num});
    if (!told) {
        capture_clock_advance(serial, time);
    }
    if (live_clock_asks(time)) {
        live_clock_hear(time, g_get_real_time() * 1000);
    }
    hindsight_advance();
    if (points_exist) {
        points_see(tcp_layer_interface(pinfo), time);
    }
    audience_consider(pinfo, tree);
}

/* Runs for every frame, even if a dissector threw. */
static int post_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    struct tcp_layer *first = layers_take(pinfo);
    if (audience_sleeps || !preferences.analyze || !proto_is_protocol_enabled(us.protocol)) {
        return 0;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        visit_end(first, pinfo, tree);
    }
    if (first != NULL) {
        const char *protocol = pinfo->current_proto; /* experts are listed by it */
        pinfo->current_proto = proto_get_protocol_short_name(us.protocol);
        show_missing_infos(first, pinfo);
        layers_show(first, pinfo, tree);
        pinfo->current_proto = protocol;
        if (tree != NULL) {
            p_add_proto_data(pinfo->pool, pinfo, us.id, LAYERS, first);
        }
    }
    return (int)tvb_captured_length(tvb);
}

static void observe_open(void)
{
    audience_open();
    experts_open();
    capture_clock_open(capture_clock_ns(preferences.hole));
    live_clock_open(g_get_real_time() * 1000);
    connections_open(&(struct limits){
        .time_wait = capture_clock_ns(preferences.time_wait),
        .timeouts = hindsight_timeouts(),
        .many = preferences.many_limit,
    });
    hindsight_open();
    records_open();
    tcp_dissector_open();
    serials_open();
}

/* The first pass is over. */
static void observe_finish(void)
{
    hindsight_finish();
    experts_light(hindsight_total());
    statistics_file_is_read();
}

static void observe_close(void)
{
    statistics_file_closes();
    ws_info("%u segments, %zu bytes of records; %u connections, %zu bytes", records_count(), records_bytes(),
            connections_count(), connections_bytes());
    hindsight_close();
    serials_close();
    tcp_dissector_close();
    connections_close();
    capture_clock_close();
    records_close();
}

void observe_register(int protocol)
{
    us.id = protocol;
    us.protocol = find_protocol_by_id(protocol);
    /* Without a protocol: Wireshark would book a layer for each frame, at the price of several hundred
     * instructions. So post_dissect() itself asks whether the protocol is enabled. */
    us.post = create_dissector_handle(post_dissect, -1);
    register_postdissector(us.post);
    register_init_routine(observe_open);
    register_cleanup_routine(observe_close);
    register_postseq_cleanup_routine(observe_finish);

    /* A protocol in name only adds no layer to frame.protocols, and is disabled together with its parent.
     * (A handle without any protocol would crash the table of Decode As.) */
    int tcp = proto_get_id_by_filter_name("tcp");
    if (tcp >= 0) {
        int in_front = proto_register_protocol_in_name_only(WORDS_IN_FRONT_OF_TCP, "TCP (tcpfsm)",
                                                            "tcpfsm.tcp", tcp, FT_PROTOCOL);
        us.shim = register_dissector("tcpfsm.tcp", shim_dissect, in_front);
    }
}

void observe_handoff(void)
{
    dissector_table_t table = find_dissector_table("ip.proto");
    us.tcp = table ? dissector_get_uint_handle(table, IP_PROTO_TCP) : NULL;
    if (us.tcp != NULL && us.shim != NULL) {
        dissector_add_uint("ip.proto", IP_PROTO_TCP, us.shim);
    }
}
