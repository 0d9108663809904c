/* sheet.h - a tree under construction
 *
 * Every field is a generated item. On an invisible tree a field costs nothing
 * unless someone refers to it; twins are left out everywhere unless someone does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SHEET_H
#define TCPFSM_WIRESHARK_SHEET_H

#include "fields.h"
#include "numbers.h"

struct sheet {
    const struct view *view;
    proto_tree *tree;
    tvbuff_t *tvb;
};

bool sheet_wants(const struct sheet *sheet, enum field field);

void sheet_uint(const struct sheet *sheet, enum field field, uint32_t value);
void sheet_bool(const struct sheet *sheet, enum field field, bool value);
void sheet_text(const struct sheet *sheet, enum field field, const char *text);

/* A field with names; its twin is the next field. */
void sheet_enum(const struct sheet *sheet, enum field field, unsigned value);

/* Nothing if `frame` is 0. */
void sheet_frame(const struct sheet *sheet, enum field field, uint32_t frame);

/* Nothing if `time` (ns) is NO_TIME. */
void sheet_time(const struct sheet *sheet, enum field field, int64_t time);

#endif
