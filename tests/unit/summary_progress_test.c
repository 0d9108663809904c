/* summary_progress_test.c - what goes on in a connection, and what was not seen of it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)

/* What an end in use would acknowledge next, and when anything went on. */
static bool goes_on(struct saying s, int64_t *progress)
{
    struct updating u = updating_in_use();

    s.from = CLIENT;
    s.ack = s.ack ? s.ack : 51;
    updating_say(&u, s);
    *progress = u.summary[0].progress;
    return u.summary[0].progress == u.summary[0].last;
}

static void test_progress_is_a_step_or_new_data_or_a_new_ack(void)
{
    int64_t progress;

    CHECK(goes_on((struct saying){.flags = A, .seq = 101, .data = 10}, &progress));
    CHECK(goes_on((struct saying){.flags = FA, .seq = 101}, &progress));
    CHECK(!goes_on((struct saying){.flags = A, .seq = 101, .window = 900}, &progress));
    CHECK_EQUAL(progress, 5 * STEP_MS * MS); /* of the last ACK before */
    CHECK(!goes_on((struct saying){.flags = A, .seq = 1, .data = 100, .wait = 300}, &progress));
    CHECK(!goes_on((struct saying){.flags = A, .seq = 100, .data = 1}, &progress)); /* a keepalive */
}

static void test_a_window_probe_is_no_progress(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 101, .shut = true);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 1, .wait = 500);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_WINDOW_PROBE].name);
    CHECK_EQUAL(u.summary[0].progress, 5 * STEP_MS * MS);
}

static void test_what_is_not_acceptable_is_neither_sent_nor_acknowledged(void)
{
    struct updating u = updating_opened();
    const struct summary_end *client = &u.summary[0].end[0];

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 10000000, .data = 10);
    CHECK_STRING(ack_verdicts[u.talk.o.ack_verdict].name, ack_verdicts[ACK_BEYOND_SENT].name);
    CHECK(!client->sent_data);
    CHECK_EQUAL(talk_offset(&u.talk, SERVER, client->acked), 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 10);
    CHECK(!client->sent_data);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = CLIENT, .flags = RA, .seq = 1, .ack = 11);
    CHECK_EQUAL(talk_offset(&u.talk, SERVER, client->acked), 1); /* a RST acknowledges nothing */
}

/* --- unseen: may there be a FIN among what was not captured? --- */

static void test_a_gap_before_a_bare_segment_may_be_a_fin(void)
{
    struct updating u = updating_in_use();
    const struct summary_end *client = &u.summary[0].end[0];

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 121, .ack = 51, .data = 10); /* no FIN before data */
    CHECK(!client->unseen);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 161, .ack = 51);
    CHECK(client->unseen);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 161, .ack = 51, .data = 10); /* it was none */
    CHECK(!client->unseen);
}

static void test_a_first_fragment_may_be_a_fin(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .no_length = true);
    CHECK(u.summary[0].end[0].unseen);
}

/* Data that lies below what the peer has acknowledged shows nothing of what lies between. */
static void test_what_was_acknowledged_unseen_stays_so_until_it_is_passed(void)
{
    struct updating u = updating_in_use();
    const struct summary_end *server = &u.summary[0].end[1];

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 71);
    CHECK(server->unseen);
    HEAR(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 101, .data = 10);
    u.summary[0].end[0].acked = seq_add(u.talk.isn[SERVER], 71);
    updating_take(&u);
    CHECK(server->unseen);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 61, .ack = 101, .data = 10);
    CHECK(!server->unseen);
}

static void test_one_direction_alone_shows_what_it_sent(void)
{
    struct updating u = updating_begin();
    const struct summary_end *client = &u.summary[0].end[0];

    u.talk.isn[CLIENT] = seq_of(0x80000100);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 51, .ack = 1);
    CHECK(client->unseen);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 51, .ack = 1, .data = 10);
    CHECK(!client->unseen);
}

static void test_data_is_remembered_with_its_time(void)
{
    struct updating u = updating_in_use();
    const struct summary_end *client = &u.summary[0].end[0];

    CHECK(client->sent_data && client->sent_next);
    CHECK_EQUAL(client->sent, 3 * STEP_MS * MS);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .window = 900);
    CHECK(client->sent_data && client->sent_next);
    CHECK_EQUAL(client->sent, 3 * STEP_MS * MS);
    u = updating_opened();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10); /* behind a gap */
    CHECK(client->sent_data && !client->sent_next);
}

/* A copy of a packet was not sent again. */
static void test_a_copy_counts_nowhere(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S, .ip_id = 7);
    UPDATE(&u, .from = CLIENT, .flags = S, .ip_id = 7, .wait = 1);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_COPY].name);
    CHECK_EQUAL(u.summary[0].end[0].opening.count, 1);
    CHECK_EQUAL(u.summary[0].last, 0);
}

int main(void)
{
    test_progress_is_a_step_or_new_data_or_a_new_ack();
    test_a_window_probe_is_no_progress();
    test_what_is_not_acceptable_is_neither_sent_nor_acknowledged();
    test_a_gap_before_a_bare_segment_may_be_a_fin();
    test_a_first_fragment_may_be_a_fin();
    test_what_was_acknowledged_unseen_stays_so_until_it_is_passed();
    test_one_direction_alone_shows_what_it_sent();
    test_data_is_remembered_with_its_time();
    test_a_copy_counts_nowhere();
    return check_result();
}
