/* show_connection.c - the fields of a connection, on each of its segments
 *
 * They are read from the summary. After the first pass they tell with hindsight;
 * in the first pass, what is settled so far.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/show_connection.h"

#include "capture/serials.h"
#include "findings/hindsight.h"
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

static void put_outcome(const struct tree_writer *writer, unsigned timeout_findings)
{
    const struct summary *s = writer->view->summary;
    bool settled = writer->view->final || outcome_is_settled(s);
    if (settled) {
        tree_writer_enum(writer, FIELD_OUTCOME, outcome_of(s, timeout_findings));
    }
    if (opening_of(s) != OPENING_NONE &&
        (settled || s->opened)) { /* until then it may be simultaneous, or split */
        tree_writer_enum(writer, FIELD_OPENING, opening_of(s));
    }
    if (settled) {
        tree_writer_enum(writer, FIELD_CLOSING, closing_of(s));
    }
    bool answered = s->steps & (STEP_ACK_OF_FIN | STEP_SECOND_FIN); /* until then, FINs may cross */
    if (closer_of(s) != CLOSER_NONE && (settled || answered)) {
        tree_writer_enum(writer, FIELD_CLOSER, closer_of(s));
    }
    char history[HISTORY_MAX]; /* until the end, what is missing may still come */
    tree_writer_text(writer, FIELD_HISTORY, writer->view->final ? history_tell(s, history) : s->history);
    bool waits = writer->view->final && time_wait_side_of(s) != TIME_WAIT_SIDE_NONE;
    if (outcome_is_settled(s) || waits) {
        tree_writer_enum(writer, FIELD_TIME_WAIT_HOLDER, time_wait_side_of(s));
    }
}

static void put_times(const struct tree_writer *writer)
{
    const struct summary *s = writer->view->summary;
    tree_writer_time(writer, FIELD_HANDSHAKE_TIME, summary_between(s, MILESTONE_SYN, MILESTONE_ACK));
    tree_writer_time(writer, FIELD_SYN_WAIT, summary_span(s, SPAN_SYN_WAIT));
    tree_writer_time(writer, FIELD_SERVER_RTT, summary_span(s, SPAN_SERVER_RTT));
    tree_writer_time(writer, FIELD_CLIENT_RTT, summary_span(s, SPAN_CLIENT_RTT));
    tree_writer_time(writer, FIELD_TEARDOWN_TIME,
                     summary_between(s, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK));
    tree_writer_time(writer, FIELD_CLOSE_WAIT_TIME, summary_span(s, SPAN_CLOSE_WAIT));
    tree_writer_time(writer, FIELD_FIN_WAIT_2_TIME, summary_span(s, SPAN_FIN_WAIT_2));
}

static void put_offer(const struct tree_writer *writer, const struct summary_end *end, enum field isn,
                      enum field window, enum field mss)
{
    if (end->syn_seen) {
        tree_writer_uint(writer, isn, end->isn.n);
        tree_writer_uint(writer, window, end->window);
        if (end->mss != 0) {
            tree_writer_uint(writer, mss, end->mss);
        }
    }
}

/* What the SYNs offered; an option counts only if both carried it. */
static void put_options(const struct tree_writer *writer)
{
    const struct summary_end *client = &writer->view->summary->end[0],
                             *server = &writer->view->summary->end[1];
    put_offer(writer, client, FIELD_CLIENT_ISN, FIELD_CLIENT_WINDOW, FIELD_CLIENT_MSS);
    put_offer(writer, server, FIELD_SERVER_ISN, FIELD_SERVER_WINDOW, FIELD_SERVER_MSS);
    if (client->scale_plus_one && server->scale_plus_one) {
        tree_writer_uint(writer, FIELD_CLIENT_SCALE, client->scale_plus_one - 1u);
        tree_writer_uint(writer, FIELD_SERVER_SCALE, server->scale_plus_one - 1u);
    }
    if (client->sack_permitted && server->sack_permitted) {
        tree_writer_bool(writer, FIELD_SACK, true);
    }
    if (client->timestamps && server->timestamps) {
        tree_writer_bool(writer, FIELD_TIMESTAMPS, true);
    }
}

static void put_previous(const struct tree_writer *writer)
{
    const struct summary *s = writer->view->summary;
    if (s->previous != 0) {
        tree_writer_uint(writer, FIELD_PREVIOUS, s->previous - 1);
        tree_writer_time(writer, FIELD_REUSE_AGE, s->since_previous < 0 ? NO_TIME : s->since_previous);
    }
}

/* "Connection 3: closed, opened three-way, closed four-way by the client" */
static proto_tree *add_subtree(const struct tree_writer *parent, unsigned timeout_findings)
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

void show_connection(const struct tree_writer *parent)
{
    struct tree_writer writer = *parent;
    unsigned timeout_findings = timeout_findings_of(parent->view);
    if (parent->tree->tree_data->visible) {
        writer.tree = add_subtree(parent, timeout_findings);
    }
    put_outcome(&writer, timeout_findings);
    for (size_t i = 0; i < array_length(frames); i++) {
        tree_writer_frame(&writer, frames[i].field,
                          frames_number(parent->view->summary->milestone[frames[i].milestone].frame));
    }
    put_times(&writer);
    put_options(&writer);
    put_previous(&writer);
}
