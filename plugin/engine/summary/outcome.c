/* outcome.c - see outcome.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/outcome.h"

#include "summary/update.h"
#include "summary/timeout_finding.h"

static bool has_steps(const struct summary *s, unsigned steps)
{
    return (s->steps & steps) == steps;
}

/* The order matters: what ended a connection first is its outcome. */
enum outcome outcome_of(const struct summary *s, unsigned timeout_findings)
{
    if (has_closed(s)) {
        return OUTCOME_CLOSED;
    }
    if (s->desynchronized) {
        return OUTCOME_DESYNCHRONIZED;
    }
    if (s->reset) {
        return s->opened || s->proven_open       ? OUTCOME_RESET
               : s->reset_cause == RESET_REFUSED ? OUTCOME_REFUSED
                                                 : OUTCOME_HANDSHAKE_RESET;
    }
    if (s->replaced) {
        return OUTCOME_REPLACED;
    }
    if (!s->opened && !s->proven_open) {
        return has_milestone(s, MILESTONE_SYN_ACK) ? OUTCOME_EMBRYONIC
               : has_milestone(s, MILESTONE_ICMP)  ? OUTCOME_UNREACHABLE
               : s->simultaneous_open              ? OUTCOME_EMBRYONIC
                                                   : OUTCOME_UNANSWERED;
    }
    if (s->steps & STEP_FIN) {
        return has_steps(s, STEP_ACK_OF_FIN) && !has_steps(s, STEP_SECOND_FIN) ? OUTCOME_HALF_CLOSED
                                                                               : OUTCOME_CLOSING;
    }
    if (timeout_findings & 1u << TIMEOUT_FINDING_PEER_SILENT) {
        return OUTCOME_SILENT;
    }
    return s->joined_late ? OUTCOME_PARTIAL : OUTCOME_OPEN;
}

bool outcome_is_settled(const struct summary *s)
{
    switch (outcome_of(s, 0)) {
    case OUTCOME_CLOSED:
    case OUTCOME_REFUSED:
    case OUTCOME_UNREACHABLE:
    case OUTCOME_HANDSHAKE_RESET:
    case OUTCOME_RESET:
    case OUTCOME_DESYNCHRONIZED:
    case OUTCOME_REPLACED: return true;
    default: return false; /* another segment may change it */
    }
}

enum opening opening_of(const struct summary *s)
{
    if (s->joined_late) {
        return OPENING_NOT_CAPTURED;
    }
    if (s->split_open) {
        return OPENING_SPLIT;
    }
    if (s->simultaneous_open) {
        return OPENING_SIMULTANEOUS;
    }
    if (!s->opened) {
        return OPENING_NONE;
    }
    return s->fast_open ? OPENING_FAST : OPENING_THREE_WAY;
}

enum closing closing_of(const struct summary *s)
{
    bool closed = has_closed(s);
    if ((s->reset || s->desynchronized) && !closed) {
        return s->steps & STEP_FIN ? CLOSING_FIN_RESET : CLOSING_RESET;
    }
    if (!(s->steps & STEP_SECOND_FIN)) {
        return s->steps & STEP_FIN ? CLOSING_ONE_FIN : CLOSING_NONE;
    }
    return s->simultaneous_close ? CLOSING_SIMULTANEOUS
           : s->three_segments   ? CLOSING_THREE_SEGMENT
                                 : CLOSING_FOUR_WAY;
}

enum closer closer_of(const struct summary *s)
{
    if (s->simultaneous_close) {
        return CLOSER_BOTH;
    }
    if (s->steps & STEP_FIN) {
        return s->closer ? CLOSER_SERVER : CLOSER_CLIENT;
    }
    if (s->reset || s->desynchronized) {
        return s->reset_by == ROLE_SERVER ? CLOSER_SERVER : CLOSER_CLIENT;
    }
    return CLOSER_NONE;
}

enum time_wait_side time_wait_side_of(const struct summary *s)
{
    return (enum time_wait_side)((s->end[0].waited ? TIME_WAIT_SIDE_CLIENT : TIME_WAIT_SIDE_NONE) |
                                 (s->end[1].waited ? TIME_WAIT_SIDE_SERVER : TIME_WAIT_SIDE_NONE));
}
