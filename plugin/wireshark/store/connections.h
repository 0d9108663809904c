/* connections.h - whose connection is this segment part of, and what became of each?
 *
 * Where the rest of the plugin asks for connections: by the four-tuple of a segment
 * (tuples.h), by number (conn_cache.h), by server (server_load.h). The engine says when a
 * connection begins; it is booked here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CONNECTIONS_H
#define TCPFSM_WIRESHARK_CONNECTIONS_H

#include "summary/timeout_finding.h"
#include "store/tuples.h"
#include "store/witnesses.h"

struct crossing; /* points/points.h */

/* What a user may set; times in ns, of capture_clock_ns(). */
struct limits {
    int64_t time_wait; /* 2MSL */
    struct timeouts timeouts;
    uint32_t many; /* more unfinished or idle connections of a server at once are too many */
};

void connections_open(const struct limits *limits);
void connections_close(void);

/* The entry of `tuple`, made if need be; NULL without memory. */
struct tuple_entry *connections_entry(const struct tuple *tuple);

/* Lets the engine observe the next segment of that entry, and adds it to its connection. Returns the
 * timeout_findings (bit n: enum timeout_finding n) that are to be reported on it; fills `rejection`, and
 * `record` but for the stream; `crossing`, which is zero, if it was captured at one of several points. */
unsigned connections_observe(struct tuple_entry *entry, const struct segment *segment, struct record *record,
                             struct rejection *rejection, struct crossing *crossing);

/* An ICMP error quotes a segment of that tuple, sent by its end `from`. Books it if it answers the
 * SYN of one of the newest connections there; then `number` is that connection's. */
bool connections_icmp(const struct tuple *tuple, unsigned from, seq_t seq, uint32_t frame, int64_t time,
                      uint32_t *number);

/* The same on later visits: `number` is the connection that connections_icmp() found in that frame. */
bool connections_icmp_find(const struct tuple *tuple, uint32_t frame, uint32_t *number);

/* Nothing more comes until `end` (the time of the capture's last packet, and how long it went on):
 * marks what `passes_embryonic`, `passes_idle` and `passes_unanswered` of summaries tell of. May be called
 * again when the capture has grown. */
void connections_finish(int64_t end);

/* Copies the summary of a connection, as of its last segment; false: there is no such connection. */
bool connections_summary(uint32_t number, struct summary *summary);

/* The number of its stream, as Wireshark counts them; STREAM_NONE: nobody knows. */
uint32_t connections_stream(uint32_t number);
void connections_set_stream(uint32_t number, uint32_t stream);

/* Both ends of a connection: ends[0] is the one that segments call `from` 0. The addresses live until
 * connections_close(); each has `address_length` bytes, ADDRESS_SHORT or ADDRESS_LONG. */
bool connections_ends(uint32_t number, struct tuple_end ends[2], size_t *address_length);

/* Connections are numbered from 0 up to this. */
uint32_t connections_count(void);
size_t connections_bytes(void); /* with the tables */

#endif
