/* facts_test.c - what is an end presumed to have received, and which state follows?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "machine/facts.h"

static void test_time_wait_expires_only_when_looked_at(void)
{
    for (uint32_t wait = 60000; wait <= 60001; wait++) {
        struct talk t = talk_opened();

        talk_close(&t);
        talk_newest(&t)->end[CLIENT].since = t.now; /* since the last ACK, to count from here */
        SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = wait);
        CHECK_EQUAL(t.o.peer.before, wait > 60000 ? CLOSED : TIME_WAIT);
    }
}

static void test_an_expired_end_is_closed_as_we_assume(void)
{
    struct talk t = talk_opened();

    talk_close(&t);

    struct view *v = LOOK(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 61000);

    facts_expire(v, v->peer, 60 * SECOND);
    CHECK_EQUAL(facts_state(v, v->peer, 0), CLOSED);
    CHECK(v->peer->assumed);
    CHECK_EQUAL(v->o->peer.rule, RULE_2MSL_OVER);
    facts_expire(v, v->sender, 60 * SECOND); /* it is not in TIME-WAIT */
    CHECK(!v->sender->assumed);
}

static void test_a_state_follows_from_the_pending_facts_except_those_named(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);

    const struct view *v = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);

    CHECK_EQUAL(facts_state(v, v->sender, 0), CLOSE_WAIT);
    CHECK_EQUAL(facts_state(v, v->sender, FACT(FACT_FIN)), ESTABLISHED);
    CHECK_EQUAL(facts_state(v, v->sender, FACT(FACT_FIN) | FACT(FACT_ACK_OF_SYN)), SYN_RECEIVED);
    CHECK_EQUAL(facts_state(v, v->peer, 0), FIN_WAIT_1);
}

static void test_a_reset_lets_only_a_passive_opener_listen_again(void)
{
    struct talk t = talk_opened();
    struct connection *c = talk_newest(&t);

    CHECK_EQUAL(facts_event(c, &c->end[SERVER], FACT_RST), RCV_RST_LISTENER);
    CHECK_EQUAL(facts_event(c, &c->end[CLIENT], FACT_RST), RCV_RST);
    c->simultaneous = true; /* both opened actively */
    CHECK_EQUAL(facts_event(c, &c->end[SERVER], FACT_RST), RCV_RST);
}

static void test_every_fact_stands_for_a_column_of_the_table(void)
{
    static const enum event events[FACT_COUNT] = {
        [FACT_SYN] = RCV_SYN,          [FACT_SYN_ACK] = RCV_SYN_ACK,       [FACT_ACK_OF_SYN] = RCV_ACK_OF_SYN,
        [FACT_FIN] = RCV_FIN,          [FACT_ACK_OF_FIN] = RCV_ACK_OF_FIN, [FACT_RST] = RCV_RST,
        [FACT_EXPIRED] = TIMEOUT_2MSL, [FACT_RST_SENT] = SND_RST,
    };
    struct talk t = talk_opened();
    struct connection *c = talk_newest(&t);

    for (unsigned fact = 0; fact < FACT_COUNT; fact++)
        CHECK_EQUAL(facts_event(c, &c->end[CLIENT], (enum fact)fact), events[fact]);
}

static void test_acks_are_remembered_apart_from_flags(void)
{
    CHECK_EQUAL(facts_slot(FACT_ACK_OF_SYN), SLOT_ACK);
    CHECK_EQUAL(facts_slot(FACT_ACK_OF_FIN), SLOT_ACK);
    CHECK_EQUAL(facts_slot(FACT_SYN), SLOT_FLAG);
    CHECK_EQUAL(facts_slot(FACT_SYN_ACK), SLOT_FLAG);
    CHECK_EQUAL(facts_slot(FACT_FIN), SLOT_FLAG);
    CHECK_EQUAL(facts_slot(FACT_RST), SLOT_FLAG);
}

static bool covers(struct talk *t, struct saying saying, enum ack_verdict verdict)
{
    struct view *v = talk_look(t, saying);

    v->o->ack_verdict = verdict;
    return facts_ack_covers_syn(v);
}

static void test_an_ack_covers_the_syn_from_the_next_number_on(void)
{
    static const struct saying below = {.from = SERVER, .flags = A, .ack = 0};
    static const struct saying covering = {.from = SERVER, .flags = A, .ack = 1};
    static const struct saying without = {.from = SERVER, .flags = FLAG_PSH};
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(!covers(&t, below, ACK_OLD));
    CHECK(covers(&t, covering, ACK_HANDSHAKE));
    CHECK(covers(&t, covering, ACK_CURRENT));
    CHECK(!covers(&t, covering, ACK_HANDSHAKE_MISMATCH));
    CHECK(!covers(&t, covering, ACK_BEYOND_SENT));
    CHECK(!covers(&t, without, ACK_NONE));
}

static void test_only_data_with_the_option_may_come_early(void)
{
    for (int option = 0; option <= 1; option++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S, .fast_open = option);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
        CHECK_EQUAL(
            facts_may_be_fast_open(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9)),
            option);
        CHECK(!facts_may_be_fast_open(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1)));
    }
}

int main(void)
{
    test_a_reset_lets_only_a_passive_opener_listen_again();
    test_every_fact_stands_for_a_column_of_the_table();
    test_acks_are_remembered_apart_from_flags();
    test_an_ack_covers_the_syn_from_the_next_number_on();
    test_only_data_with_the_option_may_come_early();
    test_time_wait_expires_only_when_looked_at();
    test_an_expired_end_is_closed_as_we_assume();
    test_a_state_follows_from_the_pending_facts_except_those_named();
    return check_result();
}
