/* main.c - simulation [FIRST [COUNT [SHOWN]]]: does the engine see through what true endpoints do?
 *
 * simulation show SEED [FAULT [whole]]: that world's capture and what is said of it, for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hindsight.h"
#include "summary/outcome.h"
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
};

#define REMARKS                                                                                         \
    (FINDING_SIMULTANEOUS_OPEN | FINDING_SIMULTANEOUS_CLOSE | FINDING_HALF_CLOSED |                     \
     FINDING_SYN_RETRANSMITTED | FINDING_SYN_ACK_RETRANSMITTED | FINDING_FIN_RETRANSMITTED |            \
     FINDING_SYN_ACK_REJECTED | FINDING_RESET_STALE | FINDING_CHALLENGE_ACK | FINDING_TIME_WAIT_REUSE | \
     FINDING_TIME_WAIT_REUSE_ALLOWED | FINDING_TIME_WAIT_ASSASSINATION | FINDING_SYN_IN_CONNECTION)

/* Who crashes here is back at once, too soon to be called desynchronized: scenarios and kernels show that. */
#define OUTCOMES                                                                                    \
    (1u << OUTCOME_OPEN | 1u << OUTCOME_CLOSED | 1u << OUTCOME_UNANSWERED | 1u << OUTCOME_REFUSED | \
     1u << OUTCOME_HALF_CLOSED | 1u << OUTCOME_RESET)

static struct world world;
static struct capture full, worse;
static struct reading reading, other, worst;

struct tally {
    unsigned long captures, frames, quiet, incarnations;
    unsigned breaches, limits, shown_at_most;
    struct limits hindsight[FAULT_COUNT];
    unsigned outcomes[OUTCOME_COUNT];
    unsigned long settled, unsettled; /* connections whose outcome one pass showed, and then another */
    unsigned states, fates, told;     /* sets of all that happened */
    findings_t findings;
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
static bool is_known_limit(const struct capture *capture, const struct reading *said, struct breach breach,
                           bool spoilt, bool invented)
{
    if (breach.frame == NO_BREACH) {
        return false;
    }
    const struct packet *packet = &capture->frame[breach.frame].packet;
    bool later_life = packet->life != capture->frame[0].packet.life;
    bool repeated = invented && said->o[breach.frame].seq_verdict == SEQ_STALE_INCARNATION;
    return full.hasty || repeated || (spoilt && ((packet->seg.flags & (FLAG_RST | FLAG_SYN)) || later_life));
}

static void note_innocence(struct tally *tally, uint64_t seed, const char *what,
                           const struct capture *capture, const struct reading *said, bool spoilt,
                           bool suspicions)
{
    struct breach breach = check_innocence(capture, said, suspicions);
    if (is_known_limit(capture, said, breach, spoilt, !suspicions)) {
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

static void count(struct tally *tally, const struct capture *capture, const struct reading *said)
{
    tally->captures++;
    tally->frames += capture->count;
    for (unsigned i = 0; i < capture->count; i++) {
        tally->quiet += capture->frame[i].after.is;
        tally->states |= 1u << capture->frame[i].packet.state;
        tally->fates |= 1u << capture->frame[i].packet.fate;
        tally->findings |= said->o[i].findings;
        tally->told |= said->told[i];
    }
    for (unsigned n = 0; n < said->connections; n++) {
        tally->told |= warnings_at(&said->summary[n], capture_end(capture) + QUIET);
    }
    tally->incarnations += said->connections;
}

/* What one pass shows should be what is shown with hindsight. */
static void count_settled(struct tally *tally, const struct reading *said, unsigned frames)
{
    static bool seen[CONNECTIONS_MAX];
    memset(seen, 0, sizeof seen);
    for (unsigned i = 0; i < frames; i++) {
        uint32_t n = said->o[i].connection;
        if (said->settled[i] == OUTCOME_COUNT || seen[n]) {
            continue;
        }
        const struct summary *a = &said->summary[n];
        unsigned timeout_findings = timeout_findings_at(a, &usual_timeouts, NEVER);
        seen[n] = true;
        tally->settled++;
        tally->unsettled += outcome_of(a, timeout_findings) != (enum outcome)said->settled[i];
    }
}

static void try_full(struct tally *tally, uint64_t seed, struct dice *dice)
{
    struct disguise plain = {{0, 0}, false};
    reading_make(&reading, &full, &plain);
    count(tally, &full, &reading);
    note_innocence(tally, seed, "innocence", &full, &reading, false, true);
    if (!full.hasty) {
        note(tally, seed, "quiet states", check_quiet_states(&full, &reading), &full);
        note(tally, seed, "proven states", check_proven_states(&full, &reading), &full);
        note(tally, seed, "steps", check_steps(&full, &reading), &full);
        note(tally, seed, "numbers", check_numbers(&full, &reading), &full);
        note(tally, seed, "closed in peace", check_closed_in_peace(&full, &reading), &full);
        note(tally, seed, "losses", check_losses(&full, &reading), &full);
        note(tally, seed, "warnings", check_warnings(&full, &reading), &full);
        count_settled(tally, &reading, full.count);
        note(tally, seed, "outcomes", check_outcomes(&full, &reading, tally->outcomes), &full);
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
    reading_make(&worst, &worse, &plain);
    count(tally, &worse, &worst);
    note_innocence(tally, seed, fault_name(fault), &worse, &worst, true, !fault_invents(fault));
    struct breach breach = check_spoilt(&full, &reading, &worse, &worst, fault, &tally->hindsight[fault]);
    if (full.hasty && breach.frame != NO_BREACH) {
        tally->hindsight[fault].hasty++;
    } else {
        note(tally, seed, fault_name(fault), breach, &worse);
    }
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
static void show(uint64_t seed, unsigned fault, bool whole)
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
    if (!whole) {
        reduce_accusation(capture, fault == FAULT_COUNT);
    }
    capture_print(capture);
    reading_make(&reading, capture, &plain);
    for (unsigned i = 0; i < capture->count; i++) {
        reading_print(&reading, capture, i);
    }
    for (unsigned n = 0; n < reading.connections; n++) {
        reading_print_summary(&reading, n, capture_end(&full) + QUIET);
    }
}

/* Worlds in which nothing happens prove nothing. */
static bool is_varied(const struct tally *tally)
{
    unsigned states = STATES & ~tally->states, fates = FATES & ~tally->fates;
    findings_t findings = REMARKS & ~tally->findings;
    unsigned outcomes = OUTCOMES, told = WARNINGS & ~tally->told;
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        outcomes &= tally->outcomes[i] > 0 ? ~(1u << i) : ~0u;
    }
    bool never = states || fates || findings || outcomes || told || tally->quiet == 0;
    if (never) {
        printf("never happened: states %x, fates %x, remarks %llx, outcomes %x, warnings %x\n", states, fates,
               (unsigned long long)findings, outcomes, told);
    }
    return !never;
}

static void print_hindsight(const struct tally *tally)
{
    printf("outcomes compared:");
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        printf(" %s %u", outcome_name((enum outcome)i), tally->outcomes[i]);
    }
    printf("\nof %lu outcomes that one pass showed, %lu were others in the end\n", tally->settled,
           tally->unsettled);
    printf("warnings of worse observers (nothing shows what is missing / of another kind / users in a "
           "hurry):");
    for (unsigned i = 0; i < FAULT_COUNT; i++) {
        const struct limits *l = &tally->hindsight[i];
        printf(" %s %u/%u/%u%s", fault_name((enum fault)i), l->unshown, l->other_kind, l->hasty,
               i + 1 < FAULT_COUNT ? "," : "\n");
    }
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "show") == 0) {
        show(strtoull(argv[2], NULL, 10), argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : FAULT_COUNT,
             argc > 4);
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
    print_hindsight(&tally);
    bool varied = runs < ENOUGH || is_varied(&tally);
    return tally.breaches == 0 && varied ? 0 : 1;
}
