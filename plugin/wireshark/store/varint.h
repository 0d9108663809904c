/* varint.h - numbers in as few bytes as they take
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_VARINT_H
#define TCPFSM_WIRESHARK_VARINT_H

#include <stdint.h>

enum { VARINT_MAX = 10 }; /* bytes */

/* Each writes to `to` and returns what follows, or reads from `from` and returns what follows. */

/* Little-endian groups of 7 bits; each but the last has its top bit set. */
uint8_t *varint_put(uint8_t *to, uint64_t value);
const uint8_t *varint_get(const uint8_t *from, uint64_t *value);

/* Zigzag: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
uint8_t *signed_put(uint8_t *to, int64_t value);
const uint8_t *signed_get(const uint8_t *from, int64_t *value);

/* `value` as a difference from `near` modulo 2^32, so that it is short on both sides of the wrap. */
uint8_t *near_put(uint8_t *to, uint32_t value, uint32_t near);
const uint8_t *near_get(const uint8_t *from, uint32_t *value, uint32_t near);

#endif
