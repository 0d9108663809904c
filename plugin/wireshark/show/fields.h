/* fields.h - the fields that users filter on
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_FIELDS_H
#define TCPFSM_WIRESHARK_FIELDS_H

#include <epan/proto.h>

enum field {
#define UINT(id, abbrev) FIELD_##id,
#define UINT64(id, abbrev) FIELD_##id,
#define ENUM(id, names, abbrev) FIELD_##id, FIELD_##id##_STR,
#define STEP(id, abbrev) FIELD_##id,
#define BOOL(id, abbrev) FIELD_##id,
#define FRAME(id, link, abbrev) FIELD_##id,
#define TIME(id, abbrev) FIELD_##id,
#define DATE(id, abbrev) FIELD_##id,
#define TEXT(id, abbrev) FIELD_##id,
#define NONE(id, abbrev) FIELD_##id,
#include "show/fields.def"
    FIELD_COUNT
};

/* What Wireshark calls them. */
extern int fields[FIELD_COUNT];

void fields_register(int protocol);

/* What proto_field_is_referenced() says of it. A segment asks for all of them, so it takes no call. */
bool field_is_referenced(const proto_tree *tree, enum field field);

/* Its title. */
const char *field_name(enum field field);

/* The name of `value` in the field with a twin, or "?". */
const char *field_value_name(enum field field, unsigned value);

/* What stands in the packet details for it: title and name. */
const char *field_value_label(enum field field, unsigned value);

#endif
