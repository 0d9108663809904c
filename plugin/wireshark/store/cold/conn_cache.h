/* conn_cache.h - where is the memory of each connection?
 *
 * A connection that was heard of lately is cached: what the engine keeps of it and
 * its summary stand ready for use. The others are packed: most of a connection is as in
 * another one that has made the same steps, or said twice. The index of each connection
 * tells which.
 *
 * For each connection that comes into the cache a sweep passes over a constant number of
 * others (the clock algorithm): what was used since it passed last is spared once, the
 * rest is packed. So a segment costs constant time, and the cache is as large as the
 * connections in use need.
 *
 * This header is all that the rest of the plugin knows of this folder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONN_CACHE_H
#define TCPFSM_WIRESHARK_CONN_CACHE_H

#include "summary/summary.h"
#include "connection.h"

/* A connection that stands ready. Behind it comes what the engine keeps of it. */
struct cached {
    uint32_t owner;         /* number of the connection, plus one; 0: free */
    uint32_t next_free;     /* where the next free one stands, plus one */
    bool touched;           /* since the sweep passed */
    struct summary summary; /* from here on it is packed */
    uint32_t stream;        /* Wireshark's, or STREAM_NONE */
};

/* Where a connection is, and what has to be known of it wherever that is. */
struct index {
    uint32_t at : 30;     /* in the cache, or among the packed */
    uint32_t cached : 1;  /* it is in the cache */
    uint32_t settled : 1; /* when it was packed it was neither embryonic nor idle */
    uint32_t tuple : 30;  /* handle of its four-tuple, see tuples.h */
    uint32_t counted : 2; /* enum counted: see server_load.c */
};

void conn_cache_open(void);
void conn_cache_close(void);

/* The connection that was asked for last. */
extern struct conn_cache_hot {
    uint32_t number; /* UINT32_MAX: none */
    struct cached *cached;
} conn_cache_hot;

struct cached *conn_cache_fetch(uint32_t number); /* as conn_cache_at() */

/* A connection, ready for use; the number above all others is that of a new one, whose bytes are zero.
 * NULL without memory. It stays where it is until conn_cache_sweep(). */
static inline struct cached *conn_cache_at(uint32_t number)
{
    return number == conn_cache_hot.number ? conn_cache_hot.cached : conn_cache_fetch(number);
}

static inline struct connection *cached_connection(struct cached *cached)
{
    return (struct connection *)(void *)(cached + 1);
}

/* What there is of a connection but for the engine's part: where it is, or else a copy in
 * `scratch`. NULL: no such connection. */
const struct cached *conn_cache_peek(uint32_t number, struct cached *scratch);

/* Of an existing connection. */
struct index *conn_cache_index(uint32_t number);

/* To be called when nobody uses any of them. */
void conn_cache_sweep(void);

uint32_t conn_cache_count(void); /* connections */
size_t conn_cache_bytes(void);

#endif
