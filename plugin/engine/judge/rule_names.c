/* rule_names.c - what are the rows of the rule tables called?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "judge/rule_id.h"

#include <stddef.h>

const char *seq_rule_name(enum seq_rule_id rule)
{
    static const char *const names[SEQ_RULE_COUNT] = {
#define SEQ_RULE(name, predicate, verdict, bound, section) [SEQ_RULE_##name] = #name,
#define SYN_RULE(name, predicate, verdict, bound, section) [SYN_RULE_##name] = "syn_" #name,
#include "judge/seq_rules.def"
#undef SEQ_RULE
#undef SYN_RULE
#define RESET_RULE(name, predicate, verdict, effect, bound, section) [RESET_RULE_##name] = "rst_" #name,
#define CAUSE_RULE(name, predicate, cause, section)
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
    };
    return rule < SEQ_RULE_COUNT ? names[rule] : NULL;
}

const char *ack_rule_name(enum ack_rule_id rule)
{
    static const char *const names[ACK_RULE_COUNT] = {
#define ACK_RULE(name, places, predicate, verdict, bound, section) [ACK_RULE_##name] = #name,
#include "judge/ack_rules.def"
#undef ACK_RULE
    };
    return rule < ACK_RULE_COUNT ? names[rule] : NULL;
}

const char *cause_rule_name(enum cause_rule_id rule)
{
    static const char *const names[CAUSE_RULE_COUNT] = {
#define RESET_RULE(name, predicate, verdict, effect, bound, section)
#define CAUSE_RULE(name, predicate, cause, section) [CAUSE_RULE_##name] = #name,
#include "judge/reset_rules.def"
#undef RESET_RULE
#undef CAUSE_RULE
    };
    return rule < CAUSE_RULE_COUNT ? names[rule] : NULL;
}

const char *pardon_name(enum pardon_id pardon)
{
    static const char *const names[PARDON_COUNT] = {
#define PARDON(name, predicate, reason) [PARDON_##name] = #name,
#include "judge/pardons.def"
#undef PARDON
    };
    return pardon < PARDON_COUNT ? names[pardon] : NULL;
}
