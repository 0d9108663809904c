/* serials.c - numbers of frames that don't repeat
 *
 * A serial number is the frame's number plus the rejected frames so far. That a
 * frame was rejected shows when its number comes again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/serials.h"

#include <glib.h>
#include <stdbool.h>

static struct {
    GArray *rejected; /* their serial numbers, in order */
    uint32_t count;   /* how many */
    uint32_t last;    /* number of the frame that ended last */
    bool begun;       /* another one was begun since */
} all;

void serials_close(void)
{
    if (all.rejected != NULL) {
        g_array_free(all.rejected, TRUE);
    }
    all.rejected = NULL;
    all.count = all.last = 0;
    all.begun = false;
}

void serials_open(void)
{
    serials_close();
    all.rejected = g_array_new(FALSE, FALSE, sizeof(uint32_t));
}

static uint32_t rejected_at(uint32_t place)
{
    return g_array_index(all.rejected, uint32_t, place);
}

uint32_t serials_begin(frame_t frame)
{
    if (!all.begun && frame.n == all.last) {
        uint32_t serial = frame.n + all.count++;
        g_array_append_val(all.rejected, serial);
    }
    all.begun = true;
    return frame.n + all.count;
}

uint32_t serials_end(frame_t frame)
{
    uint32_t serial = serials_begin(frame);
    all.last = frame.n;
    all.begun = false;
    return serial;
}

/* How many rejected frames satisfy: serial number less `rank` times its place, at most `bound`. */
static uint32_t count_until(uint32_t bound, uint32_t rank)
{
    uint32_t low = 0, high = all.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rejected_at(middle) - rank * middle <= bound) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t serial_of(frame_t frame)
{
    return frame.n + count_until(frame.n, 1); /* less its place, a serial number is the frame number */
}

frame_t frame_of(uint32_t serial)
{
    if (all.count == 0) {
        return (frame_t){serial}; /* they are the same */
    }
    uint32_t before = count_until(serial, 0);
    bool was_rejected = before > 0 && rejected_at(before - 1) == serial;
    return (frame_t){serial == 0 || was_rejected ? 0 : serial - before};
}
