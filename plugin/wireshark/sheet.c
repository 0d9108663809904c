/* sheet.c - see sheet.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sheet.h"

#include <epan/proto.h>

enum { SECOND = 1000000000 };

bool sheet_wants(const struct sheet *sheet, enum field field)
{
    return proto_field_is_referenced(sheet->tree, fields[field]);
}

void sheet_uint(const struct sheet *sheet, enum field field, uint32_t value)
{
    if (sheet_wants(sheet, field)) {
        proto_item_set_generated(proto_tree_add_uint(sheet->tree, fields[field], sheet->tvb, 0, 0, value));
    }
}

void sheet_bool(const struct sheet *sheet, enum field field, bool value)
{
    if (sheet_wants(sheet, field)) {
        proto_item_set_generated(proto_tree_add_boolean(sheet->tree, fields[field], sheet->tvb, 0, 0, value));
    }
}

void sheet_enum(const struct sheet *sheet, enum field field, unsigned value)
{
    sheet_uint(sheet, field, value);
    if (sheet_wants(sheet, field + 1)) {
        proto_item *twin = proto_tree_add_string(sheet->tree, fields[field + 1], sheet->tvb, 0, 0,
                                                 field_value_name(field, value));
        proto_item_set_generated(twin);
        proto_item_set_hidden(twin);
    }
}

void sheet_frame(const struct sheet *sheet, enum field field, uint32_t frame)
{
    if (frame != 0) {
        sheet_uint(sheet, field, frame);
    }
}

void sheet_time(const struct sheet *sheet, enum field field, int64_t time)
{
    if (time != NO_TIME && sheet_wants(sheet, field)) {
        nstime_t duration = {.secs = (time_t)(time / SECOND), .nsecs = (int)(time % SECOND)};
        proto_item_set_generated(
            proto_tree_add_time(sheet->tree, fields[field], sheet->tvb, 0, 0, &duration));
    }
}

void sheet_text(const struct sheet *sheet, enum field field, const char *text)
{
    if (sheet_wants(sheet, field)) {
        proto_item_set_generated(proto_tree_add_string(sheet->tree, fields[field], sheet->tvb, 0, 0, text));
    }
}
