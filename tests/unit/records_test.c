/* records_test.c - a record is found by its frame, its place in it and its numbers; the last match survives
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "store/records.h"

enum { FRAMES = 20000 };

static struct segment segment_of(uint32_t frame, uint32_t seq)
{
    return (struct segment){.frame = frame, .seq = seq_of(seq), .ack = seq_of(77), .usable = true};
}

static void store(uint32_t frame, uint32_t seq, unsigned layer, uint32_t connection)
{
    struct segment segment = segment_of(frame, seq);
    struct record record = {
        .observation = {.connection = connection,
                        .steps = STEP_SYN,
                        .timer_interval = NO_TIME,
                        .sender = {.time_in_state = NO_TIME},
                        .peer = {.time_in_state = NO_TIME}},
        .stream = connection,
    };
    records_add(record_key(&segment, layer, 1), &segment, &record);
}

/* The connection that was stored, or -1. */
static int64_t load(uint32_t frame, uint32_t seq, unsigned layer)
{
    struct segment segment = segment_of(frame, seq);
    struct record record;
    return records_find(record_key(&segment, layer, 1), &segment, &record)
               ? (int64_t)record.observation.connection
               : -1;
}

static void finds_each(void)
{
    records_open();
    for (uint32_t i = 1; i <= FRAMES; i++) {
        store(3 * i, i * 1460, 0, i / 7);
        store(3 * i, i * 1460 + 9, 1, i);
    }
    CHECK_EQUAL(records_count(), 2 * FRAMES);
    for (uint32_t i = FRAMES; i >= 1; i--) {
        CHECK_EQUAL(load(3 * i, i * 1460, 0), i / 7);
        CHECK_EQUAL(load(3 * i, i * 1460 + 9, 1), i);
        CHECK_EQUAL(load(3 * i, i * 1460, 1), -1);     /* the other layer's numbers */
        CHECK_EQUAL(load(3 * i + 1, i * 1460, 0), -1); /* a frame that holds no TCP */
    }
    CHECK_EQUAL(load(1, 1460, 0), -1);
    CHECK_EQUAL(load(3 * FRAMES + 3, 1460, 0), -1);
    records_close();
    CHECK_EQUAL(records_count(), 0);
}

/* Where the last search ended is where the next may go on, or not; and a block may have grown since. */
static void finds_in_any_order(void)
{
    records_open();
    uint32_t dice = 1;
    for (uint32_t i = 1; i <= FRAMES; i++) {
        store(3 * i, i * 1460, 0, i / 7);
        store(3 * i, i * 1460 + 9, 1, i);
        dice = dice * 1664525 + 1013904223;
        uint32_t ahead = i > 40 ? i - 40 + (dice >> 16) % 41 : i, any = 1 + (dice >> 8) % i;
        CHECK_EQUAL(load(3 * ahead, ahead * 1460 + 9, 1), ahead);
        CHECK_EQUAL(load(3 * ahead, ahead * 1460, 0), ahead / 7);
        if (dice >> 28 == 0) {
            CHECK_EQUAL(load(3 * any, any * 1460, 0), any / 7);
        }
        CHECK_EQUAL(load(3 * i, i * 1460 + 9, 1), i);
    }
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(load(3 * i, i * 1460, 0), i / 7);
        CHECK_EQUAL(load(3 * i + 1, i * 1460, 0), -1);
        CHECK_EQUAL(load(3 * i, i * 1460 + 9, 1), i);
    }
    records_close();
}

static void check_next(void *data, uint32_t frame, const struct record *record)
{
    uint32_t *visited = (uint32_t *)data;
    uint32_t i = *visited / 2 + 1;
    CHECK_EQUAL(frame, 3 * i);
    CHECK_EQUAL(record->observation.connection, *visited % 2 == 0 ? i / 7 : i);
    CHECK_EQUAL(record->observation.steps, STEP_SYN);
    ++*visited;
}

static void hands_out_each(void)
{
    uint32_t visited = 0;
    records_open();
    records_each(check_next, &visited);
    CHECK_EQUAL(visited, 0);
    for (uint32_t i = 1; i <= FRAMES; i++) {
        store(3 * i, i * 1460, 0, i / 7);
        store(3 * i, i * 1460 + 9, 1, i);
    }
    records_each(check_next, &visited);
    CHECK_EQUAL(visited, 2 * FRAMES);
    records_close();
}

/* A read filter gives the number of a rejected frame again, perhaps thousands of times. */
static void last_match_survives(void)
{
    records_open();
    store(1, 10, 0, 1);
    store(2, 20, 0, 2); /* accepted later: */
    for (uint32_t i = 0; i < FRAMES; i++) {
        store(3, 1000 + i, 0, i);
    }
    store(3, 1000, 0, 4711); /* the same numbers as the first that was rejected */
    store(4, 40, 0, 5);
    CHECK_EQUAL(load(1, 10, 0), 1);
    CHECK_EQUAL(load(2, 20, 0), 2);
    CHECK_EQUAL(load(3, 1000, 0), 4711);
    CHECK_EQUAL(load(4, 40, 0), 5);
    uint32_t count = records_count();
    store(3, 50, 0, 6); /* frames never decrease: not taken */
    CHECK_EQUAL(records_count(), count);
    records_close();
}

static void empty_has_none(void)
{
    records_open();
    CHECK_EQUAL(load(1, 1, 0), -1);
    CHECK_EQUAL(records_bytes(), 0);
    records_close();
}

int main(void)
{
    finds_each();
    finds_in_any_order();
    hands_out_each();
    last_match_survives();
    empty_has_none();
    return check_result();
}
