/* spoilt.c - does a worse observer warn where the better one doesn't?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hindsight.h"

#include <stdio.h>
#include <string.h>

/* The warnings of the better observer, by his connections. */
static unsigned warned[CONNECTIONS_MAX];

/* Bit n: connections of the better observer that a connection of the worse one has segments of. */
static uint64_t parts[CONNECTIONS_MAX][CONNECTIONS_MAX / 64];

/* Of each frame that the better observer has: whether the worse one has it, too. */
static bool kept[FRAMES_MAX];

static unsigned original(const struct capture *worse, unsigned at)
{
    return worse->frame[at].packet.seg.frame - 1;
}

static bool is_part(unsigned n, unsigned of)
{
    return (parts[n][of / 64] >> of % 64) & 1u;
}

static void relate(const struct capture *full, const struct reading *reading, const struct capture *worse,
                   const struct reading *other)
{
    memset(parts, 0, other->connections * sizeof *parts);
    memset(kept, 0, full->count * sizeof *kept);
    for (unsigned i = 0; i < worse->count; i++) {
        unsigned at = original(worse, i), of = reading->o[at].connection;
        kept[at] = true;
        parts[other->o[i].connection][of / 64] |= UINT64_C(1) << of % 64;
    }
}

/* It brings numbers that its sender hadn't sent before. */
static bool is_fresh(const struct capture *full, const struct reading *reading, unsigned at)
{
    const struct segment *seg = &full->frame[at].packet.seg;
    for (unsigned i = 0; i < at; i++) {
        const struct segment *s = &full->frame[i].packet.seg;
        if (reading->o[i].connection == reading->o[at].connection && s->from == seg->from &&
            !(s->flags & FLAG_RST) && !seq_before(segment_end(s), segment_end(seg))) {
            return false;
        }
    }
    return segment_length(seg) > 0;
}

/* Does a later segment show that this one is missing, or say the same? */
static bool is_shown(const struct capture *full, const struct reading *reading, unsigned missing)
{
    const struct segment *seg = &full->frame[missing].packet.seg;
    bool fresh = is_fresh(full, reading, missing);
    for (unsigned i = missing + 1; i < full->count && !(seg->flags & FLAG_RST); i++) {
        const struct segment *s = &full->frame[i].packet.seg;
        if (!kept[i] || reading->o[i].connection != reading->o[missing].connection || (s->flags & FLAG_RST)) {
            continue;
        }
        bool own = s->from == seg->from && !seq_before(segment_end(s), segment_end(seg)) &&
                   (!(seg->flags & FLAG_ACK) || !seq_before(s->ack, seg->ack));
        bool acked = s->from != seg->from && fresh && (s->flags & FLAG_ACK) &&
                     !seq_before(s->ack, segment_end(seg));
        if (own || acked) {
            return true;
        }
    }
    return false;
}

static bool lacks_unshown(const struct capture *full, const struct reading *reading, unsigned n)
{
    for (unsigned i = 0; i < full->count; i++) {
        if (!kept[i] && is_part(n, reading->o[i].connection) && !is_shown(full, reading, i)) {
            return true;
        }
    }
    return false;
}

/* SYNs alone: the contract excepts the one of which only one direction was captured, and what went before a
 * repeat nobody can know. */
static bool only_opens(const struct capture *worse, const struct reading *other, unsigned n)
{
    for (unsigned i = 0; i < worse->count; i++) {
        if (other->o[i].connection == n && !(worse->frame[i].packet.seg.flags & (FLAG_SYN | FLAG_RST))) {
            return false;
        }
    }
    return true;
}

static unsigned last_of(const struct capture *worse, const struct reading *other, unsigned n)
{
    unsigned last = 0;
    for (unsigned i = 0; i < worse->count; i++) {
        last = other->o[i].connection == n ? i : last;
    }
    return last;
}

struct pair {
    const struct capture *full, *worse;
    const struct reading *reading, *other;
};

/* Did the host whose RST is at issue send it, or another one, when its user gave up? A RST takes no number,
 * so that it was captured out of its place doesn't show. */
static bool was_aborted(const struct pair *pair, unsigned n)
{
    for (unsigned i = 0; i < pair->worse->count; i++) {
        const struct packet *packet = &pair->worse->frame[i].packet;
        const struct observation *o = &pair->other->o[i];
        if (o->connection == n && packet->life != 0 && packet->life < LIVES_MAX &&
            (unsigned)o->sender_role == pair->other->summary[n].reset_by &&
            pair->worse->biographies[packet->seg.from][packet->life].reset_sent) {
            return true;
        }
    }
    return false;
}

/* A mirror shows the refusal before its SYN, and neither of the newest two connections is where it fits. */
static bool was_refused_elsewhere(const struct pair *pair, unsigned n)
{
    for (unsigned i = 0; i < pair->worse->count; i++) {
        const struct packet *packet = &pair->worse->frame[i].packet;
        unsigned of = pair->reading->o[original(pair->worse, i)].connection,
                 now = pair->other->o[i].connection;
        bool refuses = segment_has(&packet->seg, FLAG_RST | FLAG_ACK) && packet->life == 0;
        if (refuses && is_part(n, of) && now != n && now + 1 != pair->other->summary[n].previous) {
            return true;
        }
    }
    return false;
}

/* What isn't said where a filter let no pure ACKs pass. */
#define WITHHELD                                                          \
    (1u << TIMEOUT_FINDING_UNANSWERED | 1u << TIMEOUT_FINDING_EMBRYONIC | \
     1u << TIMEOUT_FINDING_PEER_SILENT | 1u << TIMEOUT_FINDING_FIN_UNACKNOWLEDGED)

/* What the README names as known limits. */
static bool is_beyond_promise(const struct pair *pair, unsigned n, unsigned set, enum fault fault)
{
    switch (fault) {
    case SINGLE_DROPS:
    case BURSTS:
    case SHUFFLED_DROPS:
        return lacks_unshown(pair->full, pair->reading, n) || (set == DESYNCHRONIZED && was_aborted(pair, n));
    case ONE_WAY_LATER:
        return lacks_unshown(pair->full, pair->reading, n) ||
               (set == 1u << TIMEOUT_FINDING_UNANSWERED && only_opens(pair->worse, pair->other, n));
    case FLAGS_ONLY:
    case NO_PURE_ACKS: /* that there was a filter, many connections tell together, not the few of one world */
        return (set & ~WITHHELD) == 0;
    case ONE_DIRECTION:
    case JOINED_LATE:
        return set == 1u << TIMEOUT_FINDING_UNANSWERED && only_opens(pair->worse, pair->other, n);
    case SHUFFLED: /* the former: by which a SYN-ACK came a whole second behind step 3, not a little less */
        return set == 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW ||
               (set == 1u << TIMEOUT_FINDING_UNANSWERED && was_refused_elsewhere(pair, n)) ||
               (set == DESYNCHRONIZED && was_aborted(pair, n));
    default: return false;
    }
}

struct breach check_spoilt(const struct capture *full, const struct reading *reading,
                           const struct capture *worse, const struct reading *other, enum fault fault,
                           struct limits *limits)
{
    struct breach breach = {.frame = NO_BREACH};
    int64_t end = capture_end(full) + QUIET, worse_end = capture_end(worse) + QUIET;
    worse_end = end > worse_end ? end : worse_end;
    struct pair worlds = {full, worse, reading, other};
    relate(full, reading, worse, other);
    for (unsigned n = 0; n < reading->connections; n++) {
        warned[n] = warnings_at(&reading->summary[n], end);
    }
    for (unsigned n = 0; n < other->connections && breach.frame == NO_BREACH; n++) {
        unsigned set = warnings_at(&other->summary[n], worse_end), allowed = 0;
        for (unsigned of = 0; set != 0 && of < reading->connections; of++) {
            allowed |= is_part(n, of) ? warned[of] : 0;
        }
        if ((set & ~allowed) == 0) {
            continue;
        }
        if (allowed != 0) {
            limits->other_kind++;
        } else if (is_beyond_promise(&worlds, n, set, fault)) {
            limits->unshown++;
        } else {
            breach.frame = (int)last_of(worse, other, n);
            snprintf(breach.why, sizeof breach.why, "connection %u is warned of: %x", n, set & ~allowed);
        }
    }
    return breach;
}
