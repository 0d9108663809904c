/* lineage_test.c - where does a connection come from, and who is its client?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

static void test_without_syn_the_higher_port_is_the_client(void)
{
    for (unsigned from = CLIENT; from <= SERVER; from++) {
        struct talk t = talk_begin();

        SAY(&t, .from = from, .flags = A, .seq = 5, .ack = 5, .data = 1);
        CHECK_EQUAL(t.o.sender_role, from == CLIENT ? ROLE_CLIENT : ROLE_SERVER);
        CHECK(t.o.assumed);
    }
}

static void test_with_equal_ports_the_first_sender_is_the_client(void)
{
    for (unsigned from = CLIENT; from <= SERVER; from++) {
        struct talk t = talk_begin();

        talk_segment(&t, (struct saying){.from = from, .flags = A, .seq = 5, .ack = 5, .data = 1});
        t.seg.source_port = t.seg.destination_port = 5060;
        CHECK_EQUAL(talk_observe(&t)->sender_role, ROLE_CLIENT);
    }
}

static void test_the_receiver_of_a_syn_ack_is_the_client_whatever_its_port(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = SA, .ack = 1); /* here the "client" is the one that accepts */
    CHECK_EQUAL(t.o.sender_role, ROLE_SERVER);
    CHECK_STATES(&t.o, SYN_RECEIVED, ESTABLISHED);
}

static void test_a_syn_tells_the_client_whatever_its_port(void)
{
    struct talk t = talk_begin();

    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = S)->sender_role, ROLE_CLIENT);
}

int main(void)
{
    test_without_syn_the_higher_port_is_the_client();
    test_with_equal_ports_the_first_sender_is_the_client();
    test_the_receiver_of_a_syn_ack_is_the_client_whatever_its_port();
    test_a_syn_tells_the_client_whatever_its_port();
    return check_result();
}
