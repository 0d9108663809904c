/* words.c - see words.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/words.h"

#include <inttypes.h>
#include <stdio.h>

const struct step_words step_words[ALL_STEPS] = {
    {"SYN", "1 SYN"},
    {"SYN-ACK", "2 SYN-ACK"},
    {"ACK", "3 ACK"},
    {"FIN", "4 FIN"},
    {"ACK of FIN", "5 ACK of FIN"},
    {"the other end's FIN", "6 other FIN"},
    {"ACK of that FIN", "7 ACK of other FIN"},
};

struct steps_text steps_text(unsigned steps, enum step_bit part, const char *and, const char *of)
{
    struct steps_text told = {""};
    unsigned first = part == STEPS_OF_HANDSHAKE ? 0 : HANDSHAKE_STEPS;
    unsigned count = part == STEPS_OF_HANDSHAKE ? HANDSHAKE_STEPS : ALL_STEPS - HANDSHAKE_STEPS;
    int used = 0;
    for (unsigned i = 0; i < count; i++) {
        if (steps & 1u << (first + i)) {
            used += snprintf(told.text + used, sizeof told.text - (size_t)used, "%s%u", used ? and : "",
                             i + 1);
        }
    }
    if (used != 0) {
        snprintf(told.text + used, sizeof told.text - (size_t)used, "%s%u", of, count);
    }
    return told;
}

const char *basis_mark(enum state state, enum basis basis)
{
    return basis == BASIS_PROVEN || state == UNKNOWN ? "" : "?";
}

const char *basis_adverb(enum basis basis)
{
    switch (basis) {
    case BASIS_EXPECTED: return "expected ";
    case BASIS_ASSUMED: return "assumed ";
    default: return "";
    }
}

const char *debt_article(enum debt debt)
{
    const char *name = debt_name(debt);
    return name[0] == 'A' || name[0] == 'a' ? "an" : "a";
}

struct owed_text owed_text(const struct owed *owed)
{
    struct owed_text told;
    double age = seconds(owed->age);
    if (owed->frame != 0) {
        snprintf(told.text, sizeof told.text, "since frame %" PRIu32 ", %.1f s", owed->frame, age);
    } else {
        snprintf(told.text, sizeof told.text, "for %.1f s", age);
    }
    return told;
}
