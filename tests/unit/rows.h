/* rows.h - which row of judge/'s tables applies to a saying?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_ROWS_H
#define TCPFSM_TESTS_UNIT_ROWS_H

#include "talk.h"

/* With nothing moved by it; t->look.j tells the rest. */
static inline const struct judgment *rows_of(struct talk *t, struct saying s)
{
    return talk_judge(talk_look(t, s));
}

#define SEQ_ROW(t, ...) seq_rule_name(rows_of((t), (struct saying){__VA_ARGS__})->seq_rule)
#define ACK_ROW(t, ...) ack_rule_name(rows_of((t), (struct saying){__VA_ARGS__})->ack_rule)
#define CAUSE_ROW(t, ...) cause_rule_name(rows_of((t), (struct saying){__VA_ARGS__})->cause_rule)
#define PARDON_ROW(t, ...) pardon_name(rows_of((t), (struct saying){__VA_ARGS__})->pardon)

#define CHECK_SEQ_ROW(t, row, ...) CHECK_STRING(SEQ_ROW((t), __VA_ARGS__), (row))
#define CHECK_ACK_ROW(t, row, ...) CHECK_STRING(ACK_ROW((t), __VA_ARGS__), (row))
#define CHECK_CAUSE_ROW(t, row, ...) CHECK_STRING(CAUSE_ROW((t), __VA_ARGS__), (row))

#endif
