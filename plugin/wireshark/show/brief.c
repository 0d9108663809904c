/* brief.c - the state of a connection in one line
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/brief.h"

#include "capture/serials.h"
#include "words/text.h"
#include "words/words.h"

#define ARROW " \xe2\x86\x92 "

static void add_info_end(struct text *line, const char *letter, const struct observed_end *end)
{
    text_format(line, "%s:%s%s", letter, state_name(end->after), basis_mark(end->after, end->basis));
}

void brief_info(const struct observation *o, char text[INFO_MAX])
{
    struct text line = text_in(text, INFO_MAX);
    struct steps_text opening = steps_text(o->steps, STEPS_OF_HANDSHAKE, "+", "/");
    struct steps_text closing = steps_text(o->steps, STEPS_OF_TEARDOWN, "+", "/");
    text_format(&line, "[%s%s%s%s%s", opening.text, *opening.text ? " " : "", closing.text,
                *closing.text ? " " : "", o->repeat ? WORDS_INFO_AGAIN : "");
    add_info_end(&line, "C", end_of(o, ROLE_CLIENT));
    text_add(&line, " ");
    add_info_end(&line, "S", end_of(o, ROLE_SERVER));
    text_add(&line, "]");
}

/* "handshake 3 of 3, teardown 1 of 4", "reset (refused)" or the phase. */
static void add_event(struct text *line, const struct observation *o)
{
    struct steps_text opening = steps_text(o->steps, STEPS_OF_HANDSHAKE, WORDS_BRIEF_AND, WORDS_BRIEF_OF);
    struct steps_text closing = steps_text(o->steps, STEPS_OF_TEARDOWN, WORDS_BRIEF_AND, WORDS_BRIEF_OF);
    if (*opening.text) {
        text_format(line, WORDS_BRIEF_HANDSHAKE, opening.text);
    }
    if (*closing.text) {
        text_format(line, WORDS_BRIEF_TEARDOWN, *opening.text ? ", " : "", closing.text);
    }
    if (o->steps == 0 && o->reset_cause != RESET_NONE) {
        text_format(line, WORDS_BRIEF_RESET, reset_cause_name(o->reset_cause));
    } else if (o->steps == 0 && o->findings & FINDING_JOINED_LATE) {
        text_add(line, WORDS_BRIEF_JOINED_LATE);
    } else if (o->steps == 0) {
        text_add(line, phase_name(o->phase));
    }
    if (o->repeat && frame_of(o->repeat_of).n) {
        text_format(line, WORDS_BRIEF_REPEATS, frame_of(o->repeat_of).n);
    } else if (o->repeat) {
        text_add(line, WORDS_BRIEF_REPEATED);
    }
}

static void add_faults(struct text *line, const struct observation *o)
{
    if (o->findings & FINDING_UNUSABLE) {
        text_add(line, WORDS_BRIEF_UNUSABLE);
    }
    if (o->corrected) {
        text_format(line, ", %s", correction_text(o).text);
    }
    if (seq_is_invalid(o->seq_verdict)) {
        text_format(line, WORDS_BRIEF_SEQ_INVALID, seq_verdicts[o->seq_verdict].name);
    }
    if (ack_is_invalid(o->ack_verdict)) {
        text_format(line, WORDS_BRIEF_ACK_INVALID, ack_verdicts[o->ack_verdict].name);
    }
}

static void add_end(struct text *line, enum role role, const struct observed_end *end, bool confirmed)
{
    bool moved = end->before != end->after;
    bool told = moved || end->basis != BASIS_EXPECTED;
    text_format(line, ", %s ", role_name(role));
    if (moved) {
        text_format(line, "%s" ARROW, state_name(end->before));
    }
    text_format(line, "%s%s", state_name(end->after),
                confirmed && !moved ? WORDS_PROVEN
                : told              ? basis_words(end->basis)
                                    : "");
}

/* ", server has owed a FIN since frame 17 (73.2 s)" */
static void add_owed(struct text *line, enum role role, const struct owed *owed)
{
    if (owed->debt != OWES_NOTHING) {
        text_format(line, WORDS_BRIEF_OWES, role_name(role), debt_phrases[owed->debt], owed_text(owed).text);
    }
}

void brief_line(const struct observation *o, char text[BRIEF_MAX])
{
    struct text line = text_in(text, BRIEF_MAX);
    enum role peer = other_role(o->sender_role);
    bool told = o->steps != 0 || o->sender.before != o->sender.after || o->peer.before != o->peer.after;
    bool confirmed = o->steps != 0 && o->sender.basis == BASIS_PROVEN;
    add_event(&line, o);
    add_faults(&line, o);
    if (told || o->sender_role == ROLE_CLIENT) { /* who acts comes first; else the client */
        add_end(&line, o->sender_role, &o->sender, confirmed);
        add_end(&line, peer, &o->peer, false);
    } else {
        add_end(&line, peer, &o->peer, false);
        add_end(&line, o->sender_role, &o->sender, false);
    }
    add_owed(&line, ROLE_CLIENT, &o->client_owed);
    add_owed(&line, ROLE_SERVER, &o->server_owed);
}
