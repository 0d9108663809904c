/* rule_names_test.c - what are the rows of the rule tables called?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "judge/rule_id.h"

#include <stddef.h>

static const char *seq_name(unsigned rule)
{
    return seq_rule_name((enum seq_rule_id)rule);
}

static const char *ack_name(unsigned rule)
{
    return ack_rule_name((enum ack_rule_id)rule);
}

static const char *cause_name(unsigned rule)
{
    return cause_rule_name((enum cause_rule_id)rule);
}

static const char *pardon(unsigned row)
{
    return pardon_name((enum pardon_id)row);
}

static const struct {
    const char *(*name)(unsigned row);
    unsigned count;
} tables[] = {
    {seq_name, SEQ_RULE_COUNT},
    {ack_name, ACK_RULE_COUNT},
    {cause_name, CAUSE_RULE_COUNT},
    {pardon, PARDON_COUNT},
};

static void test_rows_have_the_names_of_their_tables(void)
{
    CHECK_STRING(seq_name(SEQ_RULE_in_order), "in_order");
    CHECK_STRING(seq_name(SYN_RULE_again), "syn_again");
    CHECK_STRING(seq_name(RESET_RULE_at_edge), "rst_at_edge");
    CHECK_STRING(ack_name(ACK_RULE_of_fin), "of_fin");
    CHECK_STRING(cause_name(CAUSE_RULE_abort), "abort");
    CHECK_STRING(pardon(PARDON_multipath), "multipath");
}

static void test_what_is_no_row_has_no_name(void)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        CHECK(tables[i].name(0) == NULL);
        CHECK(tables[i].name(tables[i].count) == NULL);
        CHECK(tables[i].name(255) == NULL);
    }
}

static void test_no_two_rows_of_a_kind_share_a_name(void)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (unsigned row = 1; row < tables[i].count; row++) {
            CHECK(tables[i].name(row) != NULL);
            for (unsigned other = row + 1; other < tables[i].count; other++)
                CHECK(strcmp(tables[i].name(row), tables[i].name(other)) != 0);
        }
}

int main(void)
{
    test_rows_have_the_names_of_their_tables();
    test_what_is_no_row_has_no_name();
    test_no_two_rows_of_a_kind_share_a_name();
    return check_result();
}
