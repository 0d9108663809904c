/* ladder_words.c - see ladder_words.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/ladder_words.h"

#include "findings/experts.h"
#include "words/words.h"

#include <epan/proto.h>
#include <inttypes.h>

/* Told by the label and by other findings already. */
static const findings_t told_apart = FINDING_SYN_RETRANSMITTED | FINDING_SYN_ACK_RETRANSMITTED |
                                     FINDING_FIN_RETRANSMITTED | FINDING_SYN_ACK_REJECTED |
                                     FINDING_RESET_STALE | FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT |
                                     FINDING_SEQ_INVALID | FINDING_ACK_INVALID;

char *words_duration(wmem_allocator_t *pool, int64_t time)
{
    double length = seconds(time);
    return length >= 100     ? wmem_strdup_printf(pool, "%.0f" NO_BREAK "s", length)
           : length >= 1     ? wmem_strdup_printf(pool, "%.1f" NO_BREAK "s", length)
           : length >= 0.01  ? wmem_strdup_printf(pool, "%.0f" NO_BREAK "ms", length * 1e3)
           : length >= 0.001 ? wmem_strdup_printf(pool, "%.1f" NO_BREAK "ms", length * 1e3)
                             : wmem_strdup_printf(pool, "%.0f" NO_BREAK "us", length * 1e6);
}

char *words_count(wmem_allocator_t *pool, uint64_t count, const char *noun)
{
    const char *digits = wmem_strdup_printf(pool, "%" PRIu64, count);
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    for (size_t left = strlen(digits); left > 0; left--, digits++) {
        wmem_strbuf_append_printf(text, left % 3 == 1 && left > 1 ? "%c," : "%c", *digits);
    }
    wmem_strbuf_append_printf(text, " %s%s", noun, count == 1 ? "" : "s");
    return wmem_strbuf_finalize(text);
}

char *words_state(wmem_allocator_t *pool, enum state state, enum basis basis)
{
    return wmem_strdup_printf(pool, "%s%s", state_name(state), basis_mark(state, basis));
}

/* "[2+3/4] " */
static void add_steps(wmem_strbuf_t *text, unsigned steps, enum step_bit part)
{
    struct steps_text told = steps_text(steps, part, "+", "/");
    if (*told.text) {
        wmem_strbuf_append_printf(text, "[%s] ", told.text);
    }
}

static const char *kind(const struct rung *rung)
{
    switch (rung->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) {
    case FLAG_SYN: return rung->flags & FLAG_ACK ? "SYN-ACK" : "SYN";
    case FLAG_FIN: return "FIN";
    case FLAG_RST: return "RST";
    case FLAG_SYN | FLAG_FIN: return "SYN-FIN";
    case FLAG_SYN | FLAG_RST: return "SYN-RST";
    case FLAG_FIN | FLAG_RST: return "FIN-RST";
    case FLAG_SYN | FLAG_FIN | FLAG_RST: return "SYN-FIN-RST";
    default: return rung->bytes[rung->from] ? "data" : rung->flags & FLAG_ACK ? "ACK" : WORDS_LADDER_NO_FLAGS;
    }
}

/* A number as it counts from the first one of its stream. */
static uint32_t relative(seq_t number, const struct words_bases *bases, unsigned of)
{
    return number.n - bases->of[of].n;
}

char *words_label(wmem_allocator_t *pool, const struct rung *rung, const struct words_bases *bases)
{
    const struct observation *o = &rung->o;
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    if (o->findings & FINDING_UNUSABLE) {
        return wmem_strdup(pool, WORDS_LADDER_UNUSABLE);
    }
    add_steps(text, o->steps, STEPS_OF_HANDSHAKE);
    add_steps(text, o->steps, STEPS_OF_TEARDOWN);
    wmem_strbuf_append_printf(text, "%s seq=%" PRIu32 "%s", kind(rung),
                              relative(rung->seq, bases, rung->from),
                              seq_is_invalid(o->seq_verdict) ? "✗" : "");
    if (rung->flags & FLAG_ACK) {
        wmem_strbuf_append_printf(text, " ack=%" PRIu32 "%s", relative(rung->ack, bases, !rung->from),
                                  ack_is_invalid(o->ack_verdict) ? "✗" : "");
    }
    if (rung->bytes[rung->from] != 0) {
        wmem_strbuf_append_printf(text, " len=%" PRIu64, rung->bytes[rung->from]);
    }
    return wmem_strbuf_finalize(text);
}

char *words_arrival(wmem_allocator_t *pool, uint32_t first, uint32_t last, int64_t transit)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    if (first == last) {
        wmem_strbuf_append_printf(text, WORDS_LADDER_ARRIVES, first);
    } else {
        wmem_strbuf_append_printf(text, WORDS_LADDER_ARRIVE, first, last);
    }
    if (transit > 0) { /* else the clocks differ */
        wmem_strbuf_append_printf(text, WORDS_LADDER_LATER, words_duration(pool, transit));
    }
    return wmem_strbuf_finalize(text);
}

/* "! seq is invalid (after-fin), expected 11" */
static void add_invalid(wmem_strbuf_t *text, const char *name, bool warns, const uint32_t *expected)
{
    wmem_strbuf_append_printf(text, "%s%s", warns ? "! " : "", name);
    if (expected != NULL) {
        wmem_strbuf_append_printf(text, WORDS_LADDER_EXPECTED, *expected);
    }
    wmem_strbuf_append_c(text, '\n');
}

static void add_invalid_numbers(wmem_strbuf_t *text, const struct rung *rung, const struct words_bases *bases)
{
    const struct observation *o = &rung->o;
    uint32_t seq = relative(o->seq_expected, bases, rung->from),
             ack = relative(o->ack_expected, bases, !rung->from);
    char name[64];
    if (seq_is_invalid(o->seq_verdict)) {
        snprintf(name, sizeof name, WORDS_LADDER_SEQ_INVALID, seq_verdicts[o->seq_verdict].name);
        add_invalid(text, name, o->findings & FINDING_SEQ_INVALID, o->has_seq_expected ? &seq : NULL);
    }
    if (ack_is_invalid(o->ack_verdict)) {
        snprintf(name, sizeof name, WORDS_LADDER_ACK_INVALID, ack_verdicts[o->ack_verdict].name);
        add_invalid(text, name, o->findings & FINDING_ACK_INVALID, o->has_ack_expected ? &ack : NULL);
    }
}

/* What kind of number it is, if no timer tells. */
static void add_verdict(wmem_strbuf_t *text, const struct rung *rung, const struct words_bases *bases)
{
    switch (rung->o.seq_verdict) {
    case SEQ_GAP:
        wmem_strbuf_append_printf(text, WORDS_LADDER_GAP, relative(rung->o.seq_expected, bases, rung->from));
        break;
    case SEQ_COPY: wmem_strbuf_append(text, WORDS_LADDER_COPY); break;
    case SEQ_RETRANSMISSION:
    case SEQ_OVERLAP:
    case SEQ_KEEPALIVE:
    case SEQ_WINDOW_PROBE:
        if (!rung->o.repeat) {
            wmem_strbuf_append_printf(text, "%s\n", seq_verdicts[rung->o.seq_verdict].name);
        }
        break;
    default: break;
    }
}

static bool enters_time_wait(const struct rung_end *end)
{
    return end->seen.after == TIME_WAIT && end->seen.before != TIME_WAIT;
}

/* "retransmission 2, after 0.4 s" */
static void add_timer(wmem_allocator_t *pool, wmem_strbuf_t *text, const struct rung *rung)
{
    const struct observation *o = &rung->o;
    bool enters = enters_time_wait(&rung->end[0]) || enters_time_wait(&rung->end[1]);
    wmem_strbuf_append(text, timer_name(o->timer));
    if (o->timer == TIMER_2MSL) {
        wmem_strbuf_append(text, enters ? WORDS_LADDER_2MSL_BEGINS : WORDS_LADDER_2MSL_RESTARTS);
    }
    if (o->timer_count != 0) {
        wmem_strbuf_append_printf(text, " %" PRIu32, o->timer_count);
    }
    if (o->timer_interval != NO_TIME) {
        wmem_strbuf_append_printf(text, WORDS_LADDER_AFTER, words_duration(pool, o->timer_interval));
    }
    wmem_strbuf_append_c(text, '\n');
}

static void add_reset(wmem_strbuf_t *text, enum reset_cause cause)
{
    switch (cause) {
    case RESET_NONE:
    case RESET_NOT_ACCEPTABLE: break;
    case RESET_CANNOT_TELL: wmem_strbuf_append(text, WORDS_LADDER_NO_CAUSE); break;
    default: wmem_strbuf_append_printf(text, WORDS_LADDER_CAUSE, reset_cause_name(cause)); break;
    }
}

/* The summaries of the expert infos. "Stuck in CLOSE-WAIT" becomes "stuck in CLOSE-WAIT", "SYN" stays. */
static void add_experts(wmem_strbuf_t *text, findings_t findings, unsigned timeout_findings)
{
    static const struct observation nothing;
    uint64_t set = experts_called(&nothing, (struct reported){timeout_findings, findings});
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if (set & 1u) {
            const char *summary = expert_summary((enum expert)i);
            bool warns = expert_severity((enum expert)i) == PI_WARN, name = g_ascii_isupper(summary[1]);
            wmem_strbuf_append_printf(text, "%s%c%s\n", warns ? "! " : "",
                                      name ? summary[0] : g_ascii_tolower(summary[0]), summary + 1);
        }
    }
}

char *words_findings(wmem_allocator_t *pool, const struct rung *rung, const struct words_bases *bases,
                     unsigned timeout_findings)
{
    const struct observation *o = &rung->o;
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    if (o->repeat && frame_of(o->repeat_of).n != 0) {
        wmem_strbuf_append_printf(text, WORDS_LADDER_REPEATS, frame_of(o->repeat_of).n);
    } else if (o->repeat) {
        wmem_strbuf_append(text, WORDS_LADDER_REPEATED);
    }
    if (o->timer != TIMER_NONE) {
        add_timer(pool, text, rung);
    } else {
        add_verdict(text, rung, bases);
    }
    if (o->corrected) {
        wmem_strbuf_append_printf(text, "%s\n", correction_text(o).text);
    }
    add_reset(text, o->reset_cause);
    if (rung->window_shut || rung->window_opened) {
        wmem_strbuf_append(text, rung->window_shut ? WORDS_LADDER_WINDOW_SHUT : WORDS_LADDER_WINDOW_OPENED);
    }
    add_invalid_numbers(text, rung, bases);
    add_experts(text, o->findings & ~told_apart, timeout_findings);
    return wmem_strbuf_finalize(text);
}

char *words_timeout_findings(wmem_allocator_t *pool, unsigned timeout_findings)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    add_experts(text, 0, timeout_findings);
    return wmem_strbuf_finalize(text);
}

/* "server owes an ACK of data and a FIN since frame 8" */
char *words_debts(wmem_allocator_t *pool, const struct words_debts debts[2])
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    for (unsigned i = 0; i < 2; i++) {
        enum debt list[DEBT_COUNT];
        unsigned owes = debts[i].owes & ~(1u << OWES_UNKNOWN), count = debts_in_order(owes, list);
        for (unsigned k = 0; owes != 0 && k < count; k++) {
            if (k == 0) {
                wmem_strbuf_append_printf(text, WORDS_LADDER_OWES, wmem_strbuf_get_len(text) != 0 ? ", " : "",
                                          role_name(i ? ROLE_SERVER : ROLE_CLIENT));
            }
            wmem_strbuf_append_printf(text, "%s%s", k == 0 ? "" : WORDS_LADDER_AND, debt_phrases[list[k]]);
            if (k == 0 && debts[i].since != 0) {
                wmem_strbuf_append_printf(text, WORDS_LADDER_SINCE, debts[i].since);
            }
        }
    }
    return wmem_strbuf_finalize(text);
}
