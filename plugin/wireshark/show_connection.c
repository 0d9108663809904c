/* show_connection.c - the fields of a connection, on each of its segments
 *
 * They are read from the summary. After the first pass they tell with hindsight;
 * in the first pass, what is settled so far.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show_connection.h"

#include "frames.h"
#include "hindsight.h"
#include "tell/names.h"
#include "summary/history.h"
#include "summary/outcome.h"

#include <epan/packet.h>

static int subtree = -1;

void show_connection_register(void)
{
    static int *subtrees[] = {&subtree};
    proto_register_subtree_array(subtrees, array_length(subtrees));
}

static const struct {
    enum field field;
    enum milestone milestone;
} frames[] = {
    {FIELD_SYN_FRAME, MILESTONE_SYN},
    {FIELD_SYN_ACK_FRAME, MILESTONE_SYN_ACK},
    {FIELD_ACK_FRAME, MILESTONE_ACK},
    {FIELD_FIN_FRAME, MILESTONE_FIN},
    {FIELD_FIN_ACK_FRAME, MILESTONE_FIN_ACK},
    {FIELD_SECOND_FIN_FRAME, MILESTONE_SECOND_FIN},
    {FIELD_SECOND_FIN_ACK_FRAME, MILESTONE_SECOND_FIN_ACK},
    {FIELD_RESET_FRAME, MILESTONE_RESET},
    {FIELD_ICMP_FRAME, MILESTONE_ICMP},
};

/* What the time-outs say of the connection as a whole, once it is known how long nothing came. */
static unsigned timeout_findings_of(const struct view *view)
{
    return view->final ? hindsight_findings(view->summary) : 0;
}

static void put_outcome(const struct sheet *sheet, unsigned timeout_findings)
{
    const struct summary *s = sheet->view->summary;
    bool settled = sheet->view->final || outcome_is_settled(s);
    if (settled) {
        sheet_enum(sheet, FIELD_OUTCOME, outcome_of(s, timeout_findings));
    }
    if (opening_of(s) != OPENING_NONE &&
        (settled || s->opened)) { /* until then it may be simultaneous, or split */
        sheet_enum(sheet, FIELD_OPENING, opening_of(s));
    }
    if (settled) {
        sheet_enum(sheet, FIELD_CLOSING, closing_of(s));
    }
    bool answered = s->steps & (STEP_ACK_OF_FIN | STEP_SECOND_FIN); /* until then, FINs may cross */
    if (closer_of(s) != CLOSER_NONE && (settled || answered)) {
        sheet_enum(sheet, FIELD_CLOSER, closer_of(s));
    }
    char history[HISTORY_MAX]; /* until the end, what is missing may still come */
    sheet_text(sheet, FIELD_HISTORY, sheet->view->final ? history_tell(s, history) : s->history);
    bool waits = sheet->view->final && time_wait_side_of(s) != TIME_WAIT_SIDE_NONE;
    if (outcome_is_settled(s) || waits) {
        sheet_enum(sheet, FIELD_TIME_WAIT_HOLDER, time_wait_side_of(s));
    }
}

static void put_times(const struct sheet *sheet)
{
    const struct summary *s = sheet->view->summary;
    sheet_time(sheet, FIELD_HANDSHAKE_TIME, summary_between(s, MILESTONE_SYN, MILESTONE_ACK));
    sheet_time(sheet, FIELD_SYN_WAIT, summary_span(s, SPAN_SYN_WAIT));
    sheet_time(sheet, FIELD_SERVER_RTT, summary_span(s, SPAN_SERVER_RTT));
    sheet_time(sheet, FIELD_CLIENT_RTT, summary_span(s, SPAN_CLIENT_RTT));
    sheet_time(sheet, FIELD_TEARDOWN_TIME, summary_between(s, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK));
    sheet_time(sheet, FIELD_CLOSE_WAIT_TIME, summary_span(s, SPAN_CLOSE_WAIT));
    sheet_time(sheet, FIELD_FIN_WAIT_2_TIME, summary_span(s, SPAN_FIN_WAIT_2));
}

static void put_offer(const struct sheet *sheet, const struct summary_end *end, enum field isn,
                      enum field window, enum field mss)
{
    if (end->syn_seen) {
        sheet_uint(sheet, isn, end->isn.n);
        sheet_uint(sheet, window, end->window);
        if (end->mss != 0) {
            sheet_uint(sheet, mss, end->mss);
        }
    }
}

/* What the SYNs offered; an option counts only if both carried it. */
static void put_options(const struct sheet *sheet)
{
    const struct summary_end *client = &sheet->view->summary->end[0], *server = &sheet->view->summary->end[1];
    put_offer(sheet, client, FIELD_CLIENT_ISN, FIELD_CLIENT_WINDOW, FIELD_CLIENT_MSS);
    put_offer(sheet, server, FIELD_SERVER_ISN, FIELD_SERVER_WINDOW, FIELD_SERVER_MSS);
    if (client->scale_plus_one && server->scale_plus_one) {
        sheet_uint(sheet, FIELD_CLIENT_SCALE, client->scale_plus_one - 1u);
        sheet_uint(sheet, FIELD_SERVER_SCALE, server->scale_plus_one - 1u);
    }
    if (client->sack_permitted && server->sack_permitted) {
        sheet_bool(sheet, FIELD_SACK, true);
    }
    if (client->timestamps && server->timestamps) {
        sheet_bool(sheet, FIELD_TIMESTAMPS, true);
    }
}

static void put_previous(const struct sheet *sheet)
{
    const struct summary *s = sheet->view->summary;
    if (s->previous != 0) {
        sheet_uint(sheet, FIELD_PREVIOUS, s->previous - 1);
        sheet_time(sheet, FIELD_REUSE_AGE, s->since_previous < 0 ? NO_TIME : s->since_previous);
    }
}

/* "Connection 3: closed, opened three-way, closed four-way by the client" */
static proto_tree *add_subtree(const struct sheet *parent, unsigned timeout_findings)
{
    const struct view *view = parent->view;
    const struct summary *s = view->summary;
    bool settled = view->final || outcome_is_settled(s);
    proto_item *item;
    proto_tree *tree = proto_tree_add_subtree_format(
        parent->tree, parent->tvb, 0, 0, subtree, &item, "Connection %u: %s", view->observation->connection,
        settled ? outcome_name(outcome_of(s, timeout_findings)) : "not ended so far");
    proto_item_set_generated(item);
    if (opening_of(s) != OPENING_NONE) {
        proto_item_append_text(item, ", opening %s", opening_name(opening_of(s)));
    }
    if (settled) {
        proto_item_append_text(item, ", closing %s", closing_name(closing_of(s)));
    }
    if (settled && closer_of(s) != CLOSER_NONE) {
        proto_item_append_text(item, ", closer %s", closer_name(closer_of(s)));
    }
    return tree;
}

bool show_connection_wanted(proto_tree *tree)
{
    for (unsigned i = FIELD_OUTCOME; i <= FIELD_REUSE_AGE; i++) {
        if (proto_field_is_referenced(tree, fields[i])) {
            return true;
        }
    }
    return false;
}

void show_connection(const struct sheet *parent)
{
    struct sheet sheet = *parent;
    unsigned timeout_findings = timeout_findings_of(parent->view);
    if (parent->tree->tree_data->visible) {
        sheet.tree = add_subtree(parent, timeout_findings);
    }
    put_outcome(&sheet, timeout_findings);
    for (size_t i = 0; i < array_length(frames); i++) {
        sheet_frame(&sheet, frames[i].field,
                    frames_number(parent->view->summary->milestone[frames[i].milestone].frame));
    }
    put_times(&sheet);
    put_options(&sheet);
    put_previous(&sheet);
}
