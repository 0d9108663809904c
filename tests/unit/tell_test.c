/* tell_test.c - what is said of a segment, and how surely
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "tell/tell.h"

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
    CHECK_BASES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), BASIS_PROVEN, BASIS_EXPECTED);
    CHECK_BASES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), BASIS_PROVEN, BASIS_EXPECTED);
    CHECK_BASES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9), BASIS_PROVEN,
                BASIS_PROVEN);
}

static void test_joined_late_everything_is_assumed(void)
{
    struct talk t = talk_begin();

    CHECK_BASES(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 900, .data = 10), BASIS_ASSUMED,
                BASIS_UNKNOWN);
    CHECK(t.o.assumed);
    CHECK_BASES(SAY(&t, .from = SERVER, .flags = A, .seq = 900, .ack = 110), BASIS_ASSUMED, BASIS_ASSUMED);
}

static void test_the_ack_of_a_fin_proves_its_sender(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_BASES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102), BASIS_PROVEN, BASIS_EXPECTED);
}

/* --- one thing of what is known of both ends, and how surely their states are told then --- */

/* The client speaks on an open connection; nothing is told of it yet. */
static struct look *spoken(struct talk *t)
{
    *t = talk_opened();

    struct look *l = LOOK(t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);

    talk_apply(l);
    l->peer->belief.proven = l->peer->belief.expected = ESTABLISHED;
    l->peer->belief.presumed = 0;
    return l;
}

static struct observation told(const struct look *l)
{
    struct routing routing = {.newest = 1, .number = 1, .c = l->c};
    struct observation o;

    memset(&o, 0xa5, sizeof o);
    tell(&o, &routing, &l->ctx, &l->j, &l->w, &l->e, l->findings);
    return o;
}

#define CHECK_BASES_TOLD(l, sender_basis, peer_basis)  \
    do {                                               \
        struct observation told_ = told(l);            \
        CHECK_BASES(&told_, sender_basis, peer_basis); \
    } while (0)

static void test_what_is_assumed_is_so_until_both_fins_or_a_reset_were_captured(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_PROVEN);
    l->sender->belief.assumed = true;
    CHECK_BASES_TOLD(l, BASIS_ASSUMED, BASIS_PROVEN);
    CHECK(told(l).assumed);
    l->sender->stream.fin_sent = true;
    CHECK_BASES_TOLD(l, BASIS_ASSUMED, BASIS_PROVEN);
    l->sender->stream.fin_sent = false;
    l->peer->stream.fin_sent = true;
    CHECK_BASES_TOLD(l, BASIS_ASSUMED, BASIS_PROVEN);
    l->sender->stream.fin_sent = true;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_PROVEN);
    l->sender->stream.fin_sent = false;
    l->sender->belief.reset_counted = true;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_PROVEN);
}

/* What ends in a gap may have been a FIN, unless that was captured. */
static void test_a_gap_at_the_end_makes_a_state_assumed(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    l->peer->sent.gaps = 1;
    l->peer->sent.last_left = l->peer->sent.nxt;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_ASSUMED);
    CHECK(told(l).assumed);
    l->peer->stream.fin_sent = true;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_PROVEN);
}

static void test_that_2msl_have_passed_is_assumed_and_that_it_sent_a_reset_is_proven(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    l->peer->belief.expected = CLOSED;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_EXPECTED);
    l->peer->belief.presumed = FACT(FACT_EXPIRED);
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_ASSUMED);
    l->peer->belief.presumed = FACT(FACT_RST_SENT);
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_PROVEN);
}

static void test_who_was_not_heard_of_since_the_connection_before_is_expected(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    l->sender->belief.from_previous = l->peer->belief.from_previous = true;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_EXPECTED);
}

static void test_who_listens_is_expected_to(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    l->peer->belief.proven = l->peer->belief.expected = LISTEN;
    CHECK_BASES_TOLD(l, BASIS_PROVEN, BASIS_EXPECTED);
}

static void test_packets_missing_of_either_end_make_it_incomplete(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    CHECK(!told(l).incomplete);
    for (unsigned i = 0; i < 2; i++) {
        struct end *end = &l->c->end[i];

        end->sent.gaps = 1;
        CHECK(told(l).incomplete);
        end->sent.gaps = 0;
        end->stream.has_acked_unseen = true;
        CHECK(told(l).incomplete);
        end->stream.has_acked_unseen = false;
    }
    CHECK(!told(l).incomplete);
}

/* A number that was expected though the frame that gives it was not captured. */
static void test_an_expected_number_without_a_frame_is_assumed(void)
{
    struct talk t;
    struct look *l = spoken(&t);

    CHECK(!told(l).assumed);
    l->j.next.from_frame = 0;
    CHECK(told(l).assumed);
    l->j.next.known = false;
    CHECK(!told(l).assumed);
    l->j.due.from_frame = 0;
    CHECK(told(l).assumed);
    l->j.due.known = false;
    CHECK(!told(l).assumed);
}

/* --- nothing in it moves anybody: a copy, or what can't be believed --- */

static struct observation passing(struct look *l, const struct judgment *judgment, bool first)
{
    struct routing routing = {.newest = 1, .number = 1, .c = l->c, .first = first};
    struct observation o;

    memset(&o, 0xa5, sizeof o);
    tell_passing(&o, &routing, &l->ctx, judgment);
    return o;
}

static void test_what_passes_is_of_a_phase_only_where_that_is_known(void)
{
    struct talk t = talk_opened();
    struct look *l = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    struct judgment j;

    judge_copy(&l->ctx, &j);
    CHECK_EQUAL(passing(l, &j, false).phase, PHASE_ESTABLISHED);
    CHECK_EQUAL(passing(l, &j, true).phase, PHASE_UNKNOWN);
    CHECK_EQUAL(passing(l, NULL, false).phase, PHASE_UNKNOWN);
    CHECK_EQUAL(passing(l, &j, false).findings, 0);
    CHECK_EQUAL(passing(l, NULL, false).findings, FINDING_UNUSABLE);
}

static void test_what_passes_changes_no_state(void)
{
    struct talk t = talk_opened();
    struct look *l = LOOK(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    struct observation o = passing(l, NULL, false);

    CHECK_STATES(&o, ESTABLISHED, ESTABLISHED);
    CHECK_EQUAL(o.sender.before, ESTABLISHED);
    CHECK_EQUAL(o.sender.rule, RULE_NO_EVENT);
    CHECK_EQUAL(o.sender.time_in_state, NO_TIME);
    CHECK(!o.state_changed && !o.corrected);
    CHECK_EQUAL(o.timer, TIMER_NONE);
    CHECK_EQUAL(o.timer_interval, NO_TIME);
}

/* Without a connection the ports are all that tells a client, whose port is the higher one. */
static void test_without_a_connection_the_ports_tell_the_role(void)
{
    static const struct {
        uint16_t from, to;
        enum role role;
    } cases[] = {{40000, 80, ROLE_CLIENT}, {80, 40000, ROLE_SERVER}, {179, 179, ROLE_CLIENT}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct segment seg = {.source_port = cases[i].from, .destination_port = cases[i].to};
        struct observation o;

        tell_nothing(&o, &seg);
        CHECK_EQUAL(o.sender_role, cases[i].role);
        CHECK_EQUAL(o.findings, FINDING_UNUSABLE);
        CHECK_BASES(&o, BASIS_UNKNOWN, BASIS_UNKNOWN);
        CHECK_STATES(&o, UNKNOWN, UNKNOWN);
    }
}

int main(void)
{
    test_the_sender_is_proven_and_the_peer_expected();
    test_joined_late_everything_is_assumed();
    test_the_ack_of_a_fin_proves_its_sender();
    test_what_is_assumed_is_so_until_both_fins_or_a_reset_were_captured();
    test_a_gap_at_the_end_makes_a_state_assumed();
    test_that_2msl_have_passed_is_assumed_and_that_it_sent_a_reset_is_proven();
    test_who_was_not_heard_of_since_the_connection_before_is_expected();
    test_who_listens_is_expected_to();
    test_packets_missing_of_either_end_make_it_incomplete();
    test_an_expected_number_without_a_frame_is_assumed();
    test_what_passes_is_of_a_phase_only_where_that_is_known();
    test_what_passes_changes_no_state();
    test_without_a_connection_the_ports_tell_the_role();
    return check_result();
}
