/* connection_fields.h - what is told of a connection: the values of connection_fields.def
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_CONNECTION_FIELDS_H
#define TCPFSM_ENGINE_CONNECTION_FIELDS_H

#include "summary/summary.h"

enum value_kind {
    VALUE_NAME,
    VALUE_FRAME,
    VALUE_TIME,
    VALUE_DATE,
    VALUE_NUMBER,
    VALUE_BYTES,
    VALUE_FLAG,
    VALUE_TEXT,
    VALUE_CHANGES,
};

enum field_group {
    GROUP_OUTCOME,
    GROUP_STORY,
    GROUP_EXTENT, /* so far, until the capture ends */
    GROUP_FRAMES,
    GROUP_TIMES,
    GROUP_CLIENT, /* what its SYN offered */
    GROUP_SERVER,
    GROUP_BOTH, /* options that both SYNs carried */
    GROUP_PREVIOUS,
    GROUP_POINTS,  /* between two capture points */
    GROUP_REPORTS, /* in no field */
};

enum connection_field {
#define CONNECTION_FIELD(id, kind, of, group, name, value) CONNECTION_##id,
#include "summary/connection_fields.def"
    CONNECTION_FIELD_COUNT
};

extern const struct connection_field_info {
    const char *name;
    enum value_kind kind;
    enum field_group group;
} connection_fields[CONNECTION_FIELD_COUNT];

/* A connection as it is looked at. */
struct connection_view {
    const struct summary *summary;
    unsigned timeout_findings; /* what timeout_findings_at() said */
    bool final;                /* nothing more will be captured of it */
    bool settled;              /* outcome_is_settled(), asked once */
};

struct connection_view connection_view_of(const struct summary *summary, unsigned timeout_findings,
                                          bool final);

#define ABSENT NO_TIME

/* All but the TEXT. A time is in ns, a date in ns since 1970, a frame as segments have it. */
struct connection_values {
    int64_t of[CONNECTION_FIELD_COUNT]; /* or ABSENT */
};

struct connection_values connection_values(const struct connection_view *view);

/* The name of a field's value; "" if it is absent, or no NAME. */
const char *connection_value_name(enum connection_field field, int64_t value);

/* CONNECTION_HISTORY: until the end, what is missing may still come. */
const char *connection_history(const struct connection_view *view, char text[HISTORY_MAX]);

#endif
