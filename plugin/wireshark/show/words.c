/* words.c - see words.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/words.h"

#include "capture/serials.h"

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

const char *const reset_sentences[RESET_CAUSE_COUNT] = {
    [RESET_REFUSED] = "RST: the {sender} refuses the SYN, nobody listens there (RFC 9293 3.10.7.1)",
    [RESET_SYN_ACK_REJECTED] =
        "RST: the {sender} never asked for this SYN-ACK: the SYN was an old duplicate, or part of "
        "a scan (RFC 9293 3.5)",
    [RESET_ABORT] =
        "RST {seq}: the application of the {sender} aborts the connection, or a device in between "
        "ends it (RFC 9293 3.10.5)",
    [RESET_NO_CONNECTION] =
        "RST {seq}, the number that the {peer} just acknowledged: the {sender} has no such connection, or a "
        "device in between answers for it (RFC 9293 3.5.2)",
    [RESET_AFTER_CLOSE] = "RST {seq} after a close: the {sender} had already closed and takes nothing more "
                          "(RFC 9293 3.5.2)",
    [RESET_PROBE_ANSWER] = "RST {seq} in answer to a keepalive or probe: the {sender} has no such connection "
                           "(RFC 9293 3.5.1)",
    [RESET_UNANSWERED_TRIES] =
        "RST {seq}: the {sender} gives up after tries that nobody answered (RFC 9293 3.8.3)",
    [RESET_STALE] =
        "RST {seq}, an earlier acknowledgment number of the {peer}: it answers an older segment and comes "
        "too late to matter (RFC 9293 3.5.2)",
    [RESET_NOT_ACCEPTABLE] = "RST {seq} is not acceptable: the {peer} has to ignore or to challenge it "
                             "(RFC 9293 3.10.7.4)",
    [RESET_CANNOT_TELL] =
        "RST {seq}: the {sender} drops the connection, nothing captured shows why (RFC 9293 3.5.2)",
    [RESET_NOT_ACCEPTED] =
        "RST {seq}: the {sender} answered the SYN but never took the connection. Likely its accept queue is "
        "full, a SYN cookie failed, the listener is gone, or a firewall rejects it (RFC 9293 3.5.2)",
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
    struct step_text told = {""};
    struct steps_text opening = steps_text(steps, STEPS_OF_HANDSHAKE, "+", "/");
    struct steps_text closing = steps_text(steps, STEPS_OF_TEARDOWN, "+", "/");
    int used = 0;
    if (*opening.text) {
        used = snprintf(told.text, sizeof told.text, "%s %s%s", opening.text, handshake_word(steps),
                        *closing.text ? ", " : "");
    }
    if (*closing.text) {
        snprintf(told.text + used, sizeof told.text - (size_t)used, "%s %s", closing.text,
                 teardown_word(steps));
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
    frame_t frame = frame_of(owed->frame);
    if (frame.n != 0) {
        snprintf(told.text, sizeof told.text, "since frame %" PRIu32 ", %.1f s", frame.n, age);
    } else {
        snprintf(told.text, sizeof told.text, "for %.1f s", age);
    }
    return told;
}
