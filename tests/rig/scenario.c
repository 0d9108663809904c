/* scenario.c - reads a scenario: directives, lines, and what they inherit
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reader.h"

#include "wire/segment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

/* The preferences' defaults. */
static const struct timeouts default_timeouts = {
    .handshake = 5 * SECOND,
    .fin = 5 * SECOND,
    .close_wait = 60 * SECOND,
    .fin_wait_2 = 60 * SECOND,
    .idle = 75 * SECOND,
    .silent = 3 * SECOND,
};

/* What a segment is expected to be if the line doesn't say otherwise. */
static void expect_default(const struct reader *reader, const struct sending *sending,
                           struct expectation *expectation)
{
    const struct scenario *scenario = reader->scenario;
    bool syn = sending->flags & FLAG_SYN;

    *expectation = (struct expectation){.role = sending->from ? ROLE_SERVER : ROLE_CLIENT};
    expectation->phase = PHASE_HANDSHAKE;
    expectation->check_phase = true;
    if (scenario->count > 0) {
        const struct expectation *last = &scenario->line[scenario->count - 1].expectation;

        expectation->phase = last->phase;
        expectation->check_phase = last->check_phase;
        expectation->connection = last->connection;
    }
    expectation->findings_free = FINDINGS_INTERNAL;
    expectation->check_seq = expectation->check_ack = expectation->check_timer = true;
    expectation->check_corrected = expectation->check_cause = true;
    expectation->causes = 1u << RESET_NONE;
    expectation->seq_verdicts = 1u << (syn ? SEQ_SYN : SEQ_IN_ORDER);
    if (sending->flags & FLAG_ACK)
        expectation->ack_verdicts = 1u << (syn ? ACK_HANDSHAKE : ACK_CURRENT);
    else
        expectation->ack_verdicts = 1u << ACK_NONE;
}

static void shift_expected(const struct reader *reader, struct expected_number *number, unsigned end)
{
    number->number = number_shifted(reader, number->number, end);
}

/* States that aren't given stay; "before" is what was shown last, but for who corrects it. */
static bool inherit_states(struct reader *reader, struct line *line)
{
    const struct scenario *scenario = reader->scenario;
    const struct expectation *last = NULL;
    struct expectation *now = &line->expectation;

    if (scenario->count > 0)
        last = &scenario->line[scenario->count - 1].expectation;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        struct expected_end *end = &now->end[role];

        if (!last || last->connection != now->connection) {
            if (!end->given)
                reader->error = "the first line of a connection gives both states";
            continue;
        }
        if (!end->given) {
            end->after = last->end[role].after;
            end->check_after = last->end[role].check_after;
        }
        if (end->given && end->check_before)
            continue;
        end->check_before = (now->check_corrected && !now->corrected) || role != now->role;
        if (end->before == STATE_COUNT || !last->end[role].check_after) /* "*->", or left open there */
            end->check_before = false;
        end->before = last->end[role].after;
    }
    return !reader->error;
}

static bool segment_read(struct reader *reader, char *text)
{
    struct scenario *scenario = reader->scenario;
    struct line *line = &scenario->line[scenario->count];
    char *bar = strchr(text, '|');

    if (!bar || scenario->count == LINES_MAX) {
        reader->error = bar ? "too many lines" : "no expectations: where is the bar?";
        return false;
    }
    *bar = '\0';
    line->number = reader->line;
    if (!sending_read(reader, &line->sending, text))
        return false;
    expect_default(reader, &line->sending, &line->expectation);
    if (!expectation_read(&line->expectation, bar + 1, &reader->error))
        return false;
    shift_expected(reader, &line->expectation.next, line->sending.from);
    shift_expected(reader, &line->expectation.due, !line->sending.from);
    if (line->sending.quoted &&
        scenario->count > 0) { /* no segment: it says nothing that another could inherit */
        bool unreachable = line->expectation.unreachable;

        line->expectation = scenario->line[scenario->count - 1].expectation;
        line->expectation.unreachable = unreachable;
    } else if (!inherit_states(reader, line)) {
        return false;
    }
    scenario->count++;
    return true;
}

/* "isn > 5000": numbers of that end count from its ISN plus 5000 from here on. */
static bool isn_read(struct reader *reader, const char *text)
{
    const char *end;
    struct number shift;

    if ((*text != '>' && *text != '<') || text[1] != ' ' || !number_read(text + 2, &shift, &end))
        return false;
    reader->isn_shift[*text == '<'] = shift.value;
    return *end == '\0';
}

static bool ports_read(struct scenario *scenario, const char *text)
{
    char *end;

    scenario->port[0] = (uint16_t)strtoul(text, &end, 10);
    scenario->port[1] = (uint16_t)strtoul(end, &end, 10);
    return *end == '\0' && scenario->port[0] && scenario->port[1];
}

static bool directive_read(struct reader *reader, const char *text)
{
    struct scenario *scenario = reader->scenario;
    const char *end;
    bool good = false;

    if (strncmp(text, "ports ", 6) == 0) {
        good = ports_read(scenario, text + 6);
    } else if (strncmp(text, "time_wait ", 10) == 0) {
        good = time_read(text + 10, &scenario->time_wait, &end) && *end == '\0';
    } else if (strcmp(text, "ipv6") == 0) {
        good = scenario->ipv6 = true;
    } else if (strcmp(text, "fragile") == 0) {
        good = scenario->fragile = true;
    } else if (strncmp(text, "isn ", 4) == 0) {
        good = isn_read(reader, text + 4);
    } else if (strncmp(text, "quiet ", 6) == 0) {
        good = time_read(text + 6, &scenario->quiet, &end) && *end == '\0';
    } else if (strncmp(text, "timeout ", 8) == 0) {
        good = timeout_read(&scenario->timeouts, text + 8);
    }
    if (!good)
        reader->error = "no such directive";
    return good;
}

bool scenario_read(struct scenario *scenario, const char *file)
{
    struct reader reader = {.scenario = scenario};
    char text[512];
    FILE *stream = fopen(file, "r");

    memset(scenario, 0, sizeof *scenario);
    scenario->file = file;
    scenario->port[0] = 40000;
    scenario->port[1] = 7777;
    scenario->time_wait = 60 * SECOND;
    scenario->timeouts = default_timeouts;
    if (!stream) {
        perror(file);
        return false;
    }
    while (!reader.error && fgets(text, sizeof text, stream)) {
        reader.line++;
        text[strcspn(text, "\r\n")] = '\0';
        if (*text == '\0' || *text == '#')
            continue;
        if (isdigit((unsigned char)*text) || *text == '+')
            segment_read(&reader, text);
        else if (*text == '=')
            hindsight_read(&reader, text);
        else if (strncmp(text, "finally ", 8) == 0)
            finally_read(&reader, text);
        else if (strncmp(text, "receiver ", 9) == 0)
            receiver_read(&reader, text);
        else
            directive_read(&reader, text);
    }
    fclose(stream);
    if (!reader.error && scenario->count == 0)
        reader.error = "no segments";
    if (!reader.error)
        finally_settle(&reader);
    if (reader.error)
        fprintf(stderr, "%s:%u: not understood: %s\n", file, reader.line, reader.error);
    return !reader.error;
}
