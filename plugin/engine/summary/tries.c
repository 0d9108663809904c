/* tries.c - see tries.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/tries.h"

/* Copies closer together than this are one try. */
#define TRY_APART (TRY_APART_MS * NS_PER_MS)

static void count_copy(struct tries *tries, const struct update *u)
{
    if (tries->count == 0) {
        tries->first = u->now;
    }
    tries->count++;
    tries->last = u->now.time;
}

/* The capture misses the peer's answers, and the sender's timestamps show that it got one more. */
static bool has_heard(struct update *u)
{
    if (!u->o->echoes_unseen || u->seg->tsecr == u->sender->echoed) {
        return false;
    }
    u->sender->echoed = u->seg->tsecr;
    u->peer->heard = u->now.time;
    return true;
}

/* New data begins a series; only what comes again, or asks for an answer, is a further try: who sends more
 * new data has heard of the peer, even if the capture hasn't. */
static void update_probe(struct update *u)
{
    struct tries *tries = &u->sender->probes;
    enum seq_verdict verdict = u->o->seq_verdict;
    bool old = seq_brings(verdict, BRINGS_OLD) || seq_brings(verdict, BRINGS_OLD_AND_NEW);
    bool ahead = seq_brings(verdict, BRINGS_NEXT) || seq_brings(verdict, BRINGS_AHEAD);
    bool asks = (old && u->seg->data > 0) || seq_brings(verdict, BRINGS_PROBE);
    bool fresh = ahead && u->seg->data > 0 && /* unless it is captured behind its ACK: */
                 !(u->peer->acked_known && !seq_after(segment_end(u->seg), u->peer->acked));
    u->peer->probes = (struct tries){{0, 0}, 0, 0};
    if (has_heard(u)) {
        *tries = (struct tries){{0, 0}, 0, 0};
    }
    if (!asks && !fresh) {
        return;
    }
    if (tries->count == 0 || (asks && u->now.time - tries->last >= TRY_APART)) {
        count_copy(tries, u);
    } else {
        tries->last = u->now.time;
    }
}

void tries_update(struct update *u)
{
    if (u->o->steps & (STEP_SYN | STEP_SYN_ACK)) {
        count_copy(&u->sender->opening, u);
    }
    if (u->o->steps & (STEP_FIN | STEP_SECOND_FIN)) {
        count_copy(&u->sender->fins, u);
    }
    update_probe(u);
}
