/* invariants.c - what must hold of any observation, and between two views of one story
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "../support/invariants.h"
#include "words.h"

#include <string.h>

static void require(struct place *place, bool holds, const char *what)
{
    if (!holds)
        disagree(place, "invariant", what, "not so");
}

/* state_changed is about what was shown last. `last` is NULL for a connection's first segment. */
static void check_change(struct place *place, const struct seen *seen, const struct seen *last)
{
    bool changed = false;

    if (!last)
        return;
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        changed |= seen->after[role] != last->after[role];
    require(place, seen->observation.state_changed == changed,
            "state_changed tells whether an after-state differs from the one shown last");
}

static void check_one(struct place *place, const struct seen *seen)
{
    const char *fault = invariants_of(&seen->segment, &seen->observation, seen->trusted);

    if (fault)
        disagree(place, "invariant", fault, "not so");
}

unsigned check_invariants(const struct scenario *scenario, const struct variation *variation,
                          const struct run *run)
{
    struct place place = {scenario, variation, 0, 0, false};
    const struct seen *last = NULL;

    for (; place.line < scenario->count; place.line++) {
        const struct seen *seen = &run->seen[place.line];

        if (!seen->captured || (seen->observation.findings & FINDING_UNUSABLE))
            continue;
        if (last && last->observation.connection != seen->observation.connection)
            last = NULL;
        check_one(&place, seen);
        if (!variation->mirror && !variation->late) /* there, the line before isn't the frame before */
            check_change(&place, seen, last);
        last = seen;
    }
    return place.failures;
}

static void accuse_less(struct place *place, const struct seen *seen, const struct seen *full)
{
    char texts[2][64];
    const char *names[2] = {value_name(KIND_SEQ, seen->observation.seq_verdict),
                            value_name(KIND_ACK, seen->observation.ack_verdict)};
    findings_t more;

    if (!seen->captured)
        return;
    more = invariants_accusations(&seen->observation) & ~invariants_accusations(&full->observation);
    if (!more)
        return;
    snprintf(texts[0], sizeof texts[0], "not 0x%llx", (unsigned long long)more);
    for (unsigned bit = 0; bit < kind_values(KIND_FINDING); bit++)
        if (more >> bit & 1)
            snprintf(texts[0], sizeof texts[0], "not %s", value_name(KIND_FINDING, bit));
    snprintf(texts[1], sizeof texts[1], "seq %s, ack %s", names[0] ? names[0] : "?",
             names[1] ? names[1] : "?");
    disagree(place, "new accusation", texts[0], texts[1]);
}

unsigned check_no_new_accusation(const struct scenario *scenario, const struct variation *variation,
                                 const struct run *run, const struct run *full)
{
    struct place place = {scenario, variation, 0, 0, false};

    for (; place.line < scenario->count; place.line++) {
        accuse_less(&place, &run->seen[place.line], &full->seen[place.line]);
        accuse_less(&place, &run->copy[place.line], &full->seen[place.line]);
    }
    return place.failures;
}

bool accuses(const struct scenario *scenario, const struct run *run)
{
    for (unsigned i = 0; i < scenario->count; i++)
        if (run->seen[i].captured && (invariants_accusations(&run->seen[i].observation) ||
                                      run->seen[i].accuses || run->seen[i].received.accuses))
            return true;
    return false;
}

static void same(struct place *place, const char *field, enum kind kind, unsigned expected, unsigned actual)
{
    if (expected != actual)
        disagree(place, field, value_name(kind, expected), value_name(kind, actual));
}

static void check_copy(struct place *place, const struct seen *copy)
{
    const struct observation *seg = &copy->observation;

    /* OBSERVER: the contract judges a reset by its number before it asks for copies. */
    if (!segment_has(&copy->segment, FLAG_RST))
        same(place, "seq.verdict of the copy", KIND_SEQ, SEQ_COPY, seg->seq_verdict);
    require(place, !seg->steps && !seg->repeat, "a copy carries no step and repeats none");
    require(place, !seg->state_changed, "a copy changes no state");
    require(place, seg->timer == TIMER_NONE, "no timer sends a copy");
}

unsigned check_mirror(const struct scenario *scenario, const struct variation *variation,
                      const struct run *run, const struct run *full)
{
    struct place place = {scenario, variation, 0, 0, false};

    for (; place.line < scenario->count; place.line++) {
        const struct seen *seen = &run->seen[place.line], *before = &full->seen[place.line];

        if (!before->captured || (before->observation.findings & FINDING_UNUSABLE) ||
            before->observation.seq_verdict == SEQ_COPY)
            continue;
        same(&place, "seq.verdict", KIND_SEQ, before->observation.seq_verdict, seen->observation.seq_verdict);
        same(&place, "ack.verdict", KIND_ACK, before->observation.ack_verdict, seen->observation.ack_verdict);
        same(&place, "client.state", KIND_STATE, before->after[ROLE_CLIENT], seen->after[ROLE_CLIENT]);
        same(&place, "server.state", KIND_STATE, before->after[ROLE_SERVER], seen->after[ROLE_SERVER]);
        require(&place, seen->observation.steps == before->observation.steps, "the same steps");
        check_copy(&place, &run->copy[place.line]);
    }
    return place.failures + check_no_new_accusation(scenario, variation, run, full);
}
