/* evidence_test.c - what a segment proves of its sender, and what is presumed of its receiver
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "evidence.h"

#define MS INT64_C(1000000)

#define CHECK_BASES(o, sender_basis, peer_basis)                              \
    do {                                                                      \
        const struct observation *b_ = (o);                                   \
        CHECK_STRING(basis_name(b_->sender.basis), basis_name(sender_basis)); \
        CHECK_STRING(basis_name(b_->peer.basis), basis_name(peer_basis));     \
    } while (0)

/* A presumption that yields: the state shown before, the one it really was, and the segment that was lost
 * (0: it crossed). */
#define CHECK_CORRECTION(o, presumed_state, real_state, lost)                \
    do {                                                                     \
        const struct observation *c_ = (o);                                  \
        CHECK(c_->corrected);                                                \
        CHECK_STRING(state_name(c_->presumed), state_name(presumed_state));  \
        CHECK_STRING(state_name(c_->sender.before), state_name(real_state)); \
        CHECK_EQUAL(c_->lost_frame, (lost));                                 \
        CHECK_EQUAL((c_->remarks & REMARK_CROSSED) != 0, (lost) == 0);       \
    } while (0)

static struct talk opened(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    return t;
}

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

static void test_a_syn_ack_sent_again_later_proves_the_third_ack_lost(void)
{
    struct talk t = opened();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1001);
    CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_RECEIVED, 3);
    CHECK_STATES(&t.o, SYN_RECEIVED, ESTABLISHED);
}

static void test_a_syn_ack_sent_again_soon_crossed_the_third_ack(void)
{
    struct talk t = opened();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_RECEIVED, 0);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED); /* it arrives right after this */
}

/* A repeat counts as on its way for 200 ms only. */
static void test_a_repeat_crosses_for_a_shorter_time(void)
{
    for (uint32_t wait = 200; wait <= 201; wait++) {
        struct talk t = opened();

        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1001);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = wait);
        CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_RECEIVED, wait > 200 ? 5 : 0);
    }
}

static void test_data_that_does_not_know_the_fin_proves_it_lost(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1001);
    CHECK_CORRECTION(&t.o, CLOSE_WAIT, ESTABLISHED, 4);
    CHECK_STATES(&t.o, ESTABLISHED, FIN_WAIT_1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 11);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT); /* sent again, it has its effect again */
}

static void test_a_fin_that_does_not_know_the_other_is_a_simultaneous_close(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK_CORRECTION(&t.o, CLOSE_WAIT, ESTABLISHED, 0);
    CHECK_STATES(&t.o, CLOSING, CLOSING);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    CHECK_STATES(&t.o, CLOSING, TIME_WAIT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK_STATES(&t.o, TIME_WAIT, TIME_WAIT);
}

static void test_of_a_lost_fin_the_other_is_first_in_fin_wait_1(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1, .wait = 1500);
    CHECK_CORRECTION(&t.o, CLOSE_WAIT, ESTABLISHED, 4);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSING);
}

static void test_a_last_fin_sent_again_proves_its_ack_lost(void)
{
    struct talk t = opened();

    talk_close(&t);
    CHECK_STATES(&t.o, TIME_WAIT, CLOSED);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 2000);
    CHECK_CORRECTION(&t.o, CLOSED, LAST_ACK, 7);
    CHECK_STATES(&t.o, LAST_ACK, TIME_WAIT);
}

static void test_a_fin_beyond_a_gap_moves_its_peer_when_the_gap_is_filled(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_EQUAL(t.o.steps, STEP_FIN);
    CHECK_STATES(&t.o, FIN_WAIT_1, ESTABLISHED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
}

static void test_an_ack_of_the_fin_proves_that_the_gap_was_filled(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102);
    CHECK_EQUAL(t.o.sender.before, CLOSE_WAIT);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_2);
    CHECK_BASES(&t.o, BASIS_PROVEN, BASIS_EXPECTED);
}

static void test_sack_shows_that_the_fin_waits_behind_a_gap(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {101, 102});
    CHECK(t.o.corrected);
    CHECK_STATES(&t.o, ESTABLISHED, FIN_WAIT_1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100); /* the FIN is not needed again */
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
}

/* A mirror showed an ACK behind what its sender sent later: it proves nothing of now. */
static void test_a_segment_captured_late_overturns_nothing(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK(!t.o.corrected);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_2);
}

static void test_who_goes_on_has_not_taken_the_reset(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 3000);
    CHECK_CORRECTION(&t.o, CLOSED, ESTABLISHED, 4);
}

static void test_time_wait_expires_only_when_looked_at(void)
{
    for (uint32_t wait = 60000; wait <= 60001; wait++) {
        struct talk t = opened();

        talk_close(&t);
        talk_newest(&t)->end[CLIENT].since = t.now; /* since the last ACK, to count from here */
        SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = wait);
        CHECK_EQUAL(t.o.peer.before, wait > 60000 ? CLOSED : TIME_WAIT);
    }
}

static void test_an_expired_end_is_closed_as_we_assume(void)
{
    struct talk t = opened();

    talk_close(&t);

    struct view *v = LOOK(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 61000);

    evidence_expire(v, v->peer, 60 * SECOND);
    CHECK_EQUAL(evidence_state(v, v->peer, 0), CLOSED);
    CHECK(v->peer->assumed);
    CHECK_EQUAL(v->o->peer.rule, RULE_2MSL_OVER);
    evidence_expire(v, v->sender, 60 * SECOND); /* it is not in TIME-WAIT */
    CHECK(!v->sender->assumed);
}

static void test_a_state_follows_from_the_pending_facts_except_those_named(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);

    const struct view *v = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);

    CHECK_EQUAL(evidence_state(v, v->sender, 0), CLOSE_WAIT);
    CHECK_EQUAL(evidence_state(v, v->sender, FACT(FACT_FIN)), ESTABLISHED);
    CHECK_EQUAL(evidence_state(v, v->sender, FACT(FACT_FIN) | FACT(FACT_ACK_OF_SYN)), SYN_RECEIVED);
    CHECK_EQUAL(evidence_state(v, v->peer, 0), FIN_WAIT_1);
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

static void test_an_unacceptable_segment_proves_nothing(void)
{
    struct talk t = opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 10000000, .ack = 1, .data = 1, .wait = 1500);
    CHECK(!t.o.corrected);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_1);
}

static void weigh(void)
{
    test_a_syn_ack_sent_again_later_proves_the_third_ack_lost();
    test_a_syn_ack_sent_again_soon_crossed_the_third_ack();
    test_a_repeat_crosses_for_a_shorter_time();
    test_data_that_does_not_know_the_fin_proves_it_lost();
    test_a_fin_that_does_not_know_the_other_is_a_simultaneous_close();
    test_of_a_lost_fin_the_other_is_first_in_fin_wait_1();
    test_a_last_fin_sent_again_proves_its_ack_lost();
    test_a_segment_captured_late_overturns_nothing();
    test_who_goes_on_has_not_taken_the_reset();
    test_an_unacceptable_segment_proves_nothing();
}

int main(void)
{
    test_the_sender_is_proven_and_the_peer_expected();
    test_a_state_lasts_from_one_change_to_the_next();
    weigh();
    test_a_fin_beyond_a_gap_moves_its_peer_when_the_gap_is_filled();
    test_an_ack_of_the_fin_proves_that_the_gap_was_filled();
    test_sack_shows_that_the_fin_waits_behind_a_gap();
    test_time_wait_expires_only_when_looked_at();
    test_an_expired_end_is_closed_as_we_assume();
    test_a_state_follows_from_the_pending_facts_except_those_named();
    test_joined_late_the_sender_is_taken_for_open();
    test_joined_late_the_first_fin_is_that_of_the_closer();
    return check_result();
}
