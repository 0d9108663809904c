/* joined.c - see joined.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/joined.h"

#include "summary/update.h"

/* Times count from the first segment of a summary. One of 0 may be none at all. */
static int64_t moved(int64_t time, int64_t by)
{
    return time != 0 && time != NO_TIME ? time + by : time;
}

static struct moment moment_moved(struct moment m, int64_t by)
{
    return (struct moment){m.frame, m.frame != 0 ? m.time + by : m.time};
}

static struct tries tries_moved(struct tries t, int64_t by)
{
    t.first = moment_moved(t.first, by);
    t.last = moved(t.last, by);
    return t;
}

/* The end as it was seen at its own point: in times of the joined summary, and in the numbers of the client's
 * point. `own`, `peers`: by what numbers of its stream, and those that it acknowledges, are higher there. */
static struct summary_end end_moved(const struct summary_end *of, int64_t by, uint32_t own, uint32_t peers)
{
    struct summary_end end = *of;
    end.basis = (uint8_t)(end.basis == BASIS_EXPECTED ? BASIS_SEEN : end.basis);
    end.isn = seq_sub(end.isn, own);
    end.acked = seq_sub(end.acked, peers);
    end.opening = tries_moved(end.opening, by);
    end.fins = tries_moved(end.fins, by);
    end.probes = tries_moved(end.probes, by);
    end.sent = moved(end.sent, by);
    end.heard = moved(end.heard, by);
    for (unsigned i = 0; i < DEBT_COUNT; i++) {
        end.owed[i] = moment_moved(end.owed[i], by);
    }
    return end;
}

/* Whose step is it? What the closer does first is the other's second. */
static unsigned sender_of(const struct summary *s, enum milestone milestone)
{
    switch (milestone) {
    case MILESTONE_SYN_ACK: return 1;
    case MILESTONE_FIN:
    case MILESTONE_SECOND_FIN_ACK: return s->closer;
    case MILESTONE_FIN_ACK:
    case MILESTONE_SECOND_FIN: return !s->closer;
    case MILESTONE_RESET: return s->reset_by == ROLE_SERVER;
    default: return 0;
    }
}

/* A step is told where it was sent, or else where it arrived. */
static void join_milestones(struct summary *joined, const struct summary *const side[2], const int64_t by[2])
{
    for (unsigned i = 0; i < MILESTONE_COUNT; i++) {
        enum milestone milestone = (enum milestone)i;
        unsigned near = sender_of(joined, milestone);
        unsigned at = has_milestone(side[near], milestone) ? near : !near;
        joined->milestone[i] = moment_moved(side[at]->milestone[i], by[at]);
    }
}

static void join_span(struct summary *joined, const struct summary *from, enum span span)
{
    joined->spans &= (uint8_t) ~(1u << span);
    if (from->spans & 1u << span) {
        joined->span[span] = from->span[span];
        joined->spans |= (uint8_t)(1u << span);
    }
}

/* Who sent the RST is told by the point where it was. If it shows at one only, the other end goes on. */
static void join_reset(struct summary *joined, const struct summary *client, const struct summary *server)
{
    const struct summary *only = client->reset ? client : server;
    unsigned other = only->reset_by == ROLE_SERVER ? 0 : 1; /* the end that should have got it */
    if (client->reset == server->reset) {
        return;
    }
    joined->reset_cause = only->reset_cause;
    joined->reset_by = only->reset_by;
    joined->reset_moved = only->reset_moved;
    joined->reset_assumed = only->reset_assumed;
    joined->reset = true;
    bool lives = state_is_synchronized((enum state)joined->end[other].state) &&
                 joined->end[other].state != TIME_WAIT && joined->opened;
    bool between = joined->between.reset_between; /* it did not merely escape a point that drops packets */
    joined->desynchronized |= between && lives && only->opened && !has_closed(joined);
}

bool summary_join(struct summary *joined, const struct summary *client, const struct summary *server,
                  const struct between *between)
{
    const struct summary *const side[2] = {client, server};
    *joined = *client;
    joined->between = *between;
    if (!server->begun || !client->begun || client->client_from != server->client_from) {
        return false;
    }
    int64_t start = client->start < server->start ? client->start : server->start;
    const int64_t by[2] = {client->start - start, server->start - start};
    uint32_t to_server = between->isn_offset[0], to_client = 0u - between->isn_offset[1];
    joined->start = start;
    joined->end[0] = end_moved(&client->end[0], by[0], 0, 0);
    joined->end[1] = end_moved(&server->end[1], by[1], to_client, to_server);
    joined->end[0].seen = client->end[0].seen || server->end[0].seen;
    joined->end[1].seen = client->end[1].seen || server->end[1].seen;
    joined->last = client->last + by[0] > server->last + by[1] ? client->last + by[0] : server->last + by[1];
    int64_t progress[2] = {moved(client->progress, by[0]), moved(server->progress, by[1])};
    joined->progress = progress[0] > progress[1] ? progress[0] : progress[1];
    joined->packets = client->packets > server->packets ? client->packets : server->packets;
    joined->steps = client->steps | server->steps;
    joined->opened = client->opened && server->opened;
    joined->proven_open = client->proven_open || server->proven_open;
    joined->closer = has_milestone(client, MILESTONE_FIN) ? client->closer : server->closer;
    joined->disorder = client->disorder || server->disorder;
    unsigned client_bit = 1u << client->client_from, server_bit = 3u ^ client_bit;
    joined->lacks = ((client->lacks & client_bit) | (server->lacks & server_bit)) & 3u;
    joined->incomplete = joined->lacks != 0;
    joined->overflowed = server->overflowed;
    joined->overflow = moment_moved(server->overflow, by[1]);
    joined->syn_ack_again = moment_moved(server->syn_ack_again, by[1]);
    joined->syn_ack_last = moved(server->syn_ack_last, by[1]);
    joined->desynchronized = client->desynchronized || server->desynchronized;
    joined->simultaneous_close = client->simultaneous_close && server->simultaneous_close;
    join_reset(joined, client, server);
    join_milestones(joined, side, by);
    join_span(joined, side[!joined->closer], SPAN_CLOSE_WAIT);
    join_span(joined, side[joined->closer], SPAN_FIN_WAIT_2);
    return true;
}
