/* tree_writer.h - a tree under construction
 *
 * Every field is a generated item. On an invisible tree a field costs nothing
 * unless someone refers to it; twins are left out everywhere unless someone does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TREE_WRITER_H
#define TCPFSM_WIRESHARK_TREE_WRITER_H

#include "capture/serials.h"
#include "show/fields.h"
#include "show/text_ctx.h"

struct tree_writer {
    const struct text_ctx *ctx;
    proto_tree *tree;
    tvbuff_t *tvb;
};

bool tree_writer_wants(const struct tree_writer *writer, enum field field);

void tree_writer_uint(const struct tree_writer *writer, enum field field, uint32_t value);
void tree_writer_bool(const struct tree_writer *writer, enum field field, bool value);
void tree_writer_text(const struct tree_writer *writer, enum field field, const char *text);

/* A field with names; its twin is the next field. */
void tree_writer_enum(const struct tree_writer *writer, enum field field, unsigned value);

/* Nothing if `frame` is 0. */
void tree_writer_frame(const struct tree_writer *writer, enum field field, frame_t frame);

/* Nothing if `time` (ns) is NO_TIME. */
void tree_writer_time(const struct tree_writer *writer, enum field field, int64_t time);

#endif
