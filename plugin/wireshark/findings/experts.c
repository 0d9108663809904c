/* experts.c - expert infos of one segment
 *
 * A text gives the numbers, a likely cause as likely, and what to check. All of
 * it comes from the observation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/experts.h"

#include "capture/serials.h"
#include "findings/diagnosis.h"
#include "show/explain.h"
#include "words/words.h"

#include <epan/expert.h>
#include <epan/tap.h>

_Static_assert(EXPERT_COUNT <= 64, "a set of experts is 64 bits");

#define END(timeout_finding) (1u << TIMEOUT_FINDING_##timeout_finding)

static const struct {
    const char *name;
    int severity;
    const char *summary, *words;
} rows[EXPERT_COUNT] = {
#define EXPERT(when, name, severity, summary, words) {#name, severity, summary, words},
#include "findings/experts.def"
};

static expert_field experts[EXPERT_COUNT];
static int expert_tap;

/* Remarks that make no expert info, or only a chat. */
static const findings_t quiet = FINDING_SIMULTANEOUS_OPEN | FINDING_SIMULTANEOUS_CLOSE | FINDING_HALF_CLOSED |
                                FINDING_JOINED_LATE | FINDINGS_INTERNAL;

const char *expert_name(enum expert expert)
{
    return rows[expert].name;
}

const char *expert_summary(enum expert expert)
{
    return rows[expert].summary;
}

int expert_severity(enum expert expert)
{
    return rows[expert].severity;
}

void experts_register(int protocol)
{
    static ei_register_info infos[EXPERT_COUNT] = {
#define EXPERT(when, name, severity, summary, words) \
    {&experts[EXPERT_##name], {"tcpfsm.expert." #name, PI_SEQUENCE, severity, summary, EXPFILL}},
#include "findings/experts.def"
    };
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        experts[i] = (expert_field)EI_INIT;
    }
    expert_register_field_array(expert_register_protocol(protocol), infos, EXPERT_COUNT);
}

void experts_open(void)
{
    expert_tap = find_tap_id("expert");
}

bool experts_have(const struct observation *o, struct reported reported, bool tree)
{
    if ((reported.findings & ~quiet) || o->reset_cause != RESET_NONE || reported.timeout_findings != 0) {
        return true;
    }
    return (o->steps != 0 || reported.findings != 0) && (tree || have_tap_listener(expert_tap));
}

uint64_t experts_called(const struct observation *o, struct reported reported)
{
    findings_t f = reported.findings;
    unsigned t = reported.timeout_findings;
    uint64_t set = 0;
#define EXPERT(when, name, severity, summary, words) set |= (when) ? UINT64_C(1) << EXPERT_##name : 0;
#include "findings/experts.def"
    return set;
}

enum timeout_finding expert_timeout_finding(enum expert expert)
{
    static const struct observation nothing;
    unsigned i = 0;
    while (i < TIMEOUT_FINDING_COUNT &&
           !(experts_called(&nothing, (struct reported){1u << i, 0}) & UINT64_C(1) << expert)) {
        i++;
    }
    return (enum timeout_finding)i;
}

/* " 1.000 s after the last try, repeat 2 in a row (first in frame 7)" */
static void add_try(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct observation *o = ctx->observation;
    if (o->timer_interval != NO_TIME) {
        wmem_strbuf_append_printf(text, " %.3f s after the last try", seconds(o->timer_interval));
    }
    if (o->timer_count != 0) {
        wmem_strbuf_append_printf(text, ", repeat %u in a row", o->timer_count);
    }
    frame_t first = frame_of(o->repeat_of);
    if (first.n != 0) {
        wmem_strbuf_append_printf(text, " (first in frame %u)", first.n);
    }
}

static void tell_repeat(wmem_strbuf_t *text, const struct text_ctx *ctx, const char *what, const char *why)
{
    text_write(text, ctx, what);
    add_try(text, ctx);
    text_write(text, ctx, why);
}

static void tell_reuse(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    bool allowed = ctx->observation->findings & FINDING_TIME_WAIT_REUSE_ALLOWED;
    text_write(text, ctx, "SYN {seq} reuses addresses and ports that are still in TIME-WAIT: ");
    text_write(text, ctx,
               allowed
                   ? "allowed, its number or timestamp is higher (RFC 1122 4.2.2.13, RFC 6191)"
                   : "not allowed, neither number nor timestamp is higher (RFC 1122 4.2.2.13, RFC 6191); the "
                     "{peer} may ignore it");
    if (ctx->summary != NULL && ctx->summary->previous != 0 && ctx->summary->since_previous >= 0) {
        wmem_strbuf_append_printf(text, ". Connection %u ended %.3f s before", ctx->summary->previous - 1,
                                  seconds(ctx->summary->since_previous));
    }
}

static void tell_with_hindsight(wmem_strbuf_t *text, const struct text_ctx *ctx, enum timeout_finding finding)
{
    if (finding != TIMEOUT_FINDING_COUNT) {
        diagnosis_write(text, ctx, finding);
    } else { /* a RST is told at once */
        explain_reset(text, ctx);
    }
}

/* The texts that take more than words. */
static void tell(wmem_strbuf_t *text, const struct text_ctx *ctx, enum expert expert)
{
    switch (expert) {
    case EXPERT_step: explain_step(text, ctx); break;
    case EXPERT_syn_retransmitted:
        tell_repeat(text, ctx, "The {sender} sends SYN {seq} again",
                    ": no SYN-ACK reached it. Likely lost or filtered on the way, or the {peer}'s backlog is "
                    "full; check "
                    "whether the SYN arrives there");
        break;
    case EXPERT_synack_retransmitted:
        tell_repeat(
            text, ctx, "The {sender} sends SYN-ACK {seq} again",
            ": no ACK {seq+1} reached it. Likely the SYN-ACK or the third step was lost, or the {sender}'s "
            "accept queue is full");
        break;
    case EXPERT_fin_retransmitted:
        tell_repeat(text, ctx, "The {sender} sends FIN {fin} again",
                    ": no ACK {fin+1} reached it. Likely the FIN or its ACK was lost, or the {peer} is gone");
        break;
    case EXPERT_time_wait_reuse: tell_reuse(text, ctx); break;
    case EXPERT_seq_suspect: explain_seq(text, ctx); break;
    case EXPERT_ack_suspect: explain_ack(text, ctx); break;
    case EXPERT_seq_invalid: diagnosis_rejected(text, ctx, SUSPICION_SEQ); break;
    case EXPERT_ack_invalid: diagnosis_rejected(text, ctx, SUSPICION_ACK); break;
    case EXPERT_reset_invalid: diagnosis_rejected(text, ctx, SUSPICION_RESET); break;
    case EXPERT_desynchronized: diagnosis_desynchronized(text, ctx); break;
    case EXPERT_many_embryonic: diagnosis_many(text, false); break;
    case EXPERT_many_idle: diagnosis_many(text, true); break;
    default: tell_with_hindsight(text, ctx, expert_timeout_finding(expert)); break;
    }
}

void experts_add(const struct text_ctx *ctx, packet_info *pinfo, proto_item *item)
{
    bool chat = item != NULL || have_tap_listener(expert_tap);
    uint64_t set = experts_called(ctx->observation, ctx->reported);
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if (!(set & 1u) || (rows[i].severity == PI_CHAT && !chat)) {
            continue;
        }
        wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, "");
        if (rows[i].words != NULL) {
            text_write(text, ctx, rows[i].words);
        } else {
            tell(text, ctx, (enum expert)i);
        }
        expert_add_info_format(pinfo, item, &experts[i], "%s", wmem_strbuf_get_str(text));
    }
}

void experts_add_unreachable(packet_info *pinfo, proto_item *item, const char *text)
{
    expert_add_info_format(pinfo, item, &experts[EXPERT_unreachable], "%s", text);
}
