/* serials_test.c - with a read filter, numbers repeat: serial numbers don't, and links skip what was rejected
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/serials.h"

#include "check.h"

#include <stdbool.h>

enum { FRAMES = 5000 };

/* The first visit of a frame; every third one is looked at twice (two TCP headers). */
static uint32_t visit(uint32_t frame)
{
    uint32_t serial = serials_begin((frame_t){frame});
    if (frame % 3 == 0) {
        CHECK_EQUAL(serials_begin((frame_t){frame}), serial);
    }
    serials_end((frame_t){frame});
    return serial;
}

static void without_filter_they_are_equal(void)
{
    serials_open();
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(visit(i), i);
    }
    CHECK_EQUAL(serial_of((frame_t){FRAMES}), FRAMES);
    CHECK_EQUAL(frame_of(17).n, 17);
    CHECK_EQUAL(frame_of(0).n, 0);
    serials_close();
}

/* `rejects(i)` says whether the i-th frame of the file, from 1, is rejected. */
static void with_filter(bool (*rejects)(uint32_t))
{
    uint32_t frame = 1;
    serials_open();
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(visit(frame), i);
        frame += rejects(i) ? 0 : 1;
    }
    visit(frame); /* so that it shows whether the last one was rejected */
    frame = 1;
    for (uint32_t i = 1; i <= FRAMES; i++) {
        CHECK_EQUAL(frame_of(i).n, rejects(i) ? 0 : frame);
        if (!rejects(i)) {
            CHECK_EQUAL(serial_of((frame_t){frame}), i);
            frame++;
        }
    }
    serials_close();
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
