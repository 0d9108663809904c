/* hindsight.h - what is told of a connection once the capture has ended
 *
 * One table serves all: the words of a scenario, the names of the fields, the
 * values that the engine gives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_HINDSIGHT_H
#define TCPFSM_RIG_HINDSIGHT_H

#include "summary/timeout_finding.h"
#include "summary/outcome.h"

enum { CONNECTIONS_MAX = 8 }; /* of one scenario */

enum form { FORM_NAME, FORM_TIME, FORM_NUMBER, FORM_ISN, FORM_SWITCH };

/* VALUE(id, word in a scenario, field below tcpfsm.connection, form, kind) */
#define HINDSIGHT_VALUES(VALUE)                                                         \
    VALUE(OUTCOME, "outcome", "outcome", FORM_NAME, KIND_OUTCOME)                       \
    VALUE(OPENING, "opening", "opening", FORM_NAME, KIND_OPENING)                       \
    VALUE(CLOSING, "closing", "closing", FORM_NAME, KIND_CLOSING)                       \
    VALUE(CLOSER, "closer", "closer", FORM_NAME, KIND_CLOSER)                           \
    VALUE(HOLDER, "holder", "time_wait_holder", FORM_NAME, KIND_TIME_WAIT_SIDE)         \
    VALUE(HANDSHAKE, "handshake-time", "handshake_time", FORM_TIME, KIND_COUNT)         \
    VALUE(SERVER_RTT, "server-rtt", "server_rtt", FORM_TIME, KIND_COUNT)                \
    VALUE(CLIENT_RTT, "client-rtt", "client_rtt", FORM_TIME, KIND_COUNT)                \
    VALUE(SYN_WAIT, "syn-wait", "syn_wait", FORM_TIME, KIND_COUNT)                      \
    VALUE(TEARDOWN, "teardown-time", "teardown_time", FORM_TIME, KIND_COUNT)            \
    VALUE(CLOSE_WAIT, "close-wait-time", "close_wait_time", FORM_TIME, KIND_COUNT)      \
    VALUE(FIN_WAIT_2, "fin-wait-2-time", "fin_wait_2_time", FORM_TIME, KIND_COUNT)      \
    VALUE(CLIENT_ISN, "client-isn", "client_isn", FORM_ISN, KIND_COUNT)                 \
    VALUE(SERVER_ISN, "server-isn", "server_isn", FORM_ISN, KIND_COUNT)                 \
    VALUE(CLIENT_WINDOW, "client-window", "client_window", FORM_NUMBER, KIND_COUNT)     \
    VALUE(SERVER_WINDOW, "server-window", "server_window", FORM_NUMBER, KIND_COUNT)     \
    VALUE(CLIENT_MSS, "client-mss", "client_mss", FORM_NUMBER, KIND_COUNT)              \
    VALUE(SERVER_MSS, "server-mss", "server_mss", FORM_NUMBER, KIND_COUNT)              \
    VALUE(CLIENT_SCALE, "client-scale", "client_window_scale", FORM_NUMBER, KIND_COUNT) \
    VALUE(SERVER_SCALE, "server-scale", "server_window_scale", FORM_NUMBER, KIND_COUNT) \
    VALUE(SACK, "sack", "sack", FORM_SWITCH, KIND_COUNT)                                \
    VALUE(TIMESTAMPS, "timestamps", "timestamps", FORM_SWITCH, KIND_COUNT)              \
    VALUE(PREVIOUS, "previous", "previous", FORM_NUMBER, KIND_COUNT)                    \
    VALUE(REUSE_AGE, "reuse-age", "reuse_age", FORM_TIME, KIND_COUNT)

enum hindsight_value {
#define VALUE(id, word, field, form, kind) VALUE_##id,
    HINDSIGHT_VALUES(VALUE)
#undef VALUE
        VALUE_COUNT
};

#define ABSENT INT64_MIN

struct hindsight {
    int64_t value[VALUE_COUNT]; /* or ABSENT */
    uint32_t frame[MILESTONE_COUNT];
    char history[HISTORY_MAX + 1];
    bool settled; /* nothing lawful changes the outcome any more */
    unsigned timeout_findings;
    uint32_t begin[TIMEOUT_FINDING_COUNT]; /* frame that began it; with its bit in `timeout_findings` */
};

/* What a scenario demands of a connection. Frames are lines, counted from 1; a `previous` counts within the
 * scenario; an ISN is counted from the one that `side` started with. */
struct expected_hindsight {
    unsigned line;  /* in the file, of what was said last; 0: nothing was said */
    unsigned check; /* bit n: value n */
    bool check_frames, check_history;
    struct hindsight told;
};

extern const struct hindsight_word {
    const char *word, *field;
    enum form form;
    unsigned kind; /* enum kind, with FORM_NAME */
} hindsight_words[VALUE_COUNT];

/* What the engine says at the time `end`. */
void hindsight_of(struct hindsight *hindsight, const struct summary *summary, const struct timeouts *timeouts,
                  int64_t end);

#endif
