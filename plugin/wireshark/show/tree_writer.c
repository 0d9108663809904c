/* tree_writer.c - see tree_writer.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/tree_writer.h"

#include <epan/proto.h>

enum { SECOND = 1000000000 };

bool tree_writer_wants(const struct tree_writer *writer, enum field field)
{
    return proto_field_is_referenced(writer->tree, fields[field]);
}

void tree_writer_uint(const struct tree_writer *writer, enum field field, uint32_t value)
{
    if (tree_writer_wants(writer, field)) {
        proto_item_set_generated(proto_tree_add_uint(writer->tree, fields[field], writer->tvb, 0, 0, value));
    }
}

void tree_writer_bool(const struct tree_writer *writer, enum field field, bool value)
{
    if (tree_writer_wants(writer, field)) {
        proto_item_set_generated(
            proto_tree_add_boolean(writer->tree, fields[field], writer->tvb, 0, 0, value));
    }
}

void tree_writer_enum(const struct tree_writer *writer, enum field field, unsigned value)
{
    tree_writer_uint(writer, field, value);
    if (tree_writer_wants(writer, field + 1)) {
        proto_item *twin = proto_tree_add_string(writer->tree, fields[field + 1], writer->tvb, 0, 0,
                                                 field_value_name(field, value));
        proto_item_set_generated(twin);
        proto_item_set_hidden(twin);
    }
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
        proto_item_set_generated(
            proto_tree_add_time(writer->tree, fields[field], writer->tvb, 0, 0, &duration));
    }
}

void tree_writer_text(const struct tree_writer *writer, enum field field, const char *text)
{
    if (tree_writer_wants(writer, field)) {
        proto_item_set_generated(proto_tree_add_string(writer->tree, fields[field], writer->tvb, 0, 0, text));
    }
}
