/* ladder.c - the ladders of all connections, or of the most troubled ones: see statistics.h
 *
 * They are drawn at the end, when all is known, so what is kept until then is bounded (rungs.h). Where only
 * the most troubled ones are to be drawn and the end is not known yet, those that look least troubled so far
 * make room for others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/statistics.h"

#include "store/connections.h"
#include "store/points/points.h"
#include "findings/hindsight.h"
#include "preferences.h"
#include "statistics/ladder/picture.h"
#include "statistics/trouble.h"
#include "summary/outcome.h"
#include "words/words.h"

#include <epan/proto.h>
#include <inttypes.h>
#include <string.h>

enum {
    RUNGS_AT_ALL = 100000, /* some 40 MB; more than anybody reads */
    DRAWN_UNASKED = 20,    /* connections, without a filter */
};

struct ladders {
    struct choice choice;
    GHashTable *by_number; /* connection -> struct ladder */
    GByteArray *gone;      /* of each connection: it had to make room, or isn't among the most troubled */
    GArray *order;         /* of struct trouble, if that is known before: all, the first ones are drawn */
    struct roster *roster; /* for rows; of segments it knows nothing */
    bool filtered;
    bool full; /* more passed the filter than there is room for */
    size_t rungs;
};

static void *ladders_create(const struct options *options)
{
    struct ladders *ladders = g_new0(struct ladders, 1);
    g_free(choice_read(&ladders->choice, options)); /* checked before */
    ladders->filtered = options->filter != NULL;
    if (!ladders->filtered && ladders->choice.limit == 0) {
        ladders->choice.limit = DRAWN_UNASKED;
    }
    ladders->by_number = g_hash_table_new_full(NULL, NULL, NULL, ladder_free);
    ladders->gone = g_byte_array_new();
    ladders->roster = roster_new();
    return ladders;
}

static void ladders_destroy(void *data)
{
    struct ladders *ladders = (struct ladders *)data;
    g_hash_table_destroy(ladders->by_number);
    g_byte_array_free(ladders->gone, TRUE);
    roster_free(ladders->roster);
    g_clear_pointer(&ladders->order, g_array_unref);
    g_free(ladders);
}

static void set_gone(struct ladders *ladders, uint32_t number, bool gone)
{
    guint length = ladders->gone->len;
    if (number >= length) {
        g_byte_array_set_size(ladders->gone, number + 1);
        memset(ladders->gone->data + length, 0, number + 1 - length);
    }
    ladders->gone->data[number] = gone;
}

static bool is_gone(const struct ladders *ladders, uint32_t number)
{
    return number < ladders->gone->len && ladders->gone->data[number];
}

/* The whole capture was read before: so it is known which ones are to be drawn. */
static void choose_before(struct ladders *ladders)
{
    struct roster *roster = roster_new(); /* this one reads them */
    ladders->order = trouble_list(roster, &ladders->choice, false);
    for (uint32_t i = 0; i < connections_count(); i++) {
        set_gone(ladders, i, true);
    }
    for (guint i = 0; i < MIN(ladders->order->len, ladders->choice.limit); i++) {
        set_gone(ladders, g_array_index(ladders->order, struct trouble, i).connection, false);
    }
    roster_free(roster);
}

/* ----------------------------------------------------------------- the order */

struct turn {
    const struct ladder *ladder; /* NULL: it is gone */
    struct trouble trouble;
    bool is_over, is_chosen;
};

static const struct ladder *ladder_of(const struct ladders *ladders, uint32_t number)
{
    return (const struct ladder *)g_hash_table_lookup(ladders->by_number, GUINT_TO_POINTER(number));
}

/* As of now. */
static struct turn turn_of(const struct ladders *ladders, uint32_t number)
{
    struct connection_row row;
    struct turn turn = {
        .ladder = ladder_of(ladders, number),
        .trouble = {.connection = number, .severity = SEVERITY_NONE},
        .is_over = true,
    };
    if (roster_row(ladders->roster, number, &row)) {
        row.warnings |= turn.ladder != NULL ? turn.ladder->warnings : 0;
        turn.trouble = trouble_of(&row);
        turn.is_over = outcome_is_settled(&row.summary);
        turn.is_chosen = choice_takes(&ladders->choice, &row);
    }
    return turn;
}

static int turn_order(const void *a, const void *b)
{
    const struct turn *first = (const struct turn *)a, *second = (const struct turn *)b;
    return trouble_order(&first->trouble, &second->trouble);
}

/* As that, but of those without any trouble those first that may yet get into it. */
static int promise_order(const void *a, const void *b)
{
    const struct turn *first = (const struct turn *)a, *second = (const struct turn *)b;
    struct trouble trouble[2] = {first->trouble, second->trouble};
    trouble[0].connection = trouble[1].connection = 0;
    int order = trouble_order(&trouble[0], &trouble[1]);
    return order != 0                          ? order
           : first->is_over != second->is_over ? (first->is_over ? 1 : -1)
                                               : turn_order(a, b);
}

static int number_order(const void *a, const void *b)
{
    uint32_t first = ((const struct turn *)a)->trouble.connection;
    uint32_t second = ((const struct turn *)b)->trouble.connection;
    return (first > second) - (first < second);
}

/* ---------------------------------------------------------------- the segments */

/* Lets go of half of the rungs. */
static void make_room(struct ladders *ladders)
{
    GHashTableIter iterator;
    void *ladder;
    GArray *turns = g_array_new(FALSE, FALSE, sizeof(struct turn));
    g_hash_table_iter_init(&iterator, ladders->by_number);
    while (g_hash_table_iter_next(&iterator, NULL, &ladder)) {
        struct turn turn = turn_of(ladders, ((const struct ladder *)ladder)->number);
        g_array_append_val(turns, turn);
    }
    g_array_sort(turns, promise_order);
    ladders->rungs = 0;
    for (guint i = 0; i < turns->len; i++) {
        const struct ladder *kept = g_array_index(turns, struct turn, i).ladder;
        if (ladders->rungs + kept->rungs->len > RUNGS_AT_ALL / 2) {
            set_gone(ladders, kept->number, true);
            g_hash_table_remove(ladders->by_number, GUINT_TO_POINTER(kept->number));
        } else {
            ladders->rungs += kept->rungs->len;
        }
    }
    g_array_free(turns, TRUE);
}

static void ladders_segment(void *data, const struct tcpfsm_segment *segment)
{
    struct ladders *ladders = (struct ladders *)data;
    uint32_t number = segment->observation->connection;
    if (segment->point == POINT_BETWEEN) {
        return; /* it is drawn as the outermost points show it */
    }
    if (!ladders->filtered && ladders->order == NULL && hindsight_is_known()) {
        choose_before(ladders);
    }
    if (is_gone(ladders, number)) {
        return;
    }
    if (ladders->rungs >= RUNGS_AT_ALL && ladders->order == NULL && ladders->choice.limit != 0) {
        make_room(ladders);
        if (is_gone(ladders, number)) {
            return;
        }
    }
    struct ladder *ladder = (struct ladder *)g_hash_table_lookup(ladders->by_number,
                                                                 GUINT_TO_POINTER(number));
    bool room = ladders->rungs < RUNGS_AT_ALL;
    if (ladder == NULL && !room) {
        ladders->full = true;
        return;
    }
    if (ladder == NULL) {
        ladder = ladder_new(number);
        g_hash_table_insert(ladders->by_number, GUINT_TO_POINTER(number), ladder);
    }
    ladders->rungs += (size_t)ladder_add(ladder, segment, room);
}

/* ----------------------------------------------------------------- the drawing */

/* Why is there none? */
static const char *reason(void)
{
    if (!preferences.analyze) {
        return WORDS_LADDER_ANALYSIS_OFF;
    }
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_get_id_by_filter_name("tcpfsm")))) {
        return WORDS_LADDER_DISABLED;
    }
    return WORDS_LADDER_NOTHING;
}

/* All that were asked for, kept or gone, as of the end. */
static void add_turns(GArray *turns, const struct ladders *ladders)
{
    connections_finish(hindsight_end());
    for (uint32_t i = 0; i < connections_count(); i++) {
        if (is_gone(ladders, i) || ladder_of(ladders, i) != NULL) {
            struct turn turn = turn_of(ladders, i);
            if (turn.is_chosen) {
                g_array_append_val(turns, turn);
            }
        }
    }
}

/* An array of struct turn, in the order in which they are drawn: one after another if all are. */
static GArray *turns_at_end(const struct ladders *ladders)
{
    GArray *turns = g_array_new(FALSE, FALSE, sizeof(struct turn));
    guint limit = ladders->choice.limit;
    if (ladders->order == NULL) {
        add_turns(turns, ladders);
    }
    for (guint i = 0; ladders->order != NULL && i < ladders->order->len; i++) {
        struct turn turn = {.trouble = g_array_index(ladders->order, struct trouble, i)};
        turn.ladder = ladder_of(ladders, turn.trouble.connection);
        g_array_append_val(turns, turn);
    }
    g_array_sort(turns, limit != 0 && turns->len > limit ? turn_order : number_order);
    return turns;
}

/* What isn't drawn, and how to see it. */
static void write_rest(const struct ladders *ladders, const GArray *turns, guint lost, struct output *output)
{
    guint limit = ladders->choice.limit;
    if (ladders->full) {
        output_write(output, WORDS_LADDER_FULL);
    }
    if (lost != 0) {
        output_printf(output, WORDS_LADDER_LOST, lost);
    }
    if (limit != 0 && turns->len > limit) {
        output_printf(output, WORDS_LADDER_REST, turns->len - limit, limit,
                      g_array_index(turns, struct turn, limit).trouble.connection);
    }
}

static void ladders_draw(const struct ladders *ladders, const GArray *turns, struct output *output)
{
    struct canvas canvas;
    guint limit = ladders->choice.limit, lost = 0;
    bool points = false;
    canvas_open(&canvas);
    for (guint i = 0; i < turns->len && (limit == 0 || i < limit); i++) {
        const struct ladder *ladder = g_array_index(turns, struct turn, i).ladder;
        if (ladder == NULL) {
            lost++;
            continue;
        }
        picture_draw(ladder, &canvas, output);
        points |= picture_has_points(ladder);
        canvas_write(&canvas, output);
    }
    picture_legend(points, &canvas, output);
    canvas_close(&canvas);
    write_rest(ladders, turns, lost, output);
}

static void ladders_render(void *data, struct output *output)
{
    const struct ladders *ladders = (const struct ladders *)data;
    GArray *turns = turns_at_end(ladders);
    if (turns->len == 0) {
        output_printf(output, WORDS_LADDER_NONE, reason());
    } else {
        ladders_draw(ladders, turns, output);
    }
    g_array_free(turns, TRUE);
}

static const struct report_kind kind = {
    .argument = "tcpfsm,ladder",
    .title = WORDS_TITLE_LADDERS,
    .shows = WORDS_SHOWS_LADDER,
    .options = choice_options,
    .check = choice_check,
    .create = ladders_create,
    .destroy = ladders_destroy,
    .segment = ladders_segment,
    .render = ladders_render,
};

void ladder_register(void)
{
    report_register(&kind);
}
