/* hindsight_reader.c - reads what a scenario demands of a connection at the capture's end
 *
 * "= CONNECTION WORD VALUE ... FRAME#LINE ...", "finally CONCLUSION #LINE",
 * "timeout WORD SECONDS".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reader.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

static bool named_read(const char *text, enum kind kind, int64_t *value)
{
    int found = value_of(kind, text, strlen(text));

    *value = found;
    return found >= 0;
}

/* A value in the form that its word asks for; "-": absent. */
static bool value_read(enum connection_field field, const char *text, int64_t *value)
{
    struct number number;
    const char *end;

    if (!text)
        return false;
    if (connection_fields[field].kind == VALUE_NAME)
        return named_read(text, field_kind(field), value);
    if (strcmp(text, "-") == 0) {
        *value = ABSENT;
        return true;
    }
    if (connection_fields[field].kind == VALUE_TIME)
        return time_read(text, value, &end) && *end == '\0';
    if (!number_read(text, &number, &end) || *end)
        return false;
    *value = number.value;
    return true;
}

/* "fin#7" */
static bool frame_read(const char *text, struct expected_hindsight *expected)
{
    const char *mark = strchr(text, '#');
    char *end;
    int milestone;

    if (!mark)
        return false;
    milestone = value_of(KIND_MILESTONE, text, (size_t)(mark - text));
    if (milestone < 0)
        return false;
    expected->check_frames = true;
    expected->told.frame[milestone] = (uint32_t)strtoul(mark + 1, &end, 10);
    return *end == '\0' && end > mark + 1;
}

static bool word_read(const char *word, struct expected_hindsight *expected)
{
    if (strcmp(word, "history") == 0) {
        const char *history = strtok(NULL, " \t");

        expected->check_history = true;
        if (!history || strlen(history) > HISTORY_MAX)
            return false;
        if (strcmp(history, "-") != 0)
            memcpy(expected->told.history, history, strlen(history) + 1);
        return true;
    }
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++)
        if (connection_fields[i].kind != VALUE_FRAME && strcmp(word, field_word(i).text) == 0) {
            expected->check |= UINT64_C(1) << i;
            return value_read(i, strtok(NULL, " \t"), &expected->told.values.of[i]);
        }
    return frame_read(word, expected);
}

bool hindsight_read(struct reader *reader, char *text)
{
    struct expected_hindsight *expected;
    unsigned long connection;
    const char *word;
    char *end;

    strtok(text, " \t"); /* "=" */
    word = strtok(NULL, " \t");
    connection = word ? strtoul(word, &end, 10) : CONNECTIONS_MAX;
    reader->error = "= CONNECTION WORD VALUE ...";
    if (connection >= CONNECTIONS_MAX || *end)
        return false;
    expected = &reader->scenario->hindsight[connection];
    expected->line = reader->line;
    while ((word = strtok(NULL, " \t")))
        if (!word_read(word, expected)) {
            reader->error = word;
            return false;
        }
    reader->error = NULL;
    return true;
}

/* "#8" of a segment; 0: it isn't one. */
static uint32_t line_read(const char *text)
{
    char *end;
    unsigned long line = text && *text == '#' ? strtoul(text + 1, &end, 10) : 0;

    return line > 0 && line <= LINES_MAX && *end == '\0' ? (uint32_t)line : 0;
}

bool receiver_read(struct reader *reader, char *text)
{
    struct expected_receipt *receipt;
    const char *verdict, *by;
    uint32_t suspect, shown;
    int value;

    strtok(text, " \t");
    verdict = strtok(NULL, " \t");
    suspect = line_read(strtok(NULL, " \t"));
    by = strtok(NULL, " \t");
    shown = by && strcmp(by, "by") == 0 ? line_read(strtok(NULL, " \t")) : 0;
    value = verdict ? value_of(KIND_RECEIVER, verdict, strlen(verdict)) : -1;
    if (value <= 0 || !suspect || !shown) {
        reader->error = "receiver VERDICT #LINE by #LINE";
        return false;
    }
    receipt = &reader->receipt[suspect - 1];
    receipt->verdict = (enum receiver_verdict)value;
    receipt->by = shown;
    return true;
}

/* "finally seq-invalid #8" */
static bool accusation_read(struct reader *reader, const char *name, const char *frame)
{
    uint32_t suspect = line_read(frame);
    int value = value_of(KIND_FINDING, name, strlen(name));

    if (value < 0 || !suspect)
        return false;
    reader->receipt[suspect - 1].accuses |= FINDING_BIT(value);
    reader->error = NULL;
    return true;
}

bool finally_read(struct reader *reader, char *text)
{
    struct finally *finally = &reader->scenario->finally[reader->scenario->finals];
    const char *frame;
    char *end;
    int timeout_finding;

    reader->error = "finally CONCLUSION #LINE";
    strtok(text, " \t");
    text = strtok(NULL, " \t");
    frame = strtok(NULL, " \t");
    if (text && accusation_read(reader, text, frame))
        return true;
    if (reader->scenario->finals == TIMEOUT_FINDING_COUNT || !text || !frame || *frame != '#')
        return false;
    timeout_finding = value_of(KIND_TIMEOUT_FINDING, text, strlen(text));
    if (timeout_finding < 0)
        return false;
    *finally = (struct finally){.line = reader->line,
                                .timeout_finding = (enum timeout_finding)timeout_finding};
    finally->begin = (uint32_t)strtoul(frame + 1, &end, 10);
    if (*end || finally->begin == 0)
        return false;
    reader->scenario->finals++;
    reader->error = NULL;
    return true;
}

bool timeout_read(struct timeouts *timeouts, const char *text)
{
    const struct {
        const char *word;
        int64_t *timeout;
    } words[] = {
        {"handshake ", &timeouts->handshake},
        {"fin ", &timeouts->fin},
        {"close-wait ", &timeouts->close_wait},
        {"fin-wait-2 ", &timeouts->fin_wait_2},
        {"idle ", &timeouts->idle},
        {"silent ", &timeouts->silent},
    };
    const char *end;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].word);

        if (strncmp(text, words[i].word, length) == 0)
            return time_read(text + length, words[i].timeout, &end) && *end == '\0';
    }
    return false;
}

/* A timeout_finding belongs to the connection of the segment that it stands on. */
bool finally_settle(struct reader *reader)
{
    struct scenario *scenario = reader->scenario;

    for (unsigned i = 0; i < scenario->count; i++)
        scenario->line[i].receipt = reader->receipt[i];
    for (unsigned i = 0; i < scenario->finals; i++) {
        const struct finally *finally = &scenario->finally[i];
        struct expected_hindsight *expected;

        reader->line = finally->line;
        reader->error = "no such segment";
        if (finally->begin > scenario->count)
            return false;
        expected = &scenario->hindsight[scenario->line[finally->begin - 1].expectation.connection];
        expected->line = finally->line;
        expected->told.timeout_findings |= 1u << finally->timeout_finding;
        expected->told.begin[finally->timeout_finding] = finally->begin;
        reader->error = NULL;
    }
    return true;
}
