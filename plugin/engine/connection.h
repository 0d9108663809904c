/* connection.h - one connection, seen from the middle
 *
 * Read docs/architecture.md, RFC 9293 sections 3.3.2 (states), 3.4 (numbers), 3.5
 * (opening), 3.6 (closing), 3.10.7 (what a segment does on arrival).
 *
 * A captured segment proves something about its sender and lets us presume
 * something about its receiver. A presumption yields to evidence.
 *
 * What can't be known: whether a segment arrived, until its receiver answers;
 * what was sent before the capture began or beside it; the receive buffer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_CONNECTION_H
#define TCPFSM_ENGINE_CONNECTION_H

#include "observation.h"
#include "wire/segment.h"

/* One incarnation: from a SYN (or the first segment captured) until the next
 * one that opens anew on the same addresses and ports. Opaque to callers but for its size. */
struct connection;

/* On Windows, bit-fields of another type than the one before begin a unit of their own. */
#ifdef _WIN32
enum { CONNECTION_SIZE_MAX = 400 };
#else
enum { CONNECTION_SIZE_MAX = 320 };
#endif

size_t connection_size(void); /* bytes, at most CONNECTION_SIZE_MAX */

/* Packets seen lately, to know one that was captured twice. */
struct recent {
    uint64_t identity; /* of the packet, and in the lower 16 bits of where it was captured */
    int64_t time;
    uint32_t frame;
};

enum { RECENT = 2048 };

struct observer {
    int64_t time_wait; /* 2MSL in ns (RFC 9293 3.6.1) */

    /* Gives the memory of connection `number`: connection_size() bytes, aligned as for int64_t, that live as
     * long as the observer. One number above all before is a new connection, whose bytes are zero; NULL if
     * there is no more memory (its segment is then not judged). */
    struct connection *(*connection)(void *context, uint32_t number);
    void *context;
    uint32_t connections;         /* number of connections so far; the engine counts */
    struct recent recent[RECENT]; /* the engine's; zeroed at the start */
};

/* Observes the next segment of a four-tuple, in the order of the capture.
 *
 * `newest` is the caller's handle of that four-tuple: 0 before its first segment,
 * then the number of its newest connection plus one, which knows the ones before.
 * `segment->from` tells the ends of the four-tuple apart, always in the same way.
 * Fills `observation` whole. Costs no allocation but that of a new connection.
 */
void connection_observe(uint32_t *newest, const struct segment *segment, struct observer *observer,
                        struct observation *observation);

/* The same of a packet that was captured before, whatever is in it: nothing changes. */
void connection_pass(uint32_t newest, const struct segment *segment, const struct observer *observer,
                     struct observation *observation);

/* Was this packet captured before, at the same place or at another, and when? NULL: not that is remembered.
 * `newest`: of its four-tuple, as above. */
const struct recent *connection_sighting(const struct observer *observer, uint32_t newest,
                                         const struct segment *segment);

/* SND.NXT of that end, as far as it was captured; false: nothing was. */
bool connection_nxt(const struct connection *connection, unsigned from, seq_t *nxt);

/* Counts one more connection, to which its caller will copy one of another observer. Returns its number plus
 * one, or 0 without memory. */
uint32_t connection_reserve(struct observer *observer);

/* Who is its client is known from elsewhere. */
void connection_name_client(struct connection *connection, unsigned client);

/* There is no incarnation before it any more. */
void connection_unlink(struct connection *connection);

/* The number of the incarnation before on these addresses and ports, plus one; 0: none. */
uint32_t connection_previous(const struct connection *connection);

#endif
