/* form_tables.c - what does an engine say that no segment changes?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "forms.h"

/* One word more than there are: what a number without a name is called. */
#define PRINT_WORDS(type, count)            \
    for (unsigned i = 0; i <= (count); i++) \
    fprintf(stream, "%s %u: %s\n", #type, i, type##_name((enum type)i))

static void print_words(FILE *stream)
{
    PRINT_WORDS(state, STATE_COUNT);
    PRINT_WORDS(role, ROLE_COUNT);
    PRINT_WORDS(phase, PHASE_COUNT);
    PRINT_WORDS(basis, BASIS_COUNT);
    PRINT_WORDS(timer, TIMER_COUNT);
    PRINT_WORDS(debt, DEBT_COUNT);
    PRINT_WORDS(reset_cause, RESET_CAUSE_COUNT);
    PRINT_WORDS(outcome, OUTCOME_COUNT);
    PRINT_WORDS(opening, OPENING_COUNT);
    PRINT_WORDS(closing, CLOSING_COUNT);
    PRINT_WORDS(closer, CLOSER_COUNT);
    PRINT_WORDS(holder, HOLDER_COUNT);
}

static void print_verdicts(FILE *stream, const char *which, const struct verdict *verdicts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(stream, "%s verdict %u: %s, valid %d, %s: %s\n", which, i, verdicts[i].name,
                (int)verdicts[i].valid, verdicts[i].section, verdicts[i].sentence);
}

static void print_state_machine(FILE *stream)
{
    for (unsigned i = 0; i < RULE_COUNT; i++)
        fprintf(stream, "rule %u: %s, %s: %s\n", i, rules[i].name, rules[i].section, rules[i].sentence);
    for (unsigned state = 0; state < STATE_COUNT; state++)
        for (unsigned event = 0; event < EVENT_COUNT; event++) {
            struct transition step = fsm_step((enum state)state, (enum event)event);

            fprintf(stream, "%s, %s: %s by %s\n", state_name((enum state)state),
                    event_name((enum event)event), state_name(step.next), rules[step.rule].name);
        }
}

static void print_debts(FILE *stream)
{
    for (unsigned set = 0; set < 1u << DEBT_COUNT; set++) {
        enum debt list[DEBT_COUNT] = {OWES_NOTHING};
        unsigned count = debts_in_order(set, list);

        fprintf(stream, "debts %x:", set);
        for (unsigned i = 0; i < count; i++)
            fprintf(stream, " %d", (int)list[i]);
        fputc('\n', stream);
    }
}

void print_tables(FILE *stream)
{
    print_words(stream);
    print_verdicts(stream, "seq", seq_verdicts, SEQ_VERDICT_COUNT);
    print_verdicts(stream, "ack", ack_verdicts, ACK_VERDICT_COUNT);
    print_state_machine(stream);
    print_debts(stream);
}
