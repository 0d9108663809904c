/* check.c - compares what the engine said with what the scenario expects
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "words.h"

#include <inttypes.h>
#include <string.h>

enum { TEXT_MAX = 200 };

void disagree(struct place *place, const char *field, const char *expected, const char *actual)
{
    const struct scenario *scenario = place->scenario;
    const char *name = place->variation->name;
    unsigned line = scenario->line[scenario->count - 1].number;

    if (!place->whole)
        line = scenario->line[place->line].number;
    else if (place->line < CONNECTIONS_MAX && scenario->hindsight[place->line].line)
        line = scenario->hindsight[place->line].line;
    printf("%s:%u: %s%u %s%s%s: expected %s, actual %s\n", scenario->file, line,
           place->whole ? "connection " : "#", place->line + !place->whole, name, *name ? ": " : "", field,
           expected, actual);
    place->failures++;
}

static void check_value(struct place *place, const char *field, enum kind kind, unsigned expected,
                        unsigned actual)
{
    const char *name = value_name(kind, actual);

    if (expected != actual)
        disagree(place, field, value_name(kind, expected), name ? name : "?");
}

static void check_number(struct place *place, const char *field, int64_t expected, int64_t actual)
{
    char texts[2][32];

    if (expected == actual)
        return;
    snprintf(texts[0], sizeof texts[0], "%" PRId64, expected);
    snprintf(texts[1], sizeof texts[1], "%" PRId64, actual);
    disagree(place, field, texts[0], actual == NO_TIME ? "none" : texts[1]);
}

/* "fin, ack-of-fin" of a set of bits; steps have no kind. */
static const char *set_text(char text[TEXT_MAX], enum kind kind, findings_t set)
{
    size_t length = 0;

    snprintf(text, TEXT_MAX, "none");
    for (unsigned bit = 0; bit < 64; bit++) {
        const char *name;
        char digit[2] = {(char)('1' + bit), '\0'};

        if (!(set >> bit & 1))
            continue;
        name = kind == KIND_COUNT ? digit : value_name(kind, bit);
        length += (size_t)snprintf(text + length, TEXT_MAX - length, "%s%s", length ? "," : "",
                                   name ? name : "?");
        if (length >= TEXT_MAX)
            break;
    }
    return text;
}

static void check_set(struct place *place, const char *field, enum kind kind, findings_t expected,
                      findings_t actual)
{
    char texts[2][TEXT_MAX];

    if (expected != actual)
        disagree(place, field, set_text(texts[0], kind, expected), set_text(texts[1], kind, actual));
}

/* Where the contract may leave more than one open. */
static void check_choice(struct place *place, const char *field, enum kind kind, unsigned set,
                         unsigned actual)
{
    char text[TEXT_MAX];
    const char *name = value_name(kind, actual);

    if (actual > 31 || !(set >> actual & 1))
        disagree(place, field, set_text(text, kind, set), name ? name : "?");
}

static void check_end(struct place *place, enum role role, const struct expected_end *expected,
                      const struct observed_end *actual)
{
    static const char *const fields[][4] = {
        [ROLE_CLIENT] = {"client.state before", "client.state", "client.basis", "client.time_in_state"},
        [ROLE_SERVER] = {"server.state before", "server.state", "server.basis", "server.time_in_state"},
    };

    if (expected->check_before)
        check_value(place, fields[role][0], KIND_STATE, expected->before, actual->before);
    if (expected->check_after)
        check_value(place, fields[role][1], KIND_STATE, expected->after, actual->after);
    if (expected->check_basis)
        check_value(place, fields[role][2], KIND_BASIS, expected->basis, actual->basis);
    if (expected->check_spent)
        check_number(place, fields[role][3], expected->spent, actual->time_in_state);
}

static void check_expected_number(struct place *place, const char *field,
                                  const struct expected_number *expected, bool present, int64_t actual)
{
    if (!expected->check)
        return;
    if (expected->present != present)
        disagree(place, field, expected->present ? "present" : "absent", present ? "present" : "absent");
    else if (present)
        check_number(place, field, expected->number.value, actual);
}

static void check_numbers(struct place *place, const struct run *run, const struct expectation *expected,
                          const struct observation *actual)
{
    const struct numbering *numbering = &place->variation->numbering;
    unsigned from = place->scenario->line[place->line].sending.from;
    uint32_t base[2];

    /* Compared in the scenario's own numbers: small ones are easier to read. */
    base[0] = expected->next.number.absolute ? 0 : numbering->isn[from];
    base[1] = expected->due.number.absolute ? 0 : numbering->isn[!from];
    check_expected_number(place, "seq.expected", &expected->next, actual->has_seq_expected,
                          seq_diff(actual->seq_expected, seq_of(base[0])));
    check_expected_number(place, "ack.expected", &expected->due, actual->has_ack_expected,
                          seq_diff(actual->ack_expected, seq_of(base[1])));
    if (expected->next.check_from)
        check_number(place, "seq.from_frame", expected->next.from_frame,
                     line_of_frame(run, place->scenario, actual->seq_from_frame));
    if (expected->due.check_from)
        check_number(place, "ack.from_frame", expected->due.from_frame,
                     line_of_frame(run, place->scenario, actual->ack_from_frame));
}

static void check_step(struct place *place, const struct run *run, const struct expectation *expected,
                       const struct observation *actual)
{
    check_set(place, "step", KIND_COUNT, expected->steps, actual->steps);
    check_number(place, "repeat", expected->repeat, actual->repeat);
    if (expected->check_repeat_of)
        check_number(place, "repeat_of", expected->repeat_of,
                     line_of_frame(run, place->scenario, actual->repeat_of));
    if (expected->check_corrected)
        check_number(place, "correction", expected->corrected, actual->corrected);
    if (expected->corrected && actual->corrected) {
        if (expected->check_presumed)
            check_value(place, "sender.presumed", KIND_STATE, expected->presumed, actual->presumed);
        if (expected->check_lost)
            check_number(place, "lost_frame", expected->lost_frame,
                         line_of_frame(run, place->scenario, actual->lost_frame));
    }
}

static void check_rest(struct place *place, const struct expectation *expected,
                       const struct observation *actual)
{
    if (expected->check_assumed)
        check_number(place, "assumed", expected->assumed, actual->assumed);
    if (expected->check_seq)
        check_choice(place, "seq.verdict", KIND_SEQ, expected->seq_verdicts, actual->seq_verdict);
    if (expected->check_ack)
        check_choice(place, "ack.verdict", KIND_ACK, expected->ack_verdicts, actual->ack_verdict);
    if (expected->check_cause)
        check_choice(place, "reset.cause", KIND_CAUSE, expected->causes, actual->reset_cause);
    if (expected->check_timer)
        check_value(place, "timer", KIND_TIMER, expected->timer, actual->timer);
    if (expected->check_count)
        check_number(place, "timer.count", expected->timer_count, actual->timer_count);
    if (expected->check_interval)
        check_number(place, "timer.interval", expected->timer_interval, actual->timer_interval);
    if (expected->check_owes[ROLE_CLIENT])
        check_set(place, "owes.client", KIND_DEBT, expected->owes[ROLE_CLIENT], actual->client_owes);
    if (expected->check_owes[ROLE_SERVER])
        check_set(place, "owes.server", KIND_DEBT, expected->owes[ROLE_SERVER], actual->server_owes);
    check_set(place, "remarks", KIND_FINDING, expected->findings,
              actual->findings & ~(expected->findings_free & ~expected->findings));
}

static void check_owed(struct place *place, const struct run *run, enum role role, const struct owed *actual)
{
    static const char *const fields[][2] = {
        [ROLE_CLIENT] = {"owed.client since", "owed.client for"},
        [ROLE_SERVER] = {"owed.server since", "owed.server for"},
    };
    const struct expectation *expected = &place->scenario->line[place->line].expectation;

    if (!expected->check_owed[role])
        return;
    check_number(place, fields[role][0], expected->owed[role].frame,
                 line_of_frame(run, place->scenario, actual->frame));
    check_number(place, fields[role][1], expected->owed[role].age, actual->age);
}

unsigned check_expectations(const struct scenario *scenario, const struct variation *variation,
                            const struct run *run)
{
    struct place place = {scenario, variation, 0, 0, false};

    for (; place.line < scenario->count; place.line++) {
        const struct expectation *expected = &scenario->line[place.line].expectation;
        const struct observation *actual = &run->seen[place.line].observation;
        bool client = actual->sender_role == ROLE_CLIENT;

        if (run->seen[place.line].quotes) {
            check_number(&place, "unreachable", expected->unreachable, run->seen[place.line].unreachable);
            continue;
        }
        if (expected->findings & FINDING_UNUSABLE) {
            check_set(&place, "remarks", KIND_FINDING, FINDING_UNUSABLE, actual->findings);
            continue;
        }
        check_number(&place, "connection", expected->connection,
                     actual->connection - run->seen[0].observation.connection);
        check_value(&place, "sender.role", KIND_ROLE, expected->role, actual->sender_role);
        if (expected->check_phase)
            check_value(&place, "phase", KIND_PHASE, expected->phase, actual->phase);
        check_step(&place, run, expected, actual);
        check_end(&place, ROLE_CLIENT, &expected->end[ROLE_CLIENT], client ? &actual->sender : &actual->peer);
        check_end(&place, ROLE_SERVER, &expected->end[ROLE_SERVER], client ? &actual->peer : &actual->sender);
        check_numbers(&place, run, expected, actual);
        check_rest(&place, expected, actual);
        check_owed(&place, run, ROLE_CLIENT, &actual->client_owed);
        check_owed(&place, run, ROLE_SERVER, &actual->server_owed);
        check_set(&place, "told", KIND_TIMEOUT_FINDING, expected->told, run->seen[place.line].told);
        check_set(&place, "told", KIND_FINDING, expected->accuses, run->seen[place.line].accuses);
    }
    return place.failures;
}
