/* variations.c - each scenario in all the ways it must come out the same
 *
 * Other numbers and swapped sides: everything as written. Fewer or repeated frames: who sees less may
 * know less, but accuses nobody that the full capture doesn't.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "variations.h"

#include "check.h"

#define REORDERED INT64_C(15000000) /* ns: closer ones may be captured in the wrong order */

/* Returns the number of disagreements with what must always hold. */
static unsigned run_alone(struct run *run, const struct scenario *scenario, const struct variation *variation)
{
    struct arena arena;
    unsigned failures;

    arena_open(&arena);
    run_scenario(run, scenario, variation, &arena);
    failures = check_invariants(scenario, variation, run) +
               check_summary_invariants(scenario, variation, run, &arena);
    arena_close(&arena);
    return failures;
}

static unsigned check_as_written(const struct scenario *scenario, struct run *run,
                                 const struct variation *variation)
{
    unsigned failures = run_alone(run, scenario, variation);

    return failures + check_expectations(scenario, variation, run) +
           check_hindsight(scenario, variation, run);
}

static unsigned check_other_numbers(const struct scenario *scenario)
{
    static const struct variation others[] = {
        {.name = "ISN+1 wraps", .numbering = {.isn = {UINT32_MAX, UINT32_MAX}}, .only = BOTH_ENDS},
        {.name = "data wraps", .numbering = {.isn = {UINT32_MAX - 49, UINT32_MAX - 9}}, .only = BOTH_ENDS},
        {.name = "sign changes", .numbering = {.isn = {INT32_MAX, INT32_MAX - 20u}}, .only = BOTH_ENDS},
        {.name = "ISN 0", .numbering = {.isn = {0, 0}}, .only = BOTH_ENDS},
        {.name = "sides swapped", .numbering = {.isn = {1000, 5000}, .swapped = true}, .only = BOTH_ENDS},
    };
    static struct run run;
    unsigned failures = 0;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        failures += check_as_written(scenario, &run, &others[i]);
    return failures;
}

static unsigned check_less(const struct scenario *scenario, const struct run *full,
                           const struct variation *variation)
{
    static struct run run;
    unsigned failures = run_alone(&run, scenario, variation);

    if (!scenario->fragile)
        failures += check_no_new_warning(scenario, variation, &run, full);
    return failures + check_no_new_accusation(scenario, variation, &run, full);
}

/* The capture shows a segment behind one to three that followed it closely. */
static unsigned check_disorder(const struct scenario *scenario, const struct run *full)
{
    struct variation variation = plain_run;
    unsigned failures = 0;
    char name[40];

    variation.name = name;
    for (variation.late_by = 1; variation.late_by <= 3; variation.late_by++)
        for (variation.late = 1; variation.late + variation.late_by <= scenario->count; variation.late++) {
            const struct line *line = &scenario->line[variation.late - 1];

            if (line[variation.late_by].sending.time - line->sending.time > REORDERED)
                continue;
            snprintf(name, sizeof name, "#%u captured late by %u", variation.late, variation.late_by);
            failures += check_less(scenario, full, &variation);
        }
    return failures;
}

/* The capture lost one segment, or shows some in the wrong order. Where the full story accuses somebody, what
 * is missing may well move the accusation to another segment. */
static unsigned check_bad_capture(const struct scenario *scenario, const struct run *full)
{
    struct variation variation = plain_run;
    unsigned failures = 0;
    char name[40];

    if (scenario->fragile || accuses(scenario, full) || warns(full))
        return 0;
    variation.name = name;
    for (variation.without = 1; variation.without <= scenario->count; variation.without++) {
        snprintf(name, sizeof name, "without #%u", variation.without);
        failures += check_less(scenario, full, &variation);
    }
    return failures + check_disorder(scenario, full);
}

static unsigned check_mirrors(const struct scenario *scenario, const struct run *full)
{
    static const struct {
        const char *name;
        int64_t delay;
    } mirrors[] = {{"mirrored 20 us later", 20000}, {"mirrored 1 ms later", 1000000}};
    struct variation variation = plain_run;
    static struct run run;
    unsigned failures = 0;

    for (size_t i = 0; i < sizeof mirrors / sizeof *mirrors; i++) {
        variation.name = mirrors[i].name;
        variation.mirror = mirrors[i].delay;
        failures += run_alone(&run, scenario, &variation);
        failures += check_mirror(scenario, &variation, &run, full);
        failures += check_same_hindsight(scenario, &variation, &run, full);
    }
    return failures;
}

unsigned check_variations(const struct scenario *scenario, struct run *full)
{
    unsigned failures = check_as_written(scenario, full, &plain_run);
    struct variation variation = plain_run;
    char name[32];

    if (!failures) /* else other numbers would only say the same again */
        failures += check_other_numbers(scenario);
    for (variation.only = 0; variation.only < BOTH_ENDS; variation.only++) {
        variation.name = variation.only ? "only <" : "only >";
        failures += check_less(scenario, full, &variation);
    }
    for (variation.skip = 1; variation.skip < scenario->count; variation.skip++) {
        variation.name = name;
        snprintf(name, sizeof name, "without the first %u", variation.skip);
        failures += check_less(scenario, full, &variation);
    }
    return failures + check_bad_capture(scenario, full) + check_mirrors(scenario, full);
}
