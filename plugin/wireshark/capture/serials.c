/* serials.c - numbers of frames that don't repeat
 *
 * A serial number is the frame's number plus the rejected frames so far. That a
 * frame was rejected shows when its number comes again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/serials.h"

#include <glib.h>

static struct {
    GArray *rejected; /* their serial numbers, in order */
    uint32_t count;   /* how many */
    uint32_t last;    /* number of the frame that ended last */
    bool begun;       /* another one was begun since */
} frames;

void frames_close(void)
{
    if (frames.rejected != NULL) {
        g_array_free(frames.rejected, TRUE);
    }
    frames.rejected = NULL;
    frames.count = frames.last = 0;
    frames.begun = false;
}

void frames_open(void)
{
    frames_close();
    frames.rejected = g_array_new(FALSE, FALSE, sizeof(uint32_t));
}

static uint32_t rejected_at(uint32_t place)
{
    return g_array_index(frames.rejected, uint32_t, place);
}

uint32_t frames_begin(uint32_t frame)
{
    if (!frames.begun && frame == frames.last) {
        uint32_t serial = frame + frames.count++;
        g_array_append_val(frames.rejected, serial);
    }
    frames.begun = true;
    return frame + frames.count;
}

void frames_end(uint32_t frame)
{
    frames_begin(frame);
    frames.last = frame;
    frames.begun = false;
}

/* How many rejected frames satisfy: serial number less `rank` times its place, at most `bound`. */
static uint32_t count_until(uint32_t bound, uint32_t rank)
{
    uint32_t low = 0, high = frames.count;
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

uint32_t frames_serial(uint32_t frame)
{
    return frame + count_until(frame, 1); /* less its place, a serial number is the frame number */
}

uint32_t frames_number(uint32_t serial)
{
    if (frames.count == 0) {
        return serial; /* they are the same */
    }
    uint32_t before = count_until(serial, 0);
    bool was_rejected = before > 0 && rejected_at(before - 1) == serial;
    return serial == 0 || was_rejected ? 0 : serial - before;
}

void frames_link(struct observation *o)
{
    if (frames.count == 0) {
        return; /* they are the same */
    }
    o->repeat_of = frames_number(o->repeat_of);
    o->lost_frame = frames_number(o->lost_frame);
    o->seq_from_frame = frames_number(o->seq_from_frame);
    o->ack_from_frame = frames_number(o->ack_from_frame);
    o->client_owed.frame = frames_number(o->client_owed.frame);
    o->server_owed.frame = frames_number(o->server_owed.frame);
}
