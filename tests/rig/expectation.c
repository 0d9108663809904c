/* expectation.c - reads the right half of a line: what must be said of the segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reader.h"
#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool frame_read(const char *word, uint32_t *frame)
{
    char *end;

    if (!word || *word != '#')
        return false;
    *frame = (uint32_t)strtoul(word + 1, &end, 10);
    return *end == '\0' && *frame > 0;
}

/* [BEFORE->]AFTER[?~*][/SECONDS]; either may be "*": left open */
static bool end_read(const char *word, struct expected_end *end)
{
    const char *arrow = strstr(word, "->"), *stop;
    int state;

    end->given = true;
    if (arrow) {
        if (word[0] == '*') {
            end->before = STATE_COUNT; /* left open */
        } else {
            state = value_of(KIND_STATE, word, (size_t)(arrow - word));
            if (state < 0)
                return false;
            end->check_before = true;
            end->before = (enum state)state;
        }
        word = arrow + 2;
    }
    if (strcmp(word, "*") == 0)
        return true;
    end->check_after = true;
    state = value_of(KIND_STATE, word, strcspn(word, "?~/*"));
    if (state < 0)
        return false;
    end->after = (enum state)state;
    word += strcspn(word, "?~/*");
    end->check_basis = *word != '*';
    end->basis = state == UNKNOWN ? BASIS_UNKNOWN
                 : *word == '?'   ? BASIS_EXPECTED
                 : *word == '~'   ? BASIS_ASSUMED
                                  : BASIS_PROVEN;
    if (*word == '?' || *word == '~' || *word == '*')
        word++;
    if (*word == '/') {
        end->check_spent = true;
        return time_read(word + 1, &end->spent, &stop) && *stop == '\0';
    }
    return *word == '\0';
}

/* "in-order", or "duplicate/current" where the contract leaves both open, or "*" for any */
static bool choice_read(const char *word, enum kind kind, unsigned *set, bool *check)
{
    if (!word)
        return false;
    *check = strcmp(word, "*") != 0;
    *set = 0;
    while (*check) {
        size_t length = strcspn(word, "/");
        int verdict = value_of(kind, word, length);

        if (verdict < 0)
            return false;
        *set |= 1u << verdict;
        if (word[length] == '\0')
            break;
        word += length + 1;
    }
    return true;
}

/* "C:ack-of-fin,fin" */
static bool owes_read(const char *word, struct expectation *expectation)
{
    enum role role;

    if (!word || (*word != 'C' && *word != 'S') || word[1] != ':')
        return false;
    role = *word == 'C' ? ROLE_CLIENT : ROLE_SERVER;
    expectation->check_owes[role] = true;
    expectation->owes[role] = 0;
    for (word += 2;; word++) {
        size_t length = strcspn(word, ",");
        int debt = value_of(KIND_DEBT, word, length);

        if (debt < 0)
            return false;
        if (debt != OWES_NOTHING)
            expectation->owes[role] |= 1u << debt;
        word += length;
        if (*word == '\0')
            return true;
    }
}

/* "S:#7/73.2", "S:-" for absent */
static bool owed_read(const char *word, struct expectation *expectation)
{
    const char *end;
    char *stop;
    enum role role;

    if (!word || (*word != 'C' && *word != 'S') || word[1] != ':')
        return false;
    role = *word == 'C' ? ROLE_CLIENT : ROLE_SERVER;
    expectation->check_owed[role] = true;
    if (strcmp(word + 2, "-") == 0)
        return true;
    if (word[2] != '#')
        return false;
    expectation->owed[role].frame = (uint32_t)strtoul(word + 3, &stop, 10);
    return *stop == '/' && time_read(stop + 1, &expectation->owed[role].age, &end) && *end == '\0';
}

/* "101", "101@#2", "-" for absent, "*@#2" for any */
static bool expected_number_read(const char *word, struct expected_number *number)
{
    const char *end = word;

    if (!word)
        return false;
    number->check = *word != '*';
    number->present = strcmp(word, "-") != 0;
    if (!number->present || !number->check)
        end = word + 1;
    else if (!number_read(word, &number->number, &end))
        return false;
    if (*end == '\0')
        return true;
    number->check_from = true;
    return *end == '@' && frame_read(end + 1, &number->from_frame);
}

/* "retransmission", "retransmission:2", "retransmission:2:0.4" */
static bool timer_read(const char *word, struct expectation *expectation)
{
    const char *end;
    char *stop;
    int timer;
    size_t length;

    if (!word)
        return false;
    expectation->check_timer = strcmp(word, "*") != 0;
    if (!expectation->check_timer)
        return true;
    length = strcspn(word, ":");
    timer = value_of(KIND_TIMER, word, length);
    if (timer < 0)
        return false;
    expectation->timer = (enum timer)timer;
    word += length;
    if (*word == '\0')
        return true;
    expectation->check_count = true;
    expectation->timer_count = (uint32_t)strtoul(word + 1, &stop, 10);
    if (*stop == '\0')
        return true;
    expectation->check_interval = true;
    return *stop == ':' && time_read(stop + 1, &expectation->timer_interval, &end) && *end == '\0';
}

/* "!challenge-ack" must be there, "?!challenge-ack" may be. */
static bool finding_read(const char *word, struct expectation *expectation)
{
    bool free = *word == '?';
    int finding;

    word += free ? 2 : 1;
    finding = value_of(KIND_FINDING, word, strlen(word));
    if (finding < 0)
        return false;
    if (free)
        expectation->findings_free |= FINDING_BIT(finding);
    else
        expectation->findings |= FINDING_BIT(finding);
    return true;
}

static bool named_read(const char *word, enum kind kind, int *value)
{
    *value = word ? value_of(kind, word, strlen(word)) : -1;
    return *value >= 0;
}

/* An end-of-capture expert, or one about an earlier segment that this one rejects. */
static bool told_read(const char *next, struct expectation *expectation)
{
    int value = 0;

    if (named_read(next, KIND_TIMEOUT_FINDING, &value))
        expectation->told |= 1u << value;
    else if (named_read(next, KIND_FINDING, &value))
        expectation->accuses |= FINDING_BIT(value);
    else
        return false;
    return true;
}

/* Words that are followed by another. */
static bool pair_read(const char *word, const char *next, struct expectation *expectation)
{
    char *end;
    int value = 0;
    bool good;

    if (strcmp(word, "seq") == 0)
        return choice_read(next, KIND_SEQ, &expectation->seq_verdicts, &expectation->check_seq);
    if (strcmp(word, "ack") == 0)
        return choice_read(next, KIND_ACK, &expectation->ack_verdicts, &expectation->check_ack);
    if (strcmp(word, "owes") == 0)
        return owes_read(next, expectation);
    if (strcmp(word, "owed") == 0)
        return owed_read(next, expectation);
    if (strcmp(word, "told") == 0)
        return told_read(next, expectation);
    if (strcmp(word, "timer") == 0)
        return timer_read(next, expectation);
    if (strcmp(word, "next") == 0)
        return expected_number_read(next, &expectation->next);
    if (strcmp(word, "due") == 0)
        return expected_number_read(next, &expectation->due);
    if (strcmp(word, "repeat") == 0) {
        expectation->repeat = true;
        expectation->check_repeat_of = next && *next != '*';
        return next && (*next == '*' || frame_read(next, &expectation->repeat_of));
    }
    if (strcmp(word, "lost") == 0) {
        expectation->corrected = expectation->check_lost = true;
        return next && (strcmp(next, "-") == 0 || frame_read(next, &expectation->lost_frame));
    }
    if (strcmp(word, "presumed") == 0) {
        expectation->corrected = expectation->check_presumed = true;
        good = named_read(next, KIND_STATE, &value);
        expectation->presumed = (enum state)value;
        return good;
    }
    if (strcmp(word, "cause") == 0)
        return choice_read(next, KIND_CAUSE, &expectation->causes, &expectation->check_cause);
    if (strcmp(word, "role") == 0) {
        good = named_read(next, KIND_ROLE, &value);
        expectation->role = (enum role)value;
        return good;
    }
    if (strcmp(word, "phase") == 0)
        return next && *next == '*' && !(expectation->check_phase = false);
    if (strcmp(word, "correction") == 0)
        return next && *next == '*' && !(expectation->check_corrected = false);
    if (strcmp(word, "conn") == 0 && next) {
        expectation->connection = (uint32_t)strtoul(next, &end, 10);
        return *end == '\0';
    }
    return false;
}

static bool word_read(char *word, struct expectation *expectation)
{
    int phase = value_of(KIND_PHASE, word, strlen(word));

    if (isdigit((unsigned char)*word)) {
        for (; *word >= '1' && *word <= '7'; word += word[1] == ',' ? 2 : 1)
            expectation->steps |= 1u << (*word - '1');
        return *word == '\0';
    }
    if (strncmp(word, "C:", 2) == 0)
        return end_read(word + 2, &expectation->end[ROLE_CLIENT]);
    if (strncmp(word, "S:", 2) == 0)
        return end_read(word + 2, &expectation->end[ROLE_SERVER]);
    if (*word == '!' || strncmp(word, "?!", 2) == 0)
        return finding_read(word, expectation);
    if (phase >= 0) {
        expectation->phase = (enum phase)phase;
        expectation->check_phase = true;
        return true;
    }
    if (strcmp(word, "unreachable") == 0)
        return expectation->unreachable = true;
    if (strcmp(word, "assumed") == 0 || strcmp(word, "surely") == 0) {
        expectation->check_assumed = true;
        expectation->assumed = *word == 'a';
        return true;
    }
    return false;
}

bool expectation_read(struct expectation *expectation, char *words, const char **error)
{
    for (char *word = strtok(words, " \t"); word; word = strtok(NULL, " \t"))
        if (!word_read(word, expectation) && !pair_read(word, strtok(NULL, " \t"), expectation)) {
            *error = word;
            return false;
        }
    return true;
}
