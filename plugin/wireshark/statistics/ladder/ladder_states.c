/* ladder_states.c - see ladder_states.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/ladder_states.h"

#include "words/words.h"
#include "statistics/ladder/ladder_words.h"

enum side states_side(const struct ladder_states *states, unsigned from)
{
    return from == states->client ? LEFT : RIGHT;
}

bool states_is_gone(enum state state)
{
    return state == CLOSED || state == LISTEN || state == TIME_WAIT;
}

/* How surely an end was in the state before its first rung. */
static enum basis basis_before(const struct observed_end *end)
{
    return end->before == CLOSED ? BASIS_PROVEN : end->before == end->after ? end->basis : BASIS_EXPECTED;
}

void states_draw_first(struct ladder_states *states, struct lifelines *lines, const struct rung *rung)
{
    const char *text[SIDES] = {NULL, NULL};
    const struct observed_end *a = &rung->end[0].seen, *b = &rung->end[1].seen;
    if (a->before == a->after && b->before == b->after) {
        return;
    }
    for (unsigned from = 0; from < 2; from++) {
        const struct observed_end *end = &rung->end[from].seen;
        enum side side = states_side(states, from);
        text[side] = words_state(lines->pool, end->before, basis_before(end));
        states->shown[side] = (struct shown){true, end->before, basis_before(end), rung->time};
    }
    lifelines_states(lines, text);
}

void states_leave(const struct ladder_states *states, struct lifelines *lines, const struct rung *rung)
{
    for (unsigned from = 0; from < 2; from++) {
        const struct observed_end *end = &rung->end[from].seen;
        enum side side = states_side(states, from);
        const struct shown *shown = &states->shown[side];
        if (end->before != end->after && shown->drawn && shown->state != end->before) {
            lifelines_aside(lines, side, state_name(end->before));
        }
        if (end->before != end->after && end->time_in_state != NO_TIME) {
            lifelines_aside(lines, side, words_duration(lines->pool, end->time_in_state));
        }
    }
}

void states_enter(struct ladder_states *states, wmem_allocator_t *pool, const struct rung *rung,
                  const char *text[SIDES])
{
    for (unsigned from = 0; from < 2; from++) {
        const struct observed_end *end = &rung->end[from].seen;
        enum side side = states_side(states, from);
        struct shown *shown = &states->shown[side];
        bool stays = shown->drawn && shown->state == end->before && end->before == end->after;
        bool told = stays && *basis_mark(shown->state, shown->basis) == *basis_mark(shown->state, end->basis);
        text[side] = told ? NULL : words_state(pool, end->after, end->basis);
        *shown = (struct shown){true, end->after, end->basis, stays ? shown->since : rung->time};
    }
}

void states_last(const struct ladder_states *states, struct lifelines *lines, const struct summary *summary,
                 int64_t end)
{
    for (unsigned side = 0; side < SIDES; side++) {
        const struct shown *shown = &states->shown[side];
        enum state state = (enum state)summary->end[side].state;
        if (shown->state == state && state != UNKNOWN && !states_is_gone(state)) {
            lifelines_aside(lines, (enum side)side, words_duration(lines->pool, end - shown->since));
        }
    }
}
