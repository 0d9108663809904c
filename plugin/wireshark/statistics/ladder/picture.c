/* picture.c - see picture.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/picture.h"

#include "capture/capture_clock.h"
#include "store/connections.h"
#include "store/points/points.h"
#include "capture/serials.h"
#include "findings/hindsight.h"
#include "statistics/ladder/ladder_heading.h"
#include "statistics/ladder/ladder_states.h"
#include "statistics/ladder/ladder_words.h"
#include "summary/outcome.h"
#include "words/words.h"

#include <inttypes.h>

struct picture {
    struct lifelines lines;
    const struct ladder *ladder;
    struct summary summary;
    int64_t now; /* the end of the capture */
    struct ladder_states states;
    unsigned timeout_findings, told; /* bit n: enum timeout_finding n: holds, was told in its place */
    uint32_t icmp;                   /* frame of an ICMP error that is still to be drawn; 0: none */
};

static const struct rung *rung_at(const struct picture *p, guint i)
{
    return &g_array_index(p->ladder->rungs, struct rung, i);
}

static int64_t since_start(const struct picture *p, int64_t time)
{
    return time - (p->summary.begun ? p->summary.start : rung_at(p, 0)->time); /* not if nothing was usable */
}

/* Texts, a line each: those that don't warn as one if they fit into a line, then the others. */
static void note_all(struct picture *p, const char *text)
{
    char **texts = g_strsplit(text, "\n", -1);
    wmem_strbuf_t *plain = wmem_strbuf_new(p->lines.pool, NULL);
    for (char **each = texts; *each != NULL; each++) {
        if (**each != '!' && **each != '\0') {
            wmem_strbuf_append_printf(plain, "%s%s", wmem_strbuf_get_len(plain) ? "; " : "", *each);
        }
    }
    bool fits = canvas_columns(wmem_strbuf_get_str(plain)) <= lifelines_room(&p->lines);
    if (fits) {
        lifelines_note(&p->lines, wmem_strbuf_get_str(plain));
    }
    for (char **each = texts; *each != NULL; each++) {
        if (!fits || **each == '!') {
            lifelines_note(&p->lines, *each);
        }
    }
    g_strfreev(texts);
}

static uint32_t serial_of_rung(const struct rung *rung)
{
    return serial_of((frame_t){rung->frame});
}

static enum leg leg_of(const struct picture *p, const struct rung *rung)
{
    return p->summary.between.points == 0 ? LEG_WHOLE
           : rung->arrival || rung->far   ? LEG_ARRIVES
                                          : LEG_DEPARTS;
}

/* What became of it between the points, or where it comes from. */
static enum passage_end between_points(const struct rung *rung)
{
    struct link link;
    findings_t marks = links_marks(serial_of_rung(rung));
    return marks & FINDING_LOST_BETWEEN                                     ? LOST_THERE
           : marks & FINDING_MADE_BETWEEN                                   ? MADE_THERE
           : rung->arrival || links_of(serial_of_rung(rung), &link, 1) != 0 ? PASSES
                                                                            : UNKNOWN_THERE;
}

static struct arrow arrow_of(const struct picture *p, const struct rung *rung)
{
    enum leg leg = leg_of(p, rung);
    return (struct arrow){
        .from = states_side(&p->states, rung->from),
        .lost = rung->lost && leg != LEG_DEPARTS, /* the other point shows how far it came */
        .leg = leg,
        .between = leg == LEG_WHOLE ? PASSES : between_points(rung),
        .frame = rung->frame,
        .time = since_start(p, rung->time),
    };
}

/* From where numbers count in a rung: from the SYN, once it was captured, even if a filter left it out. */
static struct words_bases bases_of(const struct picture *p, const struct rung *rung)
{
    struct words_bases bases;
    for (unsigned from = 0; from < 2; from++) {
        const struct summary_end *end = &p->summary.end[states_side(&p->states, from)];
        bool opened = end->syn_seen && rung->frame >= p->ladder->syn_frame[from];
        bases.of[from] = opened ? end->isn : p->ladder->base[from];
    }
    return bases;
}

static void draw_bundle(struct picture *p, const struct arrow *arrow, const struct rung *rung)
{
    wmem_allocator_t *pool = p->lines.pool;
    struct bundle bundle = {.arrow = *arrow};
    bundle.arrow.label = words_count(pool, rung->segments - rung->arrivals, "segment");
    if (rung->last - rung->time >= LADDER_SILENCE) {
        bundle.arrow.label = wmem_strdup_printf(pool, WORDS_LADDER_BUNDLE, bundle.arrow.label,
                                                words_duration(pool, rung->last - rung->time));
    }
    for (unsigned from = 0; from < 2; from++) {
        enum side to = states_side(&p->states, !from);
        bundle.amount[to] = rung->bytes[from] != 0 ? words_count(pool, rung->bytes[from], "byte") : "";
        bundle.reaches[to] = rung->sent[from];
    }
    lifelines_bundle(&p->lines, &bundle);
}

/* Conclusions that this segment began. */
static unsigned timeout_findings_begun(struct picture *p, const struct rung *rung)
{
    unsigned set = 0;
    for (unsigned i = 0; i < TIMEOUT_FINDING_COUNT; i++) {
        if (p->timeout_findings & 1u << i &&
            frame_of(timeout_finding_begin(&p->summary, (enum timeout_finding)i).frame).n == rung->frame) {
            set |= 1u << i;
        }
    }
    p->told |= set;
    return set;
}

/* Whatever pass the rung is of: what is known of the segment in the end. */
static findings_t findings_witnessed(const struct picture *p, const struct rung *rung)
{
    const findings_t marks = FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE;
    struct testimony received;
    findings_t findings = (rung->o.findings & ~(ACCUSATIONS | marks)) | links_marks(serial_of_rung(rung));
    bool doubted = witnesses_look(p->ladder->number, serial_of_rung(rung), &p->summary, p->now, &received,
                                  &findings);
    return doubted ? findings | (rung->o.findings & ~(ACCUSATIONS | SUSPICIONS)) : findings;
}

/* What its sender meant by it is told where it departed. */
static void forget_sender(struct rung *rung)
{
    rung->o.repeat = rung->o.corrected = false;
    rung->o.seq_verdict = SEQ_IN_ORDER;
    rung->o.ack_verdict = ACK_CURRENT;
    rung->o.reset_cause = RESET_NONE;
    rung->window_shut = rung->window_opened = false;
    rung->o.timer = rung->o.timer == TIMER_2MSL ? TIMER_2MSL : TIMER_NONE;
}

/* 2MSL count at the end that is in TIME-WAIT, not before the FIN has arrived there. */
static bool counts_2msl(const struct rung *rung)
{
    return rung->end[0].seen.after == TIME_WAIT || rung->end[1].seen.after == TIME_WAIT;
}

static char *arrival_label(const struct picture *p, const struct rung *rung)
{
    enum { SHOWN = 64 };
    struct link links[SHOWN];
    unsigned count = MIN(links_of(serial_of_rung(rung), links, SHOWN), SHOWN);
    const struct link *first = &links[0], *last = &links[count - 1];
    return count == 0 ? NULL
                      : words_arrival(p->lines.pool, frame_of(first->other).n, frame_of(last->other).n,
                                      first->transit);
}

static void draw_rung(struct picture *p, const struct rung *rung)
{
    struct arrow arrow = arrow_of(p, rung);
    states_leave(&p->states, &p->lines, rung);
    states_enter(&p->states, p->lines.pool, rung, arrow.state);
    if (rung->segments == 1) {
        struct words_bases bases = bases_of(p, rung);
        struct rung told = *rung;
        arrow.label = rung->arrival ? arrival_label(p, rung) : NULL;
        if (arrow.label == NULL) {
            arrow.label = words_label(p->lines.pool, rung, &bases);
        }
        if (rung->arrival || arrow.between == MADE_THERE) {
            forget_sender(&told);
        }
        if (arrow.leg != LEG_WHOLE && told.o.timer == TIMER_2MSL && !counts_2msl(rung)) {
            told.o.timer = TIMER_NONE;
        }
        lifelines_arrow(&p->lines, &arrow);
        told.o.findings = findings_witnessed(p, rung) | hindsight_of_load(&p->summary, serial_of_rung(rung));
        note_all(p, words_findings(p->lines.pool, &told, &bases, timeout_findings_begun(p, rung)));
        return;
    }
    draw_bundle(p, &arrow, rung);
    if (rung->dense) {
        lifelines_note(&p->lines, WORDS_LADDER_FOLDED);
    }
}

static void draw_icmp(struct picture *p, int64_t until)
{
    const struct moment *icmp = &p->summary.milestone[MILESTONE_ICMP];
    if (p->icmp != 0 && icmp->time <= until) {
        lifelines_event(&p->lines, WORDS_LADDER_ICMP, p->icmp, icmp->time);
        p->icmp = 0;
    }
}

/* Who owes what while nothing comes, as of the segment before. */
static void tell_silence(struct picture *p, const struct rung *before, const struct rung *next)
{
    struct words_debts debts[SIDES];
    enum debt list[DEBT_COUNT];
    bool skipped = MAX(frame_of(next->o.seq_from_frame).n, frame_of(next->o.ack_from_frame).n) >
                   before->last_frame; /* by a filter */
    for (unsigned from = 0; from < 2; from++) {
        const struct rung_end *end = &before->end[from];
        debts_in_order(end->owes, list);
        debts[states_side(&p->states, from)] = (struct words_debts){
            .owes = skipped ? 0 : end->owes,
            .since = list[0] == end->owed.debt ? frame_of(end->owed.frame).n : 0,
        };
    }
    lifelines_silence(&p->lines, words_duration(p->lines.pool, next->time - before->last),
                      words_debts(p->lines.pool, debts));
}

static void draw_rungs(struct picture *p)
{
    states_draw_first(&p->states, &p->lines, rung_at(p, 0));
    for (guint i = 0; i < p->ladder->rungs->len; i++) {
        const struct rung *rung = rung_at(p, i), *before = i != 0 ? rung_at(p, i - 1) : NULL;
        draw_icmp(p, since_start(p, rung->time));
        if (before != NULL && rung->time - before->last >= LADDER_SILENCE) {
            tell_silence(p, before, rung);
        }
        draw_rung(p, rung);
    }
    draw_icmp(p, INT64_MAX);
}

/* Those whose segment was not drawn as such. */
static void note_other_timeout_findings(struct picture *p)
{
    for (unsigned i = 0; i < TIMEOUT_FINDING_COUNT; i++) {
        if ((p->timeout_findings & ~p->told) & 1u << i) {
            note_all(p, words_timeout_findings(p->lines.pool, 1u << i));
        }
    }
}

/* As of the end of the capture. */
static char *last_debts(const struct picture *p)
{
    struct words_debts debts[SIDES];
    enum debt list[DEBT_COUNT];
    for (unsigned i = 0; i < SIDES; i++) {
        const struct summary_end *end = &p->summary.end[i];
        debts_in_order(end->owes & ~(1u << OWES_UNKNOWN), list);
        debts[i] = (struct words_debts){end->owes, frame_of(end->owed[list[0]].frame).n};
    }
    return words_debts(p->lines.pool, debts);
}

/* Nothing is owed any more. */
static bool is_over(const struct summary *s)
{
    return outcome_is_settled(s) ||
           (states_is_gone((enum state)s->end[0].state) && states_is_gone((enum state)s->end[1].state));
}

/* What its own segments don't tell. */
static void note_successor(struct picture *p)
{
    const struct summary *s = &p->summary;
    if (s->lost_by != 0) {
        lifelines_note(&p->lines, wmem_strdup_printf(p->lines.pool, WORDS_LADDER_LOST_BY, s->lost_by - 1));
    } else if (s->replaced) {
        lifelines_note(&p->lines, WORDS_LADDER_REPLACED);
    }
}

/* The silence up to the end of the capture, `end`, and who owes what then. */
static void draw_last_silence(struct picture *p, int64_t last, int64_t end, bool hidden)
{
    if (end - last >= LADDER_SILENCE) {
        lifelines_silence(&p->lines, words_duration(p->lines.pool, end - last), last_debts(p));
    } else {
        lifelines_note(&p->lines, last_debts(p));
    }
    if (end - last >= LADDER_SILENCE && !hidden) {
        states_last(&p->states, &p->lines, &p->summary, end);
    }
    lifelines_note(&p->lines, end == p->now ? WORDS_LADDER_CAPTURE_ENDS : WORDS_LADDER_CAPTURE_PAUSES);
}

static void draw_end(struct picture *p)
{
    const struct summary *s = &p->summary;
    const struct rung *rung = rung_at(p, p->ladder->rungs->len - 1);
    uint32_t serial = serial_of((frame_t){rung->last_frame});
    int64_t last = s->start + s->last, end = capture_clock_until(serial, p->now);
    bool hidden = s->begun && last > rung->last;
    note_other_timeout_findings(p);
    if (hidden) {
        lifelines_note(&p->lines, WORDS_LADDER_NOT_SHOWN);
    }
    note_successor(p);
    if (s->begun && !is_over(s)) {
        draw_last_silence(p, last, end, hidden);
    }
    lifelines_flush(&p->lines);
}

void picture_draw(const struct ladder *ladder, struct canvas *canvas, struct output *output)
{
    struct picture p = {.ladder = ladder, .now = hindsight_end()};
    if (!connections_summary(ladder->number, &p.summary)) {
        return;
    }
    const struct rung *last = rung_at(&p, ladder->rungs->len - 1);
    p.states.client = p.summary.client_from;
    p.timeout_findings = hindsight_findings(&p.summary);
    p.icmp = frame_of(p.summary.milestone[MILESTONE_ICMP].frame).n;
    lifelines_open(&p.lines, canvas, output);
    lifelines_place(&p.lines, MAX(last->frame, p.icmp), since_start(&p, last->time),
                    p.summary.between.points != 0);
    heading_draw(&p.lines, ladder->number, &p.summary, p.timeout_findings);
    draw_rungs(&p);
    draw_end(&p);
    lifelines_close(&p.lines);
}

bool picture_has_points(const struct ladder *ladder)
{
    struct summary summary;
    return points_exist && connections_summary(ladder->number, &summary) && summary.between.points != 0;
}

void picture_legend(bool points, struct canvas *canvas, struct output *output)
{
    if (points) {
        canvas_write_all(canvas, WORDS_LADDER_LEGEND_POINTS, output);
    }
    canvas_write_all(canvas, WORDS_LADDER_LEGEND, output);
}
