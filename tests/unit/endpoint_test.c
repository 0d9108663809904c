/* endpoint_test.c - what follows from the parts of a connection and its two ends
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

static void test_the_scale_is_known_if_the_options_of_both_syns_are(void)
{
    struct talk t = talk_opened();
    struct connection *c = talk_newest(&t);

    CHECK(scale_is_known(c));
    for (unsigned i = CLIENT; i <= SERVER; i++) {
        c->end[i].stream.options_known = false;
        CHECK(!scale_is_known(c));
        c->end[i].stream.options_known = true;
        c->end[i].stream.syn_sent = false;
        CHECK(!scale_is_known(c));
        c->end[i].stream.syn_sent = true;
    }
}

/* RFC 7323 2.2: "both sides MUST send Window Scale options [...] to enable window scaling in either
 * direction". */
static void test_a_window_is_scaled_only_if_both_offered_it(void)
{
    for (unsigned client = 0; client <= 3; client += 3) {
        for (unsigned server = 0; server <= 7; server += 7) {
            struct talk t = talk_begin();

            SAY(&t, .from = CLIENT, .flags = S, .scale = client);
            SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = server);

            const struct connection *c = talk_newest(&t);
            bool both = client != 0 && server != 0;

            CHECK_EQUAL(scale_of(c, &c->end[CLIENT]), both ? client : 0);
            CHECK_EQUAL(scale_of(c, &c->end[SERVER]), both ? server : 0);
        }
    }
}

/* RFC 9293 3.10.7.4: who had come from LISTEN returns to it. */
static void test_only_the_server_of_one_syn_opened_passively(void)
{
    struct talk t = talk_opened();
    struct connection *c = talk_newest(&t);

    CHECK(end_is_passive(c, &c->end[SERVER]));
    CHECK(!end_is_passive(c, &c->end[CLIENT]));
    dialogue_cross(&c->dialogue, true); /* both opened actively */
    CHECK(!end_is_passive(c, &c->end[SERVER]));
    CHECK(!end_is_passive(c, &c->end[CLIENT]));
}

static void test_a_state_follows_from_the_presumed_facts_except_those_named(void)
{
    struct talk t = talk_opened();
    const struct connection *c = talk_newest(&t);
    const struct end *client = &c->end[CLIENT], *server = &c->end[SERVER];

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_EQUAL(end_state(c, server, 0), CLOSE_WAIT);
    CHECK_EQUAL(end_state(c, server, FACT(FACT_FIN)), ESTABLISHED);
    CHECK_EQUAL(end_state(c, server, FACT(FACT_FIN) | FACT(FACT_ACK_OF_SYN)), SYN_RECEIVED);
    CHECK_EQUAL(end_state(c, client, 0), FIN_WAIT_1);
}

static void test_a_fin_has_arrived_when_no_gap_lies_before_it(void)
{
    struct talk t = talk_opened();
    struct end *client = &talk_newest(&t)->end[CLIENT];

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK(!end_fin_arrived(client));
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 201, .ack = 1);
    CHECK(!end_fin_arrived(client));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    CHECK(end_fin_arrived(client));
    attempts_lose_fin(&client->attempts, true);
    CHECK(!end_fin_arrived(client));
}

static void test_a_connection_is_over_when_both_ends_are_gone(void)
{
    static const enum state gone[] = {CLOSED, LISTEN, TIME_WAIT};

    for (unsigned a = 0; a < STATE_COUNT; a++) {
        for (unsigned b = 0; b < STATE_COUNT; b++) {
            struct connection c = {0};
            bool a_gone = false, b_gone = false;

            belief_begin(&c.end[0].belief, (enum state)a);
            belief_begin(&c.end[1].belief, (enum state)b);
            for (unsigned i = 0; i < sizeof gone / sizeof gone[0]; i++) {
                a_gone = a_gone || a == gone[i];
                b_gone = b_gone || b == gone[i];
            }
            CHECK_EQUAL(connection_is_over(&c), a_gone && b_gone);
        }
    }
}

/* Whoever answers as somebody new has another stream, other options and its own tries. */
static void test_a_forgotten_end_keeps_its_state_alone(void)
{
    struct talk t = talk_half_acknowledged();
    struct end *client = &talk_newest(&t)->end[CLIENT];
    struct belief before = client->belief;

    end_forget(client);
    CHECK(!client->sent.nxt_known && !client->stream.isn_known && !client->path.known);
    CHECK_EQUAL(client->attempts.flag_frame, 0);
    CHECK_EQUAL(client->belief.proven, before.proven);
    CHECK_EQUAL(client->belief.expected, before.expected);
    CHECK_EQUAL(client->belief.presumed, before.presumed);
    CHECK_EQUAL(client->belief.confirmed, before.confirmed);
    CHECK_EQUAL(client->belief.since, before.since);
}

static void test_an_heir_has_all_parts_of_the_end_before(void)
{
    struct talk t = talk_half_acknowledged();
    const struct end *client = &talk_newest(&t)->end[CLIENT];
    struct end heir = {0};

    end_inherit(&heir, client);
    CHECK(heir.belief.from_previous);
    CHECK_EQUAL(heir.belief.proven, ESTABLISHED);
    CHECK_EQUAL(heir.attempts.flag_frame, 1);
    CHECK_EQUAL(talk_offset(&t, CLIENT, heir.sent.nxt), 401);
    CHECK_EQUAL(talk_offset(&t, CLIENT, heir.stream.una), 201);
    CHECK(heir.path.known);
}

/* The one fault in a connection that is fine, and the end that has it (2: none of them). */
#define CHECK_FAULT(member, value, of_end, fault)               \
    do {                                                        \
        struct connection broken_ = *talk_newest(&t);           \
        unsigned end_ = 77;                                     \
        broken_.member = (value);                               \
        CHECK_STRING(connection_check(&broken_, &end_), fault); \
        CHECK_EQUAL(end_, (of_end));                            \
    } while (0)

static void test_a_fault_in_any_part_of_either_end_is_noticed(void)
{
    struct talk t = talk_begin();
    unsigned end;

    SAY(&t, .from = CLIENT, .flags = S, .path = 3);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .path = 3);
    CHECK(connection_check(talk_newest(&t), &end) == NULL);
    CHECK_EQUAL(end, 2);
    CHECK_FAULT(end[0].belief.proven, STATE_COUNT, 0, "belief: a state without a name");
    CHECK_FAULT(end[1].belief.proven, STATE_COUNT, 1, "belief: a state without a name");
    CHECK_FAULT(end[1].attempts.retransmission_due, true, 1,
                "attempts: a retransmission is due that nobody asked for");
    CHECK_FAULT(end[0].sent.first_gap, seq_of(7), 0,
                "sent: RCV.NXT < first block < last block <= SND.NXT, as far as there are gaps");
    CHECK_FAULT(end[1].stream.una, seq_add(t.isn[SERVER], 9), 1, "stream: SND.UNA <= SND.NXT");
    CHECK_FAULT(end[0].path.known, false, 0, "path: a way that isn't known");
    CHECK_FAULT(dialogue.begun, false, 2, "dialogue: steps without a segment");
}

int main(void)
{
    test_the_scale_is_known_if_the_options_of_both_syns_are();
    test_a_window_is_scaled_only_if_both_offered_it();
    test_only_the_server_of_one_syn_opened_passively();
    test_a_state_follows_from_the_presumed_facts_except_those_named();
    test_a_fin_has_arrived_when_no_gap_lies_before_it();
    test_a_connection_is_over_when_both_ends_are_gone();
    test_a_forgotten_end_keeps_its_state_alone();
    test_an_heir_has_all_parts_of_the_end_before();
    test_a_fault_in_any_part_of_either_end_is_noticed();
    return check_result();
}
