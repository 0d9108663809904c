/* summaries.c - what must hold of any summary, whatever the story
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "words.h"

#include <string.h>

static void require(struct place *place, bool holds, const char *what)
{
    if (!holds)
        disagree(place, "invariant", what, "not so");
}

static bool has(const struct hindsight *told, enum milestone milestone)
{
    return told->frame[milestone] != 0;
}

static bool is(const struct hindsight *told, enum connection_field which, unsigned value)
{
    return field_number(told->values.of[which]) == value;
}

static void check_names(struct place *place, const struct hindsight *told)
{
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++) {
        int64_t value = told->values.of[i];

        if (connection_fields[i].kind == VALUE_NAME)
            require(place, value_name(field_kind(i), field_number(value)) != NULL, "a value has a name");
        if (connection_fields[i].kind == VALUE_TIME)
            require(place, value == ABSENT || value >= 0, "durations aren't negative");
    }
    for (const char *c = told->history; *c; c++)
        require(place, strchr("ShADFRCGTWIQ^sHadfrcgtwiq", *c) != NULL, "history uses Zeek's alphabet");
}

static const struct seen *seen_at(const struct scenario *scenario, const struct run *run, uint32_t frame)
{
    uint32_t line = line_of_frame(run, scenario, frame);

    return line != NO_FRAME ? &run->seen[line - 1] : NULL;
}

static void check_milestones(struct place *place, const struct run *run, const struct hindsight *told)
{
    static const unsigned flags[MILESTONE_COUNT] = {
        [MILESTONE_SYN] = FLAG_SYN,        [MILESTONE_SYN_ACK] = FLAG_SYN | FLAG_ACK,
        [MILESTONE_FIN] = FLAG_FIN,        [MILESTONE_FIN_ACK] = FLAG_ACK,
        [MILESTONE_SECOND_FIN] = FLAG_FIN, [MILESTONE_SECOND_FIN_ACK] = FLAG_ACK,
        [MILESTONE_RESET] = FLAG_RST,
    };

    for (enum milestone i = 0; i < MILESTONE_COUNT; i++) {
        const struct seen *seen = seen_at(place->scenario, run, told->frame[i]);

        if (!has(told, i))
            continue;
        require(place, seen && seen->quotes == (i == MILESTONE_ICMP), "the frame of a step was captured");
        require(place, !seen || seen->quotes || segment_has(&seen->segment, flags[i]),
                "the frame of a step has its flags");
    }
}

static void check_outcome(struct place *place, const struct hindsight *told)
{
    bool fins = has(told, MILESTONE_FIN) && has(told, MILESTONE_SECOND_FIN);

    require(place, !is(told, CONNECTION_OUTCOME, OUTCOME_REFUSED) || has(told, MILESTONE_RESET),
            "who was refused was reset");
    require(place, !is(told, CONNECTION_OUTCOME, OUTCOME_RESET) || has(told, MILESTONE_RESET),
            "reset means that there was a RST");
    require(place, !is(told, CONNECTION_OUTCOME, OUTCOME_DESYNCHRONIZED) || has(told, MILESTONE_RESET),
            "a RST shows who is desynchronized");
    require(place, !is(told, CONNECTION_OUTCOME, OUTCOME_UNREACHABLE) || has(told, MILESTONE_ICMP),
            "unreachable means that there was an ICMP error");
    require(place,
            !is(told, CONNECTION_CLOSING, CLOSING_SIMULTANEOUS) || is(told, CONNECTION_CLOSER, CLOSER_BOTH),
            "who close at once are both closers");
    require(place, !is(told, CONNECTION_CLOSING, CLOSING_FOUR_WAY) || fins, "four steps have two FINs");
    require(place, !is(told, CONNECTION_CLOSING, CLOSING_NONE) || is(told, CONNECTION_CLOSER, CLOSER_NONE),
            "what nobody closed has no closer");
    require(place,
            !is(told, CONNECTION_OPENING, OPENING_THREE_WAY) || has(told, MILESTONE_SYN) ||
                has(told, MILESTONE_SYN_ACK),
            "a handshake was captured at least in part");
}

static unsigned bits(unsigned set)
{
    unsigned count = 0;

    for (; set; set &= set - 1)
        count++;
    return count;
}

/* What has come to its end is accused of nothing, however long the capture goes on. But a RST by who had
 * tried in vain is no answer: its peer stays silent. */
static void check_timeout_findings(struct place *place, const struct run *run, const struct hindsight *told,
                                   const struct summary *summary)
{
    static const unsigned ended = 1u << OUTCOME_CLOSED | 1u << OUTCOME_REFUSED | 1u << OUTCOME_UNREACHABLE |
                                  1u << OUTCOME_HANDSHAKE_RESET | 1u << OUTCOME_RESET |
                                  1u << OUTCOME_DESYNCHRONIZED;
    unsigned never = timeout_findings_at(summary, &place->scenario->timeouts, NEVER);
    unsigned allowed = 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW;

    if (summary->reset_cause == RESET_UNANSWERED_TRIES)
        allowed |= 1u << TIMEOUT_FINDING_PEER_SILENT;
    require(place, bits(told->timeout_findings & CONCLUSIONS_EXCLUSIVE) <= 1, "one warning at most");
    require(place, bits(never & CONCLUSIONS_EXCLUSIVE) <= 1, "one warning at most, ever");
    if (ended >> told->values.of[CONNECTION_OUTCOME] & 1)
        require(place, !(never & ~allowed), "what has ended is not waited for");
    for (enum timeout_finding i = 0; i < TIMEOUT_FINDING_COUNT; i++)
        if (never >> i & 1) {
            struct moment begin = timeout_finding_begin(summary, i);
            const struct seen *seen = seen_at(place->scenario, run, begin.frame);

            require(place, seen && seen->captured, "a conclusion stands on a segment that was captured");
            require(place, !seen || seen->segment.time == begin.time, "a conclusion begins with its segment");
        }
}

/* What went by is counted, whatever came of it. */
static void check_extent(struct place *place, const struct run *run, const struct summary *summary)
{
    uint32_t packets = 0;
    uint64_t bytes[2] = {0, 0};

    for (uint32_t i = 0; i < place->scenario->count; i++) {
        const struct seen *seen = &run->seen[i];
        const struct observation *o = &seen->observation;

        if (!seen->captured || seen->quotes || o->connection != run->first + place->line ||
            (o->findings & FINDING_UNUSABLE) || o->seq_verdict == SEQ_COPY)
            continue;
        packets++;
        bytes[seen->segment.from != summary->client_from] += seen->segment.data;
    }
    require(place, summary->packets == packets, "each packet counts once");
    require(place, summary->end[0].bytes == bytes[0] && summary->end[1].bytes == bytes[1],
            "each byte of data counts as often as it was sent");
}

/* What the observation got from the summary. */
static void check_owed(struct place *place, const struct seen *seen, const struct owed *owed, unsigned owes)
{
    if (owed->frame == 0) {
        require(place, owed->age == 0, "an age has a frame");
        return;
    }
    require(place, owed->age >= INT64_C(1000000000), "what is owed is told after a second");
    require(place, owed->frame < seen->segment.frame, "it was owed since an earlier frame");
    require(place, owes & ~(1u << OWES_UNKNOWN), "who owes nothing has no age");
}

unsigned check_summary_invariants(const struct scenario *scenario, const struct variation *variation,
                                  const struct run *run, const struct arena *arena)
{
    struct place place = {scenario, variation, .whole = true};

    for (place.line = 0; place.line < run->connections; place.line++) {
        const struct hindsight *told = &run->hindsight[place.line];
        const struct summary *summary = arena_summary(arena, run->first + place.line);

        if (!summary->begun)
            continue;
        check_names(&place, told);
        if (!variation->mirror)
            check_milestones(&place, run, told);
        check_outcome(&place, told);
        if (!variation->mirror)
            check_timeout_findings(&place, run, told, summary);
        if (!variation->mirror)
            check_extent(&place, run, summary);
    }
    place.whole = false;
    for (place.line = 0; place.line < scenario->count; place.line++) {
        const struct seen *seen = &run->seen[place.line];

        if (!seen->captured || (seen->observation.findings & FINDING_UNUSABLE))
            continue;
        check_owed(&place, seen, &seen->observation.client_owed, seen->observation.client_owes);
        check_owed(&place, seen, &seen->observation.server_owed, seen->observation.server_owes);
    }
    return place.failures;
}
