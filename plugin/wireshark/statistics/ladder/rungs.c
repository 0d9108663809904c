/* rungs.c - see rungs.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/rungs.h"

#include "statistics/marks.h"
#include "statistics/warnings.h"
#include "tell/verdicts.h"

enum {
    RUN_MAX = 4,      /* plain segments in a row that are drawn one by one */
    RUNGS_MAX = 2000, /* of a connection: more is no picture any more */
    STEPS_MAX = 2100, /* the same, steps and resets included */
};

/* What is no news of this very segment. */
static const findings_t quiet = FINDING_MULTIPATH | FINDING_LENGTH_UNKNOWN | FINDING_FIN_ACKED |
                                FINDING_ARRIVAL;

struct ladder *ladder_new(uint32_t number)
{
    struct ladder *ladder = g_new0(struct ladder, 1);
    ladder->number = number;
    ladder->rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));
    return ladder;
}

void ladder_free(void *data)
{
    struct ladder *ladder = (struct ladder *)data;
    g_array_free(ladder->rungs, TRUE);
    g_free(ladder);
}

static struct rung *rung_at(const struct ladder *ladder, guint back)
{
    GArray *rungs = ladder->rungs;
    return rungs->len >= back ? &g_array_index(rungs, struct rung, rungs->len - back) : NULL;
}

static struct rung rung_of(const struct tcpfsm_segment *news)
{
    const struct segment *segment = news->segment;
    const struct observation *o = news->observation;
    bool client = o->sender_role == ROLE_CLIENT;
    unsigned from = segment->from;
    struct rung rung = {
        .o = *o,
        .time = segment->time,
        .last = segment->time,
        .frame = news->frame.n,
        .last_frame = news->frame.n,
        .segments = 1,
        .seq = segment->seq,
        .ack = segment->ack,
        .flags = segment->flags,
        .from = segment->from,
        .arrival = o->findings & FINDING_ARRIVAL,
        .far = news->point == (client ? POINT_NEAR_SERVER : POINT_NEAR_CLIENT),
    };
    struct rung_end ends[2] = {{client ? o->sender : o->peer, o->client_owes, o->client_owed},
                               {client ? o->peer : o->sender, o->server_owes, o->server_owed}};
    rung.end[from] = ends[!client];
    rung.end[!from] = ends[client];
    rung.o.findings = news->reported->findings & ~quiet;
    rung.sent[from] = true;
    rung.bytes[from] = rung.arrival ? 0 : segment->data;
    rung.arrivals = rung.arrival;
    return rung;
}

/* As Wireshark does: from the SYN, else so that the first number captured is 1. */
static void note_bases(struct ladder *ladder, const struct tcpfsm_segment *news)
{
    const struct segment *segment = news->segment;
    unsigned from = segment->from;
    if (!ladder->base_known[from]) {
        ladder->base[from] = segment_has(segment, FLAG_SYN) ? segment->seq : seq_sub(segment->seq, 1);
        ladder->base_known[from] = true;
    }
    if (segment_has(segment, FLAG_SYN) && ladder->syn_frame[from] == 0) {
        ladder->syn_frame[from] = news->frame.n;
    }
    if (!ladder->base_known[!from] && segment_has(segment, FLAG_ACK)) {
        ladder->base[!from] = seq_sub(segment->ack, 1);
        ladder->base_known[!from] = true;
    }
}

static void note_window(struct ladder *ladder, struct rung *rung, const struct segment *segment)
{
    bool *shut = &ladder->shut[segment->from];
    if ((segment->flags & (FLAG_SYN | FLAG_RST)) == 0) {
        rung->window_shut = segment->window == 0;
        rung->window_opened = *shut && segment->window != 0;
        *shut = segment->window == 0;
    }
}

static bool same_states(const struct rung *a, const struct rung *b)
{
    for (unsigned i = 0; i < 2; i++) {
        if (a->end[i].seen.after != b->end[i].seen.after || a->end[i].seen.basis != b->end[i].seen.basis) {
            return false;
        }
    }
    return true;
}

/* Data or an acknowledgment as it should be, and nothing moves. */
static bool is_plain(const struct rung *rung, const struct rung *before)
{
    const struct observation *o = &rung->o;
    bool numbers =
        rung->arrival || /* told where it departed */
        ((o->seq_verdict == SEQ_IN_ORDER || o->seq_verdict == SEQ_NOT_JUDGED || o->seq_verdict == SEQ_COPY) &&
         !ack_is_invalid(o->ack_verdict));
    bool flags = (rung->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) == 0;
    bool remarkable = o->steps != 0 || o->repeat || o->corrected || o->findings != 0 ||
                      o->timer != TIMER_NONE || rung->window_shut || rung->window_opened;
    return before != NULL && !before->dense && numbers && flags && !remarkable && same_states(rung, before);
}

/* Unless it was folded already. From now on it won't be. */
static void mark_lost(struct ladder *ladder, uint32_t frame)
{
    for (guint i = 1; i <= ladder->rungs->len; i++) {
        struct rung *rung = rung_at(ladder, i);
        if (rung->frame <= frame) {
            rung->lost = rung->frame == frame && rung->segments == 1;
            ladder->run = rung->lost ? 0 : ladder->run;
            return;
        }
    }
}

static void rung_fold(struct rung *into, const struct rung *rung)
{
    for (unsigned i = 0; i < 2; i++) {
        into->bytes[i] += rung->o.seq_verdict == SEQ_COPY ? 0 : rung->bytes[i];
        into->sent[i] |= rung->sent[i];
        struct rung_end end = rung->end[i];
        end.seen.before = into->end[i].seen.before; /* of the run as a whole */
        end.seen.time_in_state = into->end[i].seen.time_in_state;
        into->end[i] = end;
    }
    into->last = rung->last;
    into->last_frame = rung->last_frame;
    into->segments += rung->segments;
    into->arrivals += rung->arrivals;
    into->o.findings |= rung->o.findings;
}

/* The run has become too long: it makes one rung. */
static void run_fold(struct ladder *ladder)
{
    struct rung *first = rung_at(ladder, ladder->run);
    for (unsigned i = ladder->run - 1; i > 0; i--) {
        rung_fold(first, rung_at(ladder, i));
    }
    g_array_set_size(ladder->rungs, ladder->rungs->len - (ladder->run - 1));
    ladder->run = 0;
}

static int rung_append(struct ladder *ladder, const struct rung *rung)
{
    g_array_append_val(ladder->rungs, *rung);
    return 1;
}

static int add_plain(struct ladder *ladder, const struct rung *rung)
{
    struct rung *before = rung_at(ladder, 1);
    bool after_silence = rung->time - before->last >= LADDER_SILENCE;
    if (!after_silence && before->is_plain && before->segments > 1) {
        rung_fold(before, rung);
        return 0;
    }
    if (after_silence || !before->is_plain) {
        ladder->run = 0;
    }
    if (ladder->run < RUN_MAX) {
        ladder->run++;
        return rung_append(ladder, rung);
    }
    int folded = (int)ladder->run - 1;
    run_fold(ladder);
    rung_fold(rung_at(ladder, 1), rung);
    return -folded;
}

static int add_dense(struct ladder *ladder, struct rung *rung)
{
    struct rung *before = rung_at(ladder, 1);
    ladder->run = 0;
    if (before->dense) {
        rung_fold(before, rung);
        return 0;
    }
    rung->is_plain = false;
    rung->dense = true;
    return rung_append(ladder, rung);
}

static bool has_room(const struct ladder *ladder, const struct rung *rung, bool room)
{
    bool step = rung->o.steps != 0 || rung->o.reset_cause != RESET_NONE;
    return ladder->rungs->len == 0 || (room && ladder->rungs->len < (step ? STEPS_MAX : RUNGS_MAX));
}

int ladder_add(struct ladder *ladder, const struct tcpfsm_segment *segment, bool room)
{
    struct rung rung = rung_of(segment);
    ladder->warnings |= warnings_of_segment(segment->observation, *segment->reported) |
                        marks_of(segment->segment->frame);
    note_bases(ladder, segment);
    note_window(ladder, &rung, segment->segment);
    rung.is_plain = is_plain(&rung, rung_at(ladder, 1));
    frame_t lost = frame_of(rung.o.lost_frame);
    if (lost.n != 0) {
        mark_lost(ladder, lost.n);
    }
    if (!has_room(ladder, &rung, room)) {
        return add_dense(ladder, &rung);
    }
    if (rung.is_plain) {
        return add_plain(ladder, &rung);
    }
    ladder->run = 0;
    return rung_append(ladder, &rung);
}
