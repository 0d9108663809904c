/* ladder_words.c - see ladder_words.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/ladder_words.h"

#include "findings/experts.h"
#include "show/words.h"

#include <epan/proto.h>
#include <inttypes.h>

#define NO_BREAK "\xc2\xa0" /* a blank at which no line ends */

/* Told by the label and by other findings already. */
static const findings_t told_apart = FINDING_SYN_RETRANSMITTED | FINDING_SYN_ACK_RETRANSMITTED |
                                     FINDING_FIN_RETRANSMITTED | FINDING_SYN_ACK_REJECTED |
                                     FINDING_RESET_STALE | FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT |
                                     FINDING_SEQ_INVALID | FINDING_ACK_INVALID;

void words_duration(GString *text, int64_t time)
{
    double length = seconds(time);
    if (length >= 100) {
        g_string_append_printf(text, "%.0f" NO_BREAK "s", length);
    } else if (length >= 1) {
        g_string_append_printf(text, "%.1f" NO_BREAK "s", length);
    } else if (length >= 0.001) {
        g_string_append_printf(text, length >= 0.01 ? "%.0f" NO_BREAK "ms" : "%.1f" NO_BREAK "ms",
                               length * 1e3);
    } else {
        g_string_append_printf(text, "%.0f" NO_BREAK "us", length * 1e6);
    }
}

void words_count(GString *text, uint64_t count, const char *noun)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    for (int i = 0; i < length; i++) {
        if (i != 0 && (length - i) % 3 == 0) {
            g_string_append_c(text, ',');
        }
        g_string_append_c(text, digits[i]);
    }
    g_string_append_printf(text, " %s%s", noun, count == 1 ? "" : "s");
}

void words_state(GString *text, enum state state, enum basis basis)
{
    g_string_append_printf(text, "%s%s", state_name(state), basis_mark(state, basis));
}

/* "[2+3/4] " */
static void add_steps(GString *text, unsigned steps, enum step_bit part)
{
    struct steps_text told = steps_text(steps, part, "+", "/");
    if (*told.text) {
        g_string_append_printf(text, "[%s] ", told.text);
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
    default: return rung->bytes[rung->from] ? "data" : rung->flags & FLAG_ACK ? "ACK" : "no flags";
    }
}

static bool seq_invalid(const struct rung *rung)
{
    return seq_is_invalid(rung->seq_verdict);
}

static bool ack_invalid(const struct rung *rung)
{
    return ack_is_invalid(rung->ack_verdict);
}

void words_label(GString *text, const struct rung *rung, const struct words_bases *bases)
{
    if (rung->findings & FINDING_UNUSABLE) {
        g_string_append(text, "header cut or malformed");
        return;
    }
    add_steps(text, rung->steps, STEPS_OF_HANDSHAKE);
    add_steps(text, rung->steps, STEPS_OF_TEARDOWN);
    g_string_append_printf(text, "%s seq=%" PRIu32 "%s", kind(rung), rung->seq - bases->of[rung->from].n,
                           seq_invalid(rung) ? "✗" : "");
    if (rung->flags & FLAG_ACK) {
        g_string_append_printf(text, " ack=%" PRIu32 "%s", rung->ack - bases->of[!rung->from].n,
                               ack_invalid(rung) ? "✗" : "");
    }
    if (rung->bytes[rung->from] != 0) {
        g_string_append_printf(text, " len=%" PRIu64, rung->bytes[rung->from]);
    }
}

G_GNUC_PRINTF(2, 3) static void add(GPtrArray *texts, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(texts, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* "! seq is after-fin: 11 was expected" */
static void add_invalid(GPtrArray *texts, const char *name, const char *verdict, bool warns,
                        const uint32_t *expected)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%s%s is %s", warns ? "! " : "", name, verdict);
    if (expected != NULL) {
        g_string_append_printf(text, ": %" PRIu32 " was expected", *expected);
    }
    g_ptr_array_add(texts, g_string_free(text, FALSE));
}

static void add_invalid_numbers(GPtrArray *texts, const struct rung *rung, const struct words_bases *bases)
{
    uint32_t seq = rung->seq_expected - bases->of[rung->from].n,
             ack = rung->ack_expected - bases->of[!rung->from].n;
    if (seq_invalid(rung)) {
        add_invalid(texts, "seq", seq_verdicts[rung->seq_verdict].name, rung->findings & FINDING_SEQ_INVALID,
                    rung->has_seq_expected ? &seq : NULL);
    }
    if (ack_invalid(rung)) {
        add_invalid(texts, "ack", ack_verdicts[rung->ack_verdict].name, rung->findings & FINDING_ACK_INVALID,
                    rung->has_ack_expected ? &ack : NULL);
    }
}

/* What kind of number it is, if no timer tells. */
static void add_verdict(GPtrArray *texts, const struct rung *rung, const struct words_bases *bases)
{
    switch (rung->seq_verdict) {
    case SEQ_GAP:
        add(texts, "gap: %" PRIu32 " is missing", rung->seq_expected - bases->of[rung->from].n);
        break;
    case SEQ_COPY: add(texts, "captured twice"); break;
    case SEQ_RETRANSMISSION:
    case SEQ_OVERLAP:
    case SEQ_KEEPALIVE:
    case SEQ_WINDOW_PROBE:
        if (!rung->repeat) {
            add(texts, "%s", seq_verdicts[rung->seq_verdict].name);
        }
        break;
    default: break;
    }
}

static bool enters_time_wait(const struct rung *rung)
{
    bool enters = false;
    for (unsigned i = 0; i < 2; i++) {
        enters = enters || (rung->end[i].after == TIME_WAIT && rung->end[i].before != TIME_WAIT);
    }
    return enters;
}

/* "retransmission 2, after 0.4 s" */
static void add_timer(GPtrArray *texts, const struct rung *rung)
{
    GString *text = g_string_new(timer_name((enum timer)rung->timer));
    if (rung->timer == TIMER_2MSL) {
        g_string_append(text, enters_time_wait(rung) ? " begins" : " begins anew");
    }
    if (rung->tries != 0) {
        g_string_append_printf(text, " %" PRIu32, rung->tries);
    }
    if (rung->interval != NO_TIME) {
        g_string_append(text, ", after ");
        words_duration(text, rung->interval);
    }
    g_ptr_array_add(texts, g_string_free(text, FALSE));
}

static void add_correction(GPtrArray *texts, const struct rung *rung)
{
    if (rung->corrected && rung->lost_frame != 0) {
        add(texts, "frame %" PRIu32 " was lost", rung->lost_frame);
    } else if (rung->corrected && rung->findings & FINDING_CROSSED) {
        add(texts, "crossed the other end's segment");
    } else if (rung->corrected) {
        add(texts, "was not in %s", state_name((enum state)rung->presumed));
    }
}

static void add_reset(GPtrArray *texts, const struct rung *rung)
{
    switch (rung->reset_cause) {
    case RESET_NONE:
    case RESET_NOT_ACCEPTABLE: break;
    case RESET_CANNOT_TELL: add(texts, "cause unknown"); break;
    default: add(texts, "likely %s", reset_cause_name((enum reset_cause)rung->reset_cause)); break;
    }
}

/* "Stuck in CLOSE-WAIT" becomes "stuck in CLOSE-WAIT", "SYN" stays. */
static void add_summary(GPtrArray *texts, bool warns, const char *summary)
{
    bool name = g_ascii_isupper(summary[1]);
    add(texts, "%s%c%s", warns ? "! " : "", name ? summary[0] : g_ascii_tolower(summary[0]), summary + 1);
}

/* The summaries of the expert infos. */
static void add_experts(GPtrArray *texts, findings_t findings, unsigned timeout_findings)
{
    const struct observation observation = {.findings = findings};
    uint64_t set = experts_called(&observation, timeout_findings);
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if (set & 1u) {
            enum expert expert = (enum expert)i;
            add_summary(texts, expert_severity(expert) == PI_WARN, expert_summary(expert));
        }
    }
}

void words_findings(GPtrArray *texts, const struct rung *rung, const struct words_bases *bases,
                    unsigned timeout_findings)
{
    if (rung->repeat && rung->first_frame != 0) {
        add(texts, "again, first in frame %" PRIu32, rung->first_frame);
    } else if (rung->repeat) {
        add(texts, "again");
    }
    if (rung->timer != TIMER_NONE) {
        add_timer(texts, rung);
    } else {
        add_verdict(texts, rung, bases);
    }
    add_correction(texts, rung);
    add_reset(texts, rung);
    if (rung->window_shut || rung->window_opened) {
        add(texts, rung->window_shut ? "window 0" : "window open again");
    }
    add_invalid_numbers(texts, rung, bases);
    add_experts(texts, rung->findings & ~told_apart, timeout_findings);
}

void words_timeout_findings(GPtrArray *texts, unsigned timeout_findings)
{
    add_experts(texts, 0, timeout_findings);
}

/* "server owes an ACK of data and a FIN since frame 8" */
static void add_debts(GString *text, const char *name, unsigned owes, uint32_t since)
{
    enum debt list[DEBT_COUNT];
    unsigned count = debts_in_order(owes, list);
    g_string_append_printf(text, "%s%s owes ", text->len != 0 ? ", " : "", name);
    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%s %s", i == 0 ? "" : " and ", debt_article(list[i]),
                               debt_name(list[i]));
        if (i == 0 && since != 0) {
            g_string_append_printf(text, " since frame" NO_BREAK "%" PRIu32, since);
        }
    }
}

void words_debts(GString *text, const struct words_debts *debts)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned owes = debts->owes[i] & ~(1u << OWES_UNKNOWN);
        if (owes != 0) {
            add_debts(text, role_name(i ? ROLE_SERVER : ROLE_CLIENT), owes, debts->since[i]);
        }
    }
}
