/* main.c - runs scenarios through the engine, or writes them out for tshark
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"
#include "coverage.h"
#include "dump.h"
#include "variations.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH INT64_C(1700000000000000000) /* ns; when the first scenario of a capture begins */
#define DISTANCE INT64_C(1000000000000)    /* ns between two scenarios of a capture */

/* Large, and used one at a time. */
static struct scenario scenario;
static struct run run;

static int usage(void)
{
    fputs("usage: scenario_rig check FILE...             run each in all variations\n"
          "       scenario_rig defects FILE...           likewise, and none may succeed\n"
          "       scenario_rig coverage EXCUSES FILE...  what no scenario shows\n"
          "       scenario_rig trace FILE...             what the engine says, in the notation\n"
          "       scenario_rig dump FILE...              one capture of all: a line a segment\n"
          "       scenario_rig dump-each FILE...         the same, with hindsight at the end of each\n"
          "       scenario_rig capture OUT FILE...       the same as a pcap file\n",
          stderr);
    return 2;
}

static int check(char **files)
{
    unsigned failed = 0, count = 0;

    for (; *files; files++, count++) {
        unsigned failures = scenario_read(&scenario, *files) ? check_variations(&scenario, &run) : 1;

        if (failures)
            printf("%s: %u disagreements\n", *files, failures);
        failed += failures > 0;
    }
    printf("%u of %u scenarios failed\n", failed, count);
    return failed || !count;
}

/* What is known to be wrong is still wrong, or the scenario should be moved to the others. */
static int check_defects(char **files)
{
    unsigned mended = 0, count = 0;

    for (; *files; files++, count++)
        if (scenario_read(&scenario, *files) && check_variations(&scenario, &run) == 0) {
            printf("%s: mended; it belongs to the other scenarios\n", *files);
            mended++;
        }
    printf("%u of %u known defects mended\n", mended, count);
    return mended || !count;
}

static int check_coverage(const char *impossible, char **files)
{
    struct coverage *coverage = coverage_open();
    unsigned failures = 0;

    if (!coverage)
        return 2;
    for (; *files; files++) {
        struct arena arena;

        if (!scenario_read(&scenario, *files)) {
            failures++;
            continue;
        }
        arena_open(&arena);
        run_scenario(&run, &scenario, &plain_run, &arena);
        arena_close(&arena);
        coverage_add(coverage, &scenario, &run);
    }
    failures += coverage_check(coverage, impossible);
    coverage_close(coverage);
    return failures > 0;
}

/* What a scenario takes of a capture's time; no two of them overlap. */
static int64_t distance_of(const struct scenario *story)
{
    return DISTANCE + story->line[story->count - 1].sending.time;
}

/* All scenarios as one capture: frames and connections are numbered through. Prints what is told of each
 * connection at `end`, if `ended` is the arena of a first pass that knows how everything ended; or else, if
 * `print`, at the end of its scenario. */
struct pass {
    struct arena arena;
    bool print;
    const struct arena *ended;
    int64_t end; /* of the last scenario, unless it is given with `ended` */
};

static void print_lines(const struct pass *pass)
{
    for (unsigned line = 0; line < scenario.count; line++) {
        const struct seen *seen = &run.seen[line];
        struct hindsight told = run.hindsight[seen->observation.connection - run.first];
        struct testimony received = seen->received;

        if (pass->ended)
            hindsight_of(&told, arena_summary(pass->ended, seen->observation.connection), &scenario.timeouts,
                         pass->end);
        if (pass->ended && received.verdict != RECEIVER_NONE)
            received = arena_received(pass->ended, seen, pass->end);
        dump_line(stdout, seen, &told, &received);
    }
}

static bool pass_run(struct pass *pass, char **files)
{
    struct variation variation = plain_run;
    struct arena *arena = &pass->arena;

    arena_open(arena);
    arena->time = EPOCH;
    for (; *files; files++, variation.numbering.pair++, arena->time += distance_of(&scenario)) {
        if (!scenario_read(&scenario, *files))
            return false;
        run_scenario(&run, &scenario, &variation, arena);
        if (pass->print)
            print_lines(pass);
        arena->frames += scenario.count;
        if (!pass->ended)
            pass->end = run.end - scenario.quiet;
    }
    return true;
}

static int dump(char **files)
{
    static struct pass first, second = {.print = true};
    bool good;

    dump_header(stdout);
    good = pass_run(&first, files);
    second.ended = &first.arena;
    second.end = first.end;
    good = good && pass_run(&second, files);
    arena_close(&first.arena);
    arena_close(&second.arena);
    return !good;
}

static int dump_each(char **files)
{
    static struct pass pass = {.print = true};
    bool good;

    dump_header(stdout);
    good = pass_run(&pass, files);
    arena_close(&pass.arena);
    return !good;
}

static int trace(char **files)
{
    for (; *files; files++) {
        struct arena arena;

        if (!scenario_read(&scenario, *files))
            return 1;
        arena_open(&arena);
        run_scenario(&run, &scenario, &plain_run, &arena);
        arena_close(&arena);
        printf("%s\n", *files);
        for (unsigned line = 0; line < scenario.count; line++)
            trace_line(stdout, &scenario, &run, line);
        trace_end(stdout, &scenario, &run);
    }
    return 0;
}

static int capture(const char *name, char **files)
{
    struct numbering numbering = plain_numbering;
    FILE *stream = fopen(name, "wb");
    int64_t time = EPOCH;
    bool good = stream && capture_begin(stream);

    for (; good && *files; files++, numbering.pair++, time += distance_of(&scenario))
        good = scenario_read(&scenario, *files) && capture_scenario(stream, &scenario, &numbering, time);
    if (stream && fclose(stream) != 0)
        good = false;
    if (!good)
        perror(name);
    return !good;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return usage();
    if (strcmp(argv[1], "check") == 0)
        return check(argv + 2);
    if (strcmp(argv[1], "defects") == 0)
        return check_defects(argv + 2);
    if (strcmp(argv[1], "coverage") == 0 && argc > 3)
        return check_coverage(argv[2], argv + 3);
    if (strcmp(argv[1], "trace") == 0)
        return trace(argv + 2);
    if (strcmp(argv[1], "dump") == 0)
        return dump(argv + 2);
    if (strcmp(argv[1], "dump-each") == 0)
        return dump_each(argv + 2);
    if (strcmp(argv[1], "capture") == 0 && argc > 3)
        return capture(argv[2], argv + 3);
    return usage();
}
