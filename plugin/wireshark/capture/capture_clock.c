/* capture_clock.c - see capture_clock.h
 *
 * Gaps and jumps back are listed apart, each in the order of frames. A gap that is crossed is taken off the
 * end of its list, so all that crossing costs is what the gaps cost to note.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/capture_clock.h"

#include <glib.h>

#define JUMP_BACK INT64_C(10000000000) /* ns; less is the disorder of several cards or queues */

enum { STOPS_MAX = 1 << 16 }; /* of a kind */

struct stop {
    int64_t time;   /* of the newest packet before it */
    uint32_t frame; /* the first one behind it */
};

/* Stands for those that were forgotten: whoever began to wait there hasn't waited at all. */
static const struct stop forgotten = {-CAPTURE_TIME_MAX, 0};

static struct {
    GArray *gaps, *jumps; /* of struct stop */
    uint32_t known_from;  /* the frame before which stops were forgotten */
    int64_t hole, first, now;
    bool begun; /* `first` and `now` are known */
} all;

uint32_t capture_clock_gap;

void capture_clock_close(void)
{
    if (all.gaps != NULL) {
        g_array_free(all.gaps, TRUE);
        g_array_free(all.jumps, TRUE);
    }
    all.gaps = all.jumps = NULL;
    all.begun = false;
    all.first = all.now = 0;
    all.known_from = 0;
    capture_clock_gap = 0;
}

void capture_clock_open(int64_t hole)
{
    capture_clock_close();
    all.gaps = g_array_new(FALSE, FALSE, sizeof(struct stop));
    all.jumps = g_array_new(FALSE, FALSE, sizeof(struct stop));
    all.hole = hole;
}

static const struct stop *stop_at(const GArray *stops, guint place)
{
    return &g_array_index(stops, struct stop, place);
}

/* A broken or hostile capture may have one at every other packet: then the older half is forgotten. */
static void note(GArray *stops, uint32_t serial)
{
    struct stop stop = {all.now, serial};
    if (stops->len == STOPS_MAX) {
        all.known_from = MAX(all.known_from, stop_at(stops, STOPS_MAX / 2 - 1)->frame);
        g_array_remove_range(stops, 0, STOPS_MAX / 2);
    }
    g_array_append_val(stops, stop);
}

void capture_clock_advance(uint32_t serial, int64_t time)
{
    if (!all.begun) {
        all.first = all.now = time;
        all.begun = true;
    } else if (time > all.now) {
        if (all.hole != 0 && time - all.now > all.hole) {
            note(all.gaps, serial);
            capture_clock_gap = serial;
        }
        all.now = time;
    } else if (all.now - time > JUMP_BACK) {
        note(all.jumps, serial);
        all.now = time;
    }
}

/* The frame whose end gives the sequence number that was expected, if the segment fits; else 0. */
static uint32_t fits_seq(const struct observation *o)
{
    bool fits = !seq_brings(o->seq_verdict, BRINGS_OTHER) && !seq_brings(o->seq_verdict, BRINGS_AHEAD);
    return fits && !ack_is_invalid(o->ack_verdict) ? o->seq_from_frame : 0;
}

/* The same of its acknowledgment number, which has to be exact. */
static uint32_t fits_ack(const struct observation *o)
{
    bool fits = o->ack_verdict == ACK_CURRENT || o->ack_verdict == ACK_HANDSHAKE ||
                o->ack_verdict == ACK_OF_FIN;
    return fits && !seq_is_invalid(o->seq_verdict) ? o->ack_from_frame : 0;
}

/* No gap behind that frame is a hole. */
static void close_gaps(uint32_t from)
{
    guint left = all.gaps->len;
    while (left > 0 && stop_at(all.gaps, left - 1)->frame > from) {
        left--;
    }
    g_array_set_size(all.gaps, left);
    capture_clock_gap = left > 0 ? stop_at(all.gaps, left - 1)->frame : 0;
}

void capture_clock_look(const struct observation *o)
{
    uint32_t seq = fits_seq(o), ack = fits_ack(o);
    uint32_t from = seq == 0 || (ack != 0 && ack < seq) ? ack : seq;
    if (from != 0 && from < capture_clock_gap) {
        close_gaps(from);
    }
}

/* The first one behind that frame, or NULL. */
static const struct stop *first_behind(const GArray *stops, uint32_t serial)
{
    guint low = 0, high = stops->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (stop_at(stops, middle)->frame > serial) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < stops->len ? stop_at(stops, low) : NULL;
}

static const struct stop *next_stop(uint32_t serial)
{
    if (all.gaps == NULL || all.gaps->len + all.jumps->len == 0) {
        return NULL;
    }
    if (serial < all.known_from) {
        return &forgotten;
    }
    const struct stop *gap = first_behind(all.gaps, serial), *jump = first_behind(all.jumps, serial);
    return gap == NULL || (jump != NULL && jump->frame < gap->frame) ? jump : gap;
}

int64_t capture_clock_limit(uint32_t serial)
{
    const struct stop *stop = next_stop(serial);
    return stop != NULL ? stop->time : INT64_MAX;
}

bool capture_clock_joins(uint32_t serial, uint32_t other)
{
    const struct stop *stop = next_stop(serial < other ? serial : other);
    return stop == NULL || stop->frame > (serial > other ? serial : other);
}

int64_t capture_clock_now(void)
{
    return all.now;
}

int64_t capture_clock_first(void)
{
    return all.first;
}
