/* copies_test.c - a packet captured twice is known by its numbers and its time
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "route/copies.h"

#define MS INT64_C(1000000)

static struct observer observer;

enum { NUMBER = 3 }; /* of the connection */

/* A segment with data and IP ID, as everything else here is compared with. */
static struct segment usual(void)
{
    memset(&observer, 0, sizeof observer);
    return (struct segment){
        .seq = seq_of(0xffffffff),
        .ack = seq_of(0xfffffff0),
        .flags = A,
        .window = 1000,
        .data = 100,
        .usable = true,
        .has_ip_id = true,
        .ip_id = 77,
        .time = 1000 * SECOND,
    };
}

static bool seen(struct segment segment)
{
    return copies_have_seen(&observer, NUMBER, &segment);
}

static bool seen_after(struct segment segment, int64_t wait)
{
    segment.time += wait;
    return seen(segment);
}

static void test_the_first_is_no_copy(void)
{
    CHECK(!seen(usual()));
}

static void test_the_same_packet_within_5_ms_is_a_copy(void)
{
    struct segment segment = usual();

    seen(segment);
    CHECK(seen_after(segment, 0));
    CHECK(seen_after(segment, MS));
    CHECK(seen_after(segment, 5 * MS));
    CHECK(!seen_after(segment, 5 * MS + 1));
}

static void test_at_another_point_a_copy_may_take_a_second(void)
{
    struct segment segment = usual();

    seen(segment);
    segment.point = 10;
    CHECK(seen_after(segment, 1000 * MS));
    CHECK(seen_after(segment, 1000 * MS)); /* the first is what copies are compared with */
    CHECK(!seen_after(segment, 1000 * MS + 1));
}

/* Two interfaces have a clock each. */
static void test_a_copy_may_be_earlier_than_its_original(void)
{
    struct segment segment = usual();

    seen(segment);
    CHECK(seen_after(segment, -5 * MS));
    CHECK(!seen_after(segment, -5 * MS - 1));
}

#define CHECK_DIFFERS(change)            \
    do {                                 \
        struct segment first_ = usual(); \
        struct segment second = first_;  \
        seen(first_);                    \
        change;                          \
        CHECK(!seen_after(second, MS));  \
    } while (0)

static void test_any_other_number_makes_another_packet(void)
{
    CHECK_DIFFERS(second.ip_id = 78);
    CHECK_DIFFERS(second.seq = seq_of(0));
    CHECK_DIFFERS(second.ack = seq_of(0));
    CHECK_DIFFERS(second.flags = A | FLAG_PSH);
    CHECK_DIFFERS(second.window = 1001);
    CHECK_DIFFERS(second.data = 101);
    CHECK_DIFFERS((second.has_timestamps = true, second.tsval = 1));
    CHECK_DIFFERS((second.has_timestamps = true, second.tsecr = 1));
    CHECK_DIFFERS((second.sack_blocks = 1, second.sack[0] = (struct sack_block){seq_of(0), seq_of(5)}));
}

static void test_the_other_direction_is_another_packet(void)
{
    CHECK_DIFFERS(second.from = 1);
}

static void test_another_connection_is_another_packet(void)
{
    struct segment segment = usual();

    seen(segment);
    CHECK(!copies_have_seen(&observer, NUMBER + 1, &segment));
}

/* Where no IP ID is known, none is compared. */
static void test_an_ip_id_counts_only_where_there_is_one(void)
{
    struct segment segment = usual();

    segment.data = 0;
    segment.has_ip_id = false;
    seen(segment);
    CHECK(!seen_after(segment, MS));
}

/* Which place of the memory a packet takes: the one that changes. */
static unsigned place_taken(struct segment segment)
{
    static struct observer before;
    unsigned place = 0;

    before = observer;
    seen(segment);
    while (place < RECENT && before.recent[place].identity == observer.recent[place].identity) {
        place++;
    }
    return place;
}

/* Of those that may take the same four places, the four latest are remembered. */
static void test_the_oldest_of_those_that_meet_is_forgotten(void)
{
    struct segment first = usual(), meeting[4];
    unsigned found = 0, place = place_taken(first);
    struct segment next = first;

    while (found < 4) {
        static struct observer clean;

        next.seq = seq_add(next.seq, 1);
        observer = clean;
        if (place_taken(next) / 4 == place / 4) {
            meeting[found++] = next;
        }
    }
    usual();
    seen(first);
    for (unsigned i = 0; i < 4; i++) {
        seen_after(meeting[i], 1 + i);
    }
    for (unsigned i = 0; i < 4; i++) {
        CHECK(seen_after(meeting[i], 5));
    }
    CHECK(!seen_after(first, 5));
}

/* Three of them are what a receiver sends when data is lost; a SYN-ACK answers each copy of a SYN. */
static void test_without_an_ip_id_the_same_again_at_the_same_point_is_a_second_packet(void)
{
    const unsigned flags[] = {A, SA, S, R, RA, FA};

    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct segment segment = usual();

        segment.flags = (uint16_t)flags[i];
        segment.has_ip_id = false;
        segment.ip_id = 0;
        CHECK(!seen(segment));
        CHECK(!seen_after(segment, MS));
        segment.has_ip_id = true; /* Linux writes 0 into what must not be fragmented */
        CHECK(!seen_after(segment, MS));
        CHECK(!seen_after(segment, 2 * MS));
        segment.point = 1;
        CHECK(seen_after(segment, 1002 * MS));
        CHECK(!seen_after(segment, 1003 * MS));
    }
}

/* The memory is bounded: whatever comes between, a packet that was not seen is never called a copy. */
static void test_no_new_packet_is_taken_for_a_copy_however_many_there_are(void)
{
    struct segment segment = usual();
    unsigned taken = 0;

    for (uint32_t i = 0; i < 20 * RECENT; i++) {
        segment.seq = seq_add(segment.seq, 100);
        taken += seen_after(segment, i);
    }
    CHECK_EQUAL(taken, 0);
}

static void test_a_copy_changes_nothing_but_its_verdict(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .ip_id = 5);

    struct snapshot before = talk_snapshot(&t);

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .ip_id = 5, .wait = 1);
    CHECK_EQUAL(t.o.seq_verdict, SEQ_COPY);
    CHECK(!t.o.repeat && !t.o.state_changed && t.o.steps == 0);
    CHECK(talk_is_unchanged(&t, &before));
}

/* A file appended to itself goes back in time, however far, and brings nothing new. */
static void test_a_capture_behind_itself_is_a_copy_as_a_whole(void)
{
    const struct saying all[] = {
        {.from = CLIENT, .flags = S},
        {.from = SERVER, .flags = SA, .ack = 1},
        {.from = CLIENT, .flags = A, .seq = 1, .ack = 1},
        {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100},
        {.from = SERVER, .flags = FA, .seq = 1, .ack = 101},
        {.from = CLIENT, .flags = A, .seq = 101, .ack = 2},
        {.from = CLIENT, .flags = RA, .seq = 101, .ack = 2},
    };
    const unsigned count = sizeof all / sizeof all[0];
    struct talk t = talk_begin();
    struct snapshot before;

    for (unsigned i = 0; i < 2 * count; i++) {
        if (i == count) {
            before = talk_snapshot(&t);
            t.now -= 100 * SECOND;
        }
        talk_say(&t, all[i % count]);
        CHECK_EQUAL(t.o.seq_verdict == SEQ_COPY, i >= count);
    }
    CHECK(talk_is_unchanged(&t, &before));
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 102); /* what the RST hid */
    CHECK(t.o.seq_verdict != SEQ_COPY);
}

/* Before, a segment that is a little late is only that; and where some are missing, much may look old. */
static void test_only_what_goes_back_by_more_than_a_second_comes_from_the_same_file_again(void)
{
    struct talk t = talk_opened();
    int64_t now = t.now;

    t.now = now - 1010 * MS;
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(t.o.seq_verdict != SEQ_COPY);
    t = talk_opened();
    t.now = now - 1011 * MS;
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.o.seq_verdict, SEQ_COPY);
    t = talk_opened();
    t.now = now - 2 * SECOND;
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK(t.o.seq_verdict != SEQ_COPY);
    t = talk_opened();
    talk_newest(&t)->end[CLIENT].sent.nxt_frame = 0;
    t.now = now - 2 * SECOND;
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(t.o.seq_verdict != SEQ_COPY);
}

/* The last packet of a connection, mirrored again behind the SYN of the next. */
static void test_a_copy_is_known_of_another_connection_without_being_remembered(void)
{
    struct segment segment = usual();

    seen(segment);
    segment.time += MS;
    CHECK(copies_find(&observer, NUMBER, &segment));
    CHECK(!copies_find(&observer, NUMBER - 1, &segment));
    CHECK(!copies_find(&observer, NUMBER + 1, &segment)); /* twice: asking leaves no trace */
    CHECK(!copies_find(&observer, NUMBER + 1, &segment));
    segment.time += 5 * MS;
    CHECK(!copies_find(&observer, NUMBER, &segment));
}

int main(void)
{
    test_a_copy_is_known_of_another_connection_without_being_remembered();
    test_the_first_is_no_copy();
    test_the_same_packet_within_5_ms_is_a_copy();
    test_at_another_point_a_copy_may_take_a_second();
    test_a_copy_may_be_earlier_than_its_original();
    test_any_other_number_makes_another_packet();
    test_the_other_direction_is_another_packet();
    test_another_connection_is_another_packet();
    test_without_an_ip_id_the_same_again_at_the_same_point_is_a_second_packet();
    test_an_ip_id_counts_only_where_there_is_one();
    test_the_oldest_of_those_that_meet_is_forgotten();
    test_no_new_packet_is_taken_for_a_copy_however_many_there_are();
    test_a_copy_changes_nothing_but_its_verdict();
    test_a_capture_behind_itself_is_a_copy_as_a_whole();
    test_only_what_goes_back_by_more_than_a_second_comes_from_the_same_file_again();
    return check_result();
}
