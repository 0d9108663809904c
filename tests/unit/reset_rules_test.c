/* reset_rules_test.c - does a RST count that lies at or below RCV.NXT?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* How much data a SYN may carry, as thresholds.def has it. */
enum { SYN_DATA = 9000 };

/* The SYN-ACK was not captured: the server is known to have acknowledged 201 and, late, 150; the client sent
 * 400 bytes. */
static struct talk two_acks(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 400);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 150);
    return t;
}

/* --- at RCV.NXT, RFC 5961 3.2 --- */

static void test_at_exactly_the_edge_it_counts(void)
{
    for (int32_t off = -1; off <= 1; off++) {
        struct talk t = talk_begin();

        talk_open(&t);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
        SAY(&t, .from = CLIENT, .flags = RA, .seq = (uint32_t)(101 + off), .ack = 1);
        CHECK_EQUAL(t.o.peer.after, off == 0 ? CLOSED : ESTABLISHED);
        if (off == 0)
            CHECK_STRING(seq_rule_name(t.o.seq_rule), "rst_at_latest_ack");
    }
}

/* The client sends 101 bytes and a RST that is in front of them; `answer`: milliseconds after the bytes the
 * server repeats its ACK, 0: it doesn't; `again`: and once more, so much later. */
static enum state after_late_data(bool arrives, bool room, uint32_t answer, uint32_t again)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .window = room ? 101 : 100);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 101);
    if (answer)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .window = room ? 101 : 100, .wait = answer);
    if (again)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .window = room ? 101 : 100, .wait = again);
    talk_segment(&t, (struct saying){.from = CLIENT, .flags = RA, .seq = 1, .ack = 1});
    t.seg.arrives = arrives;
    return talk_observe(&t)->peer.after;
}

/* Captured near its receiver it comes when that has got all that was captured before. */
static void test_behind_data_that_has_arrived_it_is_old(void)
{
    CHECK_EQUAL(after_late_data(true, true, 0, 0), ESTABLISHED);
    CHECK_EQUAL(after_late_data(false, true, 0, 0), CLOSED);              /* it may have overtaken the data */
    CHECK_EQUAL(after_late_data(true, false, 0, 0), CLOSED);              /* there was no room for it */
    CHECK_EQUAL(after_late_data(true, true, IN_HOST_MS + 1, 0), CLOSED);  /* it was lost behind the point */
    CHECK_EQUAL(after_late_data(true, true, IN_HOST_MS, 0), ESTABLISHED); /* that left while data came in */
    CHECK_EQUAL(after_late_data(true, true, IN_HOST_MS, IN_HOST_MS + 1), CLOSED);
    CHECK_EQUAL(after_late_data(true, true, IN_HOST_MS + 1, 1), CLOSED);
}

/* Behind a gap that was seen, RCV.NXT is the gap's left edge. */
static void test_before_a_gap_the_edge_is_where_the_gap_begins(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.o.seq_verdict, SEQ_IN_ORDER);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
}

/* Whether the receiver has what was sent beyond the gap, and the gap itself, can't be told. */
static void test_a_reset_at_a_gap_that_its_peer_did_not_show_is_not_judged(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_SEQ_ROW(&t, "rst_at_edge", .from = CLIENT, .flags = R, .seq = 401);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 100);
    CHECK_SEQ_ROW(&t, "rst_at_gap", .from = CLIENT, .flags = R, .seq = 401);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
    CHECK_SEQ_ROW(&t, "rst_behind_hole", .from = CLIENT, .flags = R, .seq = 601);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401); /* now it shows that it waits there */
    CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 401);
    CHECK_SEQ(&t.look.j, SEQ_IN_ORDER);
}

/* Data was lost: RCV.NXT is what was acknowledged; where the sender thinks it is, it may be right, too. */
static void test_with_a_hole_the_edge_is_what_was_acknowledged(void)
{
    for (int reported = 0; reported <= 1; reported++) {
        struct talk t = talk_half_acknowledged();
        struct attempts *client = &talk_newest(&t)->end[CLIENT].attempts;

        client->data_lost = !reported;
        client->loss_reported = reported;
        CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 201);
        CHECK_SEQ_ROW(&t, "rst_in_hole", .from = CLIENT, .flags = R, .seq = 401);
        CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
        talk_newest(&t)->end[SERVER].stream.last_ack = seq_add(t.isn[CLIENT], 401);
        CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 401);
        CHECK_SEQ(&t.look.j, SEQ_IN_ORDER);
    }
}

static void test_of_an_unknown_stream_it_counts_where_it_answers_an_ack(void)
{
    struct talk t = talk_begin(), u = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 77, .data = 9);
    CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = SERVER, .flags = R, .seq = 77);
    CHECK_SEQ_ROW(&t, "rst_behind_unheard", .from = SERVER, .flags = R, .seq = 78);
    CHECK_EQUAL(t.look.j.reset_effect, RST_ENDS_ASSUMED);
    CHECK_SEQ_ROW(&t, "rst_behind_unheard", .from = SERVER, .flags = R, .seq = 77 + WINDOW + WINDOW);
    CHECK_SEQ_ROW(&t, "rst_in_hole", .from = SERVER, .flags = R, .seq = 77 + STRAY_REACH + 1);
    CHECK_SEQ_ROW(&t, "rst_in_hole", .from = SERVER, .flags = R, .seq = 76);
    CHECK_EQUAL(t.look.j.reset_effect, RST_IGNORED);
    SAY(&u, .from = CLIENT, .flags = S);
    CHECK_SEQ_ROW(&u, "rst_in_hole", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 1); /* SEG.SEQ is 0 */
}

/* What the peer says that it waits for; an ACK that others have overtaken says nothing. */
static void test_at_the_latest_ack_it_counts_whatever_is_known_of_the_rest(void)
{
    struct talk t = talk_half_acknowledged();
    struct end *client = &talk_newest(&t)->end[CLIENT], *server = &talk_newest(&t)->end[SERVER];

    CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 201);
    CHECK_EQUAL(t.look.j.reset_effect, RST_ENDS);
    client->stream.una = seq_add(t.isn[CLIENT], 301);
    CHECK_SEQ_ROW(&t, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 201);
    server->stream.last_ack = seq_add(t.isn[CLIENT], 501); /* what was missed */
    CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 501);
    client->stream.una_known = false;
    CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 501);
    server->stream.acks_seen = 0;
    CHECK_SEQ_ROW(&t, "rst_ahead", .from = CLIENT, .flags = R, .seq = 501);
}

static void test_at_the_highest_sack_edge_it_counts(void)
{
    struct talk t = talk_half_acknowledged();
    struct end *server = &talk_newest(&t)->end[SERVER];

    server->stream.sack_edge = seq_add(t.isn[CLIENT], 401);
    CHECK_SEQ_ROW(&t, "rst_at_edge", .from = CLIENT, .flags = R, .seq = 401);
    server->stream.has_sack_edge = true;
    CHECK_SEQ_ROW(&t, "rst_at_sack_edge", .from = CLIENT, .flags = R, .seq = 401);
    CHECK_SEQ_ROW(&t, "rst_ahead", .from = CLIENT, .flags = R, .seq = 402, .ip_id = 1);
}

/* In CLOSE-WAIT, LAST-ACK and CLOSING the number of its own FIN will do, in no other state. */
static void test_at_its_own_fin_it_counts_where_the_peer_has_it(void)
{
    for (unsigned state = CLOSED; state < STATE_COUNT; state++) {
        struct talk t = talk_opened();
        bool counts = state == CLOSE_WAIT || state == LAST_ACK || state == CLOSING;

        SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
        talk_newest(&t)->end[SERVER].belief.presumed = 0;
        talk_newest(&t)->end[SERVER].belief.proven = state & 15u;
        CHECK_SEQ_ROW(&t, counts ? "rst_at_own_fin" : "rst_at_earlier_ack", .from = CLIENT, .flags = R,
                      .seq = 1);
    }
}

/* --- in the handshake --- */

/* RFC 9293 3.5.2: it takes the number of the ACK that it answers, be that one strange. */
static void test_in_the_opening_what_the_peer_acknowledged_counts(void)
{
    struct talk t = talk_begin(), u = talk_opened();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 70);
    CHECK_SEQ_ROW(&t, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 70);
    SAY(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1,
        .data = 100); /* whether step 3 arrived isn't known */
    CHECK_SEQ_ROW(&u, "rst_at_latest_ack", .from = CLIENT, .flags = R, .seq = 1);
    CHECK_SEQ_ROW(&u, "rst_at_edge", .from = CLIENT, .flags = R, .seq = 101);
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_SEQ_ROW(&u, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 1);
}

/* RFC 9293 3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN>, by a host that lost what it had answered. */
static void test_a_late_refusal_of_the_syn_is_stale(void)
{
    struct talk t = talk_answered();

    CHECK_SEQ_ROW(&t, "rst_answers_syn", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 1);
    CHECK_SEQ(&t.look.j, SEQ_STALE_RESET);
    CHECK_SEQ_ROW(&t, "rst_proves_open", .from = SERVER, .flags = RA, .seq = 0x41, .ack = 1);
    CHECK_SEQ_ROW(&t, "rst_proves_open", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 0);
    CHECK_SEQ_ROW(&t, "rst_proves_open", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 2);
    talk_newest(&t)->end[CLIENT].stream.isn_far = true;
    CHECK_SEQ_ROW(&t, "rst_proves_open", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 1);
}

static void test_with_fast_open_a_refusal_may_acknowledge_a_segment_of_data(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->dialogue.fast_open = true;
    CHECK_SEQ_ROW(&t, "rst_answers_syn", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 1);
    CHECK_SEQ_ROW(&t, "rst_answers_syn", .from = SERVER, .flags = RA, .seq = 0x40, .ack = SYN_DATA);
    CHECK_SEQ_ROW(&t, "rst_proves_open", .from = SERVER, .flags = RA, .seq = 0x40, .ack = SYN_DATA + 1);
}

static void test_only_an_ack_of_a_syn_refuses_it(void)
{
    struct talk t = talk_answered(), u = talk_answered();

    talk_newest(&t)->end[CLIENT].stream.isn = seq_of(0xffffffff); /* as if SEG.ACK were 0 */
    CHECK_SEQ_ROW(&t, "rst_proves_open", .from = SERVER, .flags = R, .seq = 0x40);
    u.isn[CLIENT] = seq_of(0);
    talk_newest(&u)->end[CLIENT].stream.syn_sent = false; /* not captured: inferred of what followed */
    talk_newest(&u)->end[CLIENT].stream.isn = seq_of(0);
    CHECK_SEQ_ROW(&u, "rst_answers_syn", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 1);
    talk_newest(&u)->end[CLIENT].stream.isn_known = false;
    CHECK_SEQ_ROW(&u, "rst_proves_open", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 1);
}

/* --- below RCV.NXT --- */

static void test_what_the_peer_acknowledged_earlier_is_stale(void)
{
    struct talk t = two_acks();

    CHECK_SEQ_ROW(&t, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 150);
    CHECK_SEQ_ROW(&t, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 201);
    CHECK_SEQ_ROW(&t, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 1); /* by the SYN-ACK */
    CHECK_SEQ_ROW(&t, "rst_old", .from = CLIENT, .flags = R, .seq = 149);
    CHECK_SEQ_ROW(&t, "rst_old", .from = CLIENT, .flags = R, .seq = 151);
    CHECK_SEQ_ROW(&t, "rst_old", .from = CLIENT, .flags = R, .seq = (uint32_t)-9);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 401);
}

static void test_of_more_than_two_acks_any_below_may_have_been_one(void)
{
    struct talk t = two_acks(), u = two_acks();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 160);
    CHECK_SEQ_ROW(&t, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 100);
    CHECK_SEQ_ROW(&t, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 300);
    CHECK_SEQ_ROW(&t, "rst_old", .from = CLIENT, .flags = R, .seq = (uint32_t)-9); /* never acknowledged */
    talk_newest(&u)->end[CLIENT].stream.isn_known = false;
    CHECK_SEQ_ROW(&u, "rst_at_earlier_ack", .from = CLIENT, .flags = R, .seq = 100);
}

/* All but the FIN was acknowledged before that came. The SYN-ACK was not captured, so the peer is known to
 * have sent two different ACKs only. */
static void test_a_reset_at_the_number_of_the_fin_is_stale(void)
{
    for (uint32_t before = 0; before <= 1; before++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10);
        CHECK_SEQ_ROW(&t, "rst_old", .from = CLIENT, .flags = R, .seq = 9); /* no FIN yet */
        SAY(&t, .from = CLIENT, .flags = FA, .seq = 10, .ack = 1);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
        talk_newest(&t)->end[SERVER].belief.presumed = 0; /* it was open again, say: not in CLOSE-WAIT */
        talk_newest(&t)->end[SERVER].belief.proven = ESTABLISHED;
        SAY(&t, .from = CLIENT, .flags = R, .seq = 10 - before);
        CHECK_SEQ(&t.o, before ? SEQ_OUT_OF_WINDOW : SEQ_STALE_RESET);
    }
}

static void test_what_is_outstanding_may_not_have_arrived(void)
{
    struct talk t = talk_half_acknowledged(), u = talk_begin();

    CHECK_SEQ_ROW(&t, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 202);
    CHECK_SEQ_ROW(&t, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 400);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
    SAY(&u, .from = CLIENT, .flags = S); /* one direction: nothing shows what arrived */
    SAY(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_SEQ_ROW(&u, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 1);
}

static void test_what_is_not_known_was_not_acknowledged(void)
{
    struct talk t = two_acks(), u = talk_begin();

    talk_newest(&t)->end[CLIENT].stream.una_known = false;
    CHECK_SEQ_ROW(&t, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 201);
    talk_newest(&t)->end[SERVER].stream.acks_seen = ACKS_SEEN_MANY;
    CHECK_SEQ_ROW(&t, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 100);
    SAY(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1,
        .data = 100); /* joined late: the ISN isn't known */
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_SEQ_ROW(&u, "rst_outstanding", .from = CLIENT, .flags = R, .seq = 3);
}

int main(void)
{
    test_at_exactly_the_edge_it_counts();
    test_behind_data_that_has_arrived_it_is_old();
    test_before_a_gap_the_edge_is_where_the_gap_begins();
    test_a_reset_at_a_gap_that_its_peer_did_not_show_is_not_judged();
    test_with_a_hole_the_edge_is_what_was_acknowledged();
    test_of_an_unknown_stream_it_counts_where_it_answers_an_ack();
    test_at_the_latest_ack_it_counts_whatever_is_known_of_the_rest();
    test_at_the_highest_sack_edge_it_counts();
    test_at_its_own_fin_it_counts_where_the_peer_has_it();
    test_in_the_opening_what_the_peer_acknowledged_counts();
    test_a_late_refusal_of_the_syn_is_stale();
    test_with_fast_open_a_refusal_may_acknowledge_a_segment_of_data();
    test_only_an_ack_of_a_syn_refuses_it();
    test_what_the_peer_acknowledged_earlier_is_stale();
    test_of_more_than_two_acks_any_below_may_have_been_one();
    test_a_reset_at_the_number_of_the_fin_is_stale();
    test_what_is_outstanding_may_not_have_arrived();
    test_what_is_not_known_was_not_acknowledged();
    return check_result();
}
