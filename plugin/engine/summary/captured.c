/* captured.c - see captured.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/captured.h"

#include "summary/timeout_finding.h"

/* Of this connection, as far as its number tells: whether it fits a window is asked elsewhere. The number of
 * a RST that answers is the one that it answers. */
static bool is_of_this(const struct observation *o)
{
    if (o->reset_cause == RESET_REFUSED || o->reset_cause == RESET_SYN_ACK_REJECTED ||
        o->reset_cause == RESET_NO_CONNECTION || o->reset_cause == RESET_STALE) {
        return false;
    }
    switch (o->seq_verdict) {
    case SEQ_COPY:
    case SEQ_STALE_INCARNATION:
    case SEQ_STALE_RESET:
    case SEQ_OLD_TIMESTAMP: return false;
    default: return true;
    }
}

/* A RST at ISN+1 may reject the SYN-ACK; it is open if there is more before it, or if the RST acknowledges
 * data that were not captured. */
static bool shows_open(const struct update *u)
{
    const struct segment *seg = u->seg;
    if ((seg->flags & FLAG_SYN) || !is_of_this(u->o)) {
        return false;
    }
    bool rst = (seg->flags & FLAG_RST) != 0;
    if (rst && u->o->reset_cause == RESET_ABORT && u->o->ack_verdict == ACK_NOT_CAPTURED) {
        return true;
    }
    if (rst && seg->seq.n == 0) {
        return false; /* the number of a refusal, whatever the connection's are (RFC 9293 3.10.7.1) */
    }
    if (!u->sender->syn_seen) {
        return !rst && !seq_brings(u->o->seq_verdict, BRINGS_PROBE);
    }
    int32_t beyond = seq_diff(rst ? seg->seq : segment_end(seg), seq_add(u->sender->isn, 1));
    return beyond > 0 && beyond < ISN_REACH;
}

void captured_update(struct update *u)
{
    struct summary *s = u->s;
    if (shows_open(u)) {
        s->proven_open = true;
        s->bare_opening = !s->end[0].pure_ack && !s->end[1].pure_ack;
    }
}

unsigned captured_of(const struct summary *s)
{
    const struct summary_end *client = &s->end[0], *server = &s->end[1];
    bool opening = client->syn_seen || server->syn_seen, both = client->seen && server->seen;
    bool answered = s->proven_open || client->acked_more || server->acked_more ||
                    (client->syn_seen && client->acked_known);
    unsigned set = client->pure_ack || server->pure_ack ? CAPTURED_PURE_ACK : 0u;
    if (s->proven_open) {
        set |= CAPTURED_OPEN | (opening ? CAPTURED_OPENING : 0u);
        set |= opening && s->bare_opening ? CAPTURED_BARE_OPENING : 0u;
    }
    return set | (both ? CAPTURED_BOTH_WAYS : answered ? CAPTURED_ONE_WAY : 0u);
}

bool captured_is_whole(const struct summary *s)
{
    unsigned whole = CAPTURED_BOTH_WAYS | CAPTURED_PURE_ACK;
    return (captured_of(s) & whole) == whole;
}

unsigned captured_doubtful(const struct summary *s, unsigned findings)
{
    unsigned doubtful = 1u << TIMEOUT_FINDING_EMBRYONIC | 1u << TIMEOUT_FINDING_EMBRYONIC_MINOR |
                        1u << TIMEOUT_FINDING_PEER_SILENT;
    if (s->end[0].opening.count < 2) {
        doubtful |= 1u << TIMEOUT_FINDING_UNANSWERED;
    }
    return captured_is_whole(s) ? 0 : findings & doubtful;
}
