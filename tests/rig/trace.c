/* trace.c - an observation in the notation of the scenarios, for whoever writes one
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump.h"
#include "words.h"

#include <inttypes.h>

static void put_set(FILE *stream, const char *before, enum kind kind, findings_t set)
{
    for (unsigned bit = 0; bit < 32; bit++)
        if (set >> bit & 1) {
            fprintf(stream, "%s%s", before, value_name(kind, bit));
            if (kind == KIND_DEBT)
                before = ",";
        }
}

static void put_end(FILE *stream, char letter, const struct observed_end *end)
{
    static const char marks[BASIS_COUNT] = {[BASIS_EXPECTED] = '?', [BASIS_ASSUMED] = '~'};

    fprintf(stream, " %c:%s->", letter, value_name(KIND_STATE, end->before));
    fputs(value_name(KIND_STATE, end->after), stream);
    if (end->basis < BASIS_COUNT && marks[end->basis])
        fputc(marks[end->basis], stream);
    if (end->time_in_state != NO_TIME)
        fprintf(stream, "/%" PRId64 ".%03" PRId64, end->time_in_state / 1000000000,
                end->time_in_state / 1000000 % 1000);
}

static void put_steps(FILE *stream, const struct scenario *scenario, const struct run *run,
                      const struct observation *seg)
{
    const char *separator = " ";

    for (unsigned bit = 0; bit < 7; bit++)
        if (seg->steps >> bit & 1) {
            fprintf(stream, "%s%u", separator, bit + 1);
            separator = ",";
        }
    if (seg->repeat)
        fprintf(stream, " repeat #%" PRIu32, line_of_frame(run, scenario, seg->repeat_of));
    if (seg->corrected)
        fprintf(stream, " presumed %s lost #%" PRIu32, value_name(KIND_STATE, seg->presumed),
                line_of_frame(run, scenario, seg->lost_frame));
}

static void put_numbers(FILE *stream, const struct scenario *scenario, const struct run *run, unsigned line)
{
    const struct observation *seg = &run->seen[line].observation;
    unsigned from = scenario->line[line].sending.from;

    if (seg->has_seq_expected)
        fprintf(stream, " next %" PRId32 "@#%" PRIu32,
                seq_diff(seg->seq_expected, seq_of(plain_run.numbering.isn[from])),
                line_of_frame(run, scenario, seg->seq_from_frame));
    if (seg->has_ack_expected)
        fprintf(stream, " due %" PRId32 "@#%" PRIu32,
                seq_diff(seg->ack_expected, seq_of(plain_run.numbering.isn[!from])),
                line_of_frame(run, scenario, seg->ack_from_frame));
}

static void put_seconds(FILE *stream, int64_t time)
{
    fprintf(stream, "%" PRId64 ".%03" PRId64, time / 1000000000, time / 1000000 % 1000);
}

static void put_owed(FILE *stream, const struct scenario *scenario, const struct run *run, char letter,
                     const struct owed *owed)
{
    if (owed->frame == 0)
        return;
    fprintf(stream, " owed %c:#%" PRIu32 "/", letter, line_of_frame(run, scenario, owed->frame));
    put_seconds(stream, owed->age);
}

void trace_line(FILE *stream, const struct scenario *scenario, const struct run *run, unsigned line)
{
    const struct observation *seg = &run->seen[line].observation;
    bool client = seg->sender_role == ROLE_CLIENT;

    fprintf(stream, "    #%-2u %c", line + 1, scenario->line[line].sending.from ? '<' : '>');
    if (run->seen[line].quotes) {
        fprintf(stream, " icmp%s\n", run->seen[line].unreachable ? " unreachable" : "");
        return;
    }
    if (seg->findings & FINDING_UNUSABLE) {
        fputs(" !unusable\n", stream);
        return;
    }
    fprintf(stream, " conn %" PRIu32 " %s%s", seg->connection - run->seen[0].observation.connection,
            value_name(KIND_PHASE, seg->phase), seg->assumed ? " assumed" : "");
    put_steps(stream, scenario, run, seg);
    put_end(stream, 'C', client ? &seg->sender : &seg->peer);
    put_end(stream, 'S', client ? &seg->peer : &seg->sender);
    fprintf(stream, " seq %s ack %s", value_name(KIND_SEQ, seg->seq_verdict),
            value_name(KIND_ACK, seg->ack_verdict));
    put_numbers(stream, scenario, run, line);
    if (seg->reset_cause)
        fprintf(stream, " cause %s", value_name(KIND_CAUSE, seg->reset_cause));
    if (seg->timer)
        fprintf(stream, " timer %s:%" PRIu32, value_name(KIND_TIMER, seg->timer), seg->timer_count);
    put_set(stream, " owes C:", KIND_DEBT, seg->client_owes);
    put_set(stream, " owes S:", KIND_DEBT, seg->server_owes);
    put_owed(stream, scenario, run, 'C', &seg->client_owed);
    put_owed(stream, scenario, run, 'S', &seg->server_owed);
    put_set(stream, " told ", KIND_TIMEOUT_FINDING, run->seen[line].told);
    put_set(stream, " told ", KIND_FINDING, run->seen[line].accuses);
    put_set(stream, " !", KIND_FINDING, seg->findings);
    fprintf(stream, " [%s, ", value_name(KIND_RULE, seg->sender.rule));
    fprintf(stream, "%s]\n", value_name(KIND_RULE, seg->peer.rule));
}

static void put_value(FILE *stream, const struct run *run, enum connection_field which, int64_t value)
{
    enum value_kind kind = connection_fields[which].kind;

    if (kind == VALUE_FRAME || kind == VALUE_TEXT || kind == VALUE_DATE ||
        (kind != VALUE_NAME && value == ABSENT))
        return;
    fprintf(stream, " %s ", field_word(which).text);
    if (kind == VALUE_NAME)
        fputs(value_name(field_kind(which), field_number(value)), stream);
    else if (kind == VALUE_TIME)
        put_seconds(stream, value);
    else
        fprintf(stream, "%" PRId64, which == CONNECTION_PREVIOUS ? value - run->first : value);
}

static void put_receipts(FILE *stream, const struct scenario *scenario, const struct run *run)
{
    for (unsigned line = 0; line < scenario->count; line++) {
        const struct testimony *received = &run->seen[line].received;
        char name[16];

        if (received->verdict == RECEIVER_NONE)
            continue;
        fprintf(stream, "    receiver %s #%u by #%" PRIu32 "\n", value_name(KIND_RECEIVER, received->verdict),
                line + 1, line_of_frame(run, scenario, received->frame));
        snprintf(name, sizeof name, " #%u\n", line + 1);
        if (received->accuses) {
            put_set(stream, "    finally ", KIND_FINDING, witness_accusations(received->accuses));
            fputs(name, stream);
        }
    }
}

void trace_end(FILE *stream, const struct scenario *scenario, const struct run *run)
{
    put_receipts(stream, scenario, run);
    for (uint32_t i = 0; i < run->connections; i++) {
        const struct hindsight *told = &run->hindsight[i];

        fprintf(stream, "    = %" PRIu32, i);
        for (enum connection_field value = 0; value < CONNECTION_FIELD_COUNT; value++)
            put_value(stream, run, value, told->values.of[value]);
        fprintf(stream, "\n    = %" PRIu32 " history %s", i, *told->history ? told->history : "-");
        for (enum milestone frame = 0; frame < MILESTONE_COUNT; frame++)
            if (told->frame[frame])
                fprintf(stream, " %s#%" PRIu32, value_name(KIND_MILESTONE, frame),
                        line_of_frame(run, scenario, told->frame[frame]));
        fputc('\n', stream);
        for (enum timeout_finding c = 0; c < TIMEOUT_FINDING_COUNT; c++)
            if (told->timeout_findings >> c & 1)
                fprintf(stream, "    finally %s #%" PRIu32 "\n", value_name(KIND_TIMEOUT_FINDING, c),
                        line_of_frame(run, scenario, told->begin[c]));
    }
}
