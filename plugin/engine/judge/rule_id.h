/* rule_id.h - the rows of seq_rules.def, ack_rules.def, reset_rules.def and pardons.def as numbers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_RULE_ID_H
#define TCPFSM_ENGINE_RULE_ID_H

/* Of ordinary segments, of SYNs, of RSTs. */
enum seq_rule_id {
    SEQ_RULE_NONE,
#define SEQ_RULE(name, predicate, verdict, bound, section) SEQ_RULE_##name,
#define SYN_RULE(name, predicate, verdict, bound, section) SYN_RULE_##name,
#include "judge/seq_rules.def"
#undef SEQ_RULE
#undef SYN_RULE
#define RESET_RULE(name, predicate, verdict, effect, bound, section) RESET_RULE_##name,
#define CAUSE_RULE(name, predicate, cause, section)
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
    SEQ_RULE_COUNT
};

enum ack_rule_id {
    ACK_RULE_NONE,
#define ACK_RULE(name, places, predicate, verdict, bound, section) ACK_RULE_##name,
#include "judge/ack_rules.def"
#undef ACK_RULE
    ACK_RULE_COUNT
};

enum cause_rule_id {
    CAUSE_RULE_NONE,
#define RESET_RULE(name, predicate, verdict, effect, bound, section)
#define CAUSE_RULE(name, predicate, cause, section) CAUSE_RULE_##name,
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
    CAUSE_RULE_COUNT
};

enum pardon_id {
    PARDON_NONE,
#define PARDON(name, predicate, reason) PARDON_##name,
#include "judge/pardons.def"
#undef PARDON
    PARDON_COUNT
};

/* "in_order": the row's name; of a SYN's and a RST's with "syn_", "rst_" before it. NULL for no row. */
const char *seq_rule_name(enum seq_rule_id rule);
const char *ack_rule_name(enum ack_rule_id rule);
const char *cause_rule_name(enum cause_rule_id rule);
const char *pardon_name(enum pardon_id pardon);

#endif
