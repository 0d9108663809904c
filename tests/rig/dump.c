/* dump.c - an observation as `tshark -T fields` prints it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump.h"

#include "words.h"

#include <inttypes.h>
#include <string.h>

static const char *const columns[] = {
    "frame",
    "connection",
    "sender.role",
    "phase",
    "handshake.step",
    "teardown.step",
    "step",
    "repeat",
    "repeat_of",
    "sender.state_before",
    "sender.state",
    "peer.state_before",
    "peer.state",
    "client.state",
    "server.state",
    "client.basis",
    "server.basis",
    "assumed",
    "state_changed",
    "sender.presumed",
    "lost_frame",
    "sender.time_in_state",
    "peer.time_in_state",
    "seq.length",
    "seq.expected_raw",
    "ack.expected_raw",
    "seq.from_frame",
    "ack.from_frame",
    "seq.verdict",
    "ack.verdict",
    "seq.valid",
    "ack.valid",
    "reset.cause",
    "timer",
    "timer.count",
    "timer.interval",
    "owes.client",
    "owes.server",
    "receiver.verdict", /* both in two passes only */
    "receiver.frame",
    "expert",
    "told",  /* experts in one pass only */
    "final", /* experts in two passes only */
};

/* A date is that of the capture, which no scenario asks for, in as many forms as there are Wiresharks. */
static bool is_column(enum connection_field field)
{
    return connection_fields[field].group != GROUP_REPORTS && connection_fields[field].kind != VALUE_DATE;
}

/* FRAMENUM fields below tcpfsm.connection. */
void dump_header(FILE *stream)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        fprintf(stream, "%s%s", i ? "\t" : "", columns[i]);
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++)
        if (is_column(i))
            fprintf(stream, "\tconnection.%s", connection_fields[i].name);
    fputc('\n', stream);
}

static void put_number(FILE *stream, bool present, int64_t value)
{
    if (present)
        fprintf(stream, "\t%" PRId64, value);
    else
        fputc('\t', stream);
}

static void put_time(FILE *stream, int64_t time)
{
    if (time == NO_TIME)
        fputc('\t', stream);
    else
        fprintf(stream, "\t%" PRId64 ".%09" PRId64, time / 1000000000, time % 1000000000);
}

/* The bits first ... last - 1 of `set`, counted from 1. */
static void put_bits(FILE *stream, unsigned set, unsigned first, unsigned last)
{
    const char *separator = "";

    fputc('\t', stream);
    for (unsigned bit = first; bit < last; bit++)
        if (set >> bit & 1) {
            fprintf(stream, "%s%u", separator, bit - first + 1);
            separator = ",";
        }
}

static void put_owes(FILE *stream, unsigned set)
{
    enum debt list[DEBT_COUNT];
    unsigned count = debts_in_order(set, list);

    for (unsigned i = 0; i < count; i++)
        fprintf(stream, "%c%u", i ? ',' : '\t', (unsigned)list[i]);
}

static void put_valid(FILE *stream, enum validity valid)
{
    put_number(stream, valid != UNTOLD, valid == VALID);
}

static void put_experts(FILE *stream, const struct observation *seg)
{
    findings_t set = seg->findings & ~(FINDINGS_INTERNAL | SUSPICIONS);
    const char *separator = "\t";

    if (seg->steps) {
        fputs("\tstep", stream);
        separator = ",";
    }
    for (unsigned bit = 0; bit < kind_values(KIND_FINDING); bit++)
        if (set >> bit & 1) {
            const char *name = value_name(KIND_FINDING, bit);

            fputs(separator, stream);
            separator = ",";
            for (; *name; name++)
                fputc(*name == '-' ? '_' : *name, stream);
        }
    if (*separator == '\t')
        fputc('\t', stream);
}

static void dump_states(FILE *stream, const struct observation *seg)
{
    bool client = seg->sender_role == ROLE_CLIENT;
    const struct observed_end *ends[2] = {client ? &seg->sender : &seg->peer,
                                          client ? &seg->peer : &seg->sender};

    put_number(stream, true, seg->sender.before);
    put_number(stream, true, seg->sender.after);
    put_number(stream, true, seg->peer.before);
    put_number(stream, true, seg->peer.after);
    put_number(stream, true, ends[0]->after);
    put_number(stream, true, ends[1]->after);
    put_number(stream, true, ends[0]->basis);
    put_number(stream, true, ends[1]->basis);
}

/* Names of experts are those of the bits, with underscores. */
static void put_names(FILE *stream, enum kind kind, findings_t set, const char *separator)
{
    for (unsigned bit = 0; bit < kind_values(kind); bit++)
        if (set >> bit & 1) {
            const char *name = value_name(kind, bit);

            fputs(separator, stream);
            separator = ",";
            for (; *name; name++)
                fputc(*name == '-' ? '_' : *name, stream);
        }
}

/* Of time-outs, and of what a witness tells. */
static void put_both(FILE *stream, unsigned timeout_findings, findings_t findings)
{
    fputc('\t', stream);
    put_names(stream, KIND_TIMEOUT_FINDING, timeout_findings, "");
    put_names(stream, KIND_FINDING, findings, timeout_findings ? "," : "");
}

static void dump_field(FILE *stream, const struct hindsight *told, enum connection_field field)
{
    int64_t value = told->values.of[field];

    if (connection_fields[field].kind == VALUE_TEXT)
        fprintf(stream, "\t%s", told->history);
    else if (connection_fields[field].kind == VALUE_TIME)
        put_time(stream, value);
    else
        put_number(stream, value != ABSENT, value);
}

/* NULL: of no connection. */
static void dump_hindsight(FILE *stream, const struct hindsight *told)
{
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++)
        if (is_column(i)) {
            if (told)
                dump_field(stream, told, i);
            else
                fputc('\t', stream);
        }
}

static unsigned timeout_findings_on(const struct hindsight *told, uint32_t frame)
{
    unsigned set = 0;

    for (enum timeout_finding i = 0; i < TIMEOUT_FINDING_COUNT; i++)
        if ((told->timeout_findings >> i & 1) && told->begin[i] == frame)
            set |= 1u << i;
    return set;
}

/* An ICMP error: an expert, and the connection that it belongs to. */
static void dump_quote(FILE *stream, const struct seen *seen, const struct hindsight *told)
{
    put_number(stream, seen->unreachable, seen->observation.connection);
    for (size_t i = 2; i < sizeof columns / sizeof *columns; i++)
        fputs(strcmp(columns[i], "expert") == 0 && seen->unreachable ? "\tunreachable" : "\t", stream);
    dump_hindsight(stream, seen->unreachable ? told : NULL);
    fputc('\n', stream);
}

void dump_line(FILE *stream, const struct seen *seen, const struct hindsight *told,
               const struct testimony *received)
{
    const struct observation *seg = &seen->observation;

    fprintf(stream, "%" PRIu32, seen->segment.frame);
    if (seen->quotes) {
        dump_quote(stream, seen, told);
        return;
    }
    put_number(stream, true, seg->connection);
    put_number(stream, true, seg->sender_role);
    put_number(stream, true, seg->phase);
    put_bits(stream, seg->steps, 0, 3);
    put_bits(stream, seg->steps, 3, 7);
    put_bits(stream, seg->steps, 0, 7);
    put_number(stream, true, seg->repeat);
    put_number(stream, seg->repeat_of, seg->repeat_of);
    dump_states(stream, seg);
    put_number(stream, true, seg->assumed);
    put_number(stream, true, seg->state_changed);
    put_number(stream, seg->corrected, seg->presumed);
    put_number(stream, seg->lost_frame, seg->lost_frame);
    put_time(stream, seg->sender.time_in_state);
    put_time(stream, seg->peer.time_in_state);
    put_number(stream, seen->segment.length_known, segment_length(&seen->segment));
    put_number(stream, seg->has_seq_expected, seg->seq_expected.n);
    put_number(stream, seg->has_ack_expected, seg->ack_expected.n);
    put_number(stream, seg->seq_from_frame, seg->seq_from_frame);
    put_number(stream, seg->ack_from_frame, seg->ack_from_frame);
    put_number(stream, true, seg->seq_verdict);
    put_number(stream, true, seg->ack_verdict);
    put_valid(stream, seq_verdicts[seg->seq_verdict].valid);
    put_valid(stream, ack_verdicts[seg->ack_verdict].valid);
    put_number(stream, seg->reset_cause, seg->reset_cause);
    put_number(stream, seg->timer, seg->timer);
    put_number(stream, seg->timer_count, seg->timer_count);
    put_time(stream, seg->timer_interval);
    put_owes(stream, seg->client_owes);
    put_owes(stream, seg->server_owes);
    put_number(stream, received->verdict != RECEIVER_NONE, received->verdict);
    put_number(stream, received->verdict != RECEIVER_NONE, received->frame);
    put_experts(stream, seg);
    put_both(stream, seen->told, (seg->findings & SUSPICIONS) | seen->accuses);
    put_both(stream, timeout_findings_on(told, seen->segment.frame),
             witness_findings(seg->findings, received));
    dump_hindsight(stream, told);
    fputc('\n', stream);
}
