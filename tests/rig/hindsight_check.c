/* hindsight_check.c - what is told once the capture has ended: as demanded, never more than in the full run
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "words.h"

#include <inttypes.h>
#include <string.h>

enum { TEXT_MAX = 40 };

static const char *value_text(char text[TEXT_MAX], enum connection_field which, int64_t value)
{
    const char *name;

    switch (connection_fields[which].kind) {
    case VALUE_NAME: name = value_name(field_kind(which), field_number(value)); return name ? name : "?";
    case VALUE_TIME:
        snprintf(text, TEXT_MAX, "%" PRId64 ".%09" PRId64, value / 1000000000, value % 1000000000);
        break;
    default: snprintf(text, TEXT_MAX, "%" PRId64, value); break;
    }
    return value != ABSENT ? text : "absent";
}

/* Frames are compared as lines. */
static void compare(struct place *place, enum connection_field which, int64_t expected, int64_t actual)
{
    enum value_kind kind = connection_fields[which].kind;
    char texts[2][TEXT_MAX];

    if (expected == actual || kind == VALUE_FRAME ||
        (kind == VALUE_NAME && field_number(expected) == field_number(actual)))
        return;
    disagree(place, field_word(which).text, value_text(texts[0], which, expected),
             value_text(texts[1], which, actual));
}

static void compare_frame(struct place *place, const char *field, uint32_t expected, uint32_t actual)
{
    char texts[2][TEXT_MAX];

    if (expected == actual)
        return;
    snprintf(texts[0], TEXT_MAX, "#%" PRIu32, expected);
    snprintf(texts[1], TEXT_MAX, "#%" PRIu32, actual);
    disagree(place, field, texts[0], texts[1]);
}

/* In the scenario's own numbers. */
static int64_t scenario_value(const struct place *place, const struct run *run,
                              const struct hindsight *hindsight, enum connection_field which)
{
    int64_t value = hindsight->values.of[which];
    unsigned client = 0;

    if (value == ABSENT)
        return value;
    if (which == CONNECTION_PREVIOUS)
        return value - run->first;
    if (which != CONNECTION_CLIENT_ISN && which != CONNECTION_SERVER_ISN)
        return value;
    for (unsigned i = 0; i < place->scenario->count; i++) {
        const struct seen *seen = &run->seen[i];
        bool sends = seen->observation.sender_role == ROLE_CLIENT;

        if (seen->captured && &run->hindsight[seen->observation.connection - run->first] == hindsight)
            client = place->scenario->line[i].sending.from == sends;
    }
    return seq_diff(
        seq_of((uint32_t)value),
        seq_of(place->variation->numbering.isn[which == CONNECTION_CLIENT_ISN ? client : !client]));
}

static void check_timeout_findings(struct place *place, const struct run *run,
                                   const struct hindsight *expected, const struct hindsight *actual)
{
    for (enum timeout_finding i = 0; i < TIMEOUT_FINDING_COUNT; i++) {
        bool there = actual->timeout_findings >> i & 1;

        if ((expected->timeout_findings >> i & 1) != there)
            disagree(place, value_name(KIND_TIMEOUT_FINDING, i), there ? "absent" : "present",
                     there ? "present" : "absent");
        else if (there)
            compare_frame(place, value_name(KIND_TIMEOUT_FINDING, i), expected->begin[i],
                          line_of_frame(run, place->scenario, actual->begin[i]));
    }
}

static void check_connection(struct place *place, const struct run *run,
                             const struct expected_hindsight *expected, const struct hindsight *actual)
{
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++)
        if (expected->check >> i & 1)
            compare(place, i, expected->told.values.of[i], scenario_value(place, run, actual, i));
    for (enum milestone i = 0; expected->check_frames && i < MILESTONE_COUNT; i++)
        compare_frame(place, value_name(KIND_MILESTONE, i), expected->told.frame[i],
                      line_of_frame(run, place->scenario, actual->frame[i]));
    if (expected->check_history && strcmp(expected->told.history, actual->history) != 0)
        disagree(place, "history", expected->told.history, actual->history);
    check_timeout_findings(place, run, &expected->told, actual);
}

/* What is known of each segment: nothing of those that the scenario doesn't name. */
static void check_receipts(struct place *place, const struct run *run)
{
    for (place->line = 0; place->line < place->scenario->count; place->line++) {
        const struct expected_receipt *expected = &place->scenario->line[place->line].receipt;
        const struct testimony *actual = &run->seen[place->line].received;
        findings_t accuses = witness_accusations(actual->accuses);

        if (expected->verdict != actual->verdict)
            disagree(place, "receiver", value_name(KIND_RECEIVER, expected->verdict),
                     value_name(KIND_RECEIVER, actual->verdict));
        else if (expected->verdict != RECEIVER_NONE)
            compare_frame(place, "receiver by", expected->by,
                          line_of_frame(run, place->scenario, actual->frame));
        if (expected->accuses != accuses)
            disagree(place, "finally", expected->accuses ? "an accusation" : "none",
                     accuses ? "an accusation" : "none");
    }
}

unsigned check_hindsight(const struct scenario *scenario, const struct variation *variation,
                         const struct run *run)
{
    static const struct expected_hindsight nothing;
    struct place place = {scenario, variation, .whole = true};

    for (uint32_t i = 0; i < run->connections || i < CONNECTIONS_MAX; i++) {
        const struct expected_hindsight *expected = i < CONNECTIONS_MAX ? &scenario->hindsight[i] : &nothing;

        place.line = i;
        if (i < run->connections)
            check_connection(&place, run, expected, &run->hindsight[i]);
        else if (expected->line)
            disagree(&place, "connection", "present", "absent");
    }
    place.whole = false;
    check_receipts(&place, run);
    return place.failures;
}

/* The connection of the full run that the segment with this frame of `run` belongs to. */
static const struct hindsight *full_connection(const struct scenario *scenario, const struct run *run,
                                               const struct run *full, uint32_t frame)
{
    uint32_t line = line_of_frame(run, scenario, frame);

    if (line == NO_FRAME || !full->seen[line - 1].captured)
        return NULL;
    return &full->hindsight[full->seen[line - 1].observation.connection - full->first];
}

/* What the full run says of a connection, at its end or in one pass. */
static unsigned warnings_of(const struct scenario *scenario, const struct run *full,
                            const struct hindsight *known)
{
    unsigned set = known ? known->timeout_findings : 0;

    for (unsigned i = 0; known && i < scenario->count; i++)
        if (full->seen[i].captured &&
            known == &full->hindsight[full->seen[i].observation.connection - full->first])
            set |= full->seen[i].told;
    return set & CONCLUSIONS_OF_ACCUSATION;
}

/* Where the full story has a warning, what is missing may well make another one of it. Of a SYN whose answer
 * went where nobody captured, the contract itself says that it is unanswered. */
static void warns_less(struct place *place, const struct run *run, const struct run *full,
                       enum timeout_finding timeout_finding, uint32_t frame)
{
    unsigned accused = CONCLUSIONS_OF_ACCUSATION;

    if (place->variation->only != BOTH_ENDS)
        accused &= ~(1u << TIMEOUT_FINDING_UNANSWERED);
    if (!(accused >> timeout_finding & 1))
        return;
    if (!warnings_of(place->scenario, full, full_connection(place->scenario, run, full, frame)))
        disagree(place, "new warning", "none", value_name(KIND_TIMEOUT_FINDING, timeout_finding));
}

unsigned check_no_new_warning(const struct scenario *scenario, const struct variation *variation,
                              const struct run *run, const struct run *full)
{
    struct place place = {scenario, variation, .whole = true};

    for (uint32_t i = 0; i < run->connections; i++)
        for (enum timeout_finding c = 0; c < TIMEOUT_FINDING_COUNT; c++)
            if (run->hindsight[i].timeout_findings >> c & 1) {
                place.line = i;
                warns_less(&place, run, full, c, run->hindsight[i].begin[c]);
            }
    place.whole = false;
    for (place.line = 0; place.line < scenario->count; place.line++)
        for (enum timeout_finding c = 0; c < TIMEOUT_FINDING_COUNT; c++)
            if (run->seen[place.line].told & ~full->seen[place.line].told & 1u << c)
                warns_less(&place, run, full, c, run->seen[place.line].segment.frame);
    for (place.line = 0; place.line < scenario->count; place.line++)
        if (run->seen[place.line].received.accuses && !accuses(scenario, full))
            disagree(&place, "rejected", "nobody", "accused");
    return place.failures;
}

bool warns(const struct run *run)
{
    for (uint32_t i = 0; i < run->connections; i++)
        if (run->hindsight[i].timeout_findings & CONCLUSIONS_OF_ACCUSATION)
            return true;
    return false;
}

unsigned check_same_hindsight(const struct scenario *scenario, const struct variation *variation,
                              const struct run *run, const struct run *full)
{
    struct place place = {scenario, variation, .whole = true};

    if (run->connections != full->connections)
        disagree(&place, "connections", "as many as in the full run", "another number");
    for (uint32_t i = 0; i < run->connections && i < full->connections; i++) {
        const struct hindsight *seen = &run->hindsight[i], *before = &full->hindsight[i];

        place.line = i;
        for (enum connection_field value = 0; value < CONNECTION_FIELD_COUNT; value++)
            compare(&place, value, before->values.of[value], seen->values.of[value]);
        for (enum milestone frame = 0; frame < MILESTONE_COUNT; frame++)
            compare_frame(&place, value_name(KIND_MILESTONE, frame),
                          line_of_frame(full, scenario, before->frame[frame]),
                          line_of_frame(run, scenario, seen->frame[frame]));
        if (strcmp(before->history, seen->history) != 0)
            disagree(&place, "history", before->history, seen->history);
        if (before->timeout_findings != seen->timeout_findings)
            disagree(&place, "conclusions", "as in the full run", "others");
    }
    place.whole = false;
    for (place.line = 0; place.line < scenario->count; place.line++) {
        const struct testimony *seen = &run->seen[place.line].received,
                               *before = &full->seen[place.line].received;

        if (seen->verdict != before->verdict || seen->accuses != before->accuses)
            disagree(&place, "receiver", value_name(KIND_RECEIVER, before->verdict),
                     value_name(KIND_RECEIVER, seen->verdict));
    }
    return place.failures;
}
