/* words.c - the words that a scenario uses
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words.h"

#include "cells.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Causes, debts and timers are known by their enumerators, without the prefix: the sentences of
 * names.def are too long for a line. */
#define ENUMERATION(type, count) static const char *const type##_words[count] = {
#define NAME(id, number, name) [number] = #id,
#define ENUMERATION_END(type, count) \
    }                                \
    ;
#include "tell/names.def"
#undef ENUMERATION
#undef NAME
#undef ENUMERATION_END

static const char *const finding_words[] = {
    "FINDING_JOINED_LATE",
    "FINDING_SIMULTANEOUS_OPEN",
    "FINDING_SIMULTANEOUS_CLOSE",
    "FINDING_HALF_CLOSED",
    "FINDING_SYN_RETRANSMITTED",
    "FINDING_SYNACK_RETRANSMITTED",
    "FINDING_FIN_RETRANSMITTED",
    "FINDING_SYNACK_REJECTED",
    "FINDING_RESET_STALE",
    "FINDING_FAST_OPEN",
    "FINDING_SYN_DATA",
    "FINDING_CHALLENGE_ACK",
    "FINDING_TIME_WAIT_REUSE",
    "FINDING_TIME_WAIT_REUSE_ALLOWED",
    "FINDING_TIME_WAIT_ASSASSINATION",
    "FINDING_SYN_IN_CONNECTION",
    "FINDING_DATA_AFTER_FIN",
    "FINDING_DATA_AFTER_RESET",
    "FINDING_SEQ_INVALID",
    "FINDING_ACK_INVALID",
    "FINDING_RESET_INVALID",
    "FINDING_SPLIT_OPEN",
    "FINDING_LENGTH_UNKNOWN",
    "FINDING_UNUSABLE",
    "FINDING_CROSSED",
    "FINDING_MULTIPATH",
    "FINDING_DESYNCHRONIZED",
    "FINDING_MANY_EMBRYONIC",
    "FINDING_MANY_IDLE",
    "FINDING_FIN_ACKED",
    "FINDING_ACKS_SYN_DATA",
    "FINDING_SEQ_SUSPECT",
    "FINDING_ACK_SUSPECT",
    "FINDING_RESET_SUSPECT",
    "FINDING_RESET_ABORT",
    "FINDING_NOT_ACCEPTED",
    "FINDING_MANY_UNANSWERED",
    "FINDING_LOST_BETWEEN",
    "FINDING_MADE_BETWEEN",
    "FINDING_SEEN_ONCE",
    "FINDING_CHANGED_BETWEEN",
    "FINDING_CLOCKS_DIFFER",
    "FINDING_ARRIVAL",
};

static const char *const timeout_finding_words[TIMEOUT_FINDING_COUNT] = {
    [TIMEOUT_FINDING_UNANSWERED] = "TIMEOUT_FINDING_UNANSWERED",
    [TIMEOUT_FINDING_EMBRYONIC] = "TIMEOUT_FINDING_EMBRYONIC",
    [TIMEOUT_FINDING_FIN_UNACKNOWLEDGED] = "TIMEOUT_FINDING_FIN_UNACKNOWLEDGED",
    [TIMEOUT_FINDING_CLOSE_WAIT_STUCK] = "TIMEOUT_FINDING_CLOSE_WAIT_STUCK",
    [TIMEOUT_FINDING_PEER_SILENT] = "TIMEOUT_FINDING_PEER_SILENT",
    [TIMEOUT_FINDING_BACKLOG_OVERFLOW] = "TIMEOUT_FINDING_BACKLOG_OVERFLOW",
    [TIMEOUT_FINDING_LAST_ACK_MISSING] = "TIMEOUT_FINDING_LAST_ACK_MISSING",
    [TIMEOUT_FINDING_FIN_WAIT_2_STUCK] = "TIMEOUT_FINDING_FIN_WAIT_2_STUCK",
    [TIMEOUT_FINDING_IDLE] = "TIMEOUT_FINDING_IDLE",
    [TIMEOUT_FINDING_EMBRYONIC_MINOR] = "TIMEOUT_FINDING_EMBRYONIC_MINOR",
    [TIMEOUT_FINDING_UNANSWERED_MINOR] = "TIMEOUT_FINDING_UNANSWERED_MINOR",
};

static const char *const milestone_words[MILESTONE_COUNT] = {
    [MILESTONE_SYN] = "MILESTONE_SYN",
    [MILESTONE_SYN_ACK] = "MILESTONE_SYN_ACK",
    [MILESTONE_ACK] = "MILESTONE_ACK",
    [MILESTONE_FIN] = "MILESTONE_FIN",
    [MILESTONE_FIN_ACK] = "MILESTONE_FIN_ACK",
    [MILESTONE_SECOND_FIN] = "MILESTONE_SECOND_FIN",
    [MILESTONE_SECOND_FIN_ACK] = "MILESTONE_SECOND_FIN_ACK",
    [MILESTONE_RESET] = "MILESTONE_RESET",
    [MILESTONE_ICMP] = "MILESTONE_ICMP",
};

static const struct {
    const char *name;
    const char *const *words; /* NULL: the engine has the names */
    size_t prefix;            /* letters of the enumerator that aren't said */
    unsigned count;
} kinds[KIND_COUNT] = {
    [KIND_STATE] = {"state", NULL, 0, STATE_COUNT},
    [KIND_SEQ] = {"seq", NULL, 0, SEQ_VERDICT_COUNT},
    [KIND_ACK] = {"ack", NULL, 0, ACK_VERDICT_COUNT},
    [KIND_PHASE] = {"phase", phase_words, sizeof "PHASE", PHASE_COUNT},
    [KIND_BASIS] = {"basis", basis_words, sizeof "BASIS", BASIS_COUNT},
    [KIND_CAUSE] = {"cause", reset_cause_words, sizeof "RESET", RESET_CAUSE_COUNT},
    [KIND_TIMER] = {"timer", timer_words, sizeof "TIMER", TIMER_COUNT},
    [KIND_DEBT] = {"owes", debt_words, sizeof "OWES", DEBT_COUNT},
    [KIND_FINDING] = {"finding", finding_words, sizeof "FINDING",
                      sizeof finding_words / sizeof *finding_words},
    [KIND_ROLE] = {"role", role_words, sizeof "ROLE", ROLE_COUNT},
    [KIND_RULE] = {"rule", NULL, 0, RULE_COUNT},
    [KIND_OUTCOME] = {"outcome", outcome_words, sizeof "OUTCOME", OUTCOME_COUNT},
    [KIND_OPENING] = {"opening", opening_words, sizeof "OPENING", OPENING_COUNT},
    [KIND_CLOSING] = {"closing", closing_words, sizeof "CLOSING", CLOSING_COUNT},
    [KIND_CLOSER] = {"closer", closer_words, sizeof "CLOSER", CLOSER_COUNT},
    [KIND_TIME_WAIT_SIDE] = {"time-wait-holder", time_wait_side_words, sizeof "TIME_WAIT_SIDE",
                             TIME_WAIT_SIDE_COUNT},
    [KIND_TIMEOUT_FINDING] = {"timeout", timeout_finding_words, sizeof "TIMEOUT_FINDING",
                              TIMEOUT_FINDING_COUNT},
    [KIND_MILESTONE] = {"frame", milestone_words, sizeof "MILESTONE", MILESTONE_COUNT},
    [KIND_RECEIVER] = {"receiver", receiver_verdict_words, sizeof "RECEIVER", RECEIVER_VERDICT_COUNT},
    [KIND_ROUTE] = {"route", NULL, 0, ROUTE_COUNT},
    [KIND_SEQ_RULE] = {"seq-rule", NULL, 0, SEQ_RULE_COUNT},
    [KIND_ACK_RULE] = {"ack-rule", NULL, 0, ACK_RULE_COUNT},
    [KIND_CAUSE_RULE] = {"cause-rule", NULL, 0, CAUSE_RULE_COUNT},
    [KIND_PARDON] = {"pardon", NULL, 0, PARDON_COUNT},
    [KIND_TESTIMONY] = {"testimony", NULL, 0, TESTIMONY_COUNT},
    [KIND_CELL] = {"cell", NULL, 0, CELLS},
};

const char *kind_name(enum kind kind)
{
    return kinds[kind].name;
}

unsigned kind_values(enum kind kind)
{
    return kinds[kind].count;
}

static const char *cell_name(unsigned cell)
{
    static char name[48];

    snprintf(name, sizeof name, "%s/%s", state_name((enum state)(cell / EVENT_COUNT)),
             event_name((enum event)(cell % EVENT_COUNT)));
    return name;
}

static const char *engine_name(enum kind kind, unsigned value)
{
    switch (kind) {
    case KIND_STATE: return state_name((enum state)value);
    case KIND_SEQ: return seq_verdicts[value].name;
    case KIND_ACK: return ack_verdicts[value].name;
    case KIND_RULE: return rules[value].name;
    case KIND_ROUTE: return route_name((enum route_id)value);
    case KIND_SEQ_RULE: return seq_rule_name((enum seq_rule_id)value);
    case KIND_ACK_RULE: return ack_rule_name((enum ack_rule_id)value);
    case KIND_CAUSE_RULE: return cause_rule_name((enum cause_rule_id)value);
    case KIND_PARDON: return pardon_name((enum pardon_id)value);
    case KIND_TESTIMONY: return testimony_name((enum testimony_id)value);
    case KIND_CELL: return cell_name(value);
    default: return NULL;
    }
}

const char *value_name(enum kind kind, unsigned value)
{
    static char ring[4][48];
    static unsigned next;
    const char *word;
    char *name = ring[next++ % 4];

    if (value >= kinds[kind].count)
        return NULL;
    word = kinds[kind].words ? kinds[kind].words[value] : engine_name(kind, value);
    if (!word)
        return NULL;
    snprintf(name, sizeof ring[0], "%s", word + kinds[kind].prefix);
    for (char *c = name; *c; c++)
        if (*c == '_' || *c == ' ')
            *c = '-';
        else if (kind != KIND_STATE)
            *c = (char)tolower((unsigned char)*c);
    return name;
}

int value_of(enum kind kind, const char *word, size_t length)
{
    for (unsigned value = 0; value < kinds[kind].count; value++) {
        const char *name = value_name(kind, value);

        if (name && strlen(name) == length && memcmp(name, word, length) == 0)
            return (int)value;
    }
    return -1;
}
