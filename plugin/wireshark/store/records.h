/* records.h - what the engine said about each segment, for every later look at it
 *
 * A frame is dissected once to learn and then again whenever it is shown. The
 * record makes the second look equal to the first; it costs some 15 bytes.
 *
 * Segments carry the serial numbers of serials.h here; if a number should repeat
 * all the same, the last record that matches survives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_RECORDS_H
#define TCPFSM_WIRESHARK_RECORDS_H

#include "store/packing.h"
#include "wire/segment.h"

#include <stddef.h>

/* Finds a segment again: its frame, its place among the TCP headers of that frame
 * (0 is the outermost) and a hash of its addresses, ports and numbers. */
struct record_key {
    uint32_t frame;
    uint16_t fingerprint;
};

/* `tuple_hash`: of addresses and ports. */
struct record_key record_key(const struct segment *segment, unsigned layer, uint32_t tuple_hash);

void records_open(void);
void records_close(void);

/* Stores the next record; frames never decrease. Without memory the record is lost. */
void records_add(struct record_key key, const struct segment *segment, const struct record *record);

/* Finds the last record of `key`; false: there is none. */
bool records_find(struct record_key key, const struct segment *segment, struct record *record);

/* Hands out each record, in the order of frames. What rests on the raw numbers of the header is not to be
 * had: expected numbers and bounds are wrong. */
typedef void (*record_visitor)(void *data, uint32_t frame, const struct record *record);
void records_each(record_visitor visit, void *data);

uint32_t records_count(void);
size_t records_bytes(void);

#endif
