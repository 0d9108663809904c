/* spoiling.c - see spoiling.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "spoiling.h"

#include <string.h>

#define SHUFFLE_MAX (2 * MILLISECOND) /* a mirror's disorder */
#define DAY (86400 * SECOND)

const char *fault_name(enum fault fault)
{
    static const char *const names[FAULT_COUNT] = {
        "single drops",
        "bursts of drops",
        "one direction",
        "joined late",
        "repeated frames",
        "two paths",
        "shuffled",
        "cut options",
        "unknown lengths",
        "shuffled and dropped",
        "SYN, FIN and RST only",
        "one direction later",
        "late copies",
        "appended to itself",
        "replayed a day later",
        "no pure ACKs",
        "no data",
    };
    return names[fault];
}

bool fault_invents(enum fault fault)
{
    switch (fault) {
    case FLAGS_ONLY: /* nobody offered the windows that were used */
    case NO_PURE_ACKS:
    case TWICE:
    case REPLAYED: return true;
    default: return false;
    }
}

static void add(struct capture *worse, const struct frame *frame)
{
    if (worse->count < FRAMES_MAX) {
        struct segment *seg = &worse->frame[worse->count].packet.seg;
        worse->frame[worse->count++] = *frame;
        seg->point = seg->path;
    }
}

static void drop_singly(struct capture *worse, const struct capture *capture, struct dice *dice)
{
    unsigned rate = (unsigned)dice_scaled(dice, 10, 300);
    for (unsigned i = 0; i < capture->count; i++) {
        if (!dice_chance(dice, rate)) {
            add(worse, &capture->frame[i]);
        }
    }
}

static void drop_bursts(struct capture *worse, const struct capture *capture, struct dice *dice)
{
    int64_t until = 0, length = dice_scaled(dice, MILLISECOND, 5 * SECOND);
    unsigned rate = (unsigned)dice_scaled(dice, 1, 60);
    for (unsigned i = 0; i < capture->count; i++) {
        int64_t now = capture->frame[i].packet.seg.time;
        if (now >= until && dice_chance(dice, rate)) {
            until = now + dice_between(dice, length / 4, length);
        }
        if (now >= until) {
            add(worse, &capture->frame[i]);
        }
    }
}

static void keep_one_direction(struct capture *worse, const struct capture *capture, struct dice *dice)
{
    unsigned from = dice_below(dice, 2);
    for (unsigned i = 0; i < capture->count; i++) {
        if (capture->frame[i].packet.seg.from == from) {
            add(worse, &capture->frame[i]);
        }
    }
}

static void lose_one_direction(struct capture *worse, const struct capture *capture, struct dice *dice)
{
    unsigned from = dice_below(dice, 2), since = dice_below(dice, capture->count + 1);
    for (unsigned i = 0; i < capture->count; i++) {
        if (i < since || capture->frame[i].packet.seg.from == from) {
            add(worse, &capture->frame[i]);
        }
    }
}

static bool passes(const struct segment *seg, enum fault fault)
{
    bool flagged = seg->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST);
    switch (fault) {
    case FLAGS_ONLY: return flagged;
    case NO_PURE_ACKS: return flagged || seg->data > 0;
    default: return seg->data == 0;
    }
}

static void filter(struct capture *worse, const struct capture *capture, enum fault fault)
{
    for (unsigned i = 0; i < capture->count; i++) {
        if (passes(&capture->frame[i].packet.seg, fault)) {
            add(worse, &capture->frame[i]);
        }
    }
}

static void join_late(struct capture *worse, const struct capture *capture, struct dice *dice)
{
    unsigned most = dice_chance(dice, 500) && capture->count > 6 ? 6 : capture->count;
    for (unsigned i = dice_below(dice, most + 1); i < capture->count; i++) {
        add(worse, &capture->frame[i]);
    }
}

/* Each frame goes to where its time puts it; those of one time keep their order. */
static void sort_in(struct capture *worse, unsigned at)
{
    struct frame frame = worse->frame[at];
    for (; at > 0 && worse->frame[at - 1].packet.seg.time > frame.packet.seg.time; at--) {
        worse->frame[at] = worse->frame[at - 1];
    }
    worse->frame[at] = frame;
}

static void repeat_frames(struct capture *worse, const struct capture *capture, struct dice *dice,
                          bool multipath)
{
    unsigned rate = multipath ? 1000 : (unsigned)dice_scaled(dice, 20, 1000);
    bool by_direction = multipath &&
                        dice_chance(dice, 300); /* no frame twice, but either way on its own path */
    for (unsigned i = 0; i < capture->count; i++) {
        struct frame frame = capture->frame[i];
        if (by_direction) {
            frame.packet.seg.path = frame.packet.seg.from + 1u;
        }
        add(worse, &frame);
        sort_in(worse, worse->count - 1);
        if (by_direction || !dice_chance(dice, rate) || worse->count == FRAMES_MAX) {
            continue;
        }
        frame.packet.seg.path = multipath ? 1 : 0;
        frame.packet.seg.time += dice_between(dice, multipath ? 1000 : MILLISECOND, 4 * MILLISECOND);
        add(worse, &frame);
        sort_in(worse, worse->count - 1);
    }
}

/* The mirror keeps the order. */
static void copy_late(struct capture *worse, const struct capture *capture, struct dice *dice)
{
    int64_t delay = dice_between(dice, 6 * MILLISECOND, 20 * MILLISECOND), last = 0;
    for (unsigned i = 0; i < capture->count && worse->count + 1 < FRAMES_MAX; i++) {
        struct frame frame = capture->frame[i];
        add(worse, &frame);
        sort_in(worse, worse->count - 1);
        int64_t late = frame.packet.seg.time + delay + dice_between(dice, 0, 4 * MILLISECOND);
        last = late > last ? late : last;
        frame.packet.seg.time = last;
        frame.packet.seg.path = 1;
        add(worse, &frame);
        sort_in(worse, worse->count - 1);
    }
}

static void append(struct capture *worse, const struct capture *capture, int64_t later)
{
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned i = 0; i < capture->count; i++) {
            struct frame frame = capture->frame[i];
            frame.packet.seg.time += half * later;
            add(worse, &frame);
        }
    }
}

static void shuffle(struct capture *worse, const struct capture *capture, struct dice *dice, unsigned drops)
{
    int64_t most = dice_scaled(dice, 10000, SHUFFLE_MAX);
    for (unsigned i = 0; i < capture->count; i++) {
        if (dice_chance(dice, drops)) {
            continue;
        }
        add(worse, &capture->frame[i]);
        worse->frame[worse->count - 1].packet.seg.time += dice_between(dice, 0, most);
        sort_in(worse, worse->count - 1);
    }
}

static void cut(struct segment *seg)
{
    seg->mss = 0;
    seg->scale = seg->sack_blocks = 0;
    seg->tsval = seg->tsecr = 0;
    seg->has_scale = seg->has_timestamps = seg->sack_permitted = seg->options_known = false;
}

/* A first IP fragment; only what is longer than the header is ever cut into fragments. */
static void fragment(struct segment *seg)
{
    if (seg->data > 0) {
        seg->data = 0;
        seg->length_known = false;
    }
}

static void maim(struct capture *worse, const struct capture *capture, struct dice *dice, enum fault fault)
{
    unsigned rate = (unsigned)dice_scaled(dice, 30, 1000);
    for (unsigned i = 0; i < capture->count; i++) {
        add(worse, &capture->frame[i]);
        if (dice_chance(dice, rate)) {
            struct segment *seg = &worse->frame[i].packet.seg;
            fault == CUT_OPTIONS ? cut(seg) : fragment(seg);
        }
    }
}

void spoil(struct capture *worse, const struct capture *capture, enum fault fault, struct dice *dice)
{
    worse->count = 0;
    worse->time_wait = capture->time_wait;
    memcpy(worse->base, capture->base, sizeof worse->base);
    memcpy(worse->biographies, capture->biographies, sizeof worse->biographies);
    switch (fault) {
    case SINGLE_DROPS: drop_singly(worse, capture, dice); break;
    case BURSTS: drop_bursts(worse, capture, dice); break;
    case ONE_DIRECTION: keep_one_direction(worse, capture, dice); break;
    case JOINED_LATE: join_late(worse, capture, dice); break;
    case REPEATS: repeat_frames(worse, capture, dice, false); break;
    case TWO_PATHS: repeat_frames(worse, capture, dice, true); break;
    case SHUFFLED: shuffle(worse, capture, dice, 0); break;
    case SHUFFLED_DROPS: shuffle(worse, capture, dice, 50); break;
    case FLAGS_ONLY:
    case NO_PURE_ACKS:
    case NO_DATA: filter(worse, capture, fault); break;
    case ONE_WAY_LATER: lose_one_direction(worse, capture, dice); break;
    case LATE_COPIES: copy_late(worse, capture, dice); break;
    case TWICE: append(worse, capture, 0); break;
    case REPLAYED: append(worse, capture, DAY); break;
    default: maim(worse, capture, dice, fault); break;
    }
}
