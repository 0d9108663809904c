/* reduction.c - see reduction.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reduction.h"

#include "properties.h"

#include <string.h>

static struct capture without;
static struct reading reading;

static struct breach accused_at(const struct capture *capture)
{
    struct disguise plain = {{0, 0}, false};
    reading_make(&reading, capture, &plain);
    return check_innocence(capture, &reading, true);
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
    struct breach accused = accused_at(capture);
    if (accused.frame == NO_BREACH) {
        return;
    }
    capture->count = (unsigned)accused.frame + 1;
    for (unsigned size = capture->count / 2; size > 0 && !tail_only; size /= 2) {
        for (unsigned at = 0; at + size <= capture->count;) {
            remove_frames(&without, capture, at, size);
            struct breach still = accused_at(&without);
            if (still.frame == NO_BREACH || strcmp(still.why, accused.why) != 0) {
                at += size;
            } else {
                without.count = (unsigned)still.frame + 1;
                *capture = without;
            }
        }
    }
}
