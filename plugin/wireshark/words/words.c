/* words.c - see words.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words/words.h"

#include "capture/serials.h"
#include "points/changes.h"
#include "words/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct step_words step_words[ALL_STEPS] = {
    {WORDS_STEP_SYN,               "Handshake 1/3 " WORDS_STEP_SYN},
    {WORDS_STEP_SYN_ACK,           "Handshake 2/3 " WORDS_STEP_SYN_ACK},
    {WORDS_STEP_ACK,               "Handshake 3/3 " WORDS_STEP_ACK},
    {WORDS_STEP_FIN,               "Teardown 1/4 " WORDS_STEP_FIN},
    {WORDS_STEP_ACK_OF_FIN,        "Teardown 2/4 " WORDS_STEP_ACK_OF_FIN},
    {WORDS_STEP_SECOND_FIN,        "Teardown 3/4 " WORDS_STEP_SECOND_FIN},
    {WORDS_STEP_ACK_OF_SECOND_FIN, "Teardown 4/4 " WORDS_STEP_ACK_OF_SECOND_FIN},
};
/* clang-format on */

const char *const rule_sentences[RULE_COUNT] = {
#define RULE(id, section) [id] = WORDS_##id,
#include "machine/rules.def"
#undef RULE
};

const char *const seq_sentences[SEQ_VERDICT_COUNT] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings) [id] = WORDS_##id,
#define ACK_VERDICT(id, number, name, valid, section)
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
};

const char *const ack_sentences[ACK_VERDICT_COUNT] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings)
#define ACK_VERDICT(id, number, name, valid, section) [id] = WORDS_##id,
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
};

#define OF(id) [id] = WORDS_##id

const char *const reset_sentences[RESET_CAUSE_COUNT] = {
    OF(RESET_REFUSED),
    OF(RESET_SYN_ACK_REJECTED),
    OF(RESET_ABORT),
    OF(RESET_NO_CONNECTION),
    OF(RESET_AFTER_CLOSE),
    OF(RESET_PROBE_ANSWER),
    OF(RESET_UNANSWERED_TRIES),
    OF(RESET_STALE),
    OF(RESET_NOT_ACCEPTABLE),
    OF(RESET_CANNOT_TELL),
    OF(RESET_NOT_ACCEPTED),
};

const char *const debt_phrases[DEBT_COUNT] = {
    OF(OWES_SYN_ACK),    OF(OWES_ACK_OF_SYN_ACK), OF(OWES_ACK_OF_DATA),   OF(OWES_FIN),
    OF(OWES_ACK_OF_FIN), OF(OWES_PROBE_ANSWER),   OF(OWES_WINDOW_UPDATE), OF(OWES_RETRANSMISSION),
};

const char *const opening_phrases[OPENING_COUNT] = {
    OF(OPENING_NONE), OF(OPENING_THREE_WAY),    OF(OPENING_SIMULTANEOUS),
    OF(OPENING_FAST), OF(OPENING_NOT_CAPTURED), OF(OPENING_SPLIT),
};

const char *const closing_phrases[CLOSING_COUNT] = {
    OF(CLOSING_UNKNOWN), OF(CLOSING_FOUR_WAY), OF(CLOSING_THREE_SEGMENT), OF(CLOSING_SIMULTANEOUS),
    OF(CLOSING_RESET),   OF(CLOSING_NONE),     OF(CLOSING_ONE_FIN),       OF(CLOSING_FIN_RESET),
};

const char *const closer_phrases[CLOSER_COUNT] = {
    OF(CLOSER_CLIENT),
    OF(CLOSER_SERVER),
    OF(CLOSER_BOTH),
};

struct steps_text steps_text(unsigned steps, enum step_bit part, const char *and, const char *of)
{
    struct steps_text told;
    unsigned first = part == STEPS_OF_HANDSHAKE ? 0 : HANDSHAKE_STEPS;
    unsigned count = part == STEPS_OF_HANDSHAKE ? HANDSHAKE_STEPS : ALL_STEPS - HANDSHAKE_STEPS;
    struct text text = text_in(told.text, sizeof told.text);
    for (unsigned i = 0; i < count; i++) {
        if (steps & 1u << (first + i)) {
            text_add(&text, text.length != 0 ? and : "");
            text_add_number(&text, i + 1);
        }
    }
    if (text.length != 0) {
        text_add(&text, of);
        text_add_number(&text, count);
    }
    return told;
}

static const char *handshake_word(unsigned steps)
{
    return steps & STEP_SYN_ACK ? "SYN-ACK" : steps & STEP_SYN ? "SYN" : "ACK";
}

static const char *teardown_word(unsigned steps)
{
    return steps & (STEP_FIN | STEP_SECOND_FIN) ? "FIN" : "ACK";
}

struct step_text step_text(unsigned steps)
{
    struct step_text told;
    struct text text = text_in(told.text, sizeof told.text);
    struct steps_text opening = steps_text(steps, STEPS_OF_HANDSHAKE, "+", "/");
    struct steps_text closing = steps_text(steps, STEPS_OF_TEARDOWN, "+", "/");
    if (*opening.text) {
        text_format(&text, "%s %s%s", opening.text, handshake_word(steps), *closing.text ? ", " : "");
    }
    if (*closing.text) {
        text_format(&text, "%s %s", closing.text, teardown_word(steps));
    }
    return told;
}

const char *basis_mark(enum state state, enum basis basis)
{
    return basis == BASIS_PROVEN || basis == BASIS_SEEN || state == UNKNOWN ? "" : "?";
}

const char *basis_words(enum basis basis)
{
    switch (basis) {
    case BASIS_EXPECTED: return WORDS_EXPECTED;
    case BASIS_ASSUMED: return WORDS_ASSUMED;
    case BASIS_SEEN: return WORDS_SEEN;
    default: return "";
    }
}

struct correction_text correction_text(const struct observation *o)
{
    struct correction_text told;
    const char *sender = role_name(o->sender_role), *state = state_name(o->presumed);
    frame_t lost = frame_of(o->lost_frame);
    if (lost.n != 0) {
        snprintf(told.text, sizeof told.text, WORDS_CORRECTION_LOST, lost.n, sender, state);
    } else if (o->findings & FINDING_CROSSED) {
        snprintf(told.text, sizeof told.text, WORDS_CORRECTION_CROSSED, sender, state);
    } else {
        snprintf(told.text, sizeof told.text, WORDS_CORRECTION, sender, state);
    }
    return told;
}

struct owed_text owed_text(const struct owed *owed)
{
    struct owed_text told;
    double age = seconds(owed->age);
    frame_t frame = frame_of(owed->frame);
    if (frame.n != 0) {
        snprintf(told.text, sizeof told.text, WORDS_OWED_SINCE, frame.n, age);
    } else {
        snprintf(told.text, sizeof told.text, WORDS_OWED_FOR, age);
    }
    return told;
}

/* Appends behind a comma. */
static void add_change(struct changes_text *told, const char *words)
{
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof told->text - used, "%s%s", used != 0 ? ", " : "", words);
}

static void add_names(struct changes_text *told, unsigned changed)
{
    static const struct {
        unsigned change;
        const char *words;
    } names[] = {
        {CHANGE_ADDRESS, WORDS_CHANGE_ADDRESS},       {CHANGE_SERVER, WORDS_CHANGE_SERVER},
        {CHANGE_SCALE, WORDS_CHANGE_SCALE},           {CHANGE_SACK, WORDS_CHANGE_SACK},
        {CHANGE_TIMESTAMPS, WORDS_CHANGE_TIMESTAMPS}, {CHANGE_OPTIONS, WORDS_CHANGE_OPTIONS},
        {CHANGE_FLAGS, WORDS_CHANGE_FLAGS},           {CHANGE_SEGMENTS, WORDS_CHANGE_SEGMENTS},
        {CHANGE_SPLICED, WORDS_CHANGE_SPLICED},       {CHANGE_ENDED, WORDS_CHANGE_ENDED},
    };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (changed & names[i].change) {
            add_change(told, names[i].words);
        }
    }
}

static void add_numbers(struct changes_text *told, const struct between *b, unsigned role)
{
    char words[64];
    const char *name = role_name(role ? ROLE_SERVER : ROLE_CLIENT);
    if (b->changed & (role ? CHANGE_SERVER_ISN : CHANGE_CLIENT_ISN)) {
        snprintf(words, sizeof words, WORDS_CHANGE_ISN, name, (int32_t)b->isn_offset[role]);
        add_change(told, words);
    }
    if ((b->changed & CHANGE_MSS) && b->mss[role][0] != b->mss[role][1]) {
        snprintf(words, sizeof words, WORDS_CHANGE_MSS, name, b->mss[role][0], b->mss[role][1]);
        add_change(told, words);
    }
}

struct changes_text changes_text(const struct between *b)
{
    struct changes_text told = {""};
    char words[64];
    add_names(&told, b->changed);
    add_numbers(&told, b, 0);
    add_numbers(&told, b, 1);
    if (b->changed & CHANGE_TTL) {
        snprintf(words, sizeof words, WORDS_CHANGE_TTL, b->hops[0], b->hops[1]);
        add_change(&told, words);
    }
    return told;
}
