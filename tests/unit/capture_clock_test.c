/* capture_clock_test.c - where waiting ends because the capture's clock can't tell how long it lasted
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/capture_clock.h"
#include "check.h"

#define SECOND INT64_C(1000000000)

enum { HOLE = 600 };

/* Frames at those seconds, numbered from 1. */
static void begin(const int64_t *seconds, uint32_t count)
{
    capture_clock_open(HOLE * SECOND);
    for (uint32_t i = 0; i < count; i++) {
        capture_clock_advance(i + 1, seconds[i] * SECOND);
        capture_clock_advance(i + 1, seconds[i] * SECOND); /* told twice of each */
    }
}

#define BEGIN(...)                                  \
    do {                                            \
        const int64_t list_[] = {__VA_ARGS__};      \
        begin(list_, sizeof list_ / sizeof *list_); \
    } while (0)

static int64_t limit(uint32_t frame)
{
    int64_t time = capture_clock_limit(frame);

    return time == INT64_MAX ? -1 : time / SECOND;
}

/* A segment whose numbers fit what was captured in those frames. */
static void cross(enum seq_verdict seq, uint32_t seq_from, enum ack_verdict ack, uint32_t ack_from)
{
    struct observation o = {
        .seq_verdict = seq, .seq_from_frame = seq_from, .ack_verdict = ack, .ack_from_frame = ack_from};

    capture_clock_cross(&o);
}

static void test_without_a_hole_nothing_ends(void)
{
    BEGIN(0, 600, 595, 1200);
    CHECK_EQUAL(capture_clock_gap, 0);
    CHECK_EQUAL(limit(1), -1);
    CHECK_EQUAL(capture_clock_now(), 1200 * SECOND);
    CHECK_EQUAL(capture_clock_until(1, 5), 5);
    CHECK(capture_clock_joins(1, 4));
    capture_clock_close();
    CHECK_EQUAL(limit(1), -1); /* none is open */
}

/* A file in which every other packet jumps: who isn't known to have waited hasn't. */
static void test_of_very_many_the_newest_are_known(void)
{
    enum { FRAMES = 1 << 18 };

    capture_clock_open(HOLE * SECOND);
    for (uint32_t frame = 1; frame <= FRAMES; frame++) {
        capture_clock_advance(frame, (frame % 2 ? 1000 : 0) * SECOND);
    }
    CHECK_EQUAL(limit(FRAMES - 1), 1000);
    CHECK_EQUAL(limit(FRAMES - 2), 0);
    CHECK(capture_clock_limit(FRAMES - 40000) >= 0);
    CHECK(!capture_clock_joins(FRAMES - 2, FRAMES));
    CHECK_EQUAL(capture_clock_limit(2), -CAPTURE_TIME_MAX);
    CHECK(!capture_clock_joins(2, 2));
    CHECK(!capture_clock_joins(FRAMES, 2));
    capture_clock_close();
    CHECK_EQUAL(limit(2), -1);
}

/* The longest wait that any preference can be about, in the longest capture. */
static void test_no_preference_overflows(void)
{
    CHECK_EQUAL(capture_clock_ns(0), 0);
    CHECK_EQUAL(capture_clock_ns(600), 600 * SECOND);
    CHECK_EQUAL(capture_clock_ns(UINT32_MAX), 1000000000 * SECOND);
    CHECK(capture_clock_ns(UINT32_MAX) <= INT64_MAX - 2 * CAPTURE_TIME_MAX);
}

static void test_a_longer_gap_is_a_hole(void)
{
    BEGIN(0, 10, 611, 612, 2000, 2001);
    CHECK_EQUAL(capture_clock_gap, 5);
    CHECK_EQUAL(limit(1), 10);
    CHECK_EQUAL(limit(2), 10);
    CHECK_EQUAL(limit(3), 612); /* it is behind the first one */
    CHECK_EQUAL(limit(5), -1);
    CHECK_EQUAL(capture_clock_until(4, 99), 612 * SECOND);
    CHECK(capture_clock_joins(1, 2));
    CHECK(!capture_clock_joins(3, 2));
    CHECK(capture_clock_joins(3, 4));
    CHECK(!capture_clock_joins(1, 6));
    capture_clock_close();

    capture_clock_open(0); /* gaps are none */
    capture_clock_advance(1, 0);
    capture_clock_advance(2, INT64_MAX / 2);
    CHECK_EQUAL(limit(1), -1);
    capture_clock_close();
}

static void test_who_crosses_a_gap_with_numbers_that_fit_closes_it(void)
{
    BEGIN(0, 10, 1000, 2000, 3000);
    CHECK_EQUAL(limit(1), 10);
    cross(SEQ_IN_ORDER, 4, ACK_CURRENT, 4); /* only the last gap */
    CHECK_EQUAL(limit(4), -1);
    CHECK_EQUAL(limit(3), 1000);
    CHECK_EQUAL(capture_clock_gap, 4);
    cross(SEQ_IN_ORDER, 1, ACK_CURRENT, 4);
    CHECK_EQUAL(limit(1), -1);
    CHECK_EQUAL(capture_clock_gap, 0);
    capture_clock_advance(6, 9000 * SECOND); /* there may be another */
    CHECK_EQUAL(limit(1), 3000);
    capture_clock_close();
}

static void test_what_fits(void)
{
    static const struct {
        enum seq_verdict seq;
        enum ack_verdict ack;
        bool by_seq, by_ack;
    } rows[] = {
        {SEQ_IN_ORDER, ACK_CURRENT, true, true},
        {SEQ_RETRANSMISSION, ACK_NONE, true, false},
        {SEQ_OVERLAP, ACK_OLD, true, false},
        {SEQ_KEEPALIVE, ACK_CURRENT, true, true},
        {SEQ_WINDOW_PROBE, ACK_DUPLICATE, true, false},
        {SEQ_SYN, ACK_HANDSHAKE, false, true}, /* the SYN-ACK */
        {SEQ_SYN, ACK_NONE, false, false},
        {SEQ_GAP, ACK_OF_FIN, false, true},
        {SEQ_GAP, ACK_PARTIAL, false, false}, /* that may be chance */
        {SEQ_IN_ORDER, ACK_BEYOND_SENT, false, false},
        {SEQ_OUT_OF_WINDOW, ACK_CURRENT, false, false},
        {SEQ_NOT_JUDGED, ACK_NOT_JUDGED, false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BEGIN(0, 1000);
        cross(rows[i].seq, 1, rows[i].ack, 2);
        CHECK_EQUAL(limit(1), rows[i].by_seq ? -1 : 0);
        BEGIN(0, 1000);
        cross(rows[i].seq, 2, rows[i].ack, 1);
        CHECK_EQUAL(limit(1), rows[i].by_ack ? -1 : 0);
        BEGIN(0, 1000);
        cross(rows[i].seq, 0, rows[i].ack, 0); /* nothing is expected */
        CHECK_EQUAL(limit(1), 0);
    }
    capture_clock_close();
}

static void test_a_jump_back_ends_whatever_crosses_it(void)
{
    BEGIN(100, 110, 100, 99, 105); /* ten seconds are disorder; eleven are not */
    CHECK_EQUAL(limit(1), 110);
    CHECK_EQUAL(limit(3), 110);
    CHECK_EQUAL(limit(4), -1);
    CHECK_EQUAL(capture_clock_now(), 105 * SECOND);
    CHECK_EQUAL(capture_clock_first(), 100 * SECOND);
    cross(SEQ_IN_ORDER, 1, ACK_CURRENT, 1);
    CHECK_EQUAL(limit(1), 110);
    CHECK(!capture_clock_joins(1, 5));

    BEGIN(0, 1000, 5, 3000); /* a gap, a jump, a gap */
    CHECK_EQUAL(limit(1), 0);
    CHECK_EQUAL(limit(2), 1000);
    CHECK_EQUAL(limit(3), 5);
    cross(SEQ_IN_ORDER, 1, ACK_CURRENT, 1);
    CHECK_EQUAL(limit(1), 1000);
    CHECK_EQUAL(limit(3), -1);
    capture_clock_close();
}

int main(void)
{
    test_without_a_hole_nothing_ends();
    test_of_very_many_the_newest_are_known();
    test_no_preference_overflows();
    test_a_longer_gap_is_a_hole();
    test_who_crosses_a_gap_with_numbers_that_fit_closes_it();
    test_what_fits();
    test_a_jump_back_ends_whatever_crosses_it();
    return check_result();
}
