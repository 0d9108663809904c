/* packing.h - an observation in as few bytes as it takes
 *
 * Most of what the engine says about a segment is what one expects: the number
 * is the next one, nobody moved, nothing is remarkable. Only the rest is stored.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_PACKING_H
#define TCPFSM_WIRESHARK_PACKING_H

#include "observation.h"

#include <stddef.h>

#define STREAM_NONE UINT32_MAX /* Wireshark has no conversation of this segment */

/* Those that the engine can't know. */
#define FINDINGS_OF_LOAD (FINDING_MANY_EMBRYONIC | FINDING_MANY_IDLE | FINDING_MANY_UNANSWERED)

/* What is stored of a segment: what the engine said, and what only the plugin knows. */
struct record {
    struct observation observation;
    findings_t of_load; /* of FINDINGS_OF_LOAD: see server_load.h */
    uint32_t stream;    /* Wireshark's number of the stream, or STREAM_NONE */
};

/* What records have in common: roles, states, rules, verdicts, and what else there is. These go together in
 * few ways, so a record names the one that it has. Zeroed at the start; grows, and nothing in it changes. */
struct manners {
    uint64_t manner[UINT8_MAX];
    uint8_t count;
    uint8_t place[512]; /* by hash: of the one that came last, plus one */
};

/* What the reader knows without the record, and what it would guess. */
struct known {
    uint32_t frame;
    seq_t seq, ack;          /* the raw numbers of the header */
    uint32_t connection;     /* that of the record before, or 0 */
    struct manners *manners; /* of all records */
};

enum { PACKED_MAX = 160 }; /* bytes; no record takes more */

/* Writes `record` to `bytes` and returns how many it took. */
size_t record_pack(const struct record *record, const struct known *known, uint8_t bytes[PACKED_MAX]);

/* The reverse; returns the number of bytes read. `bytes` must come from record_pack() with the same `known`.
 * What the observation itself calls absent (an expected number, a bound, a presumed state) becomes 0;
 * `incomplete` is not kept. */
size_t record_unpack(struct record *record, const struct known *known, const uint8_t *bytes);

/* The connection alone, for whoever steps over a record. */
uint32_t record_connection(const struct known *known, const uint8_t *bytes);

#endif
