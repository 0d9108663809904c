/* lifelines.c - see lifelines.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/lifelines.h"

#include "words/words.h"

#include <inttypes.h>

enum {
    STATE_WIDTH = 13, /* "SYN-RECEIVED?" */
    INNER_MIN = 44,   /* between the lifelines of a wide page: room for most labels */
    MARGIN = 3,       /* of an arrow on either side of its label, blank included */
    LOSS = 6,         /* so far before the other lifeline a lost segment ends */
    POINT = 6,        /* so far from its lifeline a capture point stands */
    SLOPE = 4,        /* so far from the other point an arrow bends */
    COLUMN_SPACE = 2,
};

static const char *const nothing[SIDES];

struct line {
    const char *text;
    bool silent; /* time passes beside it */
};

void lifelines_open(struct lifelines *lines, struct canvas *canvas, struct output *output)
{
    *lines = (struct lifelines){
        .canvas = canvas,
        .output = output,
        .between = g_array_new(FALSE, FALSE, sizeof(struct line)),
        .beside = {g_ptr_array_new(), g_ptr_array_new()},
        .pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE),
    };
}

void lifelines_close(struct lifelines *lines)
{
    g_array_free(lines->between, TRUE);
    g_ptr_array_unref(lines->beside[LEFT]);
    g_ptr_array_unref(lines->beside[RIGHT]);
    wmem_destroy_allocator(lines->pool);
}

/* "12.345678", in seconds. */
static char *time_text(const struct lifelines *lines, int64_t time)
{
    return wmem_strdup_printf(lines->pool, "%.6f", seconds(time));
}

static char *frame_text(const struct lifelines *lines, uint32_t frame)
{
    return wmem_strdup_printf(lines->pool, "%" PRIu32, frame);
}

void lifelines_place(struct lifelines *lines, uint32_t frame, int64_t time, bool points)
{
    lines->frame_end = MAX(canvas_columns(frame_text(lines, frame)), canvas_columns("frame"));
    lines->time_end = lines->frame_end + COLUMN_SPACE +
                      MAX(canvas_columns(time_text(lines, time)), canvas_columns("seconds"));
    lines->column[LEFT] = lines->time_end + COLUMN_SPACE + STATE_WIDTH + 1;
    lines->column[RIGHT] = lines->canvas->width - STATE_WIDTH - 2;
    if (lines->column[RIGHT] - lines->column[LEFT] <= INNER_MIN) {
        lines->frame_end = lines->time_end = 0;
        lines->column[LEFT] = STATE_WIDTH + 1;
    }
    lines->point[LEFT] = points ? lines->column[LEFT] + POINT : 0;
    lines->point[RIGHT] = points ? lines->column[RIGHT] - POINT : 0;
}

static bool has_points(const struct lifelines *lines)
{
    return lines->point[LEFT] != 0;
}

/* The lines between which texts stand. */
static int edge(const struct lifelines *lines, enum side side)
{
    return has_points(lines) ? lines->point[side] : lines->column[side];
}

static void put(struct lifelines *lines, const char *text)
{
    canvas_put_between(lines->canvas, edge(lines, LEFT) + 1, edge(lines, RIGHT), text);
}

static void draw_lines(struct lifelines *lines, const char *glyph)
{
    if (has_points(lines)) {
        canvas_put(lines->canvas, lines->point[LEFT], "╎");
        canvas_put(lines->canvas, lines->point[RIGHT], "╎");
    }
    canvas_put(lines->canvas, lines->column[LEFT], glyph);
    canvas_put(lines->canvas, lines->column[RIGHT], glyph);
}

static int inner_width(const struct lifelines *lines)
{
    return edge(lines, RIGHT) - edge(lines, LEFT) - 1;
}

/* With what stands beside the lifelines, or NULL. */
static void end_line(struct lifelines *lines, const char *const beside[SIDES])
{
    if (beside[LEFT] != NULL) {
        canvas_put_before(lines->canvas, lines->column[LEFT] - 1, beside[LEFT]);
    }
    if (beside[RIGHT] != NULL) {
        canvas_put(lines->canvas, lines->column[RIGHT] + 2, beside[RIGHT]);
    }
    canvas_write(lines->canvas, lines->output);
}

int lifelines_room(const struct lifelines *lines)
{
    return inner_width(lines) - 2;
}

static void add_lines(struct lifelines *lines, const char *text, bool silent)
{
    while (*text != '\0') {
        struct line line = {canvas_break(lines->pool, &text, lifelines_room(lines)), silent};
        g_array_append_val(lines->between, line);
    }
}

void lifelines_note(struct lifelines *lines, const char *text)
{
    add_lines(lines, text, false);
}

void lifelines_silence(struct lifelines *lines, const char *duration, const char *text)
{
    const char *comma = *text != '\0' ? ", " : "";
    const char *whole = wmem_strdup_printf(lines->pool, "~ %s%s%s ~", duration, comma, text);
    if (canvas_columns(whole) <= lifelines_room(lines)) {
        add_lines(lines, whole, true);
    } else {
        add_lines(lines, wmem_strdup_printf(lines->pool, "~ %s ~", duration), true);
        add_lines(lines, text, true);
    }
}

void lifelines_aside(struct lifelines *lines, enum side side, const char *text)
{
    g_ptr_array_add(lines->beside[side], wmem_strdup(lines->pool, text));
}

/* All that is still to come; `last` (or NULL) stands at one side of the last line. */
static void let_out(struct lifelines *lines, const char *last, enum side side)
{
    guint length = lines->between->len + (last != NULL);
    guint count = MAX(length, MAX(lines->beside[LEFT]->len, lines->beside[RIGHT]->len));
    for (guint i = 0; i < count; i++) {
        const struct line *line = i < lines->between->len ? &g_array_index(lines->between, struct line, i)
                                                          : NULL;
        draw_lines(lines, line != NULL && line->silent ? "┊" : "│");
        if (line != NULL) {
            put(lines, line->text);
        } else if (i + 1 == count && last != NULL && side == LEFT) {
            canvas_put(lines->canvas, lines->column[LEFT] + 2, last);
        } else if (i + 1 == count && last != NULL) {
            canvas_put_before(lines->canvas, lines->column[RIGHT] - 1, last);
        }
        const char *beside[SIDES];
        for (unsigned k = 0; k < SIDES; k++) {
            const GPtrArray *texts = lines->beside[k];
            beside[k] = i < texts->len ? (const char *)g_ptr_array_index(texts, i) : NULL;
        }
        end_line(lines, beside);
    }
    g_array_set_size(lines->between, 0);
    g_ptr_array_set_size(lines->beside[LEFT], 0);
    g_ptr_array_set_size(lines->beside[RIGHT], 0);
}

void lifelines_flush(struct lifelines *lines)
{
    let_out(lines, NULL, LEFT);
}

/* On a narrow page, frame and time come above the arrow, where it begins; on a wide one beside it. */
static void announce(struct lifelines *lines, enum side from, uint32_t frame, int64_t time)
{
    const char *when = time_text(lines, time), *number = frame_text(lines, frame);
    if (lines->time_end == 0) {
        let_out(lines, wmem_strdup_printf(lines->pool, WORDS_LADDER_FRAME_AT, number, when), from);
    } else {
        lifelines_flush(lines);
        canvas_put_before(lines->canvas, lines->frame_end, number);
        canvas_put_before(lines->canvas, lines->time_end, when);
    }
}

/* Lets out all of a label but its last line, which is returned. */
static char *put_label(struct lifelines *lines, const char *label, int width)
{
    const char *part = canvas_break(lines->pool, &label, width);
    while (*label != '\0') {
        draw_lines(lines, "│");
        put(lines, part);
        end_line(lines, nothing);
        part = canvas_break(lines->pool, &label, width);
    }
    return wmem_strdup_printf(lines->pool, " %s ", part);
}

static void put_shaft(struct lifelines *lines, const struct arrow *arrow)
{
    int left = lines->column[LEFT], right = lines->column[RIGHT], loss = arrow->lost ? LOSS : 0;
    gunichar shaft = g_utf8_get_char("─");
    draw_lines(lines, "│");
    if (arrow->from == LEFT) {
        canvas_put(lines->canvas, left, "├");
        canvas_fill(lines->canvas, left + 1, right - loss, shaft);
        canvas_put(lines->canvas, right - 1 - loss, arrow->lost ? "╳" : "►");
    } else {
        canvas_put(lines->canvas, right, "┤");
        canvas_fill(lines->canvas, left + 1 + loss, right, shaft);
        canvas_put(lines->canvas, left + 1 + loss, arrow->lost ? "╳" : "◄");
    }
}

/* To or from where it is seen no more, or not yet: "╲" on its way down. */
static const char *bend(const struct arrow *arrow)
{
    switch (arrow->between) {
    case LOST_THERE: return "╳";
    case MADE_THERE: return "●";
    case UNKNOWN_THERE: return "?";
    default: return arrow->from == LEFT ? "╲" : "╱";
    }
}

/* A shaft over the capture point on that side of it, between columns. */
static void put_leg(struct lifelines *lines, const struct arrow *arrow)
{
    enum side from = arrow->from;
    bool departs = arrow->leg == LEG_DEPARTS, rightward = from == LEFT;
    enum side side = departs ? from : !from; /* where it was captured */
    int turn = departs == rightward ? lines->point[RIGHT] - SLOPE : lines->point[LEFT] + SLOPE;
    int begin = MIN(turn, lines->column[side]), end = MAX(turn, lines->column[side]);
    draw_lines(lines, "│");
    canvas_fill(lines->canvas, begin + 1, end, g_utf8_get_char("─"));
    canvas_put(lines->canvas, lines->point[side], "┼");
    canvas_put(lines->canvas, turn, bend(arrow));
    if (departs) {
        canvas_put(lines->canvas, lines->column[side], rightward ? "├" : "┤");
    } else {
        canvas_put(lines->canvas, lines->column[side] + (rightward ? -1 : 1),
                   arrow->lost ? "╳"
                   : rightward ? "►"
                               : "◄");
    }
}

void lifelines_arrow(struct lifelines *lines, const struct arrow *arrow)
{
    bool whole = arrow->leg == LEG_WHOLE;
    int loss = !whole ? SLOPE : arrow->lost ? LOSS : 0;
    announce(lines, arrow->from, arrow->frame, arrow->time);
    char *label = put_label(lines, arrow->label, inner_width(lines) - 2 * (MARGIN + loss));
    if (whole) {
        put_shaft(lines, arrow);
    } else {
        put_leg(lines, arrow);
    }
    put(lines, label);
    end_line(lines, arrow->state);
}

/* An amount stands at the head of its arrow: " 7 bytes ". */
static char *amount_label(const struct lifelines *lines, const char *amount)
{
    return wmem_strdup_printf(lines->pool, *amount != '\0' ? " %s " : "%s", amount);
}

static void put_bundle(struct lifelines *lines, const struct bundle *bundle)
{
    int left = lines->column[LEFT], right = lines->column[RIGHT];
    draw_lines(lines, "│");
    canvas_fill(lines->canvas, left + 1, right, g_utf8_get_char("═"));
    for (unsigned side = 0; side < SIDES && has_points(lines); side++) {
        canvas_put(lines->canvas, lines->point[side], "╪");
    }
    if (bundle->reaches[LEFT]) {
        canvas_put(lines->canvas, left + 1, "◄");
    }
    if (bundle->reaches[RIGHT]) {
        canvas_put(lines->canvas, right - 1, "►");
    }
}

/* The label in the middle, or where the amounts leave room. */
static void put_amounts(struct lifelines *lines, const char *left, const char *label, const char *right)
{
    int begin = edge(lines, LEFT) + MARGIN, end = edge(lines, RIGHT) - MARGIN + 1;
    int after_left = begin + canvas_columns(left), before_right = end - canvas_columns(right);
    int at = edge(lines, LEFT) + 1 + (inner_width(lines) - canvas_columns(label)) / 2;
    canvas_put(lines->canvas, begin, left);
    canvas_put_before(lines->canvas, end, right);
    if (at > after_left && at + canvas_columns(label) < before_right) {
        put(lines, label);
    } else {
        canvas_put_between(lines->canvas, after_left, before_right, label);
    }
}

void lifelines_bundle(struct lifelines *lines, const struct bundle *bundle)
{
    const char *left = amount_label(lines, bundle->amount[LEFT]);
    const char *right = amount_label(lines, bundle->amount[RIGHT]);
    const char *label = wmem_strdup_printf(lines->pool, " %s ", bundle->arrow.label);
    int columns = canvas_columns(left) + canvas_columns(label) + canvas_columns(right);
    announce(lines, bundle->arrow.from, bundle->arrow.frame, bundle->arrow.time);
    if (columns + 2 * MARGIN + 2 <= inner_width(lines)) {
        put_bundle(lines, bundle);
        put_amounts(lines, left, label, right);
    } else {
        draw_lines(lines, "│");
        canvas_put(lines->canvas, edge(lines, LEFT) + 1, left);
        canvas_put_before(lines->canvas, edge(lines, RIGHT), right);
        end_line(lines, nothing);
        put_bundle(lines, bundle);
        put(lines, label);
    }
    end_line(lines, bundle->arrow.state);
}

void lifelines_event(struct lifelines *lines, const char *text, uint32_t frame, int64_t time)
{
    announce(lines, LEFT, frame, time);
    draw_lines(lines, "│");
    put(lines, text);
    end_line(lines, nothing);
}

void lifelines_states(struct lifelines *lines, const char *const states[SIDES])
{
    lifelines_flush(lines);
    draw_lines(lines, "│");
    end_line(lines, states);
}
