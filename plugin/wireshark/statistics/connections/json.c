/* json.c - see json.h
 *
 * The keys are the names of the fields, with the unit where there is one. What a
 * connection doesn't have is left out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/json.h"

#include "capture/serials.h"
#include "tell/names.h"
#include "summary/history.h"
#include "summary/outcome.h"
#include "store/packing.h"
#include "statistics/report.h"
#include "statistics/connections/roster.h"

#include <inttypes.h>
#include <wsutil/json_dumper.h>

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

static void put_true(json_dumper *line, const char *key)
{
    json_dumper_set_member_name(line, key);
    json_dumper_value_anyf(line, "true");
}

/* Nothing if it is 0. */
static void put_frame(json_dumper *line, const char *key, uint32_t frame)
{
    if (frame != 0) {
        put_uint(line, key, frame);
    }
}

/* From ns to us, exactly; nothing if it is NO_TIME. */
static void put_time(json_dumper *line, const char *key, int64_t time)
{
    if (time == NO_TIME) {
        return;
    }
    uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    unsigned rest = (unsigned)(size % 1000);
    json_dumper_set_member_name(line, key);
    if (rest != 0) {
        json_dumper_value_anyf(line, "%s%" PRIu64 ".%03u", time < 0 ? "-" : "", size / 1000, rest);
    } else {
        json_dumper_value_anyf(line, "%s%" PRIu64, time < 0 ? "-" : "", size / 1000);
    }
}

static void put_identity(json_dumper *line, const struct row *row)
{
    const struct summary *s = &row->summary;
    put_uint(line, "connection", row->connection);
    if (row->stream != STREAM_NONE) {
        put_uint(line, "stream", row->stream);
    }
    put_text(line, "client_address", row->end[0].address);
    put_uint(line, "client_port", row->end[0].port);
    put_text(line, "server_address", row->end[1].address);
    put_uint(line, "server_port", row->end[1].port);
    put_time(line, "first_packet_epoch_us", s->start);
    put_time(line, "last_packet_epoch_us", s->start + s->last);
}

static void put_outcome(json_dumper *line, const struct row *row)
{
    const struct summary *s = &row->summary;
    put_text(line, "outcome", outcome_name(outcome_of(s, row->timeout_findings)));
    if (opening_of(s) != OPENING_NONE) {
        put_text(line, "opening", opening_name(opening_of(s)));
    }
    put_text(line, "closing", closing_name(closing_of(s)));
    if (closer_of(s) != CLOSER_NONE) {
        put_text(line, "closer", closer_name(closer_of(s)));
    }
    if (s->milestone[MILESTONE_RESET].frame != 0 && s->reset_cause != RESET_NONE) {
        put_text(line, "reset_cause", reset_cause_name((enum reset_cause)s->reset_cause));
    }
    char history[HISTORY_MAX];
    put_text(line, "history", history_tell(s, history));
    if (outcome_is_settled(s) || time_wait_side_of(s) != TIME_WAIT_SIDE_NONE) {
        put_text(line, "time_wait_holder", time_wait_side_name(time_wait_side_of(s)));
    }
    if (s->previous != 0) {
        put_uint(line, "previous", s->previous - 1);
        put_time(line, "reuse_age_us", s->since_previous < 0 ? NO_TIME : s->since_previous);
    }
}

static void put_dues(json_dumper *line, const char *key, const struct row *row, unsigned end)
{
    struct due dues[DEBT_COUNT];
    unsigned count = row_dues(row, end, dues);
    json_dumper_set_member_name(line, key);
    json_dumper_begin_array(line);
    for (unsigned i = 0; i < count; i++) {
        json_dumper_begin_object(line);
        put_text(line, "what", debt_name(dues[i].debt));
        put_frame(line, "since_frame", dues[i].frame);
        put_time(line, "age_us", dues[i].age);
        json_dumper_end_object(line);
    }
    json_dumper_end_array(line);
}

static void put_states(json_dumper *line, const struct row *row)
{
    const struct summary_end *client = &row->summary.end[0], *server = &row->summary.end[1];
    put_text(line, "client_state", state_name((enum state)client->state));
    put_text(line, "client_basis", basis_name((enum basis)client->basis));
    put_text(line, "server_state", state_name((enum state)server->state));
    put_text(line, "server_basis", basis_name((enum basis)server->basis));
    put_dues(line, "client_owes", row, 0);
    put_dues(line, "server_owes", row, 1);
}

static void put_milestones(json_dumper *line, const struct summary *s)
{
    static const char *const keys[MILESTONE_COUNT] = {
        [MILESTONE_SYN] = "syn_frame",
        [MILESTONE_SYN_ACK] = "synack_frame",
        [MILESTONE_ACK] = "ack_frame",
        [MILESTONE_FIN] = "fin_frame",
        [MILESTONE_FIN_ACK] = "fin_ack_frame",
        [MILESTONE_SECOND_FIN] = "second_fin_frame",
        [MILESTONE_SECOND_FIN_ACK] = "second_fin_ack_frame",
        [MILESTONE_RESET] = "reset_frame",
        [MILESTONE_ICMP] = "icmp_frame",
    };
    for (unsigned i = 0; i < MILESTONE_COUNT; i++) {
        put_frame(line, keys[i], frames_number(s->milestone[i].frame));
    }
}

static void put_times(json_dumper *line, const struct summary *s)
{
    put_time(line, "handshake_time_us", summary_between(s, MILESTONE_SYN, MILESTONE_ACK));
    put_time(line, "syn_wait_us", summary_span(s, SPAN_SYN_WAIT));
    put_time(line, "server_rtt_us", summary_span(s, SPAN_SERVER_RTT));
    put_time(line, "client_rtt_us", summary_span(s, SPAN_CLIENT_RTT));
    put_time(line, "teardown_time_us", summary_between(s, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK));
    put_time(line, "close_wait_time_us", summary_span(s, SPAN_CLOSE_WAIT));
    put_time(line, "fin_wait_2_time_us", summary_span(s, SPAN_FIN_WAIT_2));
}

/* What the SYNs offered; an option counts only if both carried it. */
static void put_options(json_dumper *line, const struct summary *s)
{
    static const char *const keys[2][4] = {
        {"client_isn", "client_window", "client_mss", "client_window_scale"},
        {"server_isn", "server_window", "server_mss", "server_window_scale"},
    };
    const struct summary_end *client = &s->end[0], *server = &s->end[1];
    for (unsigned i = 0; i < 2; i++) {
        const struct summary_end *end = &s->end[i];
        if (end->syn_seen) {
            put_uint(line, keys[i][0], end->isn.n);
            put_uint(line, keys[i][1], end->window);
            put_frame(line, keys[i][2], end->mss); /* as absent when 0 */
        }
        if (client->scale_plus_one && server->scale_plus_one) {
            put_uint(line, keys[i][3], end->scale_plus_one - 1u);
        }
    }
    if (client->sack_permitted && server->sack_permitted) {
        put_true(line, "sack");
    }
    if (client->timestamps && server->timestamps) {
        put_true(line, "timestamps");
    }
}

static void put_warnings(json_dumper *line, const struct row *row)
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

static void write_row(GString *text, const struct row *row)
{
    json_dumper line = {.output_string = text};
    json_dumper_begin_object(&line);
    put_identity(&line, row);
    put_outcome(&line, row);
    put_states(&line, row);
    put_milestones(&line, &row->summary);
    put_times(&line, &row->summary);
    put_options(&line, &row->summary);
    put_warnings(&line, row);
    json_dumper_end_object(&line);
    json_dumper_finish(&line); /* ends the line */
}

/* ---------------------------------------------------------------- the report */

static void *json_create(void)
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
    const struct roster *roster = (const struct roster *)report;
    GArray *order = roster_order(roster);
    GString *text = g_string_new(NULL);
    struct row row;
    for (guint i = 0; i < order->len; i++) {
        if (roster_row(roster, g_array_index(order, uint32_t, i), &row)) {
            write_row(g_string_truncate(text, 0), &row);
            output_write(output, text->str);
        }
    }
    g_string_free(text, TRUE);
    g_array_free(order, TRUE);
}

static void json_clear(void *report)
{
    roster_clear((struct roster *)report);
}

void json_register(void)
{
    static const struct report_kind kind = {
        .argument = "tcpfsm,json",
        .title = "TCP Connections as JSON",
        .create = json_create,
        .destroy = json_destroy,
        .segment = json_segment,
        .render = json_render,
        .clear = json_clear,
    };
    report_register(&kind);
}
