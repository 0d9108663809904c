/* words.h - the words that a scenario uses for states, verdicts, causes, debts, findings
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_WORDS_H
#define TCPFSM_RIG_WORDS_H

#include "summary/timeout_finding.h"
#include "witness/testimony_id.h"
#include "observation.h"

#include <stddef.h>

enum kind {
    KIND_STATE,
    KIND_SEQ,
    KIND_ACK,
    KIND_PHASE,
    KIND_BASIS,
    KIND_CAUSE,
    KIND_TIMER,
    KIND_DEBT,
    KIND_FINDING,
    KIND_ROLE,
    KIND_RULE,
    KIND_OUTCOME,
    KIND_OPENING,
    KIND_CLOSING,
    KIND_CLOSER,
    KIND_TIME_WAIT_SIDE,
    KIND_TIMEOUT_FINDING,
    KIND_MILESTONE,
    KIND_RECEIVER,
    /* The rows of the engine's tables, as they are called there; a cell is `state/event`. */
    KIND_ROUTE,
    KIND_SEQ_RULE,
    KIND_ACK_RULE,
    KIND_CAUSE_RULE,
    KIND_PARDON,
    KIND_TESTIMONY,
    KIND_CELL,
    KIND_COUNT
};

const char *kind_name(enum kind kind);

/* How many values there are: they run from 0. A finding's value is the number of its bit. */
unsigned kind_values(enum kind kind);

/* The word for a value, valid until the fourth call after; NULL if no value has that number. */
const char *value_name(enum kind kind, unsigned value);

/* -1: no such word. */
int value_of(enum kind kind, const char *word, size_t length);

/* Conclusions that are warnings; of the first five a connection gets one at most. */
#define CONCLUSIONS_EXCLUSIVE ((1u << (TIMEOUT_FINDING_PEER_SILENT + 1)) - 1)
#define CONCLUSIONS_OF_ACCUSATION (CONCLUSIONS_EXCLUSIVE | 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW)

#endif
