/* flow_graph.c - see menu.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menu/menu.h"

/* Old compilers don't know the question; the header comes with a whole source tree only. */
#ifdef __has_include
#if __has_include(<epan/sequence_analysis.h>)
#define TCPFSM_HAS_SEQUENCE_ANALYSIS
#endif
#endif

#ifdef TCPFSM_HAS_SEQUENCE_ANALYSIS

#include "compat.h"
#include "show/brief.h"
#include "tap.h"
#include "words/words.h"

#include <epan/sequence_analysis.h>
#include <epan/tap.h>

/* The letters that tcpdump's readers know, in their order: "SYN, ACK". */
static char *flags_of(const struct segment *segment)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
        {FLAG_FIN, "FIN"}, {FLAG_SYN, "SYN"}, {FLAG_RST, "RST"}, {FLAG_PSH, "PSH"}, {FLAG_ACK, "ACK"}};
    const char *set[array_length(names) + 1] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < array_length(names); i++) {
        if (segment_has(segment, names[i].flag)) {
            set[count++] = names[i].name;
        }
    }
    return g_strjoinv(", ", (char **)(uintptr_t)set);
}

static tap_packet_status flow_graph_packet(void *data, packet_info *pinfo, epan_dissect_t *edt _U_,
                                           const void *tapped, tap_flags_t tap_flags _U_)
{
    seq_analysis_info_t *graph = (seq_analysis_info_t *)data;
    const struct tcpfsm_segment *segment = (const struct tcpfsm_segment *)tapped;
    seq_analysis_item_t *arrow = sequence_analysis_create_sai_with_addresses(pinfo, graph);
    if (arrow == NULL) {
        return TAP_PACKET_DONT_REDRAW;
    }
    char states[INFO_MAX], line[BRIEF_MAX];
    char *flags = flags_of(segment->segment);
    brief_info(segment->observation, states);
    brief_line(segment->observation, line);
    arrow->frame_number = pinfo->num;
    arrow->port_src = (uint16_t)pinfo->srcport;
    arrow->port_dst = (uint16_t)pinfo->destport;
    arrow->frame_label = g_strconcat(flags, " ", states, NULL);
    arrow->comment = g_strdup(line);
    arrow->line_style = 1;
    arrow->conv_num = (uint16_t)segment->observation->connection;
    arrow->display = true;
    g_queue_push_tail(graph->items, arrow);
    g_free(flags);
    return TAP_PACKET_REDRAW;
}

void flow_graph_register(void)
{
    register_seq_analysis("tcpfsm", WORDS_MENU_FLOW_GRAPH, proto_get_id_by_filter_name("tcpfsm"), TCPFSM_TAP,
                          TL_REQUIRES_NOTHING, flow_graph_packet);
}

#else

void flow_graph_register(void)
{
}

#endif
