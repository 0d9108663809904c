/* connections.h - whose connection is this segment part of?
 *
 * A table from the four-tuple of addresses and ports to its newest connection;
 * the engine says when one begins or ends. A stream of Wireshark's is not a
 * connection (versions split streams differently): its number is kept for
 * display only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONNECTIONS_H
#define TCPFSM_WIRESHARK_CONNECTIONS_H

#include "connection.h"
#include "packing.h"

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
struct end {
    const void *address;
    uint16_t port;
};

/* `length`: of either address. False if it is absent or longer than ADDRESS_LONG. */
bool tuple_make(struct tuple *tuple, struct end source, struct end destination, size_t length);

/* What is kept of a four-tuple. */
struct entry {
    uint32_t newest : 31; /* number of its newest connection, plus one; 0: none yet */
    uint32_t acked : 1;   /* a segment with ACK was captured on that stream */
    uint32_t stream;      /* Wireshark's, or STREAM_NONE before anyone asked */
};

void connections_open(int64_t time_wait);
void connections_close(void);

/* The entry of `tuple`, made if need be; NULL without memory. */
struct entry *connections_entry(const struct tuple *tuple);

/* Lets the engine observe the next segment of that entry. */
void connections_observe(struct entry *entry, const struct segment *segment, struct observation *observation);

uint32_t connections_count(void);
size_t connections_bytes(void); /* with the table */

#endif
