/* ladder_words.h - a rung in words: the label on its arrow, the findings below it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LADDER_WORDS_H
#define TCPFSM_WIRESHARK_LADDER_WORDS_H

#include "summary/summary.h"
#include "statistics/ladder/rungs.h"

#include <epan/packet.h>

/* From where the numbers of each end (by `from`) count. */
struct words_bases {
    seq_t of[2];
};

/* All texts live in the pool. "[2/3] SYN-ACK seq=0 ack=1" */
char *words_label(wmem_allocator_t *pool, const struct rung *rung, const struct words_bases *bases);

/* "frame 16, 20 ms later": what departed in these frames, `transit` ns before, or NO_TIME. */
char *words_arrival(wmem_allocator_t *pool, uint32_t first, uint32_t last, int64_t transit);

/* The findings on a segment, a line each; warnings begin with "! ". `timeout_findings`: what it began
 * (bit n: enum timeout_finding n). */
char *words_findings(wmem_allocator_t *pool, const struct rung *rung, const struct words_bases *bases,
                     unsigned timeout_findings);

/* What these timeout_findings are called, likewise. */
char *words_timeout_findings(wmem_allocator_t *pool, unsigned timeout_findings);

/* What an end owes; with bit n for enum debt n. */
struct words_debts {
    unsigned owes;
    uint32_t since; /* frame of the most urgent one; 0: not told */
};

/* "server owes a FIN since frame 8"; nothing if neither the client nor the server owes anything known. */
char *words_debts(wmem_allocator_t *pool, const struct words_debts debts[2]);

/* "73.2 s", "10.4 ms" */
char *words_duration(wmem_allocator_t *pool, int64_t time);

/* "8,734 bytes" */
char *words_count(wmem_allocator_t *pool, uint64_t count, const char *noun);

/* "CLOSE-WAIT?" */
char *words_state(wmem_allocator_t *pool, enum state state, enum basis basis);

#endif
