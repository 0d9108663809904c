/* evidence.c - see evidence.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "evidence.h"

#include <string.h>

enum { TRIES = 3 };

static void add_tries(struct testimony *own, const struct packet *packet)
{
    const struct segment *seg = &packet->seg;
    if (seg->data == 0 && !packet->probe) {
        return;
    }
    if (own->tries == 0) {
        own->first_try = seg->time;
        own->tries = 1;
    } else if (seg->time - own->last_try >= 200 * MILLISECOND) {
        own->tries++;
    }
    own->last_try = seg->time;
}

static void add_fin(struct testimony *own, const struct segment *seg)
{
    if (own->fins++ == 0) {
        own->fin_at = seg->time;
        own->fin_end = segment_end(seg);
    }
}

static void add_ack(struct testimony *own, const struct testimony *peer, const struct segment *seg)
{
    if (!own->acked_known || seq_after(seg->ack, own->acked)) {
        own->acked = seg->ack;
        own->acked_known = true;
        own->moved = seg->time;
    }
    if (peer->fins > 0 && !own->answered_fin && !seq_before(seg->ack, peer->fin_end)) {
        own->answered_fin = true;
        own->answered_with_fin = (seg->flags & FLAG_FIN) != 0;
    }
}

/* Again, and not in answer to a SYN that was sent again? */
static void add_syn_ack(struct testimony *own, const struct testimony *peer, const struct segment *seg)
{
    own->syn_acks++;
    if (own->syn_acks == 1) {
        own->round_trip = seg->time - peer->last_syn_at;
    }
    if (own->syn_acks == 1 || own->syn_acks <= peer->syns) {
        return;
    }
    if (!own->repeated) {
        own->repeated_at = seg->time;
        own->repeated = true;
    }
    own->overflows = own->overflows || (peer->spoke && seg->time - peer->spoke_at > own->round_trip &&
                                        seg->time - own->repeated_at >= 500 * MILLISECOND);
}

static void add_syn(struct evidence *evidence, struct testimony *own, const struct testimony *peer,
                    const struct segment *seg)
{
    bool ack = seg->flags & FLAG_ACK;
    if (!evidence->has_syn && !ack) {
        evidence->has_syn = true;
        evidence->first_syn = seg->from;
    }
    if (ack) {
        add_syn_ack(own, peer, seg);
    } else {
        own->syns++;
        own->last_syn_at = seg->time;
    }
    bool *known = ack ? &own->syn_ack : &own->syn;
    if (!*known) {
        *(ack ? &own->syn_ack_at : &own->syn_at) = seg->time;
        *known = true;
    }
}

void evidence_add(struct evidence *evidence, const struct packet *packet, unsigned index)
{
    const struct segment *seg = &packet->seg;
    struct testimony *own = &evidence->end[seg->from], *peer = &evidence->end[!seg->from];
    evidence->frames++;
    evidence->last = index;
    own->heard = true;
    own->last = seg->time;
    peer->tries = 0;
    if (seg->flags & FLAG_RST) {
        evidence->reset = true;
        evidence->reset_from = seg->from;
        evidence->reset_bare = !(seg->flags & FLAG_ACK);
        return;
    }
    if (seg->flags & FLAG_SYN) {
        add_syn(evidence, own, peer, seg);
    } else if (!own->spoke) {
        own->spoke = true;
        own->spoke_at = seg->time;
    }
    if (seg->flags & FLAG_FIN) {
        add_fin(own, seg);
    }
    if (seg->flags & FLAG_ACK) {
        add_ack(own, peer, seg);
    }
    if (seg->data > 0 && !packet->probe) {
        own->data = true;
        own->moved = seg->time;
    }
    add_tries(own, packet);
}

void evidence_gather(struct evidence evidence[CONNECTIONS_MAX], const struct capture *capture,
                     const struct reading *reading)
{
    memset(evidence, 0, reading->connections * sizeof *evidence);
    for (unsigned i = 0; i < capture->count; i++) {
        if (reading->o[i].seq_verdict != SEQ_COPY) {
            evidence_add(&evidence[reading->o[i].connection], &capture->frame[i].packet, i);
        }
    }
}

static bool is_silent(const struct testimony *own, const struct testimony *peer, int64_t now)
{
    return peer->heard && own->tries >= TRIES && now - own->first_try >= usual_timeouts.silent &&
           now - own->last_try >= SECOND;
}

static bool is_fin_unacknowledged(const struct testimony *own, const struct testimony *peer, int64_t now)
{
    return own->fins >= TRIES && now - own->fin_at >= usual_timeouts.fin && !peer->answered_fin;
}

static bool owes_fin(const struct testimony *own, const struct testimony *peer, int64_t now)
{
    return peer->fins > 0 && own->answered_fin && own->fins == 0 &&
           now - own->moved >= usual_timeouts.close_wait;
}

/* The client's SYN stands alone. */
static bool is_unanswered(const struct evidence *e, int64_t now)
{
    return e->has_syn && !e->end[!e->first_syn].heard &&
           now - e->end[e->first_syn].syn_at >= usual_timeouts.handshake;
}

static bool is_embryonic(const struct evidence *e, int64_t now)
{
    const struct testimony *client = &e->end[e->first_syn], *server = &e->end[!e->first_syn];
    return e->has_syn && server->syn_ack && (!client->spoke || client->spoke_at < server->syn_ack_at) &&
           now - server->syn_ack_at >= usual_timeouts.handshake;
}

bool evidence_bears(const struct evidence *evidence, enum timeout_finding timeout_finding, int64_t now)
{
    const struct testimony *a = &evidence->end[0], *b = &evidence->end[1];
    switch (timeout_finding) {
    case TIMEOUT_FINDING_UNANSWERED: return !evidence->reset && is_unanswered(evidence, now);
    case TIMEOUT_FINDING_EMBRYONIC: return !evidence->reset && is_embryonic(evidence, now);
    case TIMEOUT_FINDING_FIN_UNACKNOWLEDGED:
        return is_fin_unacknowledged(a, b, now) || is_fin_unacknowledged(b, a, now);
    case TIMEOUT_FINDING_CLOSE_WAIT_STUCK: return owes_fin(a, b, now) || owes_fin(b, a, now);
    case TIMEOUT_FINDING_PEER_SILENT: return is_silent(a, b, now) || is_silent(b, a, now);
    case TIMEOUT_FINDING_BACKLOG_OVERFLOW: return (a->overflows && b->data) || (b->overflows && a->data);
    default: return true;
    }
}
