/* reading.c - a capture, fed to the engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTION_BYTES = 256,
    CONNECTIONS_MAX = 2048,
    ACCUSATIONS = REMARK_DATA_AFTER_FIN | REMARK_DATA_AFTER_RESET | REMARK_SEQ_INVALID | REMARK_ACK_INVALID |
                  REMARK_RESET_INVALID,
};

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

static struct segment disguised(const struct segment *seg, const struct disguise *disguise)
{
    struct segment result = *seg;
    uint32_t own = disguise->shift[seg->from], other = disguise->shift[!seg->from];
    result.seq = seq_add(seg->seq, own);
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
    pool.used = 0;
    memset(&observer, 0, sizeof observer);
    observer.time_wait = capture->time_wait;
    observer.connection = connection;
    observer.context = &pool;
    for (unsigned i = 0; i < capture->count; i++) {
        struct segment seg = disguised(&capture->frame[i].packet.seg, disguise);
        seg.frame = i + 1;
        connection_observe(&newest, &seg, &observer, &reading->o[i]);
    }
}

unsigned accusations_of(const struct observation *o)
{
    unsigned set = o->remarks & (unsigned)ACCUSATIONS;
    set |= seq_verdicts[o->seq_verdict].valid == INVALID ? REMARK_SEQ_INVALID : 0u;
    set |= ack_verdicts[o->ack_verdict].valid == INVALID ? REMARK_ACK_INVALID : 0u;
    set |= o->reset_cause == RESET_NOT_ACCEPTABLE ? REMARK_RESET_INVALID : 0u;
    return set;
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
    printf(" remarks %x accusations %x | true: %s life %u fate %u", o->remarks, accusations_of(o),
           state_name(packet->state), packet->life, (unsigned)packet->fate);
    const struct quiet *quiet = &capture->frame[at].after;
    if (quiet->is) {
        printf(" quiet > %s < %s", state_name(quiet->state[0]), state_name(quiet->state[1]));
    }
    putchar('\n');
}
