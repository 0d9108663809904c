/* effects_test.c - what does a segment do to its sender, and presumably to its receiver?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "effects.h"

#define MS INT64_C(1000000)

#define CHECK_BASES(o, sender_basis, peer_basis)                              \
    do {                                                                      \
        const struct observation *b_ = (o);                                   \
        CHECK_STRING(basis_name(b_->sender.basis), basis_name(sender_basis)); \
        CHECK_STRING(basis_name(b_->peer.basis), basis_name(peer_basis));     \
    } while (0)

static void test_the_sender_is_proven_and_the_peer_expected(void)
{
    struct talk t = talk_begin();

    CHECK_BASES(SAY(&t, .from = CLIENT, .flags = S), BASIS_PROVEN, BASIS_EXPECTED);
    CHECK_STATES(&t.o, SYN_SENT, SYN_RECEIVED);
    CHECK_EQUAL(t.o.peer.before, LISTEN);
    CHECK_BASES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), BASIS_PROVEN, BASIS_EXPECTED);
    CHECK_STATES(&t.o, SYN_RECEIVED, ESTABLISHED);
    CHECK(t.o.state_changed);
    CHECK_BASES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), BASIS_PROVEN, BASIS_EXPECTED);
    CHECK_BASES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9), BASIS_PROVEN,
                BASIS_PROVEN);
    CHECK(!t.o.state_changed && !t.o.corrected);
}

static void test_a_state_lasts_from_one_change_to_the_next(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 70);
    CHECK_EQUAL(t.o.peer.time_in_state, 70 * MS);   /* the client in SYN-SENT */
    CHECK_EQUAL(t.o.sender.time_in_state, NO_TIME); /* confirmed, not changed */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 30);
    CHECK_EQUAL(t.o.peer.time_in_state, 100 * MS); /* the server since the SYN */
}

static void test_a_fin_beyond_a_gap_moves_its_peer_when_the_gap_is_filled(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_EQUAL(t.o.steps, STEP_FIN);
    CHECK_STATES(&t.o, FIN_WAIT_1, ESTABLISHED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
}

static void test_an_ack_of_the_fin_proves_that_the_gap_was_filled(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102);
    CHECK_EQUAL(t.o.sender.before, CLOSE_WAIT);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_2);
    CHECK_BASES(&t.o, BASIS_PROVEN, BASIS_EXPECTED);
}

static void test_joined_late_the_sender_is_taken_for_open(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 900, .data = 10);
    CHECK_STATES(&t.o, ESTABLISHED, UNKNOWN);
    CHECK_BASES(&t.o, BASIS_ASSUMED, BASIS_UNKNOWN);
    CHECK(t.o.assumed);
    SAY(&t, .from = SERVER, .flags = A, .seq = 900, .ack = 110);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    CHECK_BASES(&t.o, BASIS_ASSUMED, BASIS_ASSUMED);
}

static void test_joined_late_the_first_fin_is_that_of_the_closer(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 100, .ack = 900);
    CHECK_EQUAL(t.o.sender.after, FIN_WAIT_1);
    CHECK_EQUAL(t.o.sender.basis, BASIS_ASSUMED);
}

int main(void)
{
    test_the_sender_is_proven_and_the_peer_expected();
    test_a_state_lasts_from_one_change_to_the_next();
    test_a_fin_beyond_a_gap_moves_its_peer_when_the_gap_is_filled();
    test_an_ack_of_the_fin_proves_that_the_gap_was_filled();
    test_joined_late_the_sender_is_taken_for_open();
    test_joined_late_the_first_fin_is_that_of_the_closer();
    return check_result();
}
