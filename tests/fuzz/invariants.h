/* invariants.h - what holds for every observation, whatever the segments were
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_FUZZ_INVARIANTS_H
#define TCPFSM_TESTS_FUZZ_INVARIANTS_H

#include "connection.h"

/* Aborts, with a text, if `observation` of `segment` breaks one. `connections`: how many the
 * observer has counted by now. */
void require_invariants(const struct segment *segment, const struct observation *observation,
                        uint32_t connections);

/* The same segments told in another way must be observed alike: `b` is `a`, but every number of
 * the sender is `sender_shift` further on, every number of its peer `peer_shift`. */
void require_alike(const struct observation *a, const struct observation *b, uint32_t sender_shift,
                   uint32_t peer_shift);

#endif
