/* ladder_words.h - a rung in words: the label on its arrow, the findings below it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LADDER_WORDS_H
#define TCPFSM_WIRESHARK_LADDER_WORDS_H

#include "summary/summary.h"
#include "statistics/ladder/rungs.h"

/* From where the numbers of each end (by `from`) count. */
struct words_bases {
    seq_t of[2];
};

/* "[2/3] SYN-ACK seq=0 ack=1" */
void words_label(GString *text, const struct rung *rung, const struct words_bases *bases);

/* Adds the findings on a segment, text by text; warnings begin with "! ". `timeout_findings`: what it began
 * (bit n: enum timeout_finding n). */
void words_findings(GPtrArray *texts, const struct rung *rung, const struct words_bases *bases,
                    unsigned timeout_findings);

/* Adds what these timeout_findings are called. */
void words_timeout_findings(GPtrArray *texts, unsigned timeout_findings);

/* "server owes a FIN since frame 8"; nothing if nobody owes anything known. */
struct words_debts {
    unsigned owes[2];  /* the client, the server: bit n: enum debt n */
    uint32_t since[2]; /* frame of the most urgent of them; 0: not told */
};

void words_debts(GString *text, const struct words_debts *debts);

/* "73.2 s", "10.4 ms" */
void words_duration(GString *text, int64_t time);

/* "8,734 bytes" */
void words_count(GString *text, uint64_t count, const char *noun);

/* "CLOSE-WAIT?" */
void words_state(GString *text, enum state state, enum basis basis);

#endif
