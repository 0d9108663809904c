/* streaming.h - one stream that is sent and acknowledged, without a connection around it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_STREAMING_H
#define TCPFSM_TESTS_UNIT_STREAMING_H

#include "pieces.h"

#include "endpoint/stream.h"

struct streaming {
    struct stream s;
    struct sent sent;
};

/* Bytes from ... to - 1, as a segment that nobody objects to. */
static inline void send(struct streaming *t, uint32_t from, uint32_t to, uint32_t frame)
{
    const struct segment seg = {.seq = at(from), .data = to - from, .frame = frame, .length_known = true};

    if (t->sent.nxt_known)
        stream_extend(&t->s, &t->sent, &seg);
    else
        stream_begin(&t->s, &t->sent, &seg);
    stream_settle(&t->s, &t->sent);
    CHECK(sent_check(&t->sent) == NULL);
    CHECK(stream_check(&t->s, &t->sent) == NULL);
}

/* A SYN at number 0, or where it says. */
static inline void open(struct streaming *t, struct segment syn)
{
    if (syn.seq.n == 0)
        syn.seq = at(0);
    stream_open(&t->s, &t->sent, &syn);
    CHECK(sent_check(&t->sent) == NULL);
    CHECK(stream_check(&t->s, &t->sent) == NULL);
}

static inline void learn_isn(struct streaming *t, uint32_t ack)
{
    stream_learn_isn(&t->s, &t->sent, at(ack));
    CHECK(stream_check(&t->s, &t->sent) == NULL);
}

static inline enum raised acknowledge_up_to(struct streaming *t, uint32_t ack)
{
    enum raised raised = stream_acknowledged(&t->s, &t->sent, at(ack));

    CHECK(sent_check(&t->sent) == NULL);
    CHECK(stream_check(&t->s, &t->sent) == NULL);
    return raised;
}

#define CHECK_STREAM(t, una_, rcv_nxt, nxt_)                               \
    do {                                                                   \
        CHECK_EQUAL(seq_diff((t)->s.una, at(0)), (una_));                  \
        CHECK_EQUAL(seq_diff(sent_rcv_nxt(&(t)->sent), at(0)), (rcv_nxt)); \
        CHECK_EQUAL(seq_diff((t)->sent.nxt, at(0)), (nxt_));               \
    } while (0)

#endif
