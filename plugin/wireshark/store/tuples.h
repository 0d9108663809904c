/* tuples.h - which four-tuple of addresses and ports is this segment part of?
 *
 * A table from the four-tuple to its newest connection. A stream of Wireshark's is
 * not a connection (versions split streams differently): its number is kept for
 * display only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TUPLES_H
#define TCPFSM_WIRESHARK_TUPLES_H

#include "store/packing.h"

/* Bytes of a key: two addresses (of IPv4; of anything else, with zeroes behind shorter ones), two ports. */
enum { KEY_SHORT = 12, KEY_LONG = 36, ADDRESS_SHORT = 4, ADDRESS_LONG = 16 };

/* Both ends of a segment, in an order that its direction doesn't change. */
struct tuple {
    uint8_t key[KEY_LONG];
    uint8_t size; /* KEY_SHORT or KEY_LONG */
    uint8_t from; /* the end that sent it: 0 or 1 */
    bool same;    /* both ends are equal: the sender can't be told */
    uint32_t hash;
};

/* One end of a segment. */
struct tuple_end {
    const void *address;
    uint16_t port;
};

/* `length`: of either address. False if it is absent or longer than ADDRESS_LONG. */
bool tuple_make(struct tuple *tuple, struct tuple_end source, struct tuple_end destination, size_t length);

/* What is kept of a four-tuple. */
struct tuple_entry {
    uint32_t newest : 30;  /* number of its newest connection, plus one; 0: none yet */
    uint32_t acked : 1;    /* a segment with ACK was captured on that stream */
    uint32_t is_short : 1; /* which table it stands in */
    uint32_t stream;       /* Wireshark's, or STREAM_NONE before anyone asked */
    uint16_t place[2];     /* where segments of either end are captured, or PLACES_SEVERAL */
};

/* Captured at several points: points.h knows which. No segment's place is that. */
enum { PLACES_SEVERAL = UINT16_MAX };

void tuples_open(void);
void tuples_close(void);

/* The entry of `tuple`, made if need be; NULL without memory. */
struct tuple_entry *tuples_entry(const struct tuple *tuple);

/* The same, but NULL if there is none yet. */
struct tuple_entry *tuples_find(const struct tuple *tuple);

/* A number of at most 30 bits that stands for the entry, and back. Takes constant time for an entry that was
 * made lately. */
uint32_t tuples_handle(const struct tuple_entry *entry);
struct tuple_entry *tuples_at(uint32_t handle);

/* Both ends of an entry, in the order of its tuple, which live as long as the table; the
 * length of their addresses is ADDRESS_SHORT or ADDRESS_LONG. */
void tuples_ends(uint32_t handle, struct tuple_end ends[2], size_t *address_length);

/* A hash of `size` bytes, a multiple of 4, that differs from run to run. */
uint32_t tuples_hash(const void *key, size_t size);

size_t tuples_bytes(void);

#endif
