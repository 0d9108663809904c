/* ladder_heading.c - see ladder_heading.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/ladder_heading.h"

#include "statistics/address_text.h"
#include "statistics/ladder/ladder_words.h"
#include "words/words.h"
#include "summary/history.h"
#include "summary/outcome.h"
#include "tcp_dissector.h"

#include <inttypes.h>

/* "Connection 1 (tcp.stream 1): closed, on the ports of connection 0 after 1.0 s" */
static char *what_became(wmem_allocator_t *pool, uint32_t number, const struct summary *s,
                         unsigned timeout_findings)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    uint32_t stream = connections_stream(number);
    wmem_strbuf_append_printf(text, WORDS_LADDER_TITLE, number);
    if (stream != STREAM_NONE) {
        wmem_strbuf_append_printf(text, WORDS_LADDER_STREAM, stream);
    }
    wmem_strbuf_append_printf(text, ": %s", outcome_name(outcome_of(s, timeout_findings)));
    if (s->previous != 0) {
        wmem_strbuf_append_printf(text, WORDS_LADDER_PREVIOUS, s->previous - 1);
        if (s->since_previous >= 0) {
            wmem_strbuf_append_printf(text, WORDS_LADDER_PREVIOUS_AGE,
                                      words_duration(pool, s->since_previous));
        }
    }
    return wmem_strbuf_finalize(text);
}

/* "opened three-way; closed four-way; closed first by client; history ShADadFf" */
static char *how(wmem_allocator_t *pool, const struct summary *s)
{
    char history[HISTORY_MAX];
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    const char *const phrases[] = {
        opening_phrases[opening_of(s)],
        closing_phrases[closing_of(s)],
        closer_phrases[closer_of(s)],
    };
    for (size_t i = 0; i < array_length(phrases); i++) {
        if (phrases[i] != NULL) {
            wmem_strbuf_append_printf(text, "%s; ", phrases[i]);
        }
    }
    wmem_strbuf_append_printf(text, WORDS_LADDER_HISTORY, history_tell(s, history));
    return wmem_strbuf_finalize(text);
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
    if (lines->point[LEFT] != 0) {
        enum { BEFORE = 2, BEHIND = 2 };
        canvas_put(lines->canvas, lines->point[LEFT] - BEFORE, WORDS_LADDER_POINT_1);
        canvas_put_before(lines->canvas, lines->point[RIGHT] + BEHIND, WORDS_LADDER_POINT_2);
    }
    draw_heads(lines, assumed ? "client~" : "client", assumed ? "server~" : "server");
    if (connections_ends(number, ends, &length)) {
        char text[SIDES][SOCKET_TEXT_MAX];
        for (unsigned i = 0; i < SIDES; i++) {
            const struct tuple_end *end = &ends[i ^ s->client_from];
            char host[ADDRESS_TEXT_MAX];
            address_write(host, end, length);
            socket_write(text[i], host, end->port);
        }
        draw_heads(lines, text[LEFT], text[RIGHT]);
    }
}

void heading_draw(struct lifelines *lines, uint32_t number, const struct summary *summary,
                  unsigned timeout_findings)
{
    canvas_write_all(lines->canvas, what_became(lines->pool, number, summary, timeout_findings),
                     lines->output);
    canvas_write_all(lines->canvas, how(lines->pool, summary), lines->output);
    canvas_write(lines->canvas, lines->output);
    draw_ends(lines, number, summary);
}
