/* tree_writer.c - see tree_writer.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/tree_writer.h"

#include "compat.h"

#include <epan/proto.h>

enum { SECOND = 1000000000 };

static int subtrees[SUBTREE_COUNT];

void tree_writer_register(void)
{
    static int *places[SUBTREE_COUNT];
    for (unsigned i = 0; i < SUBTREE_COUNT; i++) {
        subtrees[i] = -1;
        places[i] = &subtrees[i];
    }
    proto_register_subtree_array(places, SUBTREE_COUNT);
}

bool tree_writer_wants(const struct tree_writer *writer, enum field field)
{
    return field_is_referenced(writer->tree, field);
}

bool tree_writer_is_visible(const struct tree_writer *writer)
{
    return writer->tree != NULL && writer->tree->tree_data->visible;
}

static proto_item *generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

proto_item *tree_writer_uint(const struct tree_writer *writer, enum field field, uint32_t value)
{
    if (!tree_writer_wants(writer, field)) {
        return NULL;
    }
    return generated(proto_tree_add_uint(writer->tree, fields[field], writer->tvb, 0, 0, value));
}

void tree_writer_uint64(const struct tree_writer *writer, enum field field, uint64_t value)
{
    if (tree_writer_wants(writer, field)) {
        generated(proto_tree_add_uint64(writer->tree, fields[field], writer->tvb, 0, 0, value));
    }
}

void tree_writer_bool(const struct tree_writer *writer, enum field field, bool value)
{
    if (tree_writer_wants(writer, field)) {
        proto_item *item = generated(
            proto_tree_add_boolean(writer->tree, fields[field], writer->tvb, 0, 0, value));
        if (!value) {
            proto_item_set_hidden(item);
        }
    }
}

void tree_writer_label(proto_item *item, const char *name, const char *rest)
{
    if (strlen(name) + strlen(rest) < ITEM_LABEL_LENGTH) {
        compat_label(item, name, rest);
    } else {
        proto_item_append_text(item, "%s", rest); /* Wireshark knows best where to cut */
    }
}

proto_item *tree_writer_enum_with(const struct tree_writer *writer, enum field field, unsigned value,
                                  const char *behind)
{
    proto_item *item = tree_writer_uint(writer, field, value);
    if (item != NULL && tree_writer_is_visible(writer)) {
        compat_label(item, field_value_label(field, value), behind);
    }
    if (tree_writer_wants(writer, field + 1)) {
        proto_item_set_hidden(tree_writer_text(writer, field + 1, field_value_name(field, value)));
    }
    return item;
}

proto_item *tree_writer_enum(const struct tree_writer *writer, enum field field, unsigned value)
{
    return tree_writer_enum_with(writer, field, value, "");
}

void tree_writer_frame(const struct tree_writer *writer, enum field field, frame_t frame)
{
    if (frame.n != 0) {
        tree_writer_uint(writer, field, frame.n);
    }
}

void tree_writer_time(const struct tree_writer *writer, enum field field, int64_t time)
{
    if (time != NO_TIME && tree_writer_wants(writer, field)) {
        nstime_t duration = {.secs = (time_t)(time / SECOND), .nsecs = (int)(time % SECOND)};
        generated(proto_tree_add_time(writer->tree, fields[field], writer->tvb, 0, 0, &duration));
    }
}

void tree_writer_date(const struct tree_writer *writer, enum field field, int64_t time)
{
    if (tree_writer_wants(writer, field)) {
        int64_t rest = (time % SECOND + SECOND) % SECOND; /* not negative, before 1970 either */
        nstime_t date = {.secs = (time_t)((time - rest) / SECOND), .nsecs = (int)rest};
        generated(proto_tree_add_time(writer->tree, fields[field], writer->tvb, 0, 0, &date));
    }
}

proto_item *tree_writer_text(const struct tree_writer *writer, enum field field, const char *text)
{
    if (!tree_writer_wants(writer, field)) {
        return NULL;
    }
    return generated(proto_tree_add_string(writer->tree, fields[field], writer->tvb, 0, 0, text));
}

proto_item *tree_writer_heading(const struct tree_writer *writer, enum field field)
{
    if (!tree_writer_wants(writer, field)) {
        return NULL;
    }
    return generated(proto_tree_add_item(writer->tree, fields[field], writer->tvb, 0, 0, ENC_NA));
}

struct tree_writer tree_writer_below(const struct tree_writer *writer, proto_item *item, enum subtree which)
{
    struct tree_writer below = *writer;
    if (item != NULL) {
        below.tree = proto_item_add_subtree(item, subtrees[which]);
    }
    return below;
}
