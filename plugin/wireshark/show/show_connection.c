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

#include <epan/packet.h>

static int subtree = -1;

void show_connection_register(void)
{
    static int *subtrees[] = {&subtree};
    proto_register_subtree_array(subtrees, array_length(subtrees));
}

static const enum field fields_of[] = {
#define CONNECTION_FIELD(id, kind, of, group, name, title, meaning, absent, value) \
    [CONNECTION_##id] = FIELD_##id,
#define CONNECTION_FIELD_OF_REPORTS(id, kind, of, group, name, title, meaning, absent, value)
#include "summary/connection_fields.def"
};

static void put(const struct tree_writer *writer, enum connection_field which, int64_t value)
{
    enum field field = fields_of[which];
    switch (connection_fields[which].kind) {
    case VALUE_NAME: tree_writer_enum(writer, field, (unsigned)value); break;
    case VALUE_FRAME: tree_writer_frame(writer, field, frame_of((uint32_t)value)); break;
    case VALUE_TIME: tree_writer_time(writer, field, value); break;
    case VALUE_FLAG: tree_writer_bool(writer, field, true); break;
    default: tree_writer_uint(writer, field, (uint32_t)value); break;
    }
}

/* "Connection 3: closed, opening three-way, closing four-way, closer client" */
static proto_tree *add_subtree(const struct tree_writer *parent, const struct connection_view *view,
                               const struct connection_values *values)
{
    struct connection_view so_far = *view;
    so_far.final = true;
    struct connection_values all = view->final ? *values : connection_values(&so_far);
    const char *outcome = connection_value_name(CONNECTION_OUTCOME, values->of[CONNECTION_OUTCOME]);
    proto_item *item;
    proto_tree *tree = proto_tree_add_subtree_format(
        parent->tree, parent->tvb, 0, 0, subtree, &item, "Connection %u: %s",
        parent->ctx->observation->connection, *outcome ? outcome : "not ended so far");
    proto_item_set_generated(item);
    for (enum connection_field i = CONNECTION_OPENING; i <= CONNECTION_CLOSER; i++) {
        const char *name = connection_value_name(i, all.of[i]);
        if (*name && (*outcome || i == CONNECTION_OPENING)) {
            proto_item_append_text(item, ", %s %s", connection_fields[i].name, name);
        }
    }
    return tree;
}

bool show_connection_wanted(proto_tree *tree)
{
    for (unsigned i = fields_of[0]; i <= fields_of[array_length(fields_of) - 1]; i++) {
        if (proto_field_is_referenced(tree, fields[i])) {
            return true;
        }
    }
    return false;
}

void show_connection(const struct tree_writer *parent)
{
    struct tree_writer writer = *parent;
    const struct summary *s = parent->ctx->summary;
    bool final = parent->ctx->final; /* only then it is known how long nothing came */
    struct connection_view view = connection_view_of(s, final ? hindsight_findings(s) : 0, final);
    struct connection_values values = connection_values(&view);
    char history[HISTORY_MAX];
    if (parent->tree->tree_data->visible) {
        writer.tree = add_subtree(parent, &view, &values);
    }
    for (unsigned i = 0; i < array_length(fields_of); i++) {
        if (i == CONNECTION_HISTORY) {
            tree_writer_text(&writer, FIELD_HISTORY, connection_history(&view, history));
        } else if (values.of[i] != ABSENT) {
            put(&writer, (enum connection_field)i, values.of[i]);
        }
    }
}
