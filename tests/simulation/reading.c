/* reading.c - a capture, fed to the engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reading.h"

#include "../support/memory.h"

#include "tell/names.h"
#include "summary/outcome.h"

#include <stdio.h>
#include <stdlib.h>

const struct timeouts usual_timeouts = {.handshake = 5 * SECOND,
                                        .fin = 5 * SECOND,
                                        .close_wait = 60 * SECOND,
                                        .fin_wait_2 = 60 * SECOND,
                                        .idle = 75 * SECOND,
                                        .silent = 3 * SECOND};

static enum outcome settled(const struct summary *a)
{
    return outcome_is_settled(a) ? outcome_of(a, a->reported & timeout_findings_at(a, &usual_timeouts, NEVER))
                                 : OUTCOME_COUNT;
}

bool refuses_a_syn(const struct segment *seg)
{
    return segment_has(seg, FLAG_RST | FLAG_ACK) && seg->seq.n == 0;
}

static struct segment disguised(const struct segment *seg, const struct disguise *disguise)
{
    struct segment result = *seg;
    uint32_t own = disguise->shift[seg->from], other = disguise->shift[!seg->from];
    result.seq = refuses_a_syn(seg) ? seg->seq : seq_add(seg->seq, own);
    if (seg->flags & FLAG_ACK) {
        result.ack = seq_add(seg->ack, other);
    }
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        result.sack[i].left = seq_add(seg->sack[i].left, other);
        result.sack[i].right = seq_add(seg->sack[i].right, other);
    }
    result.from = disguise->swapped ? !seg->from : seg->from;
    return result;
}

/* What that segment shows of earlier ones. */
static void take(struct reading *reading, const struct heard *heard)
{
    for (unsigned i = 0; i < heard->count; i++) {
        const struct testimony *t = &heard->testimony[i];
        reading->accused[t->suspect - 1] |= witness_accusations(t->accuses);
    }
}

void reading_make(struct reading *reading, const struct capture *capture, const struct disguise *disguise)
{
    static struct memory memory;
    struct heard heard;
    uint32_t newest = 0;
    memory_open(&memory, capture->time_wait);
    for (unsigned i = 0; i < capture->count; i++) {
        struct segment seg = disguised(&capture->frame[i].packet.seg, disguise);
        struct observation *o = &reading->o[i];
        seg.frame = i + 1;
        memory_observe(&memory, &newest, &seg, &usual_timeouts, o, &heard);
        reading->told[i] = (uint16_t)heard.told;
        reading->accused[i] = 0;
        reading->settled[i] = OUTCOME_COUNT;
        if (!(o->findings & FINDING_UNUSABLE)) {
            reading->settled[i] = (uint8_t)settled(memory_summary(&memory, o->connection));
            take(reading, &heard);
        }
    }
    if (memory.count > CONNECTIONS_MAX) {
        fputs("too many connections\n", stderr);
        abort();
    }
    reading->connections = memory.count;
    for (unsigned i = 0; i < memory.count; i++) {
        reading->summary[i] = *memory_summary(&memory, i);
    }
    memory_close(&memory);
}

void reading_print_summary(const struct reading *reading, unsigned number, int64_t now)
{
    const struct summary *a = &reading->summary[number];
    unsigned timeout_findings = timeout_findings_at(a, &usual_timeouts, now);
    printf("conn %u: %s, opening %s, closing %s, closer %s, holder %s, history %s, reset by %u cause %u, "
           "conclusions %x told %x%s\n",
           number, outcome_name(outcome_of(a, timeout_findings)), opening_name(opening_of(a)),
           closing_name(closing_of(a)), closer_name(closer_of(a)), time_wait_side_name(time_wait_side_of(a)),
           a->history, a->reset_by, a->reset_cause, timeout_findings, a->reported,
           a->desynchronized ? " desynchronized" : "");
}

static void print_end(const char *who, const struct observed_end *end)
{
    static const char *const marks[] = {"", "", "?", "~", "??", "="};
    printf(" %s:%s->%s%s", who, state_name(end->before), state_name(end->after), marks[end->basis]);
}

void reading_print(const struct reading *reading, const struct capture *capture, unsigned at)
{
    const struct observation *o = &reading->o[at];
    const struct packet *packet = &capture->frame[at].packet;
    bool client = o->sender_role == ROLE_CLIENT;
    printf("#%u %c conn %u steps %x%s", at + 1, packet->seg.from ? '<' : '>', o->connection, o->steps,
           o->repeat ? " repeat" : "");
    print_end(client ? "C" : "S", &o->sender);
    print_end(client ? "S" : "C", &o->peer);
    printf(" seq %s ack %s cause %u", seq_verdicts[o->seq_verdict].name, ack_verdicts[o->ack_verdict].name,
           (unsigned)o->reset_cause);
    unsigned from = packet->seg.from;
    if (o->has_seq_expected) {
        printf(" next %u", o->seq_expected.n - capture->base[from].n);
    }
    if (o->has_ack_expected) {
        printf(" due %u", o->ack_expected.n - capture->base[!from].n);
    }
    printf(" told %x remarks %llx accusations %llx | true: %s life %u fate %u", reading->told[at],
           (unsigned long long)o->findings, (unsigned long long)reading->accused[at],
           state_name(packet->state), packet->life, (unsigned)packet->fate);
    const struct quiet *quiet = &capture->frame[at].after;
    if (quiet->is) {
        printf(" quiet > %s < %s", state_name(quiet->state[0]), state_name(quiet->state[1]));
    }
    putchar('\n');
}
