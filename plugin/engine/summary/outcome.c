/* outcome.c - see outcome.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/outcome.h"

#include "summary/update.h"
#include "summary/timeout_finding.h"

static bool has_steps(const struct summary *a, unsigned steps)
{
    return (a->steps & steps) == steps;
}

/* The order matters: what ended a connection first is its outcome. */
enum outcome outcome_of(const struct summary *a, unsigned timeout_findings)
{
    if (has_closed(a)) {
        return OUTCOME_CLOSED;
    }
    if (a->desynchronized) {
        return OUTCOME_DESYNCHRONIZED;
    }
    if (a->reset) {
        return a->opened                         ? OUTCOME_RESET
               : a->reset_cause == RESET_REFUSED ? OUTCOME_REFUSED
                                                 : OUTCOME_HANDSHAKE_RESET;
    }
    if (a->replaced) {
        return OUTCOME_REPLACED;
    }
    if (!a->opened) {
        return has_milestone(a, MILESTONE_SYN_ACK) ? OUTCOME_EMBRYONIC
               : has_milestone(a, MILESTONE_ICMP)  ? OUTCOME_UNREACHABLE
               : a->simultaneous_open              ? OUTCOME_EMBRYONIC
                                                   : OUTCOME_UNANSWERED;
    }
    if (a->steps & STEP_FIN) {
        return has_steps(a, STEP_ACK_OF_FIN) && !has_steps(a, STEP_SECOND_FIN) ? OUTCOME_HALF_CLOSED
                                                                               : OUTCOME_CLOSING;
    }
    if (timeout_findings & 1u << TIMEOUT_FINDING_PEER_SILENT) {
        return OUTCOME_SILENT;
    }
    return a->joined_late ? OUTCOME_PARTIAL : OUTCOME_OPEN;
}

bool outcome_is_settled(const struct summary *a)
{
    switch (outcome_of(a, 0)) {
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

enum opening opening_of(const struct summary *a)
{
    if (a->joined_late) {
        return OPENING_NOT_CAPTURED;
    }
    if (a->split_open) {
        return OPENING_SPLIT;
    }
    if (a->simultaneous_open) {
        return OPENING_SIMULTANEOUS;
    }
    if (!a->opened) {
        return OPENING_NONE;
    }
    return a->fast_open ? OPENING_FAST : OPENING_THREE_WAY;
}

enum closing closing_of(const struct summary *a)
{
    bool closed = has_closed(a);
    if ((a->reset || a->desynchronized) && !closed) {
        return a->steps & STEP_FIN ? CLOSING_FIN_RESET : CLOSING_RESET;
    }
    if (!(a->steps & STEP_SECOND_FIN)) {
        return a->steps & STEP_FIN ? CLOSING_ONE_FIN : CLOSING_NONE;
    }
    return a->simultaneous_close ? CLOSING_SIMULTANEOUS
           : a->three_segments   ? CLOSING_THREE_SEGMENT
                                 : CLOSING_FOUR_WAY;
}

enum closer closer_of(const struct summary *a)
{
    if (a->simultaneous_close) {
        return CLOSER_BOTH;
    }
    if (a->steps & STEP_FIN) {
        return a->closer ? CLOSER_SERVER : CLOSER_CLIENT;
    }
    if (a->reset || a->desynchronized) {
        return a->reset_by == ROLE_SERVER ? CLOSER_SERVER : CLOSER_CLIENT;
    }
    return CLOSER_NONE;
}

enum time_wait_side time_wait_side_of(const struct summary *a)
{
    return (enum time_wait_side)((a->end[0].waited ? TIME_WAIT_SIDE_CLIENT : TIME_WAIT_SIDE_NONE) |
                                 (a->end[1].waited ? TIME_WAIT_SIDE_SERVER : TIME_WAIT_SIDE_NONE));
}
