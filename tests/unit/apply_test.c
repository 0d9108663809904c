/* apply_test.c - what does a segment move, and what does the next one have to know of it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#define MS INT64_C(1000000)

static void test_a_handshake_moves_both_ends_step_by_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_STATES(&t.o, SYN_SENT, SYN_RECEIVED);
    CHECK_EQUAL(t.o.peer.before, LISTEN);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STATES(&t.o, SYN_RECEIVED, ESTABLISHED);
    CHECK(t.o.state_changed);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9);
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

static void test_the_stages_hand_on_what_they_found(void)
{
    struct talk t = talk_opened();
    struct look *l = LOOK(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);

    talk_apply(l);
    CHECK_EQUAL(l->e.sender.before, ESTABLISHED);
    CHECK_EQUAL(l->e.sender.after, FIN_WAIT_1);
    CHECK_EQUAL(l->e.sender.time_in_state, 2 * STEP_MS * MS); /* since the SYN-ACK */
    CHECK_EQUAL(l->e.peer.before, ESTABLISHED);
    CHECK_EQUAL(l->e.peer.after, CLOSE_WAIT);
    CHECK(l->e.state_changed);
    CHECK_EQUAL(l->e.attempt.timer, TIMER_NONE);
    CHECK_EQUAL(l->e.attempt.count, 0);
    CHECK_EQUAL(l->e.attempt.interval, NO_TIME);
    CHECK_EQUAL(l->c->dialogue.closer, CLIENT);
    CHECK(l->c->dialogue.steps & STEP_FIN);
}

static const struct connection *now(struct talk *t)
{
    return talk_newest(t);
}

static void test_what_a_syn_or_syn_ack_offers_is_kept(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .fast_open = true);
    CHECK(now(&t)->dialogue.fast_open);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(!now(&t)->dialogue.fast_open);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .fast_open = true);
    CHECK(now(&t)->dialogue.fast_open);
}

static void test_a_syn_ack_takes_data_of_the_syn_or_not(void)
{
    for (uint32_t taken = 0; taken <= 50; taken += 50) {
        struct talk t = talk_begin();
        SAY(&t, .from = CLIENT, .flags = S, .data = 50);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1 + taken);
        CHECK_EQUAL(now(&t)->dialogue.takes_syn_data, taken != 0);
        CHECK(!now(&t)->dialogue.fast_open);
    }
}

static void test_what_was_said_once_is_kept(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = S);
    CHECK(now(&t)->dialogue.simultaneous);
    t = talk_opened();
    CHECK(!now(&t)->dialogue.simultaneous);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK(now(&t)->dialogue.crossed_fins);
}

/* The FIN is captured behind its ACK: whose frame is gone then, so that no later ACK is said to repeat it. */
static void test_an_ack_before_its_fin_is_no_frame_to_repeat(void)
{
    struct talk t = talk_opened();

    CHECK_EQUAL(now(&t)->end[CLIENT].attempts.ack_frame, 3);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1, .wait = 1);
    CHECK(t.o.findings & FINDING_FIN_ACKED);
    CHECK_STATES(&t.o, FIN_WAIT_2, CLOSE_WAIT);
    CHECK_EQUAL(now(&t)->end[CLIENT].attempts.ack_frame, 0);
}

static void test_a_lost_third_step_is_repeated_once(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1500);
    CHECK(now(&t)->end[CLIENT].attempts.step_lost);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_EQUAL(t.o.steps, STEP_ACK);
    CHECK(t.o.repeat);
    CHECK(!now(&t)->end[CLIENT].attempts.step_lost);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10);
    CHECK_EQUAL(t.o.steps, 0);
}

static void test_who_lacks_the_fin_shows_that_it_was_lost(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 2000);
    CHECK(t.o.corrected);
    CHECK_STATES(&t.o, ESTABLISHED, FIN_WAIT_1);
    CHECK(now(&t)->end[CLIENT].attempts.fin_lost);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 11);
    CHECK(!now(&t)->end[CLIENT].attempts.fin_lost);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
    CHECK_EQUAL(t.o.peer.time_in_state, NO_TIME); /* since when is not known: it never left that state */
}

/* A state that was entered as another one ended counts from there, whatever was presumed before. */
static void test_a_correction_that_moves_on_has_a_time(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1, .wait = 2000);
    CHECK(t.o.corrected);
    CHECK_EQUAL(t.o.sender.before, ESTABLISHED);
    CHECK_EQUAL(t.o.sender.time_in_state, NO_TIME); /* CLOSE-WAIT had been shown */
    CHECK_EQUAL(t.o.sender.after, FIN_WAIT_1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .wait = 100);
    CHECK_EQUAL(t.o.peer.before, FIN_WAIT_1);
    CHECK_EQUAL(t.o.peer.time_in_state, 100 * MS);
}

/* SACK shows that the FIN has arrived, and the data before it has not. */
static void test_a_hole_before_the_fin_is_a_gap(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1, .data = 50);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {101, 152}, .wait = 2000);
    CHECK_EQUAL(now(&t)->end[CLIENT].sent.gaps, 1);
    CHECK_STATES(&t.o, ESTABLISHED, FIN_WAIT_1);
}

/* The SYN-ACK was missed, and whatever answered it. */
static void test_who_speaks_after_a_syn_has_opened(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    CHECK_EQUAL(t.o.peer.basis, BASIS_ASSUMED);
}

/* Bytes behind a FIN are padding once the peer has acknowledged the FIN alone, not before. */
static void test_only_the_ack_of_the_fin_denies_what_lies_behind(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 1, .data = 6);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(!now(&t)->end[CLIENT].stream.padded);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK(now(&t)->end[CLIENT].stream.padded);
}

/* Up to 6 bytes in front of a FIN may be padding that the IP length counts. */
static void test_an_ack_of_the_fin_alone_shows_padding_in_front_of_it(void)
{
    for (uint32_t data = 0; data <= PADDING_MAX + 1; data++) {
        struct talk t = talk_opened();
        bool padded = data > 0 && data <= PADDING_MAX;

        SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .data = data);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
        CHECK_ACK(&t.o, padded || data == 0 ? ACK_OF_FIN : ACK_PARTIAL);
        CHECK_STATES(&t.o, CLOSE_WAIT, padded || data == 0 ? FIN_WAIT_2 : FIN_WAIT_1);
        CHECK_EQUAL(now(&t)->end[CLIENT].stream.padded, padded);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2 + (padded ? 0 : data));
        CHECK_ACK(&t.o, ACK_OF_FIN);
    }
}

/* In one direction alone: what it acknowledges grows, so the peer sends. */
static enum state unseen_peer_after(struct saying growing)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_STATES(&t.o, ESTABLISHED, UNKNOWN);
    growing.from = CLIENT;
    growing.seq = 11;
    talk_say(&t, growing);
    return t.o.peer.after;
}

static void test_who_is_acknowledged_more_and_more_is_open(void)
{
    CHECK_EQUAL(unseen_peer_after((struct saying){.flags = A, .ack = 3}), ESTABLISHED);
    CHECK_EQUAL(unseen_peer_after((struct saying){.flags = A, .ack = 2}), UNKNOWN); /* it may be its FIN */
    CHECK_EQUAL(unseen_peer_after((struct saying){.flags = A, .ack = 1}), UNKNOWN);
    CHECK_EQUAL(unseen_peer_after((struct saying){.flags = 0, .ack = 300}), UNKNOWN);
}

/* An ACK, and then the data that it covers: it counts, be the ACK the last one of the peer. */
static void test_an_ack_that_was_captured_before_its_data_counts(void)
{
    for (unsigned last = 0; last <= 1; last++) {
        struct talk t = talk_opened();

        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
        if (last)
            SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
        CHECK_EQUAL(talk_offset(&t, CLIENT, now(&t)->end[CLIENT].stream.una), last ? 1 : 101);
        CHECK_EQUAL(t.o.server_owes, last ? 1u << OWES_ACK_OF_DATA : 0);
    }
}

static void test_an_older_ack_shows_no_padding(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .data = 6);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 8);
    CHECK_ACK(&t.o, ACK_OF_FIN);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_ACK(&t.o, ACK_OLD);
    CHECK(!now(&t)->end[CLIENT].stream.padded);
}

static void test_what_is_not_acceptable_asks_for_nothing(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 10000000, .wait = 9000);
    CHECK_EQUAL(t.o.server_owes, 0);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 9000);
    CHECK_EQUAL(t.o.server_owes, 1u << OWES_PROBE_ANSWER);
}

/* IP IDs that jump from one segment to the next in order count something else. */
static void test_only_what_is_in_order_tells_what_ip_ids_count(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .ip_id = 100);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .ip_id = 5000, .wait = 300);
    CHECK(!now(&t)->end[CLIENT].path.ids_jump);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 10000000, .data = 10, .ip_id = 9000);
    CHECK(!now(&t)->end[CLIENT].path.ids_jump);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .ip_id = 20000);
    CHECK(now(&t)->end[CLIENT].path.ids_jump);
}

/* Since when a TIME-WAIT has expired nobody sees, but from here on that is what is shown. */
static void test_an_expired_time_wait_counts_from_where_it_is_noticed(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2, .wait = 70000);
    CHECK_EQUAL(t.o.peer.before, CLOSED);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
    CHECK_EQUAL(t.o.peer.time_in_state, NO_TIME);
    CHECK_EQUAL(now(&t)->end[CLIENT].belief.since, t.now);
}

int main(void)
{
    test_who_is_acknowledged_more_and_more_is_open();
    test_an_ack_that_was_captured_before_its_data_counts();
    test_a_handshake_moves_both_ends_step_by_step();
    test_a_state_lasts_from_one_change_to_the_next();
    test_the_stages_hand_on_what_they_found();
    test_what_a_syn_or_syn_ack_offers_is_kept();
    test_a_syn_ack_takes_data_of_the_syn_or_not();
    test_what_was_said_once_is_kept();
    test_an_ack_before_its_fin_is_no_frame_to_repeat();
    test_a_lost_third_step_is_repeated_once();
    test_who_lacks_the_fin_shows_that_it_was_lost();
    test_a_correction_that_moves_on_has_a_time();
    test_a_hole_before_the_fin_is_a_gap();
    test_who_speaks_after_a_syn_has_opened();
    test_only_the_ack_of_the_fin_denies_what_lies_behind();
    test_an_ack_of_the_fin_alone_shows_padding_in_front_of_it();
    test_an_older_ack_shows_no_padding();
    test_what_is_not_acceptable_asks_for_nothing();
    test_only_what_is_in_order_tells_what_ip_ids_count();
    test_an_expired_time_wait_counts_from_where_it_is_noticed();
    return check_result();
}
