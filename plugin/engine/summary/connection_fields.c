/* connection_fields.c - see connection_fields.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/connection_fields.h"

#include "summary/history.h"
#include "summary/outcome.h"
#include "tell/names.h"

const struct connection_field_info connection_fields[CONNECTION_FIELD_COUNT] = {
#define CONNECTION_FIELD(id, kind, of, group, name, value) \
    [CONNECTION_##id] = {name, VALUE_##kind, GROUP_##group},
#include "summary/connection_fields.def"
};

struct connection_view connection_view_of(const struct summary *summary, unsigned timeout_findings,
                                          bool final)
{
    return (struct connection_view){summary, timeout_findings, final, outcome_is_settled(summary)};
}

static int64_t only_if(bool present, int64_t value)
{
    return present ? value : ABSENT;
}

static bool is_settled(const struct connection_view *v)
{
    return v->final || v->settled;
}

/* Until both ends are open it may be simultaneous, or split. */
static int64_t opening_known(const struct connection_view *v)
{
    enum opening opening = opening_of(v->summary);
    return only_if(opening != OPENING_NONE && (is_settled(v) || v->summary->opened), opening);
}

/* Until the FIN is answered, another one may cross it. */
static int64_t closer_known(const struct connection_view *v)
{
    enum closer closer = closer_of(v->summary);
    bool answered = v->summary->steps & (STEP_ACK_OF_FIN | STEP_SECOND_FIN);
    return only_if(closer != CLOSER_NONE && (is_settled(v) || answered), closer);
}

/* Nobody, if that is settled. */
static int64_t time_wait_side_known(const struct connection_view *v)
{
    enum time_wait_side side = time_wait_side_of(v->summary);
    return only_if(v->settled || (v->final && side != TIME_WAIT_SIDE_NONE), side);
}

static int64_t reset_cause_known(const struct summary *s)
{
    return only_if(s->milestone[MILESTONE_RESET].frame != 0 && s->reset_cause != RESET_NONE, s->reset_cause);
}

static int64_t frame_of(const struct summary *s, enum milestone milestone)
{
    return only_if(s->milestone[milestone].frame != 0, s->milestone[milestone].frame);
}

/* What a SYN says. */
static int64_t offered(const struct summary *s, unsigned end, uint32_t value)
{
    return only_if(s->end[end].syn_seen, value);
}

static int64_t option(const struct summary *s, unsigned end, uint32_t value)
{
    return only_if(s->end[end].syn_seen && value != 0, value);
}

static bool both_scale(const struct summary *s)
{
    return s->end[0].scale_plus_one != 0 && s->end[1].scale_plus_one != 0;
}

/* By direction: what the client sent, the server. */
static int64_t lost_between(const struct summary *s, unsigned direction)
{
    return only_if(s->between.points != 0, s->between.lost[direction]);
}

static int64_t transit_between(const struct summary *s, unsigned direction)
{
    return only_if(s->between.points != 0, s->between.transit[direction]);
}

struct connection_values connection_values(const struct connection_view *v)
{
    const struct summary *s = v->summary;
    return (struct connection_values){{
#define CONNECTION_FIELD(id, kind, of, group, name, value) [CONNECTION_##id] = (value),
#include "summary/connection_fields.def"
    }};
}

#define NAME_OF_NAME(of) of##_name((enum of)value)
#define NAME_OF_FRAME(of) ""
#define NAME_OF_TIME(of) ""
#define NAME_OF_DATE(of) ""
#define NAME_OF_NUMBER(of) ""
#define NAME_OF_BYTES(of) ""
#define NAME_OF_FLAG(of) ""
#define NAME_OF_TEXT(of) ""
#define NAME_OF_CHANGES(of) ""
#define CONNECTION_FIELD(id, kind, of, group, name, value) \
    case CONNECTION_##id: return NAME_OF_##kind(of);

const char *connection_value_name(enum connection_field field, int64_t value)
{
    if (value == ABSENT) {
        return "";
    }
    switch (field) {
#include "summary/connection_fields.def"
    default: return "";
    }
}

const char *connection_history(const struct connection_view *view, char text[HISTORY_MAX])
{
    return view->final ? history_tell(view->summary, text) : view->summary->history;
}
