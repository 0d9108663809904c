/* words.h - the texts of words.def, and how steps, ends, states and debts are put into words
 *
 * The scripts, which read fields, have theirs in scripts/lib/annotation.py.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_WORDS_H
#define TCPFSM_WIRESHARK_WORDS_H

#include "machine/fsm.h"
#include "observation.h"
#include "summary/summary.h"
#include "tell/names.h"
#include "words/words.def"

#include <inttypes.h>

#define NO_BREAK "\xc2\xa0" /* a blank at which no line ends */

enum { HANDSHAKE_STEPS = 3, ALL_STEPS = 7 };

/* Of each of the textbook's seven steps, from 0. */
extern const struct step_words {
    const char *name;    /* beside its number */
    const char *counted; /* in a list of all, with its number */
} step_words[ALL_STEPS];

/* Why an end moved, and what a number is; parts of sentences, without a full stop. */
extern const char *const rule_sentences[RULE_COUNT];
extern const char *const seq_sentences[SEQ_VERDICT_COUNT];
extern const char *const ack_sentences[ACK_VERDICT_COUNT];

/* What a RST means, with names in braces: text_write(). */
extern const char *const reset_sentences[RESET_CAUSE_COUNT];

/* "an ACK of the FIN": what an end owes, with its article. */
extern const char *const debt_phrases[DEBT_COUNT];

/* "opened three-way", "one FIN only", "closed first by client"; NULL for no closer. */
extern const char *const opening_phrases[OPENING_COUNT];
extern const char *const closing_phrases[CLOSING_COUNT];
extern const char *const closer_phrases[CLOSER_COUNT];

/* "2+3/4": the steps of STEPS_OF_HANDSHAKE or of STEPS_OF_TEARDOWN that are set, with "+" and "/" as the
 * words between; empty if none is. */
struct steps_text {
    char text[24];
};

struct steps_text steps_text(unsigned steps, enum step_bit part, const char *and, const char *of);

/* "1/3 SYN", "2+3/4 FIN", "3/3 ACK, 1/4 FIN": the steps of one segment and what it is; empty without one. */
struct step_text {
    char text[64];
};

struct step_text step_text(unsigned steps);

/* Behind a state: "?" unless that end is proven to be in it. */
const char *basis_mark(enum state state, enum basis basis);

/* Behind a state: " (expected)", " (assumed)" or nothing. */
const char *basis_words(enum basis basis);

/* "frame 3 was lost: the server was not in ESTABLISHED", of a segment that proves an earlier one wrong. */
struct correction_text {
    char text[80];
};

struct correction_text correction_text(const struct observation *observation);

/* "since frame 17 (73.2 s)", or "for 73.2 s" if a read filter rejected that frame. */
struct owed_text {
    char text[48];
};

struct owed_text owed_text(const struct owed *owed);

/* Of ns. */
static inline double seconds(int64_t time)
{
    return (double)time / 1e9;
}

static inline enum role other_role(enum role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

/* The ends by role. */
static inline const struct observed_end *end_of(const struct observation *observation, enum role role)
{
    return observation->sender_role == role ? &observation->sender : &observation->peer;
}

/* What a device changes between two capture points: "client ISN +1234, MSS 1460 to 1400, TTL -2". */
struct changes_text {
    char text[256];
};

struct changes_text changes_text(const struct between *between);

#endif
