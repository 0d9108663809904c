/* ladder_states.c - see ladder_states.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/ladder_states.h"

#include "show/words.h"
#include "statistics/ladder/ladder_words.h"

enum side states_side(const struct ladder_states *states, unsigned from)
{
    return from == states->client ? LEFT : RIGHT;
}

bool states_is_gone(enum state state)
{
    return state == CLOSED || state == LISTEN || state == TIME_WAIT;
}

static char *state_text(enum state state, enum basis basis)
{
    GString *text = g_string_new(NULL);
    words_state(text, state, basis);
    return g_string_free(text, FALSE);
}

static void put_duration(struct lifelines *lines, enum side side, int64_t time)
{
    GString *text = g_string_new(NULL);
    words_duration(text, time);
    lifelines_aside(lines, side, text->str);
    g_string_free(text, TRUE);
}

/* How surely an end was in the state before its first rung. */
static enum basis basis_before(const struct rung_end *end)
{
    return end->before == CLOSED       ? BASIS_PROVEN
           : end->before == end->after ? (enum basis)end->basis
                                       : BASIS_EXPECTED;
}

void states_draw_first(struct ladder_states *states, struct lifelines *lines, const struct rung *rung)
{
    char *text[SIDES] = {NULL, NULL};
    if (rung->end[0].before == rung->end[0].after && rung->end[1].before == rung->end[1].after) {
        return;
    }
    for (unsigned from = 0; from < 2; from++) {
        const struct rung_end *end = &rung->end[from];
        enum side side = states_side(states, from);
        text[side] = state_text((enum state)end->before, basis_before(end));
        states->shown[side] = (struct shown){true, (enum state)end->before, basis_before(end), rung->time};
    }
    lifelines_states(lines, text[LEFT], text[RIGHT]);
    g_free(text[LEFT]);
    g_free(text[RIGHT]);
}

void states_leave(const struct ladder_states *states, struct lifelines *lines, const struct rung *rung)
{
    for (unsigned from = 0; from < 2; from++) {
        const struct rung_end *end = &rung->end[from];
        enum side side = states_side(states, from);
        const struct shown *shown = &states->shown[side];
        if (end->before == end->after) {
            continue;
        }
        if (shown->drawn && shown->state != (enum state)end->before) {
            lifelines_aside(lines, side, state_name((enum state)end->before));
        }
        if (end->time_in_state != NO_TIME) {
            put_duration(lines, side, end->time_in_state);
        }
    }
}

void states_enter(struct ladder_states *states, const struct rung *rung, char *text[SIDES])
{
    for (unsigned from = 0; from < 2; from++) {
        const struct rung_end *end = &rung->end[from];
        enum side side = states_side(states, from);
        struct shown *shown = &states->shown[side];
        bool stays = shown->drawn && shown->state == (enum state)end->before && end->before == end->after;
        bool told = stays && *basis_mark(shown->state, shown->basis) ==
                                 *basis_mark(shown->state, (enum basis)end->basis);
        text[side] = told ? NULL : state_text((enum state)end->after, (enum basis)end->basis);
        *shown = (struct shown){true, (enum state)end->after, (enum basis)end->basis,
                                stays ? shown->since : rung->time};
    }
}

void states_last(const struct ladder_states *states, struct lifelines *lines, const struct summary *summary,
                 int64_t end)
{
    for (unsigned side = 0; side < SIDES; side++) {
        const struct shown *shown = &states->shown[side];
        enum state state = (enum state)summary->end[side].state;
        if (shown->state == state && state != UNKNOWN && !states_is_gone(state)) {
            put_duration(lines, (enum side)side, end - shown->since);
        }
    }
}
