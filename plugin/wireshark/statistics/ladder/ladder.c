/* ladder.c - the ladders of all connections: see statistics.h
 *
 * It is drawn at the end, when all is known, so what is kept until then is bounded:
 * see rungs.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/statistics.h"

#include "store/connections.h"
#include "findings/hindsight.h"
#include "preferences.h"
#include "statistics/ladder/picture.h"

#include <epan/proto.h>

enum { RUNGS_AT_ALL = 100000 }; /* some 40 MB; more than anybody reads */

struct ladders {
    GTree *by_number; /* connection -> struct ladder */
    size_t rungs;
    bool full; /* connections were left out */
};

static gint number_order(gconstpointer a, gconstpointer b, gpointer data _U_)
{
    guint first = GPOINTER_TO_UINT(a), second = GPOINTER_TO_UINT(b);
    return (first > second) - (first < second);
}

static void *ladders_create(const struct options *options _U_)
{
    struct ladders *ladders = g_new0(struct ladders, 1);
    ladders->by_number = g_tree_new_full(number_order, NULL, NULL, ladder_free);
    return ladders;
}

static void ladders_destroy(void *data)
{
    struct ladders *ladders = (struct ladders *)data;
    g_tree_destroy(ladders->by_number);
    g_free(ladders);
}

static void ladders_segment(void *data, const struct tcpfsm_segment *segment)
{
    struct ladders *ladders = (struct ladders *)data;
    gpointer key = GUINT_TO_POINTER(segment->observation->connection);
    struct ladder *ladder = (struct ladder *)g_tree_lookup(ladders->by_number, key);
    bool room = ladders->rungs < RUNGS_AT_ALL;
    if (ladder == NULL && !room) {
        ladders->full = true;
        return;
    }
    if (ladder == NULL) {
        ladder = ladder_new(segment->observation->connection);
        g_tree_insert(ladders->by_number, key, ladder);
    }
    ladders->rungs += (size_t)ladder_add(ladder, segment, room);
}

struct page {
    struct canvas canvas;
    struct output *output;
};

static gboolean draw(gpointer number _U_, gpointer ladder, gpointer data)
{
    struct page *page = (struct page *)data;
    picture_draw((const struct ladder *)ladder, &page->canvas, page->output);
    canvas_write(&page->canvas, page->output);
    return FALSE; /* go on */
}

/* Why is there none? */
static const char *reason(void)
{
    if (!preferences.analyze) {
        return "the analysis is off (preference tcpfsm.analyze)";
    }
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_get_id_by_filter_name("tcpfsm")))) {
        return "the protocol TCPFSM is disabled";
    }
    return "no TCP segment, or none that passes the filter";
}

static void ladders_render(void *data, struct output *output)
{
    const struct ladders *ladders = (const struct ladders *)data;
    struct page page = {.output = output};
    if (g_tree_nnodes(ladders->by_number) == 0) {
        output_printf(output, "No ladder: %s\n", reason());
        return;
    }
    connections_finish(hindsight_end());
    canvas_open(&page.canvas);
    g_tree_foreach(ladders->by_number, draw, &page);
    picture_legend(&page.canvas, output);
    canvas_close(&page.canvas);
    if (ladders->full) {
        output_write(output, "More connections follow: too many to draw, name some with a filter\n");
    }
}

static const struct report_kind kind = {
    .argument = "tcpfsm,ladder",
    .title = "TCP Connection Ladders",
    .shows = "a sequence diagram of each connection, with the states of both ends",
    .create = ladders_create,
    .destroy = ladders_destroy,
    .segment = ladders_segment,
    .render = ladders_render,
};

void ladder_register(void)
{
    report_register(&kind);
}
