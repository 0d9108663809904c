/* show_connection.c - the fields of a connection, on each of its segments
 *
 * They are read from the summary. After the first pass they tell with hindsight;
 * in the first pass, what is settled so far.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/show_connection.h"

#include "capture/serials.h"
#include "findings/hindsight.h"
#include "summary/connection_fields.h"
#include "summary/outcome.h"
#include "words/words.h"

#include <epan/packet.h>

static const enum field fields_of[] = {
#define CONNECTION_FIELD(id, kind, of, group, name, value) [CONNECTION_##id] = FIELD_##id,
#define CONNECTION_FIELD_OF_REPORTS(id, kind, of, group, name, value)
#include "summary/connection_fields.def"
};

static void put(const struct tree_writer *writer, const struct summary *s, enum connection_field which,
                int64_t value)
{
    enum field field = fields_of[which];
    switch (connection_fields[which].kind) {
    case VALUE_NAME: tree_writer_enum(writer, field, (unsigned)value); break;
    case VALUE_FRAME: tree_writer_frame(writer, field, frame_of((uint32_t)value)); break;
    case VALUE_TIME: tree_writer_time(writer, field, value); break;
    case VALUE_DATE: tree_writer_date(writer, field, value); break;
    case VALUE_BYTES: tree_writer_uint64(writer, field, (uint64_t)value); break;
    case VALUE_FLAG: tree_writer_bool(writer, field, true); break;
    case VALUE_CHANGES: tree_writer_text(writer, field, changes_text(&s->between).text); break;
    default: tree_writer_uint(writer, field, (uint32_t)value); break;
    }
}

/* ": closed, opened three-way, closed four-way, closed first by client" */
static void add_story(struct text *label, const struct connection_view *view,
                      const struct connection_values *values)
{
    enum opening opening = opening_of(view->summary); /* as it looks so far */
    int64_t closing = values->of[CONNECTION_CLOSING], closer = values->of[CONNECTION_CLOSER];
    const char *outcome = connection_value_name(CONNECTION_OUTCOME, values->of[CONNECTION_OUTCOME]);
    text_format(label, ": %s", *outcome ? outcome : WORDS_DETAILS_NOT_ENDED);
    if (opening != OPENING_NONE) {
        text_format(label, ", %s", opening_phrases[opening]);
    }
    if (closing != ABSENT) {
        text_format(label, ", %s", closing_phrases[closing]);
    }
    if (closer != ABSENT && *outcome) {
        text_format(label, ", %s", closer_phrases[closer]);
    }
}

bool show_connection_wanted(proto_tree *tree)
{
    for (unsigned i = fields_of[0]; i <= fields_of[array_length(fields_of) - 1]; i++) {
        if (field_is_referenced(tree, (enum field)i)) {
            return true;
        }
    }
    return false;
}

static void put_fields(const struct tree_writer *writer, const struct connection_view *view,
                       const struct connection_values *values)
{
    char history[HISTORY_MAX];
    for (unsigned i = 0; i < array_length(fields_of); i++) {
        if (i == CONNECTION_HISTORY) {
            tree_writer_text(writer, FIELD_HISTORY, connection_history(view, history));
        } else if (values->of[i] != ABSENT) {
            put(writer, view->summary, (enum connection_field)i, values->of[i]);
        }
    }
}

void show_connection(const struct tree_writer *parent, uint32_t stream)
{
    const struct summary *s = parent->ctx->summary;
    bool final = parent->ctx->final; /* only then it is known how long nothing came */
    uint32_t number = parent->ctx->observation->connection;
    proto_item *item = tree_writer_uint(parent, FIELD_CONNECTION, number);
    struct tree_writer writer = tree_writer_below(parent, item, SUBTREE_CONNECTION);
    char chars[ITEM_LABEL_LENGTH];
    struct text label = text_in(chars, sizeof chars);
    bool visible = tree_writer_is_visible(parent);
    if (visible) {
        text_format(&label, WORDS_DETAILS_CONNECTION, number);
    }
    if (s != NULL) {
        struct connection_view view = connection_view_of(s, final ? hindsight_findings(s) : 0, final);
        struct connection_values values = connection_values(&view);
        if (visible) {
            add_story(&label, &view, &values);
        }
        put_fields(&writer, &view, &values);
    }
    if (visible) {
        tree_writer_label(item, chars, "");
    }
    if (stream != STREAM_NONE) {
        tree_writer_uint(&writer, FIELD_STREAM, stream);
    }
}
