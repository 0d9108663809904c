/* reach.c - see reach.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reach.h"

enum {
    UNSCALED_MAX = 65535,
    OVERTAKEN_MAX = 64, /* packets of the same sender that may have overtaken one */
    DISORDER_US = DISORDER_MS * 1000,
};

void reach_break(struct view *v, seq_t bound)
{
    v->o->has_bound = true;
    v->o->bound = bound;
}

uint32_t reach_max_window(const struct connection *c, const struct end *offerer)
{
    return offerer->max_window ? (uint32_t)offerer->max_window << scale_of(c, offerer) : UNSCALED_MAX;
}

/* OBSERVER: RFC 9293 3.10.7.4 compares with the window as the receiver knows it. A capture that
 * drops packets drops window updates, too, and pure ACKs leave no gap behind. Where a gap shows, nothing
 * is beyond reach. Else a window moves by its own size at most once a round trip, so we allow for as many
 * as the time may have brought. */
bool reach_is_beyond(const struct view *v, const struct end *offerer, seq_t right, seq_t number)
{
    const struct connection *c = v->c;
    int32_t beyond = seq_diff(number, right);
    bool window_known = scale_is_known(c) && (offerer->max_window != 0 || scale_of(c, offerer) == 0);
    if (beyond <= 0 || !window_known || c->round_us == 0 || c->end[0].missing || c->end[1].missing) {
        return false;
    }
    uint64_t idle_us = (uint64_t)(uint32_t)(time_ms(v->seg->time) - c->last_ms) * 1000 + DISORDER_US;
    uint64_t windows = 1 + 2 * idle_us / c->round_us;
    return (uint64_t)beyond > windows * reach_max_window(c, offerer);
}

bool reach_right_edge(const struct end *offerer, const struct end *stream, seq_t *right)
{
    if (offerer->right_known) {
        *right = offerer->right;
        return true;
    }
    if (offerer->syn_sent && stream->isn_known) { /* the window of a SYN, which has no ACK to begin at */
        *right = seq_add(stream->isn, 1u + offerer->window);
        return true;
    }
    return false;
}

bool reach_is_before_isn(const struct end *end, seq_t number)
{
    return end->syn_sent && !end->alternative && !end->isn_far && seq_before(number, end->isn);
}

bool reach_opening_is_known(const struct connection *c)
{
    return c->end[c->client].syn_sent;
}

/* Whether the sender's own counting allows that it sent this packet before its last one. */
static bool may_be_overtaken(const struct view *v)
{
    const struct end *s = v->sender;
    const struct segment *seg = v->seg;
    if ((uint32_t)(time_ms(seg->time) - v->c->last_ms) > DISORDER_MS) {
        return false;
    }
    bool has_ids = seg->has_ip_id && s->ip_id != 0;
    uint16_t behind = (uint16_t)(s->ip_id - seg->ip_id);
    if (has_ids && behind > 0 && behind <= OVERTAKEN_MAX) {
        return true;
    }
    if (has_ids && !s->ids_jump) {
        return false;
    }
    return s->ts_known && seg->has_timestamps && (int32_t)(seg->tsval - s->ts_recent) <= 0;
}

bool reach_may_be_disorder(const struct view *v, seq_t lowest, seq_t number)
{
    const struct connection *c = v->c;
    if (may_be_overtaken(v)) { /* whatever the round trip: that of the handshake may have been a slow one */
        return true;
    }
    uint64_t windows = c->round_us ? 2 * DISORDER_US / c->round_us : 1;
    windows = windows ? windows
                      : 1; /* the packets that told the round trip may have been delayed themselves */
    return (uint64_t)(uint32_t)seq_diff(lowest, number) <= windows * reach_max_window(c, v->sender);
}
