/* hindsight.c - what the engine tells of a connection once the capture has ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hindsight.h"

#include "words.h"

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

static void set_durations(int64_t *value, const struct account *account)
{
    value[VALUE_HANDSHAKE] = account_between(account, MILESTONE_SYN, MILESTONE_ACK);
    value[VALUE_TEARDOWN] = account_between(account, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK);
    value[VALUE_SERVER_RTT] = account_span(account, SPAN_SERVER_RTT);
    value[VALUE_CLIENT_RTT] = account_span(account, SPAN_CLIENT_RTT);
    value[VALUE_SYN_WAIT] = account_span(account, SPAN_SYN_WAIT);
    value[VALUE_CLOSE_WAIT] = account_span(account, SPAN_CLOSE_WAIT);
    value[VALUE_FIN_WAIT_2] = account_span(account, SPAN_FIN_WAIT_2);
    value[VALUE_REUSE_AGE] = present(account->previous && account->since_previous >= 0,
                                     account->since_previous);
}

static void set_options(int64_t *value, const struct account *account)
{
    const struct account_end *client = &account->end[0], *server = &account->end[1];
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

void hindsight_of(struct hindsight *hindsight, const struct account *account, const struct timeouts *timeouts,
                  int64_t end)
{
    unsigned conclusions = conclusions_at(account, timeouts, end);
    int64_t *value = hindsight->value;

    memset(hindsight, 0, sizeof *hindsight);
    hindsight->conclusions = conclusions;
    hindsight->settled = outcome_is_settled(account);
    value[VALUE_OUTCOME] = outcome_of(account, conclusions);
    value[VALUE_OPENING] = opening_of(account);
    value[VALUE_CLOSING] = closing_of(account);
    value[VALUE_CLOSER] = closer_of(account);
    value[VALUE_HOLDER] = time_wait_holder_of(account);
    set_durations(value, account);
    set_options(value, account);
    value[VALUE_PREVIOUS] = present(account->previous, (int64_t)account->previous - 1);
    for (enum milestone i = 0; i < MILESTONE_COUNT; i++)
        hindsight->frame[i] = account->milestone[i].frame;
    for (enum conclusion i = 0; i < CONCLUSION_COUNT; i++)
        if (conclusions >> i & 1)
            hindsight->begin[i] = conclusion_begin(account, i).frame;
    snprintf(hindsight->history, sizeof hindsight->history, "%.*s", HISTORY_MAX, account->history);
}
