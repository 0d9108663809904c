/* invariants.h - what holds for every observation, whatever the segments were
 *
 * Nothing here knows how the engine works: only what observation.h and the
 * description of the fields promise.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_SUPPORT_INVARIANTS_H
#define TCPFSM_TESTS_SUPPORT_INVARIANTS_H

#include "connection.h"
#include "summary/timeout_finding.h"

/* The first that the observation of this segment breaks, or NULL. `trusted`: a witness has found that nothing
 * is wrong with the numbers of its sender, whatever the verdicts (witness.h). */
const char *invariants_of(const struct segment *segment, const struct observation *observation, bool trusted);

/* The same segment told in another way must be observed alike: `b` is `a`, but every number of the sender is
 * `sender_shift` further on, every number of its peer `peer_shift`. What differs, or NULL. */
const char *invariants_of_both(const struct observation *a, const struct observation *b,
                               uint32_t sender_shift, uint32_t peer_shift);

/* Both are summaries of the same connection, made in different ways: what differs of what they tell at `end`,
 * and when nothing more will come; or NULL. */
const char *invariants_of_summaries(const struct summary *a, const struct summary *b,
                                    const struct timeouts *timeouts, int64_t end);

/* What a segment is accused or suspected of: the findings, and what the verdicts alone would earn should the
 * finding be missing. 0: nothing. */
findings_t invariants_accusations(const struct observation *observation);

#endif
