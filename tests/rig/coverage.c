/* coverage.c - what the scenarios together have shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "coverage.h"

#include "cells.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 256 };

struct coverage {
    unsigned seen[KIND_COUNT][VALUES_MAX]; /* how often */
};

struct coverage *coverage_open(void)
{
    return calloc(1, sizeof(struct coverage));
}

void coverage_close(struct coverage *coverage)
{
    free(coverage);
}

static void add_set(struct coverage *coverage, enum kind kind, findings_t set)
{
    for (unsigned bit = 0; bit < 64; bit++)
        coverage->seen[kind][bit] += set >> bit & 1;
}

static void add_end(struct coverage *coverage, const struct observed_end *end)
{
    coverage->seen[KIND_STATE][end->before]++;
    coverage->seen[KIND_STATE][end->after]++;
    coverage->seen[KIND_BASIS][end->basis]++;
    coverage->seen[KIND_RULE][end->rule]++;
}

static void add_hindsight(struct coverage *coverage, const struct hindsight *hindsight)
{
    add_set(coverage, KIND_TIMEOUT_FINDING, hindsight->timeout_findings);
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++)
        if (connection_fields[i].kind == VALUE_NAME)
            coverage->seen[field_kind(i)][field_number(hindsight->values.of[i])]++;
    for (enum milestone i = 0; i < MILESTONE_COUNT; i++)
        coverage->seen[KIND_MILESTONE][i] += hindsight->frame[i] > 0;
}

void coverage_add(struct coverage *coverage, const struct scenario *scenario, const struct run *run)
{
    for (unsigned i = 0; i < scenario->count; i++) {
        const struct observation *seg = &run->seen[i].observation;

        if (!run->seen[i].captured)
            continue;
        add_set(coverage, KIND_FINDING, seg->findings);
        if (seg->findings & FINDING_UNUSABLE)
            continue;
        coverage->seen[KIND_ROLE][seg->sender_role]++;
        coverage->seen[KIND_PHASE][seg->phase]++;
        coverage->seen[KIND_SEQ][seg->seq_verdict]++;
        coverage->seen[KIND_ACK][seg->ack_verdict]++;
        coverage->seen[KIND_CAUSE][seg->reset_cause]++;
        coverage->seen[KIND_TIMER][seg->timer]++;
        add_set(coverage, KIND_DEBT, seg->client_owes | seg->server_owes);
        if (!seg->client_owes || !seg->server_owes)
            coverage->seen[KIND_DEBT][OWES_NOTHING]++;
        coverage->seen[KIND_ROUTE][seg->route]++;
        coverage->seen[KIND_SEQ_RULE][seg->seq_rule]++;
        coverage->seen[KIND_ACK_RULE][seg->ack_rule]++;
        coverage->seen[KIND_CAUSE_RULE][seg->cause_rule]++;
        coverage->seen[KIND_PARDON][seg->pardon]++;
        add_set(coverage, KIND_TESTIMONY, run->seen[i].testimonies);
        coverage->seen[KIND_RECEIVER][run->seen[i].received.verdict]++;
        add_set(coverage, KIND_FINDING, run->seen[i].accuses);
        add_end(coverage, &seg->sender);
        add_end(coverage, &seg->peer);
    }
    for (uint32_t i = 0; i < run->connections; i++)
        add_hindsight(coverage, &run->hindsight[i]);
}

/* Reads "KIND NAME: reason"; false if there is no such kind or no reason. */
static bool excuse_read(char *text, enum kind *kind, char **value)
{
    char *name = strchr(text, ' '), *reason = strchr(text, ':');

    if (!name || !reason || reason < name || strlen(reason) < 10)
        return false;
    for (*kind = 0; *kind < KIND_COUNT; (*kind)++)
        if (strncmp(kind_name(*kind), text, (size_t)(name - text)) == 0 && !kind_name(*kind)[name - text])
            break;
    if (*kind == KIND_COUNT)
        return false;
    *reason = '\0';
    *value = name + 1;
    return true;
}

/* A `*` in the pattern stands for anything. */
static bool fits(const char *pattern, const char *name)
{
    if (*pattern == '*')
        return fits(pattern + 1, name) || (*name && fits(pattern, name + 1));
    return *pattern == *name && (!*name || fits(pattern + 1, name + 1));
}

/* `name` may have a `*`. Excuses all that wasn't seen; returns how many. */
static unsigned excuse(const struct coverage *coverage, enum kind kind, const char *name,
                       bool excused[VALUES_MAX])
{
    unsigned count = 0;

    for (unsigned value = 0; value < kind_values(kind); value++) {
        const char *known = value_name(kind, value);

        if (known && fits(name, known) && !coverage->seen[kind][value]) {
            excused[value] = true;
            count++;
        }
    }
    return count;
}

static unsigned excuses_read(const struct coverage *coverage, const char *file,
                             bool excused[KIND_COUNT][VALUES_MAX])
{
    FILE *stream = fopen(file, "r");
    unsigned failures = 0, number = 0;
    char text[256], *name;
    enum kind kind;

    if (!stream) {
        perror(file);
        return 1;
    }
    while (fgets(text, sizeof text, stream)) {
        number++;
        if (*text == '#' || *text == '\n')
            continue;
        if (!excuse_read(text, &kind, &name)) {
            printf("%s:%u: not understood\n", file, number);
            failures++;
        } else if (!excuse(coverage, kind, name, excused[kind])) {
            printf("%s:%u: %s %s: there is no such, or it is possible: a scenario shows it\n", file, number,
                   kind_name(kind), name);
            failures++;
        }
    }
    fclose(stream);
    return failures;
}

unsigned coverage_check(struct coverage *coverage, const char *impossible)
{
    bool excused[KIND_COUNT][VALUES_MAX] = {{false}};
    unsigned failures;

    for (unsigned cell = 0; cell < CELLS; cell++)
        coverage->seen[KIND_CELL][cell] += cells_seen(cell);
    failures = excuses_read(coverage, impossible, excused);

    for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
        unsigned shown = 0, all = 0, excuses = 0;

        for (unsigned value = 0; value < kind_values(kind); value++) {
            const char *name = value_name(kind, value);

            if (!name)
                continue;
            all++;
            shown += coverage->seen[kind][value] > 0;
            excuses += excused[kind][value];
            if (coverage->seen[kind][value] || excused[kind][value])
                continue;
            printf("no scenario shows %s %s\n", kind_name(kind), name);
            failures++;
        }
        printf("%-10s %u of %u shown, %u excused\n", kind_name(kind), shown, all, excuses);
    }
    return failures;
}
