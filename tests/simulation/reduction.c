/* reduction.c - see reduction.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reduction.h"

#include "properties.h"

#include <string.h>

static struct capture without;
static struct reading reading;

static int accused_at(const struct capture *capture)
{
    struct disguise plain = {{0, 0}, false};
    reading_make(&reading, capture, &plain);
    return check_innocence(capture, &reading).frame;
}

static void remove_frames(struct capture *result, const struct capture *capture, unsigned at, unsigned count)
{
    *result = *capture;
    memmove(&result->frame[at], &result->frame[at + count],
            (result->count - at - count) * sizeof *result->frame);
    result->count -= count;
}

void reduce_accusation(struct capture *capture, bool tail_only)
{
    int accused = accused_at(capture);
    if (accused == NO_BREACH) {
        return;
    }
    capture->count = (unsigned)accused + 1;
    for (unsigned size = capture->count / 2; size > 0 && !tail_only; size /= 2) {
        for (unsigned at = 0; at + size <= capture->count;) {
            remove_frames(&without, capture, at, size);
            accused = accused_at(&without);
            if (accused == NO_BREACH) {
                at += size;
            } else {
                without.count = (unsigned)accused + 1;
                *capture = without;
            }
        }
    }
}
