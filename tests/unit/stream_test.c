/* stream_test.c - what was sent, what is presumed to have arrived, and where the gaps are
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "endpoint/stream.h"

/* The number circle is entered just below its wrap. */
static struct talk streaming(void)
{
    struct talk t = talk_begin();
    struct connection *c = talk_blank(&t);

    c->complete = true;
    return t;
}

/* The client sends bytes from ... to - 1, none of them above what any verdict would forbid. */
static void send(struct talk *t, uint32_t from, uint32_t to)
{
    struct view *v = LOOK(t, .from = CLIENT, .flags = A, .seq = from, .ack = 1, .data = to - from);

    v->o->seq_verdict = v->sender->nxt_known ? SEQ_IN_ORDER : SEQ_NOT_JUDGED;
    stream_sent(v);
}

static void acknowledge(struct talk *t, uint32_t ack, enum ack_verdict verdict)
{
    struct view *v = LOOK(t, .from = SERVER, .flags = A, .seq = 1, .ack = ack);

    v->o->ack_verdict = verdict;
    stream_acknowledged(v);
}

static struct end *client(struct talk *t)
{
    return &t->pool[0].end[CLIENT];
}

#define CHECK_STREAM(t, una_, edge_, nxt_, gaps_)                 \
    do {                                                          \
        const struct end *e_ = client(t);                         \
        CHECK_EQUAL(talk_offset((t), CLIENT, e_->una), (una_));   \
        CHECK_EQUAL(talk_offset((t), CLIENT, e_->edge), (edge_)); \
        CHECK_EQUAL(talk_offset((t), CLIENT, e_->nxt), (nxt_));   \
        CHECK_EQUAL(e_->gaps, (gaps_));                           \
    } while (0)

static void test_an_ack_raises_una_and_tells_that_all_below_arrived(void)
{
    struct talk t = streaming();

    send(&t, 1, 101);
    send(&t, 201, 301);
    acknowledge(&t, 201, ACK_PARTIAL); /* the gap was only not captured */
    CHECK_STREAM(&t, 201, 301, 301, 0);
    acknowledge(&t, 101, ACK_OLD);
    CHECK_STREAM(&t, 201, 301, 301, 0);
}

static void test_an_ack_in_the_gap_shortens_it(void)
{
    struct talk t = streaming();

    send(&t, 1, 101);
    send(&t, 201, 301);
    acknowledge(&t, 151, ACK_PARTIAL);
    CHECK_STREAM(&t, 151, 151, 301, 1);
    CHECK_EQUAL(client(&t)->edge_frame, 0); /* no captured frame ends there */
}

static void test_an_ack_that_was_not_captured_counts_when_it_comes_again(void)
{
    struct talk t = streaming();

    send(&t, 1, 101);
    acknowledge(&t, 301, ACK_NOT_CAPTURED);
    CHECK_STREAM(&t, 1, 101, 101, 0);
    acknowledge(&t, 301, ACK_NOT_CAPTURED);
    CHECK_STREAM(&t, 301, 301, 301, 0);
    CHECK(client(&t)->missing);
}

static void test_keepalives_and_probes_move_nothing(void)
{
    static const enum seq_verdict verdicts[] = {SEQ_KEEPALIVE, SEQ_WINDOW_PROBE};

    for (unsigned i = 0; i < 2; i++) {
        struct talk t = streaming();

        send(&t, 1, 101);

        struct view *v = LOOK(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 1);

        v->o->seq_verdict = verdicts[i];
        stream_sent(v);
        CHECK_STREAM(&t, 1, 101, 101, 0);
    }
}

static void test_an_unacceptable_segment_moves_nothing(void)
{
    struct talk t = streaming();

    send(&t, 1, 101);

    struct view *v = LOOK(&t, .from = CLIENT, .flags = A, .seq = 90000, .ack = 1, .data = 10);

    v->acceptable = false;
    v->o->seq_verdict = SEQ_OUT_OF_WINDOW;
    stream_sent(v);
    CHECK_STREAM(&t, 1, 101, 101, 0);
    CHECK(client(&t)->accused);
}

static void test_a_restarted_stream_has_no_gaps(void)
{
    struct talk t = streaming();

    send(&t, 1, 101);
    send(&t, 201, 301);
    stream_restart(client(&t), seq_add(t.isn[CLIENT], 9000));
    CHECK_STREAM(&t, 1, 9000, 9000, 0);
    CHECK_EQUAL(client(&t)->nxt_frame, 0);
}

static void test_of_several_syn_acks_the_acknowledged_one_is_chosen(void)
{
    struct talk t = streaming();
    struct end *end = client(&t);

    end->isn = t.isn[CLIENT];
    end->other_isn = seq_add(t.isn[CLIENT], 5000);
    stream_choose_isn(end, seq_add(t.isn[CLIENT], 5001));
    CHECK_EQUAL(talk_offset(&t, CLIENT, end->isn), 0); /* there was one only */
    end->alternative = true;
    stream_choose_isn(end, seq_add(t.isn[CLIENT], 1));
    CHECK_EQUAL(talk_offset(&t, CLIENT, end->isn), 0);
    stream_choose_isn(end, seq_add(t.isn[CLIENT], 5001));
    CHECK_EQUAL(talk_offset(&t, CLIENT, end->isn), 5000);
    CHECK_EQUAL(talk_offset(&t, CLIENT, end->nxt), 5001);
    stream_choose_isn(end, seq_add(t.isn[CLIENT], 1)); /* and back: the other is not forgotten */
    CHECK_EQUAL(talk_offset(&t, CLIENT, end->isn), 0);
}

static void test_a_fin_has_arrived_when_no_gap_lies_before_it(void)
{
    struct talk t = streaming();

    send(&t, 1, 101);
    CHECK(!stream_fin_arrived(client(&t)));
    send(&t, 201, 301);
    client(&t)->fin_sent = true;
    CHECK(!stream_fin_arrived(client(&t)));
    send(&t, 101, 201);
    CHECK(stream_fin_arrived(client(&t)));
    client(&t)->fin_lost = true;
    CHECK(!stream_fin_arrived(client(&t)));
}

static void test_sack_opens_a_gap_that_nobody_saw(void)
{
    struct talk t = streaming();

    send(&t, 1, 301);
    stream_reopen_gap(client(&t), seq_add(t.isn[CLIENT], 101), seq_add(t.isn[CLIENT], 201));
    CHECK_STREAM(&t, 1, 101, 301, 1);
    send(&t, 101, 201);
    CHECK_STREAM(&t, 1, 301, 301, 0);
}

static void test_sack_opens_no_gap_where_it_says_nothing(void)
{
    static const uint32_t nonsense[][2] = {{201, 101}, {101, 101}, {101, 301}, {101, 400}};

    for (unsigned i = 0; i < 4; i++) {
        struct talk t = streaming();

        send(&t, 1, 301);
        stream_reopen_gap(client(&t), seq_add(t.isn[CLIENT], nonsense[i][0]),
                          seq_add(t.isn[CLIENT], nonsense[i][1]));
        CHECK_STREAM(&t, 1, 301, 301, 0);
    }
}

static void test_the_right_edge_of_the_window_never_shrinks(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .window = 5000);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .window = 10);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[SERVER].right), 5001);
    CHECK_EQUAL(talk_newest(&t)->end[SERVER].window, 10);
    CHECK_EQUAL(talk_newest(&t)->end[SERVER].max_window, 5000);
}

/* Half of the number circle behind it, an ISN tells nothing on old and new any more. */
static void test_after_a_gigabyte_the_isn_is_far(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (uint32_t i = 0; i < 1025; i++) {
        CHECK_EQUAL(talk_newest(&t)->end[CLIENT].isn_far, 0);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + (i << 20), .ack = 1, .data = 1u << 20);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1 + ((i + 1) << 20), .window = 65535);
        if (talk_newest(&t)->end[CLIENT].isn_far)
            break;
    }
    CHECK(talk_newest(&t)->end[CLIENT].isn_far);
    CHECK_EQUAL(t.o.findings, 0);
}

int main(void)
{
    test_an_ack_raises_una_and_tells_that_all_below_arrived();
    test_an_ack_in_the_gap_shortens_it();
    test_an_ack_that_was_not_captured_counts_when_it_comes_again();
    test_keepalives_and_probes_move_nothing();
    test_an_unacceptable_segment_moves_nothing();
    test_a_restarted_stream_has_no_gaps();
    test_of_several_syn_acks_the_acknowledged_one_is_chosen();
    test_a_fin_has_arrived_when_no_gap_lies_before_it();
    test_sack_opens_a_gap_that_nobody_saw();
    test_sack_opens_no_gap_where_it_says_nothing();
    test_the_right_edge_of_the_window_never_shrinks();
    test_after_a_gigabyte_the_isn_is_far();
    return check_result();
}
