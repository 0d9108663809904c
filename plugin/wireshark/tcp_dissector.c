/* tcp_dissector.c - what Wireshark's own TCP dissector made of a segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_dissector.h"

#include "compat.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/prefs-int.h>

static struct {
    int protocol; /* TCP */
    pref_t *relative, *analyze;
} tcp;

/* Where the numbers of one direction counted from until the frame `serial`. */
struct rebase {
    unsigned flow; /* 0: flow1 */
    uint32_t serial, base;
    struct rebase *earlier;
};

static GHashTable *rebases; /* stream -> its newest */

/* Of streams that were looked for of late, by their number; to look for one is half as dear as all that the
 * engine does with a segment. */
enum { RECENT = 256 };
static const struct tcp_analysis *recent[RECENT];

static void rebase_free(gpointer data)
{
    struct rebase *rebase = (struct rebase *)data;
    while (rebase != NULL) {
        struct rebase *earlier = rebase->earlier;
        g_free(rebase);
        rebase = earlier;
    }
}

void tcp_dissector_open(void)
{
    rebases = g_hash_table_new_full(NULL, NULL, NULL, rebase_free);
}

void tcp_dissector_close(void)
{
    memset(recent, 0, sizeof recent);
    if (rebases != NULL) {
        g_hash_table_destroy(rebases);
        rebases = NULL;
    }
}

void tcp_dissector_handoff(void)
{
    module_t *module = prefs_find_module("tcp");
    tcp.protocol = proto_get_id_by_filter_name("tcp");
    tcp.relative = module ? prefs_find_preference(module, "relative_sequence_numbers") : NULL;
    tcp.analyze = module ? prefs_find_preference(module, "analyze_sequence_numbers") : NULL;
}

/* TCP's data of the conversation. `pinfo` may hold an inner layer's addresses by now. Doesn't go
 * through get_tcp_conversation_data(), which would change what TCP keeps for its current segment. */
static const struct tcp_analysis *find_analysis(const struct tcp_layer *layer, packet_info *pinfo)
{
    address source = pinfo->src, destination = pinfo->dst;
    uint32_t source_port = pinfo->srcport, destination_port = pinfo->destport;
    pinfo->src = layer->source;
    pinfo->dst = layer->destination;
    pinfo->srcport = layer->segment.source_port;
    pinfo->destport = layer->segment.destination_port;
    conversation_t *conversation = compat_find_conversation(pinfo);
    pinfo->src = source;
    pinfo->dst = destination;
    pinfo->srcport = source_port;
    pinfo->destport = destination_port;
    return conversation ? (const struct tcp_analysis *)conversation_get_proto_data(conversation, tcp.protocol)
                        : NULL;
}

/* Of a segment whose stream is known. */
static const struct tcp_analysis *analysis_of(const struct tcp_layer *layer, packet_info *pinfo)
{
    uint32_t stream = layer->record.stream;
    const struct tcp_analysis **place = &recent[stream % RECENT];
    if (stream == STREAM_NONE) {
        return NULL;
    }
    if (*place == NULL || (*place)->stream != stream) {
        *place = find_analysis(layer, pinfo);
    }
    return *place;
}

/* TCP's flow1 is what the greater address sends, or the greater port if the addresses are equal. */
static unsigned flow_of_sender(const struct tcp_layer *layer)
{
    int order = cmp_address(&layer->source, &layer->destination);
    bool first = order > 0 || (order == 0 && layer->segment.source_port > layer->segment.destination_port);
    return first ? 0 : 1;
}

static uint32_t base_of(const struct tcp_analysis *analysis, unsigned flow)
{
    return flow == 0 ? analysis->flow1.base_seq : analysis->flow2.base_seq;
}

/* As of the frame `serial`. */
static uint32_t base_at(const struct tcp_analysis *analysis, unsigned flow, uint32_t serial)
{
    uint32_t base = base_of(analysis, flow);
    const struct rebase *rebase = g_hash_table_size(rebases) == 0
                                      ? NULL
                                      : (const struct rebase *)g_hash_table_lookup(
                                            rebases, GUINT_TO_POINTER(analysis->stream));
    for (; rebase != NULL && rebase->serial > serial; rebase = rebase->earlier) {
        base = rebase->flow == flow ? rebase->base : base;
    }
    return base;
}

static bool is_syn_ack(const struct segment *segment)
{
    return segment_has(segment, FLAG_SYN | FLAG_ACK);
}

/* Only a SYN-ACK on a stream whose numbers already count from somewhere is of interest. */
void stream_watch(struct tcp_layer *layer, packet_info *pinfo)
{
    if (!compat_syn_ack_moves_base() || !layer->entry->acked || !is_syn_ack(&layer->segment)) {
        return;
    }
    const struct tcp_analysis *analysis = find_analysis(layer, pinfo);
    if (analysis != NULL) {
        layer->base_watched = true;
        layer->base = base_of(analysis, flow_of_sender(layer));
    }
}

static void note_rebase(const struct tcp_layer *layer, packet_info *pinfo)
{
    const struct tcp_analysis *analysis = find_analysis(layer, pinfo);
    unsigned flow = flow_of_sender(layer);
    if (analysis == NULL || base_of(analysis, flow) == layer->base) {
        return;
    }
    gpointer key = GUINT_TO_POINTER(analysis->stream);
    struct rebase *rebase = g_new(struct rebase, 1);
    *rebase = (struct rebase){flow, layer->segment.frame, layer->base, NULL};
    rebase->earlier = (struct rebase *)g_hash_table_lookup(rebases, key);
    g_hash_table_steal(rebases, key); /* so that the earlier ones live on behind the new one */
    g_hash_table_insert(rebases, key, rebase);
}

static bool may_begin(const struct tcp_layer *layer)
{
    const struct segment *segment = &layer->segment;
    return layer->entry->stream == STREAM_NONE ||
           (segment_has(segment, FLAG_SYN) &&
            (!segment_has(segment, FLAG_ACK) || compat_syn_ack_opens_stream())) ||
           compat_streams_are_deinterlaced();
}

uint32_t stream_number(const struct tcp_layer *layer, packet_info *pinfo)
{
    struct tuple_entry *entry = layer->entry;
    if (may_begin(layer)) {
        const struct tcp_analysis *analysis = find_analysis(layer, pinfo);
        uint32_t stream = analysis ? analysis->stream : STREAM_NONE;
        entry->acked = entry->acked && stream == entry->stream;
        entry->stream = stream;
    }
    if (layer->base_watched) {
        note_rebase(layer, pinfo);
    }
    entry->acked |= segment_has(&layer->segment, FLAG_ACK);
    return entry->stream;
}

static bool numbers_are_relative(void)
{
    return tcp.relative && tcp.analyze && prefs_get_bool_value(tcp.relative, pref_current) &&
           prefs_get_bool_value(tcp.analyze, pref_current);
}

struct bases stream_bases(const struct tcp_layer *layer, packet_info *pinfo)
{
    struct bases bases = {0, 0};
    if (!numbers_are_relative() || (!layer->segment.length_known && compat_fragments_stay_absolute())) {
        return bases;
    }
    const struct tcp_analysis *analysis = analysis_of(layer, pinfo);
    if (analysis != NULL) {
        unsigned flow = flow_of_sender(layer);
        bases.seq = base_at(analysis, flow, layer->segment.frame);
        bases.ack = base_at(analysis, !flow, layer->segment.frame);
    }
    return bases;
}
