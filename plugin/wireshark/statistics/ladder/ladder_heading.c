/* ladder_heading.c - see ladder_heading.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/ladder_heading.h"

#include "statistics/address_text.h"
#include "statistics/ladder/ladder_words.h"
#include "tell/names.h"
#include "summary/history.h"
#include "summary/outcome.h"
#include "tcp_dissector.h"

#include <inttypes.h>

/* "opening three-way, closing four-way, closer client, history ShADadFf" */
static void add_story(GString *text, const struct summary *s)
{
    char history[HISTORY_MAX];
    if (opening_of(s) != OPENING_NONE) {
        g_string_append_printf(text, "opening %s, ", opening_name(opening_of(s)));
    }
    g_string_append_printf(text, "closing %s", closing_name(closing_of(s)));
    if (closer_of(s) != CLOSER_NONE) {
        g_string_append_printf(text, ", closer %s", closer_name(closer_of(s)));
    }
    g_string_append_printf(text, ", history\xc2\xa0%s", history_tell(s, history));
}

static void add_previous(GString *text, const struct summary *s)
{
    if (s->previous != 0) {
        g_string_append_printf(text, ", on the ports of connection %" PRIu32, s->previous - 1);
        if (s->since_previous >= 0) {
            g_string_append(text, " after ");
            words_duration(text, s->since_previous);
        }
    }
}

static char *end_text(const struct tuple_end *end, size_t address_length)
{
    char host[ADDRESS_TEXT_MAX], text[SOCKET_TEXT_MAX];
    address_write(host, end, address_length);
    socket_write(text, host, end->port);
    return g_strdup(text);
}

/* Centered over a lifeline, as far as the page allows; where it begins. */
static int head_begin(const struct lifelines *lines, enum side side, const char *text)
{
    int columns = canvas_columns(text);
    return CLAMP(lines->column[side] - columns / 2, 0, MAX(lines->canvas->width - columns, 0));
}

static void draw_heads(struct lifelines *lines, const char *left, const char *right)
{
    int begin = head_begin(lines, RIGHT, right), end = head_begin(lines, LEFT, left) + canvas_columns(left);
    canvas_put(lines->canvas, head_begin(lines, LEFT, left), left);
    if (end >= begin) {
        canvas_write(lines->canvas, lines->output);
    }
    canvas_put(lines->canvas, begin, right);
    canvas_write(lines->canvas, lines->output);
}

static void draw_ends(struct lifelines *lines, uint32_t number, const struct summary *s)
{
    struct tuple_end ends[2];
    size_t length;
    bool assumed = !s->end[0].syn_seen && !s->end[1].syn_seen;
    if (lines->time_end != 0) {
        canvas_put_before(lines->canvas, lines->frame_end, "frame");
        canvas_put_before(lines->canvas, lines->time_end, "seconds");
    }
    draw_heads(lines, assumed ? "client~" : "client", assumed ? "server~" : "server");
    if (connections_ends(number, ends, &length)) {
        char *client = end_text(&ends[s->client_from], length);
        char *server = end_text(&ends[!s->client_from], length);
        draw_heads(lines, client, server);
        g_free(client);
        g_free(server);
    }
}

static void draw_text(struct lifelines *lines, GString *text)
{
    GPtrArray *parts = canvas_wrap(text->str, lines->canvas->width);
    for (guint i = 0; i < parts->len; i++) {
        canvas_put(lines->canvas, 0, (const char *)g_ptr_array_index(parts, i));
        canvas_write(lines->canvas, lines->output);
    }
    g_ptr_array_unref(parts);
    g_string_truncate(text, 0);
}

void heading_draw(struct lifelines *lines, uint32_t number, const struct summary *summary,
                  unsigned timeout_findings)
{
    GString *text = g_string_new(NULL);
    uint32_t stream = connections_stream(number);
    g_string_printf(text, "Connection %" PRIu32, number);
    if (stream != STREAM_NONE) {
        g_string_append_printf(text, " (tcp.stream %" PRIu32 ")", stream);
    }
    g_string_append_printf(text, ": %s", outcome_name(outcome_of(summary, timeout_findings)));
    add_previous(text, summary);
    draw_text(lines, text);
    add_story(text, summary);
    draw_text(lines, text);
    g_string_free(text, TRUE);
    canvas_write(lines->canvas, lines->output);
    draw_ends(lines, number, summary);
}
