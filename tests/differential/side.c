/* side.c - one of the two engines, as plain numbers: how is it driven?
 *
 * Compiled once against each engine: NAMES is the header with its names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "forms.h"

#include <stdlib.h>
#include <string.h>

/* The order is that of enum plain. */
#define SEGMENT_MEMBERS(MEMBER) \
    MEMBER(source_port)         \
    MEMBER(destination_port)    \
    MEMBER(seq.n)               \
    MEMBER(ack.n)               \
    MEMBER(flags)               \
    MEMBER(window)              \
    MEMBER(data)                \
    MEMBER(mss)                 \
    MEMBER(scale)               \
    MEMBER(sack_blocks)         \
    MEMBER(sack[0].left.n)      \
    MEMBER(sack[0].right.n)     \
    MEMBER(sack[1].left.n)      \
    MEMBER(sack[1].right.n)     \
    MEMBER(sack[2].left.n)      \
    MEMBER(sack[2].right.n)     \
    MEMBER(sack[3].left.n)      \
    MEMBER(sack[3].right.n)     \
    MEMBER(tsval)               \
    MEMBER(tsecr)               \
    MEMBER(has_scale)           \
    MEMBER(has_timestamps)      \
    MEMBER(sack_permitted)      \
    MEMBER(fast_open)           \
    MEMBER(mptcp)               \
    MEMBER(signature)           \
    MEMBER(usable)              \
    MEMBER(options_known)       \
    MEMBER(length_known)        \
    MEMBER(has_ip_id)           \
    MEMBER(ip_id)               \
    MEMBER(path)                \
    MEMBER(from)                \
    MEMBER(frame)               \
    MEMBER(time)

/* A connection and its account. */
struct block {
    struct account block_account;
    max_align_t block_connection[];
};

struct side_life {
    struct observer life_observer;
    struct block **life_blocks;
    uint32_t life_used, life_made; /* blocks of this life; blocks that there are */
    bool life_may_grow;
};

static const struct timeouts usual = {
    .handshake = 5 * FORM_SECOND,
    .fin = 5 * FORM_SECOND,
    .close_wait = 60 * FORM_SECOND,
    .fin_wait_2 = 60 * FORM_SECOND,
    .idle = 75 * FORM_SECOND,
    .silent = 3 * FORM_SECOND,
};

static void read_segment(const void *bytes, int64_t plain[PLAIN_COUNT])
{
    const struct segment *s = bytes;
    unsigned at = 0;

#define READ(member) plain[at++] = (int64_t)s->member;
    SEGMENT_MEMBERS(READ)
#undef READ
}

static void write_segment(struct segment *s, const int64_t plain[PLAIN_COUNT])
{
    unsigned at = 0;

    memset(s, 0, sizeof *s);
#define WRITE(member) s->member = plain[at++];
    SEGMENT_MEMBERS(WRITE)
#undef WRITE
}

static void *must(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

static size_t block_size(void)
{
    return sizeof(struct block) + connection_size();
}

static struct connection *connection_memory(void *context, uint32_t number)
{
    struct side_life *life = context;

    if (number < life->life_used)
        return (struct connection *)life->life_blocks[number]->block_connection;
    if (!life->life_may_grow)
        return NULL;
    if (life->life_used == life->life_made) {
        life->life_blocks = must(realloc(life->life_blocks, (life->life_made + 1) * sizeof(struct block *)));
        life->life_blocks[life->life_made++] = must(malloc(block_size()));
    }
    memset(life->life_blocks[life->life_used], 0, block_size());
    return (struct connection *)life->life_blocks[life->life_used++]->block_connection;
}

static void life_restart(struct side_life *life)
{
    life->life_used = 0;
    memset(&life->life_observer, 0, sizeof life->life_observer);
    life->life_observer.connection = connection_memory;
    life->life_observer.context = life;
}

static struct side_life *life_open(void)
{
    struct side_life *life = must(calloc(1, sizeof *life));

    life_restart(life);
    return life;
}

/* As the store of the plugin does. */
static void book(struct side_life *life, const struct segment *s, struct observation *o, struct form *form)
{
    struct block *block = life->life_blocks[o->connection];
    uint32_t before = connection_previous((const struct connection *)block->block_connection);
    struct account *earlier = before ? &life->life_blocks[before - 1]->block_account : NULL;

    PUT(form, before);
    PUT(form, conclusions_book(&block->block_account, earlier, before, s, o, &usual));
    form_booked(form, o);
    form_account(form, &block->block_account, &usual, s->time);
    if (earlier)
        form_account(form, earlier, &usual, s->time);
}

static void life_observe(struct side_life *life, uint32_t newest, int64_t time_wait, bool may_grow,
                         const int64_t plain[PLAIN_COUNT], struct form *form)
{
    struct segment s;
    struct observation o;

    write_segment(&s, plain);
    memset(&o, 0xa5, sizeof o); /* the engine has to fill all of it */
    life->life_observer.time_wait = time_wait;
    life->life_may_grow = may_grow;
    connection_observe(&newest, &s, &life->life_observer, &o);
    form_observation(form, &o);
    PUT(form, newest);
    PUT(form, life->life_observer.connections);
    if (!(o.remarks & REMARK_UNUSABLE) && o.connection < life->life_used)
        book(life, &s, &o, form);
}

static void life_quote(struct side_life *life, uint32_t number, const int64_t plain[PLAIN_COUNT],
                       struct form *form)
{
    struct segment s;
    struct account *a = &life->life_blocks[number]->block_account;

    write_segment(&s, plain);
    PUT(form, account_book_icmp(a, s.from, s.seq, s.frame, s.time + 1000000));
    form_account(form, a, &usual, s.time);
}

static void read_observation(const void *observation, struct form *form)
{
    form_observation(form, observation);
}

static void parse(const uint8_t *header, size_t captured, uint32_t length, int64_t plain[PLAIN_COUNT])
{
    struct segment s;

    memset(&s, 0xa5, sizeof s);
    segment_parse(&s, header, captured, length);
    read_segment(&s, plain);
}

const struct side *side(void)
{
    static const struct side functions = {
        .side_open = life_open,
        .side_restart = life_restart,
        .side_observe = life_observe,
        .side_quote = life_quote,
        .side_read_segment = read_segment,
        .side_read_observation = read_observation,
        .side_parse = parse,
        .side_print_tables = print_tables,
    };
    return &functions;
}
