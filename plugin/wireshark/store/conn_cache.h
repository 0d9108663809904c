/* conn_cache.h - where is the memory of each connection?
 *
 * A connection that was heard of lately has a slot: what the engine keeps of it and
 * its summary, ready for use. The others are packed (word_codec.h) in an arena: most of
 * a connection is zero or said twice. A card for each connection tells which.
 *
 * A clock's hand sweeps over a constant number of slots for each that is taken: what
 * was used since it passed last is spared once, the rest is packed. So a segment
 * costs constant time, and the slots in use follow the connections in use.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONN_CACHE_H
#define TCPFSM_WIRESHARK_CONN_CACHE_H

#include "summary/summary.h"
#include "connection.h"

/* A connection that is ready for use. Behind it stands what the engine keeps of it. */
struct slot {
    uint32_t owner;         /* number of the connection, plus one; 0: free */
    uint32_t next;          /* place of the next free one, plus one */
    bool touched;           /* since the hand passed */
    struct summary summary; /* from here on it is packed */
    uint32_t stream;        /* Wireshark's, or STREAM_NONE */
};

/* What is known of each connection wherever it is. */
struct card {
    uint32_t place : 30;  /* of its slot or its block */
    uint32_t live : 1;    /* it has a slot */
    uint32_t settled : 1; /* when it was packed it was neither embryonic nor idle */
    uint32_t entry : 30;  /* handle of its entry, see tuples.h */
    uint32_t counted : 2; /* at its server, see server_load.c */
};

void conn_cache_open(void);
void conn_cache_close(void);

/* The slot that was asked for last. */
extern struct conn_cache_hot {
    uint32_t number; /* UINT32_MAX: none */
    struct slot *slot;
} conn_cache_hot;

struct slot *conn_cache_fetch(uint32_t number); /* as conn_cache_at() */

/* The slot of a connection; the number above all others is that of a new one, whose bytes are zero.
 * NULL without memory. It stays where it is until conn_cache_sweep(). */
static inline struct slot *conn_cache_at(uint32_t number)
{
    return number == conn_cache_hot.number ? conn_cache_hot.slot : conn_cache_fetch(number);
}

static inline struct connection *slot_connection(struct slot *slot)
{
    return (struct connection *)(void *)(slot + 1);
}

/* What there is of a connection but for the engine's part: where it is, or else a copy in
 * `scratch`. NULL: no such connection. */
const struct slot *conn_cache_peek(uint32_t number, struct slot *scratch);

struct card *conn_cache_card(uint32_t number);

/* To be called when nobody uses a slot any more. */
void conn_cache_sweep(void);

uint32_t conn_cache_count(void); /* connections */
size_t conn_cache_bytes(void);

#endif
