/* reading.c - a capture, fed to the engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reading.h"

#include "../support/checked.h"

#include "tell/names.h"
#include "summary/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTION_BYTES = CONNECTION_SIZE_MAX,
};

#define ACCUSATIONS                                                                                  \
    (FINDING_DATA_AFTER_FIN | FINDING_DATA_AFTER_RESET | FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | \
     FINDING_RESET_SUSPECT)

struct pool {
    unsigned used;
    _Alignas(max_align_t) unsigned char connection[CONNECTIONS_MAX][CONNECTION_BYTES];
};

static struct connection *connection(void *context, uint32_t number)
{
    struct pool *pool = context;
    if (number < pool->used) {
        return (void *)pool->connection[number];
    }
    if (pool->used == CONNECTIONS_MAX || connection_size() > CONNECTION_BYTES) {
        fputs("the pool is too small\n", stderr);
        abort();
    }
    void *bytes = pool->connection[pool->used++];
    memset(bytes, 0, CONNECTION_BYTES);
    return bytes;
}

const struct timeouts usual_timeouts = {.handshake = 5 * SECOND,
                                        .fin = 5 * SECOND,
                                        .close_wait = 60 * SECOND,
                                        .fin_wait_2 = 60 * SECOND,
                                        .idle = 75 * SECOND,
                                        .silent = 3 * SECOND};

/* The store of the plugin does the same. */
static unsigned book(struct reading *reading, const struct pool *pool, const struct segment *seg,
                     struct observation *o)
{
    uint32_t number = o->connection;
    if (o->findings & FINDING_UNUSABLE) {
        return 0;
    }
    for (; reading->connections <= number; reading->connections++) {
        memset(&reading->summary[reading->connections], 0, sizeof *reading->summary);
    }
    uint32_t before = connection_previous((const void *)pool->connection[number]);
    return checked_update(&reading->summary[number], before ? &reading->summary[before - 1] : NULL, before,
                          seg, o, &usual_timeouts);
}

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

void reading_make(struct reading *reading, const struct capture *capture, const struct disguise *disguise)
{
    static struct pool pool;
    static struct observer observer;
    uint32_t newest = 0;
    pool.used = reading->connections = 0;
    memset(&observer, 0, sizeof observer);
    observer.time_wait = capture->time_wait;
    observer.connection = connection;
    observer.context = &pool;
    for (unsigned i = 0; i < capture->count; i++) {
        struct segment seg = disguised(&capture->frame[i].packet.seg, disguise);
        seg.frame = i + 1;
        checked_observe(&newest, &seg, &observer, &reading->o[i]);
        reading->told[i] = (uint16_t)book(reading, &pool, &seg, &reading->o[i]);
        reading->settled[i] = (uint8_t)settled(&reading->summary[reading->o[i].connection]);
    }
}

findings_t accusations_of(const struct observation *o)
{
    findings_t set = o->findings & ACCUSATIONS;
    set |= seq_verdicts[o->seq_verdict].valid == INVALID ? FINDING_SEQ_SUSPECT : 0;
    set |= ack_verdicts[o->ack_verdict].valid == INVALID ? FINDING_ACK_SUSPECT : 0u;
    set |= o->reset_cause == RESET_NOT_ACCEPTABLE ? FINDING_RESET_SUSPECT : 0u;
    return set;
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
    static const char *const marks[] = {"", "", "?", "~", "??"};
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
           (unsigned long long)o->findings, (unsigned long long)accusations_of(o), state_name(packet->state),
           packet->life, (unsigned)packet->fate);
    const struct quiet *quiet = &capture->frame[at].after;
    if (quiet->is) {
        printf(" quiet > %s < %s", state_name(quiet->state[0]), state_name(quiet->state[1]));
    }
    putchar('\n');
}
