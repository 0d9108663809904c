/* facts_test.c - which facts move an end, and which state follows from several of them?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "machine/facts.h"

#define CHECK_FOLLOWS(proven, facts, passive, expected) \
    CHECK_STRING(state_name(facts_follow((proven), (uint8_t)(facts), (passive))), state_name(expected))

static void test_every_fact_stands_for_a_column_of_the_table(void)
{
    static const enum event events[FACT_COUNT] = {
        [FACT_SYN] = RCV_SYN,          [FACT_SYN_ACK] = RCV_SYN_ACK,       [FACT_ACK_OF_SYN] = RCV_ACK_OF_SYN,
        [FACT_FIN] = RCV_FIN,          [FACT_ACK_OF_FIN] = RCV_ACK_OF_FIN, [FACT_RST] = RCV_RST,
        [FACT_EXPIRED] = TIMEOUT_2MSL, [FACT_RST_SENT] = SND_RST,
    };

    for (unsigned fact = 0; fact < FACT_COUNT; fact++)
        CHECK_EQUAL(fact_event((enum fact)fact, false), events[fact]);
}

static void test_a_reset_lets_only_a_passive_opener_listen_again(void)
{
    for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
        enum event active = fact_event((enum fact)fact, false);

        CHECK_EQUAL(fact_event((enum fact)fact, true), fact == FACT_RST ? RCV_RST_LISTENER : active);
    }
    CHECK_FOLLOWS(SYN_RECEIVED, FACT(FACT_RST), true, LISTEN);
    CHECK_FOLLOWS(SYN_RECEIVED, FACT(FACT_RST), false, CLOSED);
}

static void test_acks_are_remembered_apart_from_flags(void)
{
    CHECK_EQUAL(fact_slot(FACT_ACK_OF_SYN), SLOT_ACK);
    CHECK_EQUAL(fact_slot(FACT_ACK_OF_FIN), SLOT_ACK);
    CHECK_EQUAL(fact_slot(FACT_SYN), SLOT_FLAG);
    CHECK_EQUAL(fact_slot(FACT_SYN_ACK), SLOT_FLAG);
    CHECK_EQUAL(fact_slot(FACT_FIN), SLOT_FLAG);
    CHECK_EQUAL(fact_slot(FACT_RST), SLOT_FLAG);
}

static void test_a_set_holds_the_facts_put_into_it(void)
{
    for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
        for (unsigned other = 0; other < FACT_COUNT; other++) {
            CHECK_EQUAL(fact_is(FACT(fact), (enum fact)other), fact == other);
            CHECK_EQUAL(fact_is(FACTS_BEFORE(fact), (enum fact)other), other < fact);
        }
    }
}

static void test_without_a_fact_the_proven_state_stays(void)
{
    for (int state = 0; state < STATE_COUNT; state++)
        CHECK_FOLLOWS((enum state)state, 0, false, (enum state)state);
}

static void test_facts_take_effect_in_their_order(void)
{
    CHECK_FOLLOWS(SYN_SENT, FACT(FACT_SYN_ACK), false, ESTABLISHED);
    CHECK_FOLLOWS(SYN_RECEIVED, FACT(FACT_ACK_OF_SYN) | FACT(FACT_FIN), true, CLOSE_WAIT);
    CHECK_FOLLOWS(FIN_WAIT_1, FACT(FACT_FIN) | FACT(FACT_ACK_OF_FIN), false, TIME_WAIT);
    CHECK_FOLLOWS(FIN_WAIT_1, FACT(FACT_FIN), false, CLOSING);
    CHECK_FOLLOWS(FIN_WAIT_1, FACT(FACT_ACK_OF_FIN), false, FIN_WAIT_2);
    CHECK_FOLLOWS(TIME_WAIT, FACT(FACT_EXPIRED), false, CLOSED);
    /* The wait is over after the FIN that began it, and who resets has nothing left to wait for. */
    CHECK_FOLLOWS(FIN_WAIT_2, FACT(FACT_FIN) | FACT(FACT_EXPIRED), false, CLOSED);
    CHECK_FOLLOWS(ESTABLISHED, FACT(FACT_FIN) | FACT(FACT_RST_SENT), false, CLOSED);
}

int main(void)
{
    test_every_fact_stands_for_a_column_of_the_table();
    test_a_reset_lets_only_a_passive_opener_listen_again();
    test_acks_are_remembered_apart_from_flags();
    test_a_set_holds_the_facts_put_into_it();
    test_without_a_fact_the_proven_state_stays();
    test_facts_take_effect_in_their_order();
    return check_result();
}
