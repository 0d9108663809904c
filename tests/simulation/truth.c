/* truth.c - see truth.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "truth.h"

#include <string.h>

/* What went by of one connection of an end, so far. */
struct progress {
    uint32_t connection; /* the engine's number, plus one; 0: nothing was captured */
    uint32_t order;      /* of the newest segment */
};

/* A keepalive or window probe is meant to be answered with an ACK; a SYN may be refused or ignored. */
static bool is_as_meant(const struct packet *packet)
{
    return packet->fate == FATE_TAKEN || packet->fate == FATE_RESET ||
           (packet->fate == FATE_CHALLENGED && packet->probe) ||
           (packet->fate == FATE_DROPPED && (packet->seg.flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN);
}

static void follow(struct truth truths[CONNECTIONS_MAX], struct progress *progress, uint32_t oldest,
                   const struct packet *packet, uint32_t number)
{
    bool begins = progress->connection == 0, same = progress->connection == number + 1;
    bool next = begins ? packet->order == oldest : same && packet->order == progress->order + 1;
    truths[number].orderly = truths[number].orderly && next;
    if (!begins && !next) {
        truths[progress->connection - 1].orderly = false;
    }
    progress->connection = number + 1;
    progress->order = packet->order;
}

static void belongs(struct truth *truth, const struct capture *capture, const struct packet *packet)
{
    const struct biography *own = &capture->biographies[packet->seg.from][packet->life];
    const struct biography **known = &truth->biography[packet->seg.from];
    truth->mixed = truth->mixed || (*known && *known != own);
    *known = own;
}

void truth_find(const struct capture *capture, const struct reading *reading,
                struct truth truths[CONNECTIONS_MAX])
{
    struct progress progress[2][LIVES_MAX];
    memset(progress, 0, sizeof progress);
    for (unsigned n = 0; n < reading->connections; n++) {
        truths[n] = (struct truth){.orderly = true};
    }
    for (unsigned i = 0; i < capture->count; i++) {
        const struct packet *packet = &capture->frame[i].packet;
        uint32_t number = reading->o[i].connection;
        struct truth *truth = &truths[number];
        truth->frames++;
        truth->orderly = truth->orderly && is_as_meant(packet) && !packet->foreign;
        if (packet->life >= LIVES_MAX) {
            truth->mixed = true;
        } else if (packet->life != 0) {
            belongs(truth, capture, packet);
            follow(truths, &progress[packet->seg.from][packet->life],
                   capture->biographies[packet->seg.from][packet->life].oldest, packet, number);
        }
    }
    for (unsigned i = 0; i < 2; i++) { /* the last may be lost, or still on its way */
        for (unsigned life = 1; life < LIVES_MAX; life++) {
            const struct progress *p = &progress[i][life];
            if (p->connection != 0 && p->order != capture->biographies[i][life].newest) {
                truths[p->connection - 1].orderly = false;
            }
        }
    }
}

static bool has_closed(const struct biography *b)
{
    return b->opened && b->fin_sent && b->fin_acked && b->fin_received;
}

/* Each had the other's SYN. */
static bool are_peers(const struct biography *a, const struct biography *b)
{
    return a->met && b->met && seq_equal(a->irs, b->iss) && seq_equal(b->irs, a->iss);
}

bool truth_is_closed(const struct truth *truth)
{
    const struct biography *a = truth->biography[0], *b = truth->biography[1];
    return !truth->mixed && a && b && are_peers(a, b) && has_closed(a) && has_closed(b);
}

static bool closed_with_anybody(const struct capture *capture, const struct biography *own, unsigned from)
{
    for (unsigned life = 1; life < LIVES_MAX && has_closed(own); life++) {
        const struct biography *other = &capture->biographies[!from][life];
        if (are_peers(own, other)) {
            return has_closed(other);
        }
    }
    return false;
}

bool truth_closed_each(const struct capture *capture, const struct truth *truth)
{
    bool closed = !truth->mixed && (truth->biography[0] || truth->biography[1]);
    for (unsigned from = 0; from < 2 && closed; from++) {
        const struct biography *own = truth->biography[from];
        closed = !own || closed_with_anybody(capture, own, from);
    }
    return closed;
}
