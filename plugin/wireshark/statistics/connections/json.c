/* json.c - see json.h
 *
 * The keys are the names of the fields, with the unit where there is one. What a
 * connection doesn't have is left out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/json.h"

#include "capture/serials.h"
#include "statistics/connections/community_id.h"
#include "store/connections.h"
#include "tell/names.h"
#include "store/packing.h"
#include "statistics/report.h"
#include "statistics/connections/roster.h"
#include "words/text.h"
#include "words/words.h"

#include <inttypes.h>
#include <wsutil/json_dumper.h>

enum { KEY_MAX = 32 };

static void put_text(json_dumper *line, const char *key, const char *value)
{
    json_dumper_set_member_name(line, key);
    json_dumper_value_string(line, value);
}

static void put_uint(json_dumper *line, const char *key, uint32_t value)
{
    json_dumper_set_member_name(line, key);
    json_dumper_value_anyf(line, "%" PRIu32, value);
}

/* Nothing if it is 0. */
static void put_frame(json_dumper *line, const char *key, uint32_t frame)
{
    if (frame != 0) {
        put_uint(line, key, frame);
    }
}

/* Twice, exactly: <name>_us, a number; <name>_ns, a text, as readers may keep 53 bits of a number. Nothing if
 * it is NO_TIME. */
static void put_time(json_dumper *line, const char *name, int64_t time)
{
    char chars[KEY_MAX], number[24];
    struct text key = text_in(chars, sizeof chars);
    if (time == NO_TIME) {
        return;
    }
    uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    unsigned rest = (unsigned)(size % 1000);
    text_add(&key, name);
    text_add(&key, "_us");
    json_dumper_set_member_name(line, chars);
    if (rest != 0) {
        json_dumper_value_anyf(line, "%s%" PRIu64 ".%03u", time < 0 ? "-" : "", size / 1000, rest);
    } else {
        json_dumper_value_anyf(line, "%s%" PRIu64, time < 0 ? "-" : "", size / 1000);
    }
    chars[key.length - 2] = 'n'; /* <name>_ns */
    snprintf(number, sizeof number, "%" PRId64, time);
    put_text(line, chars, number);
}

static void put_community_id(json_dumper *line, uint32_t connection)
{
    struct tuple_end ends[2];
    size_t length;
    if (connections_ends(connection, ends, &length)) {
        put_text(line, "community_id", community_id(ends, length).text);
    }
}

static void put_identity(json_dumper *line, const struct connection_row *row)
{
    const struct summary *s = &row->summary;
    const struct row_end client = row_end(row, 0), server = row_end(row, 1);
    uint32_t stream = connections_stream(row->connection);
    put_uint(line, "connection", row->connection);
    if (stream != STREAM_NONE) {
        put_uint(line, "stream", stream);
    }
    put_text(line, "client_address", client.address);
    put_uint(line, "client_port", client.port);
    put_text(line, "server_address", server.address);
    put_uint(line, "server_port", server.port);
    put_community_id(line, row->connection);
    put_time(line, "first_packet_epoch", s->start);
    put_time(line, "last_packet_epoch", s->start + s->last);
}

/* As the fields of the connection. */
static void put_field(json_dumper *line, const struct connection_view *view, enum connection_field field,
                      int64_t value)
{
    char history[HISTORY_MAX];
    const struct connection_field_info *info = &connection_fields[field];
    const char *key = info->name;
    if (info->kind == VALUE_TEXT) {
        put_text(line, key, connection_history(view, history));
    } else if (value != ABSENT) {
        switch (info->kind) {
        case VALUE_NAME: put_text(line, key, connection_value_name(field, value)); break;
        case VALUE_FRAME: put_frame(line, key, frame_of((uint32_t)value).n); break;
        case VALUE_TIME: put_time(line, key, value); break;
        case VALUE_CHANGES: put_text(line, key, changes_text(&view->summary->between).text); break;
        case VALUE_DATE: break; /* told as first_packet_epoch_us */
        case VALUE_BYTES:
            json_dumper_set_member_name(line, key);
            json_dumper_value_anyf(line, "%" PRId64, value);
            break;
        case VALUE_FLAG:
            json_dumper_set_member_name(line, key);
            json_dumper_value_anyf(line, "true");
            break;
        default: put_uint(line, key, (uint32_t)value); break;
        }
    }
}

static void put_group(json_dumper *line, const struct connection_view *view,
                      const struct connection_values *values, enum field_group group)
{
    for (unsigned i = 0; i < CONNECTION_FIELD_COUNT; i++) {
        if (connection_fields[i].group == group) {
            put_field(line, view, (enum connection_field)i, values->of[i]);
        }
    }
}

static void put_dues(json_dumper *line, const char *key, const struct connection_row *row, unsigned end)
{
    struct due dues[DEBT_COUNT];
    unsigned count = row_dues(row, end, dues);
    json_dumper_set_member_name(line, key);
    json_dumper_begin_array(line);
    for (unsigned i = 0; i < count; i++) {
        json_dumper_begin_object(line);
        put_text(line, "what", debt_name(dues[i].debt));
        put_frame(line, "since_frame", dues[i].frame);
        put_time(line, "age", dues[i].age);
        json_dumper_end_object(line);
    }
    json_dumper_end_array(line);
}

static void put_states(json_dumper *line, const struct connection_row *row)
{
    const struct summary_end *client = &row->summary.end[0], *server = &row->summary.end[1];
    put_text(line, "client_state", state_name((enum state)client->state));
    put_text(line, "client_basis", basis_name((enum basis)client->basis));
    put_text(line, "server_state", state_name((enum state)server->state));
    put_text(line, "server_basis", basis_name((enum basis)server->basis));
    put_dues(line, "client_owes", row, 0);
    put_dues(line, "server_owes", row, 1);
}

static void put_warnings(json_dumper *line, const struct connection_row *row)
{
    json_dumper_set_member_name(line, "warnings");
    json_dumper_begin_array(line);
    for (unsigned i = EXPERT_COUNT; i-- > 0;) { /* those of kind Warn first */
        if (row->warnings & UINT64_C(1) << i) {
            json_dumper_begin_object(line);
            put_text(line, "name", expert_name((enum expert)i));
            put_text(line, "severity", expert_severity((enum expert)i) == PI_WARN ? "warn" : "note");
            put_frame(line, "frame", row->warning_frame[i]);
            json_dumper_end_object(line);
        }
    }
    json_dumper_end_array(line);
}

static void write_row(GString *text, const struct connection_row *row)
{
    json_dumper line = {.output_string = text};
    struct connection_view view = row_view(row);
    struct connection_values values = connection_values(&view);
    json_dumper_begin_object(&line);
    put_identity(&line, row);
    put_group(&line, &view, &values, GROUP_OUTCOME);
    put_group(&line, &view, &values, GROUP_REPORTS);
    put_group(&line, &view, &values, GROUP_STORY);
    put_group(&line, &view, &values, GROUP_EXTENT);
    put_group(&line, &view, &values, GROUP_PREVIOUS);
    put_states(&line, row);
    put_group(&line, &view, &values, GROUP_FRAMES);
    put_group(&line, &view, &values, GROUP_TIMES);
    put_group(&line, &view, &values, GROUP_CLIENT);
    put_group(&line, &view, &values, GROUP_SERVER);
    put_group(&line, &view, &values, GROUP_BOTH);
    put_group(&line, &view, &values, GROUP_POINTS);
    put_warnings(&line, row);
    json_dumper_end_object(&line);
    json_dumper_finish(&line); /* ends the line */
}

/* ---------------------------------------------------------------- the report */

static void *json_create(const struct options *options _U_)
{
    return roster_new();
}

static void json_destroy(void *report)
{
    roster_free((struct roster *)report);
}

static void json_segment(void *report, const struct tcpfsm_segment *segment)
{
    roster_note((struct roster *)report, segment);
}

static void json_render(void *report, struct output *output)
{
    struct roster *roster = (struct roster *)report;
    roster_read(roster);
    GArray *order = roster_order(roster);
    GString *text = g_string_new(NULL);
    struct connection_row row;
    for (guint i = 0; i < order->len; i++) {
        if (roster_row(roster, g_array_index(order, uint32_t, i), &row)) {
            write_row(g_string_truncate(text, 0), &row);
            output_write(output, text->str);
        }
    }
    g_string_free(text, TRUE);
    g_array_free(order, TRUE);
}

void json_register(void)
{
    static const struct report_kind kind = {
        .argument = "tcpfsm,json",
        .title = WORDS_TITLE_JSON,
        .shows = WORDS_SHOWS_JSON,
        .create = json_create,
        .destroy = json_destroy,
        .segment = json_segment,
        .render = json_render,
    };
    report_register(&kind);
}
