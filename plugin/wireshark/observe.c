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

#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "capture/live_clock.h"
#include "statistics/statistics.h"
#include "findings/experts.h"
#include "capture/serials.h"
#include "findings/hindsight.h"
#include "preferences.h"
#include "icmp_errors.h"
#include "show/show.h"
#include "tcp_dissector.h"
#include "show/brief.h"

#include <epan/ipproto.h>
#include <epan/proto_data.h>
#include <epan/dissectors/packet-ip.h>
#include <wiretap/wtap.h>
#include <wsutil/wslog.h>

enum {
    SECOND = 1000000000, /* ns */
    SIGHTINGS = 0,       /* the key of our data of a frame */
    PORTS = 4,           /* bytes of a header up to and with both ports */
};

static struct {
    int id; /* this plugin's protocol */
    protocol_t *protocol;
    dissector_handle_t shim, post, tcp;
} us;

static int64_t time_of(const packet_info *pinfo)
{
    const int64_t limit = CAPTURE_TIME_MAX / SECOND;
    int64_t seconds = pinfo->abs_ts.secs;
    return CLAMP(seconds, -limit, limit) * SECOND + pinfo->abs_ts.nsecs;
}

/* Differs by interface and VLAN, most likely. */
static uint16_t path_of(const packet_info *pinfo)
{
    uint32_t interface = 0;
    if (pinfo->rec != NULL && (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID)) {
        interface = pinfo->rec->rec_header.packet_header.interface_id;
    }
    return (uint16_t)(interface * 0x9e3bu + pinfo->vlan_id);
}

/* The part of a MAC address that differs between the cards of one maker. */
static uint32_t card_of(const address *mac)
{
    enum { MAC_SIZE = 6 };
    uint32_t card = 0;
    if (mac->len == MAC_SIZE) {
        memcpy(&card, (const uint8_t *)mac->data + MAC_SIZE - sizeof card, sizeof card);
    }
    return card;
}

/* Where the packet was captured: differs by TTL and MAC addresses, too. */
static uint16_t point_of(const packet_info *pinfo, const void *ip, uint16_t path)
{
    const uint32_t odd = 0x9e3779b1u;
    uint32_t hash = (path ^ card_of(&pinfo->dl_src)) * odd;
    hash = (hash ^ hash >> 15 ^ card_of(&pinfo->dl_dst)) * odd;
    if (ip != NULL) { /* the first byte tells what it is; another dissector may pass something else */
        uint8_t version = *(const uint8_t *)ip;
        hash += version == IP_VERSION_NUM_INET    ? ((const ws_ip4 *)ip)->ip_ttl
                : version == IP_VERSION_NUM_INET6 ? ((const ws_ip6 *)ip)->ip6_hop
                                                  : 0;
    }
    return (uint16_t)(hash ^ hash >> 16);
}

/* Fills what comes from the header and around it; false if there is nothing to observe. */
static bool sighting_read(struct sighting *sighting, packet_info *pinfo, const void *ip)
{
    uint8_t header[SEGMENT_HEADER_MAX];
    struct segment *segment = &sighting->segment;
    unsigned captured = tvb_captured_length(sighting->tvb);
    unsigned length = tvb_reported_length(sighting->tvb);
    captured = captured < sizeof header ? captured : (unsigned)sizeof header;
    if (captured < PORTS || pinfo->src.type != pinfo->dst.type || pinfo->src.len != pinfo->dst.len) {
        return false; /* nobody can tell whose it is */
    }
    tvb_memcpy(sighting->tvb, header, 0, captured);
    segment_parse(segment, header, captured, pinfo->fragmented ? SEGMENT_LENGTH_UNKNOWN : length);
    segment->source_port = (uint16_t)(header[0] << 8 | header[1]);
    segment->destination_port = (uint16_t)(header[2] << 8 | header[3]);
    struct tuple_end source = {pinfo->src.data, segment->source_port};
    struct tuple_end destination = {pinfo->dst.data, segment->destination_port};
    if (!tuple_make(&sighting->tuple, source, destination, (size_t)pinfo->src.len)) {
        return false;
    }
    segment->usable = segment->usable && !sighting->tuple.same;
    segment->from = sighting->tuple.from;
    sighting->serial = PINFO_FD_VISITED(pinfo) ? frames_serial(pinfo->num) : frames_begin(pinfo->num);
    segment->frame = sighting->serial;
    segment->time = time_of(pinfo);
    segment->path = path_of(pinfo);
    segment->point = point_of(pinfo, ip, segment->path);
    if (ip != NULL && *(const uint8_t *)ip == IP_VERSION_NUM_INET) {
        segment->has_ip_id = true;
        segment->ip_id = ((const ws_ip4 *)ip)->ip_id;
    }
    copy_address_shallow(&sighting->source, &pinfo->src);
    copy_address_shallow(&sighting->destination, &pinfo->dst);
    return true;
}

struct sighting *observe_sightings(packet_info *pinfo)
{
    return (struct sighting *)p_get_proto_data(pinfo->pool, pinfo, us.id, SIGHTINGS);
}

/* Chains `sighting` behind the others of the frame. */
static void sighting_keep(struct sighting *sighting, packet_info *pinfo)
{
    struct sighting *outer = observe_sightings(pinfo);
    if (outer == NULL) {
        p_add_proto_data(pinfo->pool, pinfo, us.id, SIGHTINGS, sighting);
        return;
    }
    while (outer->next != NULL) {
        outer = outer->next;
    }
    outer->next = sighting;
    sighting->layer = outer->layer + 1;
}

/* The first visit asks the engine, later ones the record. */
static void sighting_judge(struct sighting *sighting, packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo)) {
        struct record_key key = record_key(&sighting->segment, sighting->layer, sighting->tuple.hash);
        struct observation *observation = &sighting->record.observation;
        sighting->observed = records_find(key, &sighting->segment, &sighting->record);
        if (sighting->observed) {
            struct told told = hindsight_told(observation->connection, sighting->serial);
            sighting->timeout_findings = told.timeout_findings;
            observation->findings |= told.findings;
            sighting->received = hindsight_received(&sighting->segment, observation);
        }
        return;
    }
    uint32_t count = connections_count();
    sighting->entry = connections_entry(&sighting->tuple);
    if (sighting->entry != NULL) {
        sighting->timeout_findings = connections_observe(sighting->entry, &sighting->segment,
                                                         &sighting->record.observation, &sighting->rejection);
        sighting->observed = true;
        sighting->begins = connections_count() != count;
        stream_watch(sighting, pinfo);
    }
}

static struct sighting *sight(tvbuff_t *tvb, packet_info *pinfo, const void *ip)
{
    struct sighting *sighting = wmem_new(pinfo->pool, struct sighting);
    sighting->next = NULL;
    sighting->layer = 0;
    sighting->tvb = tvb;
    sighting->entry = NULL;
    sighting->quote = NULL;
    sighting->observed = false;
    sighting->timeout_findings = 0;
    sighting->rejection.findings = 0;
    sighting->received.verdict = RECEIVER_NONE;
    sighting->begins = false;
    sighting->info_shown = false;
    sighting->base_watched = false;
    if (!sighting_read(sighting, pinfo, ip)) {
        return NULL;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        capture_clock_advance(sighting->serial, sighting->segment.time);
    }
    sighting_keep(sighting, pinfo);
    sighting_judge(sighting, pinfo);
    return sighting;
}

/* A header that an ICMP error quotes is kept among the segments if there is something to say of it. */
static void quote_sight(tvbuff_t *tvb, packet_info *pinfo, const void *ip)
{
    const struct quote *quote = icmp_errors_note(tvb, pinfo, ip, time_of(pinfo));
    if (quote != NULL) {
        struct sighting *sighting = wmem_new0(pinfo->pool, struct sighting);
        sighting->quote = quote;
        sighting_keep(sighting, pinfo);
    }
}

static void show_info(struct sighting *sighting, packet_info *pinfo)
{
    if (preferences.info_column && sighting->observed && !sighting->info_shown) {
        char text[INFO_MAX];
        brief_info(&sighting->record.observation, text);
        col_append_str(pinfo->cinfo, COL_INFO, text);
        sighting->info_shown = true;
    }
}

/* Stands where TCP stood in the table ip.proto. Header quotes in ICMP errors are no segments. */
static int shim_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    struct sighting *sighting = NULL;
    if (preferences.analyze && proto_is_protocol_enabled(us.protocol)) {
        if (pinfo->flags.in_error_pkt) {
            quote_sight(tvb, pinfo, data);
        } else {
            sighting = sight(tvb, pinfo, data);
        }
    }
    int length = call_dissector_only(us.tcp, tvb, pinfo, tree, data);
    if (sighting != NULL) {
        show_info(sighting, pinfo); /* from the post-dissector, _ws.col.info would miss it */
    }
    return length;
}

/* Stores what the engine said, with the stream that TCP chose meanwhile. */
static void sighting_store(struct sighting *sighting, packet_info *pinfo)
{
    struct record_key key = record_key(&sighting->segment, sighting->layer, sighting->tuple.hash);
    sighting->record.stream = stream_number(sighting, pinfo);
    if (sighting->begins) {
        connections_set_stream(sighting->record.observation.connection, sighting->record.stream);
    }
    records_add(key, &sighting->segment, &sighting->record);
}

/* What a filter of the capture explains is no suspicion. The record keeps it: the end may know better. */
static void sighting_excuse(struct sighting *sighting)
{
    struct summary summary;
    struct observation *observation = &sighting->record.observation;
    if ((observation->findings & FINDING_SEQ_SUSPECT) &&
        connections_summary(observation->connection, &summary) &&
        capture_filter_excuses(&summary, observation)) {
        observation->findings &= ~FINDING_SEQ_SUSPECT;
    }
}

static void sightings_show(struct sighting *sighting, packet_info *pinfo, proto_tree *tree)
{
    for (; sighting != NULL; sighting = sighting->next) {
        if (sighting->quote != NULL) {
            icmp_errors_show(sighting->quote, pinfo, tree);
        }
        if (sighting->entry != NULL) {
            sighting_store(sighting, pinfo);
            sighting->record.observation.findings |= sighting->rejection.findings;
        }
        if (sighting->observed) {
            sighting_excuse(sighting);
            frames_link(&sighting->record.observation);
            sighting->segment.frame = pinfo->num;
            show_info(sighting, pinfo); /* in case that TCP threw */
            show_sighting(sighting, pinfo, tree);
        }
    }
}

/* Runs for every frame, even if a dissector threw. */
static int post_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (!preferences.analyze || !proto_is_protocol_enabled(us.protocol)) {
        return 0;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        int64_t time = time_of(pinfo);
        capture_clock_advance(frames_begin(pinfo->num), time);
        if (live_clock_asks(time)) {
            live_clock_hear(time, g_get_real_time() * 1000);
        }
        frames_end(pinfo->num);
        hindsight_advance();
    }
    struct sighting *first = observe_sightings(pinfo);
    if (first != NULL) {
        const char *protocol = pinfo->current_proto; /* experts are listed by it */
        pinfo->current_proto = proto_get_protocol_short_name(us.protocol);
        sightings_show(first, pinfo, tree);
        pinfo->current_proto = protocol;
    }
    return (int)tvb_captured_length(tvb);
}

static void observe_open(void)
{
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
    frames_open();
}

static void observe_close(void)
{
    statistics_file_closes();
    ws_info("%u segments, %zu bytes of records; %u connections, %zu bytes", records_count(), records_bytes(),
            connections_count(), connections_bytes());
    hindsight_close();
    frames_close();
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
    register_postseq_cleanup_routine(hindsight_finish);

    /* A protocol in name only adds no layer to frame.protocols, and is disabled together with its parent.
     * (A handle without any protocol would crash the table of Decode As.) */
    int tcp = proto_get_id_by_filter_name("tcp");
    if (tcp >= 0) {
        int in_front = proto_register_protocol_in_name_only("TCP, followed by TCP Connection State",
                                                            "TCP (tcpfsm)", "tcpfsm.tcp", tcp, FT_PROTOCOL);
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
