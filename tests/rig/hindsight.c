/* hindsight.c - what the engine tells of a connection once the capture has ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hindsight.h"

#include "summary/history.h"

#include <stdio.h>
#include <string.h>

struct field_word field_word(enum connection_field field)
{
    struct field_word word;

    snprintf(word.text, sizeof word.text, "%s", connection_fields[field].name);
    for (char *c = word.text; *c; c++)
        if (*c == '_')
            *c = '-';
    return word;
}

enum kind field_kind(enum connection_field field)
{
    switch (field) {
    case CONNECTION_OUTCOME: return KIND_OUTCOME;
    case CONNECTION_OPENING: return KIND_OPENING;
    case CONNECTION_CLOSING: return KIND_CLOSING;
    case CONNECTION_CLOSER: return KIND_CLOSER;
    case CONNECTION_TIME_WAIT_HOLDER: return KIND_TIME_WAIT_SIDE;
    case CONNECTION_RESET_CAUSE: return KIND_CAUSE;
    default: return KIND_COUNT;
    }
}

unsigned field_number(int64_t value)
{
    return value != ABSENT ? (unsigned)value : 0;
}

void hindsight_of(struct hindsight *hindsight, const struct summary *summary, const struct timeouts *timeouts,
                  int64_t end)
{
    struct connection_view view = connection_view_of(summary, timeout_findings_at(summary, timeouts, end),
                                                     true);

    memset(hindsight, 0, sizeof *hindsight);
    hindsight->timeout_findings = view.timeout_findings;
    hindsight->values = connection_values(&view);
    for (enum milestone i = 0; i < MILESTONE_COUNT; i++)
        hindsight->frame[i] = summary->milestone[i].frame;
    for (enum timeout_finding i = 0; i < TIMEOUT_FINDING_COUNT; i++)
        if (view.timeout_findings >> i & 1)
            hindsight->begin[i] = timeout_finding_begin(summary, i).frame;
    history_tell(summary, hindsight->history);
}
