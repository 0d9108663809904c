/* properties.c - states and steps, and innocence
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"

#include "../support/invariants.h"

#include <stdio.h>
#include <string.h>

enum { CONNECTIONS_KEPT = 256, STEPS = 7 };

static const struct breach none = {.frame = NO_BREACH};

/* Accusations that are right, by what truly became of the segment at its receiver:
 * - a RST off the edge, since another segment overtook it or was lost: challenged (RFC 5961 3.2), or thrown
 *   away outside the window (RFC 9293 3.10.7.4) or in SYN-SENT (3.10.7.3);
 * - a segment of another connection, late or sent by the end that has not heard of the new one: in
 *   SYN-SENT an ACK that doesn't cover the SYN is answered with a RST (RFC 9293 3.10.7.3), else the
 *   segment is rejected;
 * - an ACK overtaken by a whole window (RFC 5961 5.2);
 * - new data more than 1 s after a RST that never reached their sender: data_after_reset says just that. */
static findings_t excused(const struct packet *packet, const struct observation *o, int64_t lost_reset)
{
    if (packet->seg.data > 0 && lost_reset != 0 && packet->seg.time - lost_reset > SECOND) {
        return FINDING_DATA_AFTER_RESET;
    }
    bool rst = packet->seg.flags & FLAG_RST;
    if (packet->foreign) {
        return FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | (rst ? FINDING_RESET_SUSPECT : 0u);
    }
    bool challenged = packet->fate == FATE_CHALLENGED || (packet->fate == FATE_LOST && packet->off_edge);
    if (rst && o->seq_verdict == SEQ_INEXACT_RESET && challenged) {
        return FINDING_SEQ_SUSPECT | FINDING_RESET_SUSPECT;
    }
    return o->ack_verdict == ACK_TOO_OLD && packet->fate == FATE_TOO_OLD ? FINDING_ACK_SUSPECT : 0u;
}

/* Suspicions that nobody has confirmed, and those whose segment was rejected. OBSERVER: a RST without the ACK
 * flag shows a lost connection; an abort may look like that, too. */
static findings_t charges(const struct observation *o, findings_t accused, bool suspicions)
{
    findings_t set = invariants_accusations(o) & ~FINDING_DESYNCHRONIZED;
    set &= suspicions ? set : ~(FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | FINDING_RESET_SUSPECT);
    set |= accused & FINDING_SEQ_INVALID ? FINDING_SEQ_SUSPECT : 0;
    set |= accused & FINDING_ACK_INVALID ? FINDING_ACK_SUSPECT : 0;
    set |= accused & FINDING_RESET_INVALID ? FINDING_RESET_SUSPECT : 0;
    return set;
}

struct breach check_innocence(const struct capture *capture, const struct reading *reading, bool suspicions)
{
    int64_t lost_reset[2] = {0, 0}; /* when an end sent one; 0: never */
    for (unsigned i = 0; i < capture->count; i++) {
        const struct observation *o = &reading->o[i];
        const struct packet *packet = &capture->frame[i].packet;
        unsigned from = packet->seg.from;
        if ((packet->seg.flags & FLAG_RST) && packet->fate != FATE_RESET) {
            lost_reset[from] = packet->seg.time;
        }
        findings_t accusations = charges(o, reading->accused[i], suspicions) &
                                 ~excused(packet, o, lost_reset[!from]);
        if (accusations) {
            struct breach breach = {.frame = (int)i};
            snprintf(breach.why, sizeof breach.why, "%s: %llx, seq %s, ack %s",
                     reading->accused[i] ? "accused" : "suspected", (unsigned long long)accusations,
                     seq_verdicts[o->seq_verdict].name, ack_verdicts[o->ack_verdict].name);
            return breach;
        }
    }
    return none;
}

/* When TIME-WAIT ends, and whether a RST ends it, no wire shows. */
static enum state comparable(enum state state)
{
    return state == TIME_WAIT ? CLOSED : state;
}

struct breach check_quiet_states(const struct capture *capture, const struct reading *reading)
{
    unsigned resets = 0;          /* bit n: end n sent a RST on this connection */
    uint32_t opened = UINT32_MAX; /* the connection that saw its third step, which may be lost yet */
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        const struct observation *o = &reading->o[i];
        if (o->steps & STEP_ACK) {
            opened = o->connection;
        }
        resets = i > 0 && o->connection == reading->o[i - 1].connection ? resets : 0;
        resets |= frame->packet.seg.flags & FLAG_RST ? 1u << frame->packet.seg.from : 0u;
        if (!frame->after.is) {
            continue;
        }
        unsigned from = frame->packet.seg.from;
        const struct observed_end *end[2] = {from == 0 ? &o->sender : &o->peer,
                                             from == 0 ? &o->peer : &o->sender};
        for (unsigned e = 0; e < 2; e++) {
            enum state truth = frame->after.state[e];
            /* Who is reset in SYN-RECEIVED listens again, but whether it was still there no wire shows. */
            bool port = (truth == LISTEN || truth == CLOSED) &&
                        (end[e]->after == LISTEN || end[e]->after == CLOSED);
            bool either = port && (opened == o->connection || resets == 3);
            if (!either && comparable(end[e]->after) != comparable(truth)) {
                struct breach breach = {.frame = (int)i};
                snprintf(breach.why, sizeof breach.why, "all is quiet, end %u is in %s, shown in %s", e,
                         state_name(truth), state_name(end[e]->after));
                return breach;
            }
        }
    }
    return none;
}

/* What an end sent last tells most, even if an older segment of it is captured later. */
struct sender {
    const struct packet *newest;
    uint32_t life;
    bool lost_some; /* of this life: segments that never reached the observer, say its FIN */
};

static void follow(struct sender *sender, const struct packet *packet)
{
    const struct packet *before = sender->newest;
    if (packet->life != sender->life) {
        sender->life = packet->life;
        sender->lost_some = false;
    }
    if (before && packet->order > before->order + 1) {
        sender->lost_some = true;
    }
    if (!before || before->order < packet->order) {
        sender->newest = packet;
    }
}

/* A FIN that was lost before the observer makes a later state; but a gap tells of it. */
struct breach check_proven_states(const struct capture *capture, const struct reading *reading)
{
    struct sender senders[2] = {{NULL, 0, false}, {NULL, 0, false}};
    uint32_t connection = 0; /* the newest */
    for (unsigned i = 0; i < capture->count; i++) {
        const struct packet *packet = &capture->frame[i].packet;
        const struct observation *o = &reading->o[i];
        struct sender *sender = &senders[packet->seg.from];
        follow(sender, packet);
        connection = o->connection > connection ? o->connection : connection;
        /* A SYN-ACK that its own RST overtook looks as if sent anew. */
        bool overtaken = (packet->seg.flags & FLAG_SYN) && packet->order < sender->newest->order;
        bool elsewhere = o->connection != connection || sender->newest->life != packet->life || overtaken;
        bool unheard = sender->lost_some && o->seq_verdict != SEQ_GAP;
        enum state truth = sender->newest->state;
        if (o->sender.basis != BASIS_PROVEN || elsewhere || unheard || truth == UNKNOWN) {
            continue;
        }
        if (o->sender.after != truth) {
            struct breach breach = {.frame = (int)i};
            snprintf(breach.why, sizeof breach.why, "sent in %s, but proven is %s", state_name(truth),
                     state_name(o->sender.after));
            return breach;
        }
    }
    return none;
}

struct story {
    unsigned steps[2]; /* by who sent them: of a simultaneous open both send 1 and 2 */
    bool reset;
};

static bool closed_in_order(const struct frame *frame)
{
    return frame->after.is && comparable(frame->after.state[0]) == CLOSED &&
           comparable(frame->after.state[1]) == CLOSED;
}

/* Each step is given once on a connection; all of the teardown by the time that both have closed. */
struct breach check_steps(const struct capture *capture, const struct reading *reading)
{
    static struct story stories[CONNECTIONS_KEPT];
    memset(stories, 0, sizeof stories);
    for (unsigned i = 0; i < capture->count; i++) {
        const struct frame *frame = &capture->frame[i];
        const struct observation *o = &reading->o[i];
        if (o->connection >= CONNECTIONS_KEPT) {
            return none;
        }
        struct story *story = &stories[o->connection];
        unsigned *own = &story->steps[frame->packet.seg.from];
        /* Of several SYN-ACKs the one that step 3 acknowledges counts: each ISN's first is step 2. */
        if (o->seq_verdict == SEQ_SYN) {
            *own &= ~(unsigned)STEP_SYN_ACK;
        }
        bool unfounded = o->repeat && !(o->steps & *own); /* a repeat may come with a new step */
        unsigned twice = o->repeat ? 0 : o->steps & *own;
        if (twice || unfounded) {
            struct breach breach = {.frame = (int)i};
            snprintf(breach.why, sizeof breach.why,
                     twice ? "step bits %x given twice" : "step bits %x repeated that were not given",
                     o->steps);
            return breach;
        }
        *own |= o->steps;
        unsigned given = story->steps[0] | story->steps[1];
        story->reset = story->reset || (frame->packet.seg.flags & FLAG_RST);
        bool opened = (given & STEP_SYN) && (given & STEP_SYN_ACK);
        unsigned missing = (unsigned)STEPS_OF_TEARDOWN & ~given;
        if (opened && closed_in_order(frame) && !story->reset && missing) {
            struct breach breach = {.frame = (int)i};
            snprintf(breach.why, sizeof breach.why, "both have closed, but step bits %x were never given",
                     missing);
            return breach;
        }
    }
    return none;
}
