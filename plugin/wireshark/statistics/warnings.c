/* warnings.c - see warnings.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/warnings.h"

#include <epan/proto.h>

#define BIT(name) (UINT64_C(1) << EXPERT_##name)

/* All but the chats. */
static const uint64_t kept = 0
#define EXPERT(when, name, severity, tells) | (severity == PI_CHAT ? 0 : BIT(name))
#include "findings/experts.def"
    ;

static const uint64_t warns = 0
#define EXPERT(when, name, severity, tells) | (severity == PI_WARN ? BIT(name) : 0)
#include "findings/experts.def"
    ;

/* What later segments may turn out otherwise: counted with the connection, or by marks.c. */
static const uint64_t witnessed = BIT(seq_suspect) | BIT(ack_suspect) | BIT(reset_suspect) |
                                  BIT(seq_invalid) | BIT(ack_invalid) | BIT(reset_invalid) |
                                  BIT(lost_between) | BIT(made_between) | BIT(seen_once);

uint64_t warnings_of_segment(const struct observation *observation, struct reported reported)
{
    reported.timeout_findings = 0;
    return experts_have(observation, reported) ? experts_called(observation, reported) & kept & ~witnessed
                                               : 0;
}

uint64_t warnings_of_summary(const struct summary *s, unsigned timeout_findings)
{
    static const struct observation nothing;
    uint64_t set = timeout_findings != 0 ? experts_called(&nothing, (struct reported){timeout_findings, 0})
                                         : 0;
    return set | (s->milestone[MILESTONE_ICMP].frame != 0 ? BIT(unreachable) : 0) |
           (s->passes_embryonic ? BIT(many_embryonic) : 0) | (s->passes_idle ? BIT(many_idle) : 0) |
           (s->passes_unanswered ? BIT(many_unanswered) : 0);
}

uint32_t warnings_frame(const struct summary *s, enum expert warning)
{
    enum timeout_finding timeout_finding = expert_timeout_finding(warning);
    switch (warning) {
    case EXPERT_unreachable: return s->milestone[MILESTONE_ICMP].frame;
    case EXPERT_many_unanswered:
    case EXPERT_many_embryonic: return s->end[0].opening.first.frame;
    case EXPERT_many_idle: return s->milestone[MILESTONE_ACK].frame;
    default:
        return timeout_finding != TIMEOUT_FINDING_COUNT ? timeout_finding_begin(s, timeout_finding).frame : 0;
    }
}

enum expert warnings_of_doubt(unsigned place)
{
    static const enum expert experts[2 * SUSPICION_COUNT] = {EXPERT_seq_suspect,   EXPERT_ack_suspect,
                                                             EXPERT_reset_suspect, EXPERT_seq_invalid,
                                                             EXPERT_ack_invalid,   EXPERT_reset_invalid};
    return experts[place];
}

uint64_t warnings_of_kind_warn(uint64_t set)
{
    return set & warns;
}
