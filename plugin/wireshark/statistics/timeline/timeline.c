/* timeline.c - see timeline.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/timeline/timeline.h"

#include "words/words.h"

#include <glib.h>

const char *const happening_names[HAPPENINGS] = {
    [HAPPENED_NEW] = WORDS_HAPPENED_NEW,       [HAPPENED_OPENED] = WORDS_HAPPENED_OPENED,
    [HAPPENED_FAILED] = WORDS_HAPPENED_FAILED, [HAPPENED_CLOSED] = WORDS_HAPPENED_CLOSED,
    [HAPPENED_RESET] = WORDS_HAPPENED_RESET,
};

/* From the first to the last that a connection goes through. */
const enum state timeline_states[TIMELINE_STATES] = {
    SYN_SENT,   SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2,
    CLOSE_WAIT, CLOSING,      LAST_ACK,    TIME_WAIT,  UNKNOWN,
};

unsigned happenings_of(const struct move *move)
{
    enum state from = move->from, to = move->to;
    if (to == CLOSED) {
        return 1u << (state_is_opening(from) ? HAPPENED_FAILED
                      : move->by_reset       ? HAPPENED_RESET
                                             : HAPPENED_CLOSED);
    }
    return (from == CLOSED ? 1u << HAPPENED_NEW : 0) |
           (state_is_opening(from) && state_is_synchronized(to) ? 1u << HAPPENED_OPENED : 0);
}

int64_t interval_of(int64_t time, int64_t interval)
{
    return time / interval - (time % interval < 0);
}

void instant_write(char text[INSTANT_TEXT_MAX], int64_t time)
{
    const int64_t second = 1000000000;
    int64_t whole = interval_of(time, second);
    GDateTime *date = g_date_time_new_from_unix_utc(whole);
    char *day = date != NULL ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%S") : NULL;
    g_snprintf(text, INSTANT_TEXT_MAX, day != NULL ? "%s.%06uZ" : "%s", day != NULL ? day : "",
               (unsigned)((time - whole * second) / 1000));
    g_free(day);
    g_clear_pointer(&date, g_date_time_unref);
}
