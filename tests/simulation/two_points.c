/* two_points.c - two_points [FIRST [COUNT [SHOWN]]]: do two observers together see what lies between them?
 *
 * two_points again SEED...: the same of these worlds.
 * two_points show SEED [whole | forged | MISSED]: that world's capture and what is said of it, for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "between.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_COUNT = 600, BREACHES_SHOWN = 40, ENOUGH = 500, FORGERIES = 3, FEW = 20 /* one of so many */ };

/* How the observers miss packets of their own. */
enum missing { MISSES_FEW, MISSES_MANY, MISSES_BURSTS, MISSES_FIRST, MISSES_LAST, MISSING_COUNT };

static const char *const missing_names[] = {"misses few", "misses many", "misses bursts", "joins late",
                                            "stops early"};

static struct world world;
static struct capture full, worse;
static struct sightings sightings;

struct tally {
    unsigned long captures, frames, quiet;
    unsigned breaches, limits, shown_at_most;
    unsigned lost, made, once, unnamed_lost, unnamed_made, wrong[MISSING_COUNT];
    unsigned states[MISSING_COUNT + 1], states_wrong[MISSING_COUNT + 1];
};

static void note(struct tally *tally, uint64_t seed, const char *what, struct breach breach)
{
    if (breach.frame != NO_BREACH && tally->breaches++ < tally->shown_at_most) {
        printf("seed %llu, %s, frame %d: %s\n", (unsigned long long)seed, what, breach.frame + 1, breach.why);
    }
}

static void set_bases(struct capture *capture)
{
    bool known[2] = {false, false};
    for (unsigned i = 0; i < capture->count; i++) {
        const struct segment *seg = &capture->frame[i].packet.seg;
        if (!known[seg->from] && !(seg->flags & FLAG_RST)) {
            known[seg->from] = true;
            capture->base[seg->from] = seg->seq;
        }
    }
}

static struct dice dice_of(uint64_t seed, unsigned use)
{
    return (struct dice){seed * UINT64_C(0x2545F4914F6CDD1D) + use};
}

static void run(uint64_t seed, unsigned forgeries)
{
    full.two_points = true;
    full.forgeries = forgeries;
    world_run(&world, seed, &full);
    set_bases(&full);
    for (unsigned i = 0; seed % 4 == 0 && i < full.count; i++) { /* IPv6 */
        full.frame[i].packet.seg.has_ip_id = false;
        full.frame[i].packet.seg.ip_id = 0;
    }
}

/* What remains of `full` without the frames that `gone` says. */
static void leave_out(struct capture *to, const bool *gone)
{
    static uint32_t number[FRAMES_MAX + 1];
    to->count = 0;
    to->time_wait = full.time_wait;
    to->hasty = full.hasty;
    memcpy(to->base, full.base, sizeof to->base);
    for (unsigned i = 0; i < full.count; i++) {
        number[i + 1] = gone[i] ? 0 : to->count + 1;
        if (!gone[i]) {
            to->frame[to->count++] = full.frame[i];
        }
    }
    for (unsigned i = 0; i < to->count; i++) {
        to->frame[i].departed = number[to->frame[i].departed];
        to->frame[i].arrived = number[to->frame[i].arrived];
    }
}

static void miss(struct capture *to, enum missing how, struct dice *dice)
{
    static bool gone[FRAMES_MAX];
    unsigned point = dice_below(dice, 2), both = dice_chance(dice, 500);
    unsigned cut = dice_below(dice, full.count + 1), burst[2] = {0, 0};
    unsigned rate = how == MISSES_FEW ? 1 + dice_below(dice, 20) : 100;
    for (unsigned i = 0; i < full.count; i++) {
        unsigned at = full.frame[i].point;
        bool concerned = both || at == point;
        bool drops = (how == MISSES_FEW || how == MISSES_MANY) && dice_chance(dice, rate);
        if (how == MISSES_BURSTS) {
            burst[at] = burst[at] > 0 ? burst[at] - 1 : dice_chance(dice, 20) ? 1 + dice_below(dice, 20) : 0;
            drops = burst[at] > 0;
        }
        drops = drops || (how == MISSES_FIRST && i < cut && at == point) ||
                (how == MISSES_LAST && i >= cut && at == point);
        gone[i] = concerned && drops;
    }
    leave_out(to, gone);
}

static void count_states(struct tally *tally, const struct capture *capture, unsigned at)
{
    tally->states_wrong[at] += count_wrong_states(capture, &sightings.reading, &tally->states[at]);
}

static void try_whole(struct tally *tally, uint64_t seed)
{
    unsigned made = 0, once = 0;
    bool watched = seed % 2;
    run(seed, 0);
    tally->captures++;
    tally->frames += full.count;
    sightings_read(&sightings, &full, watched);
    if (!full.hasty) {
        note(tally, seed, "lost", check_lost(&full, &sightings, watched, &tally->lost, &tally->unnamed_lost));
        note(tally, seed, "made", check_made(&full, &sightings, &made, &once, &tally->unnamed_made));
        note(tally, seed, "innocence", check_innocence(&full, &sightings.reading, true));
        note(tally, seed, "quiet states", check_quiet_states(&full, &sightings.reading));
        count_states(tally, &full, MISSING_COUNT);
    }
}

static void try_missing(struct tally *tally, uint64_t seed, enum missing how)
{
    struct dice dice = dice_of(seed, how);
    miss(&worse, how, &dice);
    sightings_read(&sightings, &worse, seed % 2 && how != MISSES_LAST);
    note(tally, seed, missing_names[how], check_missing(&worse, &sightings, &tally->wrong[how]));
    if (!full.hasty) {
        count_states(tally, &worse, how);
    }
}

static void try_forged(struct tally *tally, uint64_t seed)
{
    run(seed, FORGERIES);
    sightings_read(&sightings, &full, seed % 2);
    if (!full.hasty) {
        note(tally, seed, "forged",
             check_made(&full, &sightings, &tally->made, &tally->once, &tally->unnamed_made));
    }
}

static void try_seed(struct tally *tally, uint64_t seed)
{
    try_whole(tally, seed);
    for (unsigned how = 0; how < MISSING_COUNT; how++) {
        try_missing(tally, seed, (enum missing)how);
    }
    try_forged(tally, seed);
}

static void show(uint64_t seed, const char *what)
{
    struct capture *capture = &full;
    bool watched = seed % 2;
    run(seed, strcmp(what, "forged") == 0 ? FORGERIES : 0);
    if (what[0] >= '0' && what[0] <= '9') {
        unsigned how = (unsigned)strtoul(what, NULL, 10) % MISSING_COUNT;
        struct dice dice = dice_of(seed, how);
        miss(&worse, (enum missing)how, &dice);
        capture = &worse;
        watched = watched && how != MISSES_LAST;
    }
    sightings_read(&sightings, capture, watched);
    sightings_print(&sightings, capture);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "show") == 0) {
        show(strtoull(argv[2], NULL, 10), argc > 3 ? argv[3] : "whole");
        return 0;
    }
    struct tally tally = {.shown_at_most = BREACHES_SHOWN};
    if (argc > 2 && strcmp(argv[1], "again") == 0) {
        for (int i = 2; i < argc; i++) {
            try_seed(&tally, strtoull(argv[i], NULL, 10));
        }
        printf("%d worlds again: %u breaches\n", argc - 2, tally.breaches);
        return tally.breaches == 0 ? 0 : 1;
    }
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t runs = argc > 2 ? strtoull(argv[2], NULL, 10) : DEFAULT_COUNT;
    tally.shown_at_most = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : BREACHES_SHOWN;
    for (uint64_t seed = first; seed < first + runs; seed++) {
        try_seed(&tally, seed);
    }
    printf("%llu worlds, %lu frames: %u breaches; named lost %u, made %u, seen once %u; "
           "not named %u and %u\n",
           (unsigned long long)runs, tally.frames, tally.breaches, tally.lost, tally.made, tally.once,
           tally.unnamed_lost, tally.unnamed_made);
    for (unsigned i = 0; i <= MISSING_COUNT; i++) {
        printf("%s: states wrong %u of %u, wrongly lost %u\n", i < MISSING_COUNT ? missing_names[i] : "whole",
               tally.states_wrong[i], tally.states[i], i < MISSING_COUNT ? tally.wrong[i] : 0);
    }
    bool named = tally.unnamed_lost * FEW <= tally.lost &&
                 tally.unnamed_made * FEW <= tally.made + tally.once;
    return tally.breaches == 0 && (named || runs < ENOUGH) ? 0 : 1;
}
