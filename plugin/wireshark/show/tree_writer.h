/* tree_writer.h - a tree under construction
 *
 * Every field is a generated item. On an invisible tree a field, or twin, costs
 * nothing unless someone refers to it; on a visible one all are there.
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

/* What can be opened and closed; Wireshark remembers of each of them which it is. */
enum subtree {
    SUBTREE_SEGMENT,
    SUBTREE_STEP,
    SUBTREE_TIMER,
    SUBTREE_RECEIVER,
    SUBTREE_STATE,
    SUBTREE_NUMBERS,
    SUBTREE_ENDS,
    SUBTREE_CONNECTION,
    SUBTREE_COUNT
};

void tree_writer_register(void);

bool tree_writer_wants(const struct tree_writer *writer, enum field field);

/* Does somebody see labels, and what lies below what? */
bool tree_writer_is_visible(const struct tree_writer *writer);

/* Each returns the new item, or NULL if nobody wants it. */
proto_item *tree_writer_uint(const struct tree_writer *writer, enum field field, uint32_t value);
proto_item *tree_writer_text(const struct tree_writer *writer, enum field field, const char *text);

void tree_writer_uint64(const struct tree_writer *writer, enum field field, uint64_t value);

/* Hidden if it is false: a field to ask for, but nothing to read. */
void tree_writer_bool(const struct tree_writer *writer, enum field field, bool value);

/* A field with names, of which the label has the name alone; its twin is the next field. */
proto_item *tree_writer_enum(const struct tree_writer *writer, enum field field, unsigned value);

/* The same, with `behind` behind the name. */
proto_item *tree_writer_enum_with(const struct tree_writer *writer, enum field field, unsigned value,
                                  const char *behind);

/* Nothing if `frame` is 0. */
void tree_writer_frame(const struct tree_writer *writer, enum field field, frame_t frame);

/* Nothing if `time` (ns) is NO_TIME. */
void tree_writer_time(const struct tree_writer *writer, enum field field, int64_t time);

/* `time` in ns since 1970. */
void tree_writer_date(const struct tree_writer *writer, enum field field, int64_t time);

/* A field without a value, for what lies below it. */
proto_item *tree_writer_heading(const struct tree_writer *writer, enum field field);

/* The label of an item that has none yet: `name` and `rest`; on a visible tree only. */
void tree_writer_label(proto_item *item, const char *name, const char *rest);

/* Writes below `item`, an item of that writer; where it would stand, if nobody wants that. */
struct tree_writer tree_writer_below(const struct tree_writer *writer, proto_item *item, enum subtree which);

#endif
