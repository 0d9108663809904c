/* words.c - the words that a scenario uses
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words.h"

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
#include "names.def"
#undef ENUMERATION
#undef NAME
#undef ENUMERATION_END

static const char *const remark_words[] = {
    "REMARK_JOINED_LATE",
    "REMARK_SIMULTANEOUS_OPEN",
    "REMARK_SIMULTANEOUS_CLOSE",
    "REMARK_HALF_CLOSED",
    "REMARK_SYN_RETRANSMITTED",
    "REMARK_SYNACK_RETRANSMITTED",
    "REMARK_FIN_RETRANSMITTED",
    "REMARK_SYNACK_REJECTED",
    "REMARK_RESET_STALE",
    "REMARK_FAST_OPEN",
    "REMARK_SYN_DATA",
    "REMARK_CHALLENGE_ACK",
    "REMARK_TIME_WAIT_REUSE",
    "REMARK_TIME_WAIT_REUSE_ALLOWED",
    "REMARK_TIME_WAIT_ASSASSINATION",
    "REMARK_SYN_IN_CONNECTION",
    "REMARK_DATA_AFTER_FIN",
    "REMARK_DATA_AFTER_RESET",
    "REMARK_SEQ_INVALID",
    "REMARK_ACK_INVALID",
    "REMARK_RESET_INVALID",
    "REMARK_SPLIT_OPEN",
    "REMARK_LENGTH_UNKNOWN",
    "REMARK_UNUSABLE",
    "REMARK_CROSSED",
    "REMARK_TWO_PATHS",
    "REMARK_DESYNCHRONIZED",
    "REMARK_MANY_EMBRYONIC",
    "REMARK_MANY_IDLE",
    "REMARK_FIN_ACKED",
    "REMARK_ACKS_SYN_DATA",
};

static const char *const conclusion_words[CONCLUSION_COUNT] = {
    [CONCLUSION_UNANSWERED] = "CONCLUSION_UNANSWERED",
    [CONCLUSION_EMBRYONIC] = "CONCLUSION_EMBRYONIC",
    [CONCLUSION_FIN_UNACKNOWLEDGED] = "CONCLUSION_FIN_UNACKNOWLEDGED",
    [CONCLUSION_CLOSE_WAIT_STUCK] = "CONCLUSION_CLOSE_WAIT_STUCK",
    [CONCLUSION_PEER_SILENT] = "CONCLUSION_PEER_SILENT",
    [CONCLUSION_BACKLOG_OVERFLOW] = "CONCLUSION_BACKLOG_OVERFLOW",
    [CONCLUSION_LAST_ACK_MISSING] = "CONCLUSION_LAST_ACK_MISSING",
    [CONCLUSION_FIN_WAIT_2_STUCK] = "CONCLUSION_FIN_WAIT_2_STUCK",
    [CONCLUSION_IDLE] = "CONCLUSION_IDLE",
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
    [KIND_REMARK] = {"remark", remark_words, sizeof "REMARK", sizeof remark_words / sizeof *remark_words},
    [KIND_ROLE] = {"role", role_words, sizeof "ROLE", ROLE_COUNT},
    [KIND_RULE] = {"rule", NULL, 0, RULE_COUNT},
    [KIND_OUTCOME] = {"outcome", outcome_words, sizeof "OUTCOME", OUTCOME_COUNT},
    [KIND_OPENING] = {"opening", opening_words, sizeof "OPENING", OPENING_COUNT},
    [KIND_CLOSING] = {"closing", closing_words, sizeof "CLOSING", CLOSING_COUNT},
    [KIND_CLOSER] = {"closer", closer_words, sizeof "CLOSER", CLOSER_COUNT},
    [KIND_HOLDER] = {"holder", holder_words, sizeof "HOLDER", HOLDER_COUNT},
    [KIND_CONCLUSION] = {"conclusion", conclusion_words, sizeof "CONCLUSION", CONCLUSION_COUNT},
    [KIND_MILESTONE] = {"frame", milestone_words, sizeof "MILESTONE", MILESTONE_COUNT},
};

const char *kind_name(enum kind kind)
{
    return kinds[kind].name;
}

unsigned kind_values(enum kind kind)
{
    return kinds[kind].count;
}

static const char *engine_name(enum kind kind, unsigned value)
{
    switch (kind) {
    case KIND_STATE: return state_name((enum state)value);
    case KIND_SEQ: return seq_verdicts[value].name;
    case KIND_ACK: return ack_verdicts[value].name;
    case KIND_RULE: return rules[value].name;
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
