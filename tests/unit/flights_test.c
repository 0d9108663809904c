/* flights_test.c - bytes that leave one capture point and arrive at the other, or get lost
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flying.h"
#include "thresholds.h"

#include <stdlib.h>

enum { ROOM = 32, NAMED_MAX = 32 };

static struct flights *f;
static uint32_t named[NAMED_MAX];
static unsigned names;
static struct parts parts;

static void name(void *context, const struct flight *flight)
{
    (void)context;
    named[names++ % NAMED_MAX] = flight->frame;
}

static void begin(void)
{
    f = (struct flights *)calloc(1, flights_size(ROOM));
    f->room = ROOM;
    flying_frame = 0;
    names = 0;
}

static void end(void)
{
    free(f);
}

static uint32_t depart(struct shown shown)
{
    struct flight flight = shown_flight(shown);
    flights_depart(f, &flight);
    return flight.frame;
}

/* The frame of the first part, or 0. What it overtook gets known. */
static uint32_t arrive(struct shown shown, int64_t usual)
{
    struct flight flight = shown_flight(shown);
    flights_arrive(f, &flight, usual, &parts);
    if (parts.count != 0) {
        flights_overtake(f, parts.part[0].time, INT64_MIN);
    }
    return parts.count != 0 ? parts.part[0].frame : 0;
}

#define DEPART(...) depart((struct shown){__VA_ARGS__})
#define ARRIVE(...) arrive((struct shown){__VA_ARGS__}, NO_TIME)

static void acknowledge(struct segment *seg)
{
    flights_acknowledge(f, seg, name, NULL);
}

static void same_packet(void)
{
    begin();
    uint32_t first = DEPART(.at = 0, .seq = 1, .data = 100),
             second = DEPART(.at = 1, .seq = 101, .data = 100);
    CHECK_EQUAL(ARRIVE(.at = 10, .seq = 101, .data = 100), second); /* out of order */
    CHECK(parts.whole);
    CHECK_EQUAL(ARRIVE(.at = 11, .seq = 1, .data = 100), first);
    CHECK_EQUAL(f->count, 0);
    CHECK_EQUAL(ARRIVE(.at = 12, .seq = 201, .data = 1), 0); /* never departed */
    CHECK_EQUAL(ARRIVE(.at = 12, .seq = 1, .data = 100), 0); /* not twice */
    end();
}

/* Equal but for their numbers of acknowledgment or their flags: others. */
static void not_the_same(void)
{
    begin();
    DEPART(.at = 0, .seq = 1, .ack = 5);
    DEPART(.at = 0, .seq = 1, .flags = FLAG_RST);
    CHECK_EQUAL(ARRIVE(.at = 10, .seq = 1, .ack = 6), 0);
    CHECK_EQUAL(ARRIVE(.at = 10, .seq = 1, .flags = FLAG_RST | FLAG_ACK, .ack = 5), 0);
    CHECK_EQUAL(f->count, 2);
    end();
}

/* Copies are told apart by IP ID, else by timestamp, by what was received selectively or by the window, else
 * by the usual transit. */
static void equal_copies(void)
{
    begin();
    DEPART(.at = 0, .seq = 1, .data = 9, .ip_id = 7, .tsval = 50);
    uint32_t second = DEPART(.at = 200, .seq = 1, .data = 9, .ip_id = 8, .tsval = 50);
    CHECK_EQUAL(ARRIVE(.at = 205, .seq = 1, .data = 9, .ip_id = 8, .tsval = 50), second);
    end();
    begin();
    DEPART(.at = 0, .seq = 1, .data = 9, .tsval = 50);
    second = DEPART(.at = 200, .seq = 1, .data = 9, .tsval = 51);
    CHECK_EQUAL(ARRIVE(.at = 205, .seq = 1, .data = 9, .tsval = 51), second);
    end();
    begin();
    DEPART(.at = 0, .seq = 1, .ack = 9, .sack = 20, .window = 5);
    second = DEPART(.at = 1, .seq = 1, .ack = 9, .sack = 30, .window = 5);
    CHECK_EQUAL(arrive((struct shown){.at = 5, .seq = 1, .ack = 9, .sack = 30, .window = 5}, 5 * MS), second);
    second = DEPART(.at = 1, .seq = 1, .ack = 9, .sack = 20, .window = 6);
    CHECK_EQUAL(arrive((struct shown){.at = 5, .seq = 1, .ack = 9, .sack = 20, .window = 6}, 5 * MS), second);
    end();
    begin();
    uint32_t first = DEPART(.at = 0, .seq = 1, .data = 9);
    second = DEPART(.at = 200, .seq = 1, .data = 9);
    uint32_t third = DEPART(.at = 400, .seq = 1, .data = 9);
    struct shown arrival = {.at = 405, .seq = 1, .data = 9};
    CHECK_EQUAL(arrive(arrival, 390 * MS), first);
    CHECK_EQUAL(arrive(arrival, 5 * MS), third);
    CHECK_EQUAL(arrive(arrival, 5 * MS), second);
    end();
}

/* Where IP IDs and timestamps come through as they are, those that differ are others. */
static void others(void)
{
    begin();
    DEPART(.at = 0, .seq = 1, .ack = 1, .ip_id = 1, .tsval = 1);
    ARRIVE(.at = 5, .seq = 1, .ack = 1, .ip_id = 1, .tsval = 1);
    DEPART(.at = 10, .seq = 1, .ack = 2, .ip_id = 2, .tsval = 2);
    DEPART(.at = 11, .seq = 1, .data = 9, .ip_id = 3, .tsval = 2);
    CHECK_EQUAL(ARRIVE(.at = 15, .seq = 1, .ack = 2, .ip_id = 4, .tsval = 2), 0);
    CHECK_EQUAL(ARRIVE(.at = 15, .seq = 1, .ack = 2, .ip_id = 2, .tsval = 3), 0);
    CHECK_EQUAL(ARRIVE(.at = 15, .seq = 1, .data = 5, .ip_id = 4, .tsval = 3), 0);
    CHECK_EQUAL(ARRIVE(.at = 15, .seq = 1, .data = 5, .ip_id = 4, .tsval = 2), 4);
    end();
}

/* The card cuts at one end and puts together at the other. */
static void offload(void)
{
    begin();
    uint32_t large = DEPART(.at = 0, .seq = 0, .data = 65160);
    for (uint32_t i = 0; i < 45; i++) {
        CHECK_EQUAL(ARRIVE(.at = 10, .seq = i * 1448, .data = 1448), large);
        CHECK(!parts.whole);
        CHECK_EQUAL(parts.end.n, (i + 1) * 1448);
    }
    CHECK_EQUAL(f->count, 0);
    end();
    begin();
    for (uint32_t i = 0; i < 5; i++) {
        DEPART(.at = i, .seq = i * 1448, .data = 1448);
    }
    CHECK_EQUAL(ARRIVE(.at = 10, .seq = 0, .data = 5 * 1448), 1);
    CHECK_EQUAL(parts.count, 5);
    CHECK_EQUAL(parts.part[4].frame, 5);
    CHECK_EQUAL(f->count, 0);
    end();
}

/* Borders that lie elsewhere: three departures, two arrivals; the FIN goes with the last. */
static void cut_anew(void)
{
    begin();
    DEPART(.at = 0, .seq = 0, .data = 100);
    DEPART(.at = 1, .seq = 100, .data = 100);
    DEPART(.at = 2, .seq = 200, .data = 100, .flags = FLAG_FIN | FLAG_ACK);
    CHECK_EQUAL(ARRIVE(.at = 9, .seq = 0, .data = 150), 1);
    CHECK_EQUAL(parts.count, 2);
    CHECK_EQUAL(ARRIVE(.at = 9, .seq = 150, .data = 150, .flags = FLAG_FIN | FLAG_ACK), 2);
    CHECK_EQUAL(parts.end.n, 301);
    CHECK_EQUAL(f->count, 0);
    end();
}

/* A FIN is no byte of data, and data are no FIN. */
static void fins(void)
{
    begin();
    DEPART(.at = 0, .seq = 10, .data = 3);
    CHECK_EQUAL(ARRIVE(.at = 5, .seq = 10, .flags = FLAG_FIN | FLAG_ACK), 0);
    DEPART(.at = 6, .seq = 20, .flags = FLAG_FIN | FLAG_ACK);
    CHECK_EQUAL(ARRIVE(.at = 9, .seq = 20, .data = 1), 0);
    CHECK_EQUAL(f->count, 2);
    end();
}

/* What arrives in part says up to where. */
static void more_than_departed(void)
{
    begin();
    uint32_t frame = DEPART(.at = 0, .seq = 0, .data = 28);
    CHECK_EQUAL(ARRIVE(.at = 5, .seq = 0, .data = 100), frame);
    CHECK_EQUAL(parts.end.n, 28);
    end();
}

/* What was overtaken and never arrives was lost; what is acknowledged has been missed. */
static void lost(void)
{
    begin();
    uint32_t first = DEPART(.at = 0, .seq = 0, .data = 10);
    DEPART(.at = 1, .seq = 10, .data = 10);
    ARRIVE(.at = 6, .seq = 10, .data = 10);
    flights_finish(f, INT64_MIN, name, NULL);
    CHECK_EQUAL(names, 1);
    CHECK_EQUAL(named[0], first);
    names = 0;
    struct segment ack = shown_segment((struct shown){.at = 20, .ack = 10});
    acknowledge(&ack);
    CHECK_EQUAL(names, 1);
    acknowledge(&ack);
    CHECK_EQUAL(names, 1); /* told once */
    names = 0;
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, 0);
    end();
}

static void selectively_acknowledged(void)
{
    begin();
    DEPART(.at = 0, .seq = 0, .data = 10);
    uint32_t second = DEPART(.at = 1, .seq = 10, .data = 10);
    DEPART(.at = 2, .seq = 20, .data = 10);
    ARRIVE(.at = 7, .seq = 20, .data = 10);
    struct segment ack = shown_segment((struct shown){.at = 20, .ack = 0});
    ack.sack_blocks = 1;
    ack.sack[0].left.n = 10;
    ack.sack[0].right.n = 30;
    acknowledge(&ack);
    CHECK_EQUAL(names, 1);
    CHECK_EQUAL(named[0], second);
    names = 0;
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, 1);
    CHECK_EQUAL(named[0], 1);
    end();
}

/* Another copy arrived: that is what is acknowledged, whole or in pieces that lie otherwise. */
static void sent_again(bool in_pieces)
{
    begin();
    uint32_t first = DEPART(.at = 0, .seq = 100, .data = 100, .ip_id = 1);
    if (in_pieces) {
        DEPART(.at = 300, .seq = 50, .data = 100, .ip_id = 2);
        DEPART(.at = 301, .seq = 150, .data = 100, .ip_id = 3);
        ARRIVE(.at = 306, .seq = 50, .data = 100, .ip_id = 2);
        ARRIVE(.at = 307, .seq = 150, .data = 100, .ip_id = 3);
    } else {
        DEPART(.at = 300, .seq = 100, .data = 100, .ip_id = 2);
        ARRIVE(.at = 306, .seq = 100, .data = 100, .ip_id = 2);
    }
    struct segment ack = shown_segment((struct shown){.at = 320, .ack = 250});
    acknowledge(&ack);
    CHECK_EQUAL(names, 0);
    flights_settle(f, 10 * SECONDS, name, NULL);
    CHECK_EQUAL(names, 1);
    CHECK_EQUAL(named[0], first);
    CHECK_EQUAL(f->count, 0);
    end();
}

/* Sent again although the receiver had acknowledged it: its next ACK shows nothing. But where the other
 * point has missed the first copy, too, the second may have arrived as well; and far below lie the numbers of
 * another connection. */
static void sent_again_after_its_ack(bool missed, uint32_t seq, unsigned expected)
{
    begin();
    DEPART(.at = 0, .seq = seq, .data = 100, .ip_id = 1);
    if (!missed) {
        ARRIVE(.at = 5, .seq = seq, .data = 100, .ip_id = 1);
    }
    struct segment ack = shown_segment((struct shown){.at = 10, .ack = 1u << 20});
    acknowledge(&ack);
    uint32_t again = DEPART(.at = 12, .seq = seq, .data = 100, .ip_id = 2);
    names = 0;
    acknowledge(&ack);
    CHECK_EQUAL(names, expected);
    names = 0;
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, 1 - expected);
    CHECK(names == 0 || named[0] == again);
    end();
}

/* Offload: of one departure a piece is lost, and sent again. What arrives behind the hole, in turn, is taken
 * off from its middle. */
static void piece_lost(uint32_t hole)
{
    enum { SIZE = 100, PIECE = 20 };
    begin();
    uint32_t frame = DEPART(.at = 0, .seq = 0, .data = SIZE, .ip_id = 1);
    for (uint32_t seq = 0; seq < SIZE; seq += PIECE) {
        if (seq != hole) {
            CHECK_EQUAL(ARRIVE(.at = 5, .seq = seq, .data = PIECE), frame);
        }
    }
    CHECK_EQUAL(f->flight[0].rest.left.n, hole);
    CHECK_EQUAL(f->flight[0].rest.right.n, hole + PIECE);
    DEPART(.at = 12, .seq = hole, .data = PIECE, .ip_id = 2);
    ARRIVE(.at = 17, .seq = hole, .data = PIECE, .ip_id = 2);
    struct segment ack = shown_segment((struct shown){.at = 20, .ack = SIZE});
    acknowledge(&ack);
    CHECK_EQUAL(names, 0);
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, 1);
    CHECK_EQUAL(named[0], frame);
    end();
}

/* Two holes: what lies between them is not told apart, but nothing that hasn't come is taken off. */
static void two_pieces_lost(void)
{
    begin();
    DEPART(.at = 0, .seq = 0, .data = 100);
    ARRIVE(.at = 5, .seq = 20, .data = 20);
    ARRIVE(.at = 5, .seq = 60, .data = 20);
    CHECK_EQUAL(f->flight[0].rest.left.n, 0);
    CHECK_EQUAL(f->flight[0].rest.right.n, 100);
    ARRIVE(.at = 6, .seq = 80, .data = 20);
    CHECK_EQUAL(f->flight[0].rest.right.n, 60);
    ARRIVE(.at = 7, .seq = 0, .data = 20);
    CHECK_EQUAL(f->flight[0].rest.left.n, 20);
    end();
}

/* Only half of it came again: what is acknowledged of the rest was missed. */
static void half_sent_again(void)
{
    begin();
    DEPART(.at = 0, .seq = 100, .data = 100, .ip_id = 1);
    DEPART(.at = 300, .seq = 100, .data = 50, .ip_id = 2);
    ARRIVE(.at = 306, .seq = 100, .data = 50, .ip_id = 2);
    struct segment ack = shown_segment((struct shown){.at = 320, .ack = 200});
    acknowledge(&ack);
    CHECK_EQUAL(names, 1);
    end();
}

/* A tail loss probe: the first copy was missed at the other point, and so was its ACK. That both arrived,
 * the receiver tells (RFC 2883): below its ACK, or within what it holds; unless two others arrived. */
static void came_twice(unsigned copies, bool held, uint32_t left, unsigned expected)
{
    begin();
    DEPART(.at = 0, .seq = 100, .data = 100, .ip_id = 1);
    for (unsigned i = 0; i < copies; i++) {
        DEPART(.at = 25 + i, .seq = 100, .data = 100, .ip_id = (uint16_t)(2 + i));
        ARRIVE(.at = 30 + i, .seq = 100, .data = 100, .ip_id = (uint16_t)(2 + i));
    }
    struct segment ack = shown_segment((struct shown){.at = 40, .ack = held ? 50 : 200});
    ack.sack_blocks = held ? 2 : 1;
    ack.sack[0].left.n = left;
    ack.sack[0].right.n = 200;
    ack.sack[1].left.n = 100;
    ack.sack[1].right.n = 300;
    acknowledge(&ack);
    CHECK_EQUAL(names, expected);
    names = 0;
    flights_settle(f, 10 * SECONDS, name, NULL);
    CHECK_EQUAL(names, 1 - expected);
    end();
}

/* At the end: what departed while the other point was still capturing. */
static void at_the_end(void)
{
    begin();
    uint32_t first = DEPART(.at = 0, .seq = 0, .data = 10);
    DEPART(.at = 500, .seq = 10, .data = 10);
    flights_finish(f, 499 * MS, name, NULL);
    CHECK_EQUAL(names, 1);
    CHECK_EQUAL(named[0], first);
    names = 0;
    flights_finish(f, INT64_MIN, name, NULL);
    CHECK_EQUAL(names, 0);
    end();
}

/* A pure ACK is lost only if the other point misses nothing else about then. */
static void pure_acks(int64_t apart, unsigned expected)
{
    begin();
    DEPART(.at = 9000, .seq = 5, .ack = 9);
    flights_note_missed(f, (9000 + apart) * MS, false);
    flights_note_missed(f, 60 * SECONDS, true);
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, expected);
    end();
    begin();
    flights_note_missed(f, (9000 - apart) * MS, true); /* before it */
    DEPART(.at = 9000, .seq = 5, .ack = 9);
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, expected);
    end();
    begin();
    DEPART(.at = 9000, .seq = 5, .ack = 9);
    DEPART(.at = 9000 + apart, .seq = 5, .data = 7);
    struct segment ack = shown_segment((struct shown){.at = 9020 + apart, .ack = 12});
    acknowledge(&ack);
    names = 0;
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, expected);
    end();
}

/* One pass tells the first of what may be lost, and each once; no pure ACK. */
static void told_in_one_pass(void)
{
    begin();
    DEPART(.at = 0, .seq = 0, .ack = 1);
    uint32_t data = DEPART(.at = 1, .seq = 0, .data = 10);
    DEPART(.at = 2, .seq = 10, .data = 10);
    DEPART(.at = 3, .seq = 20, .data = 10);
    CHECK(flights_overtake(f, 3 * MS, MS) == NULL);
    const struct flight *first = flights_overtake(f, 3 * MS, 2 * MS);
    CHECK(first != NULL && first->frame == data);
    CHECK(flights_overtake(f, 3 * MS, 2 * MS) == NULL);
    end();
}

/* What was not overtaken waits, however long. */
static void settled(void)
{
    begin();
    DEPART(.at = 0, .seq = 0, .data = 10);
    flights_settle(f, 10 * SECONDS, name, NULL);
    CHECK_EQUAL(names, 0);
    CHECK_EQUAL(f->recent, 1);
    CHECK_EQUAL(ARRIVE(.at = 20000, .seq = 0, .data = 10), 0); /* too late to be the same */
    end();
}

/* Behind a hole that is filled late, without SACK: the ACK comes long after all else has settled. Until then,
 * or a copy arrives, nothing is lost. */
static void acknowledged_late(bool overtaken, bool again)
{
    begin();
    uint32_t first = DEPART(.at = 0, .seq = 0, .data = 10, .ip_id = 1);
    DEPART(.at = 1, .seq = 10, .ack = 1); /* nobody acknowledges that */
    if (overtaken) {
        DEPART(.at = 2, .seq = 10, .data = 10, .ip_id = 2);
        ARRIVE(.at = 7, .seq = 10, .data = 10, .ip_id = 2);
    }
    flights_settle(f, 10 * SECONDS, name, NULL);
    CHECK_EQUAL(names, overtaken); /* the pure ACK */
    names = 0;
    if (again) {
        DEPART(.at = 20000, .seq = 0, .data = 10, .ip_id = 3);
        ARRIVE(.at = 20005, .seq = 0, .data = 10, .ip_id = 3);
    }
    struct segment ack = shown_segment((struct shown){.at = 20010, .ack = 20});
    acknowledge(&ack);
    CHECK_EQUAL(names, !again);
    names = 0;
    flights_settle(f, 30 * SECONDS, name, NULL);
    CHECK_EQUAL(names, again);
    CHECK(!again || named[0] == first);
    CHECK_EQUAL(f->count, !overtaken);
    names = 0;
    flights_finish(f, INT64_MAX, name, NULL);
    CHECK_EQUAL(names, !overtaken && again); /* the pure ACK, unless it stands beside something missed */
    end();
}

/* What may be of another connection isn't lost, though it is overtaken. */
static void stray(void)
{
    begin();
    struct flight flight = shown_flight((struct shown){.at = 0, .seq = 0, .data = 10});
    flight.stray = true;
    flights_depart(f, &flight);
    DEPART(.at = 1, .seq = 10, .data = 10);
    CHECK(flights_overtake(f, MS, MS) == NULL);
    flights_finish(f, INT64_MIN, name, NULL);
    CHECK_EQUAL(names, 0);
    end();
}

/* Numbers that a device replaces. */
static void shifted(void)
{
    begin();
    uint32_t frame = DEPART(.at = 0, .seq = 1000, .data = 10);
    flights_shift(f, 1000);
    CHECK_EQUAL(ARRIVE(.at = 5, .seq = 0, .data = 10), frame);
    end();
}

/* Never more than there is room for: the older half goes, and nothing is said of it. */
static void bounded(void)
{
    begin();
    for (uint32_t i = 0; i < 10 * ROOM; i++) {
        DEPART(.at = i, .seq = i * 10, .data = 10);
        CHECK(f->count <= ROOM);
    }
    CHECK_EQUAL(names, 0);
    CHECK_EQUAL(ARRIVE(.at = 999, .seq = (10 * ROOM - 1) * 10, .data = 10), 10 * ROOM);
    end();
}

/* The numbers go round. */
static void round_the_circle(void)
{
    begin();
    uint32_t frame = DEPART(.at = 0, .seq = 0xffffff00u, .data = 1000);
    CHECK_EQUAL(ARRIVE(.at = 5, .seq = 0xffffff00u, .data = 500), frame);
    CHECK_EQUAL(ARRIVE(.at = 5, .seq = 0xffffff00u + 500, .data = 500), frame);
    CHECK_EQUAL(f->count, 0);
    end();
}

int main(void)
{
    same_packet();
    not_the_same();
    equal_copies();
    others();
    offload();
    cut_anew();
    fins();
    more_than_departed();
    lost();
    selectively_acknowledged();
    sent_again(false);
    sent_again(true);
    sent_again_after_its_ack(false, (1u << 20) - 100, 0);
    sent_again_after_its_ack(true, (1u << 20) - 100, 1);
    sent_again_after_its_ack(false, (1u << 20) - SENT_AGAIN_MAX - 1, 1);
    for (uint32_t hole = 0; hole < 100; hole += 20) {
        piece_lost(hole);
    }
    two_pieces_lost();
    half_sent_again();
    came_twice(1, false, 100, 1);
    came_twice(1, true, 100, 1);
    came_twice(1, false, 101, 0);
    came_twice(2, false, 100, 0);
    came_twice(2, true, 100, 0);
    at_the_end();
    pure_acks(LOST_ALONE_MS, 0);
    pure_acks(LOST_ALONE_MS + 1, 1);
    told_in_one_pass();
    settled();
    acknowledged_late(true, false);
    acknowledged_late(false, false);
    acknowledged_late(true, true);
    acknowledged_late(false, true);
    stray();
    shifted();
    bounded();
    round_the_circle();
    return check_result();
}
