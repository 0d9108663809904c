/* frames_test.c - with a read filter, numbers repeat: serial numbers don't, and links skip what was rejected
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "capture/serials.h"

enum { FRAMES = 5000 };

/* The first visit of a frame; every third one is looked at twice (two TCP headers). */
static uint32_t visit(uint32_t frame)
{
    uint32_t serial = frames_begin(frame);
    if (frame % 3 == 0) {
        CHECK_EQUAL(frames_begin(frame), serial);
    }
    frames_end(frame);
    return serial;
}

/* Every link of an observation, one alone, so that none hides behind another. */
static uint32_t link(uint32_t serial)
{
    struct observation o = {.lost_frame = 0};
    uint32_t *const links[] = {&o.repeat_of,      &o.lost_frame,        &o.seq_from_frame,
                               &o.ack_from_frame, &o.client_owed.frame, &o.server_owed.frame};
    enum { LINKS = sizeof links / sizeof *links };
    uint32_t number = frames_number(serial);
    for (unsigned i = 0; i < LINKS; i++) {
        o = (struct observation){.client_owed = {OWES_FIN, 0, 7}, .server_owed = {OWES_FIN, 0, 8}};
        *links[i] = serial;
        frames_link(&o);
        for (unsigned j = 0; j < LINKS; j++) {
            CHECK_EQUAL(*links[j], j == i ? number : 0);
        }
        CHECK(o.client_owed.age == 7 && o.server_owed.age == 8);
    }
    return number;
}

static void without_filter_they_are_equal(void)
{
    frames_open();
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(visit(i), i);
    }
    CHECK_EQUAL(frames_serial(FRAMES), FRAMES);
    CHECK_EQUAL(link(17), 17);
    CHECK_EQUAL(link(0), 0);
    frames_close();
}

/* `rejects(i)` says whether the i-th frame of the file, from 1, is rejected. */
static void with_filter(bool (*rejects)(uint32_t))
{
    uint32_t frame = 1;
    frames_open();
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(visit(frame), i);
        frame += rejects(i) ? 0 : 1;
    }
    visit(frame); /* so that it shows whether the last one was rejected */
    frame = 1;
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(link(i), rejects(i) ? 0 : frame);
        if (!rejects(i)) {
            CHECK_EQUAL(frames_serial(frame), i);
            frame++;
        }
    }
    frames_close();
}

static bool odd(uint32_t i)
{
    return i % 2 == 1;
}

static bool most(uint32_t i)
{
    return i % 97 != 0;
}

static bool few(uint32_t i)
{
    return i == 1 || i == FRAMES || i % 1000 < 3;
}

static bool none_of_the_last(uint32_t i)
{
    return i > FRAMES / 2;
}

int main(void)
{
    without_filter_they_are_equal();
    with_filter(odd);
    with_filter(most);
    with_filter(few);
    with_filter(none_of_the_last);
    return check_result();
}
