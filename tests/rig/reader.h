/* reader.h - for the files that read a scenario: where the reading stands
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_READER_H
#define TCPFSM_RIG_READER_H

#include "scenario.h"

struct reader {
    struct scenario *scenario;
    const char *error; /* the word that is not understood, or NULL */
    unsigned line;
    struct expected_receipt receipt[LINES_MAX]; /* by line that it is about */
    int64_t isn_shift[2];                       /* "isn": a later incarnation counts from another number */
    int64_t time;
};

/* Seconds, numbers. `end` is where the text that was read ends. */
bool number_read(const char *text, struct number *number, const char **end);
bool time_read(const char *text, int64_t *time, const char **end);

struct number number_shifted(const struct reader *reader, struct number number, unsigned end);

/* What stands left of the bar. */
bool sending_read(struct reader *reader, struct sending *sending, char *text);

/* What stands right of the bar. */
bool expectation_read(struct expectation *expectation, char *words, const char **error);

/* Lines of their own: what must be said once the capture has ended. */
bool hindsight_read(struct reader *reader, char *text);
bool finally_read(struct reader *reader, char *text);
bool receiver_read(struct reader *reader, char *text);
bool timeout_read(struct timeouts *timeouts, const char *text);

/* After the last line. */
bool finally_settle(struct reader *reader);

#endif
