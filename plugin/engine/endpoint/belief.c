/* belief.c - see belief.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/belief.h"

#include <stddef.h>

void belief_begin(struct belief *b, enum state state)
{
    *b = (struct belief){.since = NO_TIME, .proven = state & 15u, .expected = state & 15u};
}

void belief_begin_waiting(struct belief *b, int64_t since)
{
    belief_begin(b, TIME_WAIT);
    b->since = since;
}

void belief_renew(struct belief *b, enum state state)
{
    *b = (struct belief){.since = b->since, .proven = state & 15u, .expected = b->expected};
}

void belief_listen(struct belief *b)
{
    belief_renew(b, LISTEN);
    b->expected = LISTEN;
}

void belief_inherit(struct belief *b, const struct belief *old)
{
    *b = *old;
    /* What was only presumed of one that had inherited it itself doesn't pass on. */
    b->proven = b->expected = old->from_previous ? old->proven : old->expected;
    b->presumed = 0;
    b->confirmed &= (uint8_t)~FACT(FACT_SYN);
    b->assumed = false;
    b->from_previous = true;
}

void belief_revive(struct belief *b, enum state state, enum state shown)
{
    b->proven = state & 15u;
    b->expected = shown & 15u;
}

void belief_correct(struct belief *b, enum state state)
{
    b->proven = state & 15u;
}

void belief_assume(struct belief *b, bool assumed)
{
    b->assumed = assumed;
}

struct transition belief_move(struct belief *b, enum event event)
{
    struct transition t = fsm_step((enum state)b->proven, event);
    b->proven = t.next & 15u;
    return t;
}

void belief_set_aside(struct belief *b)
{
    if (state_is_synchronized((enum state)b->proven)) {
        b->aside = b->proven;
    }
}

void belief_resume(struct belief *b)
{
    b->proven = b->aside;
    b->aside = CLOSED;
}

void belief_confirm(struct belief *b, enum fact fact, bool passive)
{
    belief_move(b, fact_event(fact, passive));
    b->presumed &= (uint8_t)~FACT(fact);
    b->confirmed |= FACT(fact);
}

void belief_drop(struct belief *b, uint8_t facts)
{
    b->presumed &= (uint8_t)~facts;
}

void belief_add(struct belief *b, enum fact fact)
{
    b->presumed |= FACT(fact);
}

void belief_presume(struct belief *b, enum fact fact, const struct segment *seg, bool repeat)
{
    enum arrival_slot slot = fact_slot(fact);
    b->presumed |= FACT(fact);
    b->arrival[slot] = (struct arrival){.frame = seg->frame, .ms = time_ms(seg->time)};
    if (slot == SLOT_FLAG) {
        b->flag_repeated = repeat;
    } else {
        b->ack_repeated = repeat;
    }
}

void belief_count_reset(struct belief *b)
{
    b->reset_counted = true;
}

void belief_settle(struct belief *b, enum state after, int64_t since)
{
    b->since = since;
    b->expected = after & 15u;
}

void belief_restart(struct belief *b, int64_t now)
{
    b->since = now;
}

bool belief_waits(const struct belief *b, int64_t now, int64_t time_wait)
{
    return b->expected == TIME_WAIT && (b->since == NO_TIME || now - b->since <= time_wait);
}

bool belief_has_expired(const struct belief *b, int64_t now, int64_t time_wait)
{
    return b->expected == TIME_WAIT && !belief_waits(b, now, time_wait);
}

const char *belief_check(const struct belief *b, bool passive)
{
    if (b->proven >= STATE_COUNT || b->expected >= STATE_COUNT) {
        return "belief: a state without a name";
    }
    if (b->expected != (unsigned)facts_follow((enum state)b->proven, b->presumed, passive)) {
        return "belief: the expected state isn't what follows from the presumed facts";
    }
    return NULL;
}
