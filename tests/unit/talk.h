/* talk.h - two ends talk, and the engine listens
 *
 * Numbers are counted from the ISN of the end that they belong to, as in the
 * scenarios; both ISNs are chosen so that the stream wraps within the first bytes.
 *
 *     struct talk t = talk_begin();
 *     SAY(&t, .from = CLIENT, .flags = S);
 *     CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1)->steps, STEP_SYN_ACK);
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_TALK_H
#define TCPFSM_TESTS_UNIT_TALK_H

#include "../support/checked.h"
#include "check.h"
#include "look.h"
#include "tell/names.h"

enum { CLIENT = 0, SERVER = 1 };

enum {
    S = FLAG_SYN,
    A = FLAG_ACK,
    F = FLAG_FIN,
    R = FLAG_RST,
    SA = FLAG_SYN | FLAG_ACK,
    FA = FLAG_FIN | FLAG_ACK,
    RA = FLAG_RST | FLAG_ACK,
};

enum {
    CONNECTIONS_MAX = 8,
    STEP_MS = 10,  /* between two segments that say nothing of their time */
    WINDOW = 1000, /* of a segment that says nothing of its window */
};

#define SECOND INT64_C(1000000000)

/* What one end says. Whatever isn't mentioned is 0, or as usual. */
struct saying {
    unsigned from;
    unsigned flags;
    uint32_t seq, ack; /* from the ISNs of the sender, of the peer */
    uint32_t data;
    uint32_t wait;    /* milliseconds since the segment before; 0: STEP_MS */
    uint32_t tsval;   /* 0: no timestamp */
    uint32_t tsecr;   /* with tsval */
    uint32_t sack[2]; /* one block, from the ISN of the peer; none if empty */
    uint16_t window;  /* 0: WINDOW */
    uint16_t scale;   /* 0: no window scale option */
    uint16_t mss;     /* 0: no such option */
    uint16_t ip_id;   /* 0: none */
    uint16_t path;
    bool shut; /* a window of 0 */
    bool fast_open, sack_permitted, mptcp, no_options, no_length;
};

struct talk {
    struct connection pool[CONNECTIONS_MAX];
    unsigned allocations;
    bool out_of_memory;
    uint32_t handle; /* number of the newest connection, plus one */
    struct observer observer;
    struct observation o; /* of the last segment */
    struct segment seg;   /* the last segment */
    struct look look;     /* of talk_look() */
    seq_t isn[2];
    int64_t now;
    uint32_t frame;
};

/* The memory of a connection; a number that was not asked for before is a new one. */
static inline struct connection *talk_connection(void *context, uint32_t number)
{
    struct talk *t = context;

    if (number >= t->allocations) {
        if (t->out_of_memory || t->allocations == CONNECTIONS_MAX)
            return NULL;
        t->allocations++;
    }
    return number < t->allocations ? &t->pool[number] : NULL;
}

/* May be returned by value: nothing in it points to where it lies. */
static inline struct talk talk_begin(void)
{
    struct talk t;

    memset(&t, 0, sizeof t);
    t.observer.time_wait = 60 * SECOND;
    t.isn[CLIENT] = seq_of(0xfffffffe);
    t.isn[SERVER] = seq_of(0xffffffc0);
    t.now = 1000 * SECOND;
    return t;
}

static inline uint16_t talk_window(struct saying s)
{
    if (s.shut)
        return 0;
    return s.window != 0 ? s.window : WINDOW;
}

static inline void talk_options(const struct talk *t, struct saying s, struct segment *seg)
{
    if (s.tsval != 0) {
        seg->has_timestamps = true;
        seg->tsval = s.tsval;
        seg->tsecr = s.tsecr;
    }
    if (s.scale != 0) {
        seg->has_scale = true;
        seg->scale = (uint8_t)s.scale;
    }
    if (s.sack[1] != 0) {
        seg->sack_blocks = 1;
        seg->sack[0].left = seq_add(t->isn[!s.from], s.sack[0]);
        seg->sack[0].right = seq_add(t->isn[!s.from], s.sack[1]);
    }
    seg->mss = s.mss;
    seg->fast_open = s.fast_open;
    seg->sack_permitted = s.sack_permitted;
    seg->mptcp = s.mptcp;
}

/* The segment of a saying, as segment_parse() and its caller would give it. Time goes on. */
static inline const struct segment *talk_segment(struct talk *t, struct saying s)
{
    t->now += (int64_t)(s.wait != 0 ? s.wait : STEP_MS) * 1000000;
    t->frame++;
    t->seg = (struct segment){
        .source_port = s.from == CLIENT ? 40000 : 80,
        .destination_port = s.from == CLIENT ? 80 : 40000,
        .seq = seq_add(t->isn[s.from], s.seq),
        .ack = (s.flags & A) ? seq_add(t->isn[!s.from], s.ack) : seq_of(0),
        .flags = (uint16_t)s.flags,
        .window = talk_window(s),
        .data = s.data,
        .usable = true,
        .options_known = !s.no_options,
        .length_known = !s.no_length,
        .has_ip_id = s.ip_id != 0,
        .ip_id = s.ip_id,
        .path = s.path,
        .point = s.path,
        .from = (uint8_t)s.from,
        .frame = t->frame,
        .time = t->now,
    };
    talk_options(t, s, &t->seg);
    return &t->seg;
}

static inline const struct observation *talk_observe(struct talk *t)
{
    t->observer.connection = talk_connection;
    t->observer.context = t;
    memset(&t->o, 0xa5, sizeof t->o); /* all of it has to be written */
    checked_observe(&t->handle, &t->seg, &t->observer, &t->o);
    return &t->o;
}

static inline const struct observation *talk_say(struct talk *t, struct saying s)
{
    talk_segment(t, s);
    return talk_observe(t);
}

#define SAY(t, ...) talk_say((t), (struct saying){__VA_ARGS__})

/* The newest connection; NULL before the first segment. */
static inline struct connection *talk_newest(struct talk *t)
{
    return t->handle != 0 ? &t->pool[t->handle - 1] : NULL;
}

/* All bytes of a connection: was anything in it changed? */
struct snapshot {
    unsigned char bytes[sizeof(struct connection)];
};

static inline struct snapshot talk_snapshot(struct talk *t)
{
    struct snapshot snapshot;

    memcpy(snapshot.bytes, (const unsigned char *)talk_newest(t), sizeof snapshot.bytes);
    return snapshot;
}

static inline bool talk_is_unchanged(struct talk *t, const struct snapshot *since)
{
    struct snapshot now = talk_snapshot(t);

    return memcmp(since->bytes, now.bytes, sizeof now.bytes) == 0;
}

/* A segment on the newest connection that the stages of the engine can be handed one by one:
 * nothing was learnt, judged or moved yet. Good until the next saying or look. */
static inline struct look *talk_look(struct talk *t, struct saying s)
{
    const struct segment *seg = talk_segment(t, s);
    struct connection *c = talk_newest(t);
    const struct connection *previous = c->lineage.previous != 0 ? &t->pool[c->lineage.previous - 1] : NULL;

    look_begin(&t->look, c, previous, seg);
    return &t->look;
}

#define LOOK(t, ...) talk_look((t), (struct saying){__VA_ARGS__})

/* The judgment of a saying, with nothing moved by it. */
#define JUDGE(t, ...) talk_judge(LOOK((t), __VA_ARGS__))

/* A connection that no segment belongs to yet, to be filled by hand. */
static inline struct connection *talk_blank(struct talk *t)
{
    struct connection *c = &t->pool[t->allocations++];

    t->handle = ++t->observer.connections;
    c->end[CLIENT].belief.since = c->end[SERVER].belief.since = NO_TIME;
    return c;
}

/* How far `number` lies from the ISN of end `of`. */
static inline int64_t talk_offset(const struct talk *t, unsigned of, seq_t number)
{
    return seq_diff(number, t->isn[of]);
}

/* The client's SYN is not answered yet. */
static inline struct talk talk_with_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    return t;
}

/* It is, and step 3 has yet to come. */
static inline struct talk talk_answered(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    return t;
}

/* The three-way handshake: the client's next number is 1, the server's, too. */
static inline void talk_open(struct talk *t)
{
    SAY(t, .from = CLIENT, .flags = S);
    SAY(t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

static inline struct talk talk_opened(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    return t;
}

/* The client has sent 400 bytes in two segments, the server acknowledged the first. */
static inline struct talk talk_half_acknowledged(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 200);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201);
    return t;
}

/* The client closes, then the server: the client's next number is 2, the server's, too. */
static inline void talk_close(struct talk *t)
{
    SAY(t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    SAY(t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
}

/* The states after the segment, of its sender and of its peer. */
#define CHECK_STATES(o, sender_state, peer_state)                             \
    do {                                                                      \
        const struct observation *o_ = (o);                                   \
        CHECK_STRING(state_name(o_->sender.after), state_name(sender_state)); \
        CHECK_STRING(state_name(o_->peer.after), state_name(peer_state));     \
    } while (0)

#define CHECK_SEQ(o, verdict) CHECK_STRING(seq_verdicts[(o)->seq_verdict].name, seq_verdicts[verdict].name)
#define CHECK_ACK(o, verdict) CHECK_STRING(ack_verdicts[(o)->ack_verdict].name, ack_verdicts[verdict].name)

/* The bound that was broken, from the ISN of `end`. */
#define CHECK_BOUND(t, end, offset)                                   \
    do {                                                              \
        CHECK((t)->o.has_bound);                                      \
        CHECK_EQUAL(talk_offset((t), (end), (t)->o.bound), (offset)); \
    } while (0)

#endif
