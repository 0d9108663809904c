/* history.c - see history.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/history.h"

/* In the order in which one segment's letters are added. */
static const char alphabet[] = "QISHGDTAWFR";

enum letter {
    LETTER_Q = 1 << 0,
    LETTER_I = 1 << 1,
    LETTER_S = 1 << 2,
    LETTER_H = 1 << 3,
    LETTER_G = 1 << 4,
    LETTER_D = 1 << 5,
    LETTER_T = 1 << 6,
    LETTER_A = 1 << 7,
    LETTER_W = 1 << 8,
    LETTER_F = 1 << 9,
    LETTER_R = 1 << 10,
};

_Static_assert(HISTORY_MAX >= 2 * (sizeof alphabet - 1) + 1, "every letter fits");

static unsigned letters_of_flags(unsigned flags)
{
    bool syn = flags & FLAG_SYN, fin = flags & FLAG_FIN, rst = flags & FLAG_RST, ack = flags & FLAG_ACK;
    return (syn && (fin || rst) ? LETTER_Q : 0u) | (fin && rst ? LETTER_I : 0u) |
           (syn && !ack && !rst ? LETTER_S : 0u) | (syn && ack && !rst ? LETTER_H : 0u) |
           (fin && !syn && !rst ? LETTER_F : 0u) | (rst ? LETTER_R : 0u);
}

static unsigned letters_of_data(const struct segment *segment, enum seq_verdict verdict)
{
    bool probe = seq_brings(verdict, BRINGS_PROBE);
    if (segment->data == 0 || probe) {
        bool pure = (segment->flags & (FLAG_ACK | FLAG_SYN | FLAG_FIN | FLAG_RST)) == FLAG_ACK;
        return pure && segment->data == 0 ? LETTER_A : 0;
    }
    return seq_brings(verdict, BRINGS_OLD) ? LETTER_T : LETTER_D;
}

static void append(char *text, unsigned fresh, bool client)
{
    unsigned length = 0;
    while (text[length] != '\0') {
        length++;
    }
    for (unsigned i = 0; fresh != 0; i++, fresh >>= 1) {
        if (fresh & 1u) {
            text[length++] = client ? alphabet[i] : (char)(alphabet[i] - 'A' + 'a');
        }
    }
    text[length] = '\0';
}

static void add(struct summary *summary, unsigned letters, bool client)
{
    unsigned fresh = letters & ~(unsigned)summary->letters[!client];
    if (fresh != 0) {
        summary->letters[!client] |= (uint16_t)fresh;
        append(summary->history, fresh, client);
    }
}

void history_update(struct summary *summary, const struct segment *segment,
                    const struct observation *observation)
{
    bool client = observation->sender_role == ROLE_CLIENT;
    bool plain = (segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK)) == FLAG_ACK &&
                 seq_brings(observation->seq_verdict, BRINGS_NEXT) && segment->window != 0;
    unsigned skipped = observation->skipped;
    if (plain && skipped == 0 && summary->letters[!client] & (segment->data ? LETTER_D : LETTER_A)) {
        return; /* most segments */
    }
    unsigned letters = letters_of_data(segment, observation->seq_verdict);
    if (segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) {
        letters |= letters_of_flags(segment->flags);
    }
    if (skipped & 1u << segment->from) {
        letters |= LETTER_G;
    }
    if (segment->window == 0 && !(segment->flags & (FLAG_SYN | FLAG_RST))) {
        letters |= LETTER_W;
    }
    if (skipped & 1u << !segment->from) {
        add(summary, LETTER_G, !client);
    }
    if (letters & LETTER_A) {
        summary->end[!client].pure_ack = true;
    }
    add(summary, letters, client);
}

const char *history_tell(const struct summary *summary, char text[HISTORY_MAX])
{
    for (unsigned i = 0; i < HISTORY_MAX; i++) {
        text[i] = summary->history[i];
    }
    for (unsigned from = 0; from < 2; from++) {
        bool client = from == summary->client_from;
        if ((summary->lacks & 1u << from) && !(summary->letters[!client] & LETTER_G)) {
            append(text, LETTER_G, client);
        }
    }
    return text;
}
