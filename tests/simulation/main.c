/* main.c - simulation [FIRST [COUNT [SHOWN]]]: does the engine see through what true endpoints do?
 *
 * simulation show SEED [FAULT]: that world's capture and what is said of it, for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"
#include "reduction.h"
#include "spoiling.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_COUNT = 4000,
    BREACHES_SHOWN = 40,
    ENOUGH = 1000, /* worlds, for each of the following to have happened */
    STATES = 1u << CLOSED | 1u << SYN_SENT | 1u << SYN_RECEIVED | 1u << ESTABLISHED | 1u << FIN_WAIT_1 |
             1u << FIN_WAIT_2 | 1u << CLOSE_WAIT | 1u << CLOSING | 1u << LAST_ACK | 1u << TIME_WAIT,
    FATES = 1u << FATE_LOST | 1u << FATE_TAKEN | 1u << FATE_DROPPED | 1u << FATE_CHALLENGED |
            1u << FATE_RESET | 1u << FATE_TOO_OLD,
    REMARKS = REMARK_SIMULTANEOUS_OPEN | REMARK_SIMULTANEOUS_CLOSE | REMARK_HALF_CLOSED |
              REMARK_SYN_RETRANSMITTED | REMARK_SYN_ACK_RETRANSMITTED | REMARK_FIN_RETRANSMITTED |
              REMARK_SYN_ACK_REJECTED | REMARK_RESET_STALE | REMARK_CHALLENGE_ACK | REMARK_TIME_WAIT_REUSE |
              REMARK_TIME_WAIT_REUSE_ALLOWED | REMARK_TIME_WAIT_ASSASSINATION | REMARK_SYN_IN_CONNECTION,
};

static struct world world;
static struct capture full, worse;
static struct reading reading, other;

struct tally {
    unsigned long captures, frames, quiet, incarnations;
    unsigned breaches, limits, shown_at_most;
    unsigned states, fates, remarks; /* sets of all that happened */
};

static void note(struct tally *tally, uint64_t seed, const char *what, struct breach breach,
                 const struct capture *capture)
{
    if (breach.frame == NO_BREACH) {
        return;
    }
    if (tally->breaches++ < tally->shown_at_most) {
        printf("seed %llu, %s, %u frames, life %u, frame %d: %s\n", (unsigned long long)seed, what,
               capture->count, capture->frame[breach.frame].packet.life, breach.frame + 1, breach.why);
    }
}

/* What the README names as known limits: an accusation that only hindsight could have spared. */
static bool is_known_limit(const struct capture *capture, struct breach breach, bool spoilt)
{
    if (breach.frame == NO_BREACH) {
        return false;
    }
    const struct packet *packet = &capture->frame[breach.frame].packet;
    bool later_life = packet->life != capture->frame[0].packet.life;
    return full.hasty || (spoilt && ((packet->seg.flags & (FLAG_RST | FLAG_SYN)) || later_life));
}

static void note_innocence(struct tally *tally, uint64_t seed, const char *what,
                           const struct capture *capture, bool spoilt)
{
    struct breach breach = check_innocence(capture, &reading);
    if (is_known_limit(capture, breach, spoilt)) {
        tally->limits++;
    } else {
        note(tally, seed, what, breach, capture);
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

static void count(struct tally *tally, const struct capture *capture)
{
    tally->captures++;
    tally->frames += capture->count;
    for (unsigned i = 0; i < capture->count; i++) {
        tally->quiet += capture->frame[i].after.is;
        tally->states |= 1u << capture->frame[i].packet.state;
        tally->fates |= 1u << capture->frame[i].packet.fate;
        tally->remarks |= reading.o[i].remarks;
    }
    tally->incarnations += capture->count > 0 ? reading.o[capture->count - 1].connection + 1 : 0;
}

static void try_full(struct tally *tally, uint64_t seed, struct dice *dice)
{
    struct disguise plain = {{0, 0}, false};
    reading_make(&reading, &full, &plain);
    count(tally, &full);
    note_innocence(tally, seed, "innocence", &full, false);
    if (!full.hasty) {
        note(tally, seed, "quiet states", check_quiet_states(&full, &reading), &full);
        note(tally, seed, "proven states", check_proven_states(&full, &reading), &full);
        note(tally, seed, "steps", check_steps(&full, &reading), &full);
        note(tally, seed, "numbers", check_numbers(&full, &reading), &full);
    }
    struct disguise disguise = {{(uint32_t)dice_next(dice), (uint32_t)dice_next(dice)},
                                dice_chance(dice, 500)};
    reading_make(&other, &full, &disguise);
    note(tally, seed, "disguise", check_disguise(&full, &reading, &other, &disguise), &full);
}

static void try_spoilt(struct tally *tally, uint64_t seed, enum fault fault, struct dice *dice)
{
    struct disguise plain = {{0, 0}, false};
    spoil(&worse, &full, fault, dice);
    reading_make(&reading, &worse, &plain);
    count(tally, &worse);
    note_innocence(tally, seed, fault_name(fault), &worse, true);
}

static struct dice dice_of(uint64_t seed, unsigned use)
{
    return (struct dice){seed * UINT64_C(0x2545F4914F6CDD1D) + use};
}

static void try_seed(struct tally *tally, uint64_t seed)
{
    struct dice dice = dice_of(seed, FAULT_COUNT);
    world_run(&world, seed, &full);
    set_bases(&full);
    try_full(tally, seed, &dice);
    for (unsigned fault = 0; fault < FAULT_COUNT; fault++) {
        dice = dice_of(seed, fault);
        try_spoilt(tally, seed, (enum fault)fault, &dice);
    }
}

/* Shows a capture; one where somebody is accused wrongly without what isn't needed for that. */
static void show(uint64_t seed, unsigned fault)
{
    struct disguise plain = {{0, 0}, false};
    struct dice dice = dice_of(seed, fault);
    struct capture *capture = &full;
    world_run(&world, seed, &full);
    set_bases(&full);
    if (fault < FAULT_COUNT) {
        spoil(&worse, &full, (enum fault)fault, &dice);
        capture = &worse;
    }
    reduce_accusation(capture, fault == FAULT_COUNT);
    capture_print(capture);
    reading_make(&reading, capture, &plain);
    for (unsigned i = 0; i < capture->count; i++) {
        reading_print(&reading, capture, i);
    }
}

/* Worlds in which nothing happens prove nothing. */
static bool is_varied(const struct tally *tally)
{
    unsigned states = STATES & ~tally->states, fates = FATES & ~tally->fates;
    unsigned remarks = REMARKS & ~tally->remarks;
    if (states || fates || remarks || tally->quiet == 0) {
        printf("never happened: states %x, fates %x, remarks %x\n", states, fates, remarks);
    }
    return !states && !fates && !remarks && tally->quiet > 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "show") == 0) {
        show(strtoull(argv[2], NULL, 10), argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : FAULT_COUNT);
        return 0;
    }
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t runs = argc > 2 ? strtoull(argv[2], NULL, 10) : DEFAULT_COUNT;
    struct tally tally = {.shown_at_most = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : BREACHES_SHOWN};
    for (uint64_t seed = first; seed < first + runs; seed++) {
        try_seed(&tally, seed);
    }
    printf("%llu worlds, %lu captures, %lu frames, %lu quiet points, %lu connections: %u breaches, %u known "
           "limits\n",
           (unsigned long long)runs, tally.captures, tally.frames, tally.quiet, tally.incarnations,
           tally.breaches, tally.limits);
    return tally.breaches == 0 && (runs < ENOUGH || is_varied(&tally)) ? 0 : 1;
}
