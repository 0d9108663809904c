/* capture_filter.c - see capture_filter.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/capture_filter.h"

#include "summary/captured.h"

enum { RULE_MIN = 3, RULE_PARTS = 4, RULE_OF_THEM = 3 }; /* 3, and 3 of 4 */

/* Connections. */
struct share {
    uint32_t count, of;
};

static struct {
    struct share bare_openings; /* without a pure ACK, of all captured openings */
    struct share bare;          /* without any pure ACK, of all that were open */
    struct share one_way;       /* captured in one direction, of those and all that were open */
    uint32_t pure_acks;         /* with a pure ACK */
} all;

void capture_filter_open(void)
{
    all.bare_openings = all.bare = all.one_way = (struct share){0, 0};
    all.pure_acks = 0;
}

/* Where `counts`; `by` may be -1. */
static void add(struct share *share, bool counts, bool is_one, uint32_t by)
{
    share->of += counts ? by : 0;
    share->count += counts && is_one ? by : 0;
}

static void add_all(unsigned set, uint32_t by)
{
    bool open = (set & CAPTURED_OPEN) != 0, one_way = (set & CAPTURED_ONE_WAY) != 0;
    add(&all.bare_openings, (set & CAPTURED_OPENING) != 0, (set & CAPTURED_BARE_OPENING) != 0, by);
    add(&all.bare, open, !(set & CAPTURED_PURE_ACK), by);
    add(&all.one_way, one_way || (open && (set & CAPTURED_BOTH_WAYS)), one_way, by);
    all.pure_acks += set & CAPTURED_PURE_ACK ? by : 0;
}

void capture_filter_count(unsigned before, unsigned now)
{
    if (before != now) {
        add_all(before, UINT32_MAX);
        add_all(now, 1);
    }
}

static bool is_rule(struct share share)
{
    bool most = (uint64_t)share.count * RULE_PARTS >= (uint64_t)share.of * RULE_OF_THEM;
    return (share.count >= RULE_MIN && most) ||
           (all.pure_acks == 0 && share.count > 0 && share.count == share.of);
}

/* Is it the rule that pure ACKs, or a direction, are missing? So far. */
static bool is_filtered(void)
{
    return is_rule(all.bare_openings) || is_rule(all.bare) || is_rule(all.one_way);
}

unsigned capture_filter_pass(const struct summary *summary, unsigned timeout_findings)
{
    bool filtered = timeout_findings != 0 && is_filtered();
    return filtered ? timeout_findings & ~captured_doubtful(summary, timeout_findings) : timeout_findings;
}

bool capture_filter_excuses(const struct summary *summary, const struct observation *observation)
{
    bool window = observation->seq_verdict == SEQ_OUT_OF_WINDOW ||
                  observation->seq_verdict == SEQ_HANDSHAKE_MISMATCH;
    return window && !captured_is_whole(summary) && is_filtered();
}
