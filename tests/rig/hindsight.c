/* hindsight.c - what the engine tells of a connection once the capture has ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hindsight.h"

#include "words.h"
#include "summary/history.h"

#include <stdio.h>
#include <string.h>

const struct hindsight_word hindsight_words[VALUE_COUNT] = {
#define VALUE(id, word, field, form, kind) {word, field, form, kind},
    HINDSIGHT_VALUES(VALUE)
#undef VALUE
};

static int64_t present(bool condition, int64_t value)
{
    return condition ? value : ABSENT;
}

static void set_durations(int64_t *value, const struct summary *summary)
{
    value[VALUE_HANDSHAKE] = summary_between(summary, MILESTONE_SYN, MILESTONE_ACK);
    value[VALUE_TEARDOWN] = summary_between(summary, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK);
    value[VALUE_SERVER_RTT] = summary_span(summary, SPAN_SERVER_RTT);
    value[VALUE_CLIENT_RTT] = summary_span(summary, SPAN_CLIENT_RTT);
    value[VALUE_SYN_WAIT] = summary_span(summary, SPAN_SYN_WAIT);
    value[VALUE_CLOSE_WAIT] = summary_span(summary, SPAN_CLOSE_WAIT);
    value[VALUE_FIN_WAIT_2] = summary_span(summary, SPAN_FIN_WAIT_2);
    value[VALUE_REUSE_AGE] = present(summary->previous && summary->since_previous >= 0,
                                     summary->since_previous);
}

static void set_options(int64_t *value, const struct summary *summary)
{
    const struct summary_end *client = &summary->end[0], *server = &summary->end[1];
    bool scale = client->scale_plus_one && server->scale_plus_one;

    value[VALUE_CLIENT_ISN] = present(client->syn_seen, client->isn.n);
    value[VALUE_SERVER_ISN] = present(server->syn_seen, server->isn.n);
    value[VALUE_CLIENT_WINDOW] = present(client->syn_seen, client->window);
    value[VALUE_SERVER_WINDOW] = present(server->syn_seen, server->window);
    value[VALUE_CLIENT_MSS] = present(client->syn_seen && client->mss, client->mss);
    value[VALUE_SERVER_MSS] = present(server->syn_seen && server->mss, server->mss);
    value[VALUE_CLIENT_SCALE] = present(scale, client->scale_plus_one - 1);
    value[VALUE_SERVER_SCALE] = present(scale, server->scale_plus_one - 1);
    value[VALUE_SACK] = client->sack_permitted && server->sack_permitted;
    value[VALUE_TIMESTAMPS] = client->timestamps && server->timestamps;
}

void hindsight_of(struct hindsight *hindsight, const struct summary *summary, const struct timeouts *timeouts,
                  int64_t end)
{
    unsigned timeout_findings = timeout_findings_at(summary, timeouts, end);
    int64_t *value = hindsight->value;

    memset(hindsight, 0, sizeof *hindsight);
    hindsight->timeout_findings = timeout_findings;
    hindsight->settled = outcome_is_settled(summary);
    value[VALUE_OUTCOME] = outcome_of(summary, timeout_findings);
    value[VALUE_OPENING] = opening_of(summary);
    value[VALUE_CLOSING] = closing_of(summary);
    value[VALUE_CLOSER] = closer_of(summary);
    value[VALUE_HOLDER] = time_wait_side_of(summary);
    set_durations(value, summary);
    set_options(value, summary);
    value[VALUE_PREVIOUS] = present(summary->previous, (int64_t)summary->previous - 1);
    for (enum milestone i = 0; i < MILESTONE_COUNT; i++)
        hindsight->frame[i] = summary->milestone[i].frame;
    for (enum timeout_finding i = 0; i < TIMEOUT_FINDING_COUNT; i++)
        if (timeout_findings >> i & 1)
            hindsight->begin[i] = timeout_finding_begin(summary, i).frame;
    history_tell(summary, hindsight->history);
}
