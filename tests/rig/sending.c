/* sending.c - reads the left half of a line: what is sent
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reader.h"

#include "wire/segment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool number_read(const char *text, struct number *number, const char **end)
{
    char *stop;

    number->absolute = *text == '=';
    if (number->absolute)
        text++;
    number->value = strtoll(text, &stop, 0);
    *end = stop;
    return stop != text;
}

/* Decimal seconds to ns, without a float in between. */
bool time_read(const char *text, int64_t *time, const char **end)
{
    int64_t unit = 1000000000;

    if (!isdigit((unsigned char)*text))
        return false;
    for (*time = 0; isdigit((unsigned char)*text); text++)
        *time = *time * 10 + (*text - '0') * unit;
    if (*text == '.')
        for (text++; isdigit((unsigned char)*text); text++)
            *time += (*text - '0') * (unit /= 10);
    *end = text;
    return true;
}

static bool flags_read(const char *word, uint16_t *flags)
{
    static const char letters[] = "FSRPAUECN"; /* in the order of the bits */

    *flags = 0;
    if (strncmp(word, "0x", 2) == 0) {
        *flags = (uint16_t)strtoul(word, NULL, 16);
        return true;
    }
    if (strcmp(word, "-") == 0)
        return true;
    for (; *word; word++) {
        const char *letter = strchr(letters, *word);

        if (!letter)
            return false;
        *flags |= (uint16_t)(1u << (letter - letters));
    }
    return true;
}

struct number number_shifted(const struct reader *reader, struct number number, unsigned end)
{
    if (!number.absolute)
        number.value += reader->isn_shift[end];
    return number;
}

/* SEQ or SEQ+LEN */
static bool range_read(const struct reader *reader, const char *word, struct sending *sending)
{
    const char *end;

    if (!number_read(word, &sending->seq, &end))
        return false;
    sending->seq = number_shifted(reader, sending->seq, sending->from);
    if (*end == '+')
        sending->data = (uint32_t)strtoul(end + 1, NULL, 10);
    return *end == '+' || *end == '\0';
}

static bool sack_read(const struct reader *reader, const char *word, struct sending *sending)
{
    struct number *block = sending->sack[sending->sack_blocks];
    const char *end;

    if (!word || sending->sack_blocks == SACK_MAX)
        return false;
    if (!number_read(word, &block[0], &end) || *end != '-' || !number_read(end + 1, &block[1], &end))
        return false;
    for (unsigned edge = 0; edge < 2; edge++)
        block[edge] = number_shifted(reader, block[edge], !sending->from);
    sending->sack_blocks++;
    return *end == '\0';
}

static bool timestamps_read(const char *word, struct sending *sending)
{
    char *end;

    if (!word)
        return false;
    sending->timestamps = true;
    sending->tsval = (uint32_t)strtoul(word, &end, 0);
    if (*end != '/')
        return false;
    sending->tsecr = (uint32_t)strtoul(end + 1, &end, 0);
    return *end == '\0';
}

/* Words that stand alone. */
static bool switch_read(const char *word, struct sending *sending)
{
    if (strcmp(word, "sackok") == 0)
        sending->sack_permitted = true;
    else if (strcmp(word, "mptcp") == 0)
        sending->mptcp = true;
    else if (strcmp(word, "md5") == 0)
        sending->signature = true;
    else if (strcmp(word, "badopt") == 0)
        sending->bad_option = true;
    else if (strcmp(word, "frag") == 0)
        sending->fragment = true;
    else if (strcmp(word, "tfo-request") == 0)
        sending->fast_open = FAST_OPEN_REQUEST;
    else if (strcmp(word, "tfo-cookie") == 0)
        sending->fast_open = FAST_OPEN_COOKIE;
    else
        return false;
    return true;
}

/* Words that are followed by a plain number. */
static bool value_read(const char *word, const char *text, struct sending *sending)
{
    unsigned long value;
    char *end;

    if (!text)
        return false;
    value = strtoul(text, &end, 0);
    if (*end || end == text)
        return false;
    if (strcmp(word, "win") == 0)
        sending->window = (uint16_t)value;
    else if (strcmp(word, "urg") == 0)
        sending->urgent = (uint16_t)value;
    else if (strcmp(word, "mss") == 0)
        sending->mss = (uint16_t)value;
    else if (strcmp(word, "ws") == 0)
        sending->scale = (int)value;
    else if (strcmp(word, "id") == 0)
        sending->ip_id = (uint16_t)value;
    else if (strcmp(word, "path") == 0)
        sending->path = (uint16_t)value;
    else if (strcmp(word, "cut") == 0)
        sending->cut = (uint16_t)value;
    else if (strcmp(word, "offset") == 0)
        sending->data_offset = (uint16_t)value;
    else
        return false;
    return true;
}

static bool ack_read(const struct reader *reader, const char *word, struct sending *sending)
{
    const char *end;

    if (!word || !number_read(word, &sending->ack, &end))
        return false;
    sending->ack = number_shifted(reader, sending->ack, !sending->from);
    return *end == '\0';
}

static bool options_read(struct reader *reader, struct sending *sending)
{
    bool has_ack = false;

    for (char *word; (word = strtok(NULL, " \t"));) {
        bool understood = switch_read(word, sending);

        if (!understood) {
            const char *value = strtok(NULL, " \t");

            if (strcmp(word, "ack") == 0)
                has_ack = understood = ack_read(reader, value, sending);
            else if (strcmp(word, "ts") == 0)
                understood = timestamps_read(value, sending);
            else if (strcmp(word, "sack") == 0)
                understood = sack_read(reader, value, sending);
            else
                understood = value_read(word, value, sending);
        }
        if (!understood) {
            reader->error = word;
            return false;
        }
    }
    if ((sending->flags & FLAG_ACK) && !has_ack)
        reader->error = "a segment with ACK needs \"ack N\"";
    return !reader->error;
}

/* "copy" or "copy #3": the same frame captured again. */
static bool copy_read(struct reader *reader, struct sending *sending)
{
    const struct scenario *scenario = reader->scenario;
    const char *which = strtok(NULL, " \t");
    unsigned long frame = which && *which == '#' ? strtoul(which + 1, NULL, 10) : scenario->count;
    int64_t time = sending->time;

    if (frame < 1 || frame > scenario->count || scenario->line[frame - 1].sending.from != sending->from) {
        reader->error = "copy of what?";
        return false;
    }
    *sending = scenario->line[frame - 1].sending;
    sending->time = time;
    return true;
}

/* "icmp #1": an ICMP error that quotes a segment of the other end. */
static bool icmp_read(struct reader *reader, struct sending *sending)
{
    const struct scenario *scenario = reader->scenario;
    const char *which = strtok(NULL, " \t");
    unsigned long quoted = which && *which == '#' ? strtoul(which + 1, NULL, 10) : 0;

    if (quoted < 1 || quoted > scenario->count || scenario->line[quoted - 1].sending.from == sending->from) {
        reader->error = "icmp #LINE of the other end";
        return false;
    }
    sending->quoted = (unsigned)quoted;
    return true;
}

/* TIME DIRECTION FLAGS SEQ[+DATA] OPTION ... */
bool sending_read(struct reader *reader, struct sending *sending, char *text)
{
    const char *word = strtok(text, " \t"), *end;
    bool relative = word && *word == '+';

    *sending = (struct sending){.window = 65535, .scale = -1, .cut = NOT_CUT, .data_offset = BY_DEFAULT};
    sending->ip_id = (uint16_t)(100 + reader->scenario->count);
    sending->ack.absolute = true; /* 0, unless given */
    reader->error = "time";
    if (!word || !time_read(word + relative, &sending->time, &end) || *end)
        return false;
    if (relative)
        sending->time += reader->time;
    if (sending->time < reader->time)
        return false;
    reader->time = sending->time;
    reader->error = "direction: > or <";
    word = strtok(NULL, " \t");
    if (!word || (*word != '>' && *word != '<') || word[1])
        return false;
    sending->from = *word == '<';
    reader->error = "flags: FSRPAUECN, 0x.., -, copy or icmp";
    word = strtok(NULL, " \t");
    if (word && strcmp(word, "copy") == 0) {
        reader->error = NULL;
        return copy_read(reader, sending);
    }
    if (word && strcmp(word, "icmp") == 0) {
        reader->error = NULL;
        return icmp_read(reader, sending);
    }
    if (!word || !flags_read(word, &sending->flags))
        return false;
    reader->error = "SEQ or SEQ+DATA";
    word = strtok(NULL, " \t");
    if (!word || !range_read(reader, word, sending))
        return false;
    reader->error = NULL;
    return options_read(reader, sending);
}
