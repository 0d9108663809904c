/* invariants.c - what holds for every observation, whatever the segments were?
 *
 * Nothing here knows how the engine works: only what observation.h and the
 * description of the fields promise.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "invariants.h"

#include "require.h"

static bool has(const struct observation *observation, findings_t finding)
{
    return (observation->findings & finding) != 0;
}

static void require_time(int64_t time)
{
    REQUIRE(time == NO_TIME || time >= 0);
}

static void require_end(const struct observed_end *end)
{
    REQUIRE((unsigned)end->before < STATE_COUNT);
    REQUIRE((unsigned)end->after < STATE_COUNT);
    REQUIRE(end->basis >= BASIS_PROVEN && end->basis < BASIS_COUNT);
    REQUIRE((unsigned)end->rule < RULE_COUNT);
    require_time(end->time_in_state);
    REQUIRE(end->after != end->before || end->time_in_state == NO_TIME);
    REQUIRE((end->after == UNKNOWN) == (end->basis == BASIS_UNKNOWN));
}

static void require_steps(const struct segment *segment, const struct observation *observation)
{
    unsigned steps = observation->steps;
    bool syn = segment_has(segment, FLAG_SYN), ack = segment_has(segment, FLAG_ACK);
    bool fin = segment_has(segment, FLAG_FIN), rst = segment_has(segment, FLAG_RST);

    REQUIRE((steps & ~(unsigned)(STEPS_OF_HANDSHAKE | STEPS_OF_TEARDOWN)) == 0);
    REQUIRE(!rst || steps == 0);
    REQUIRE(!(steps & STEP_SYN) || (syn && !ack));
    REQUIRE(!(steps & STEP_SYN_ACK) || (syn && ack));
    REQUIRE(!(steps & STEP_ACK) || (!syn && ack));
    REQUIRE(!(steps & (STEP_FIN | STEP_SECOND_FIN)) || fin);
    REQUIRE(!(steps & (STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN)) || ack);
    REQUIRE((steps & (STEP_FIN | STEP_SECOND_FIN)) != (STEP_FIN | STEP_SECOND_FIN));
    REQUIRE(!observation->repeat || steps != 0);
    REQUIRE(observation->repeat || observation->repeat_of == 0);
}

static void require_links(const struct segment *segment, const struct observation *observation)
{
    REQUIRE(observation->repeat_of < segment->frame);
    REQUIRE(observation->lost_frame < segment->frame);
    REQUIRE(observation->seq_from_frame < segment->frame);
    REQUIRE(observation->ack_from_frame < segment->frame);
    REQUIRE(observation->has_seq_expected || observation->seq_from_frame == 0);
    REQUIRE(observation->has_ack_expected || observation->ack_from_frame == 0);
    REQUIRE(observation->corrected || observation->lost_frame == 0);
    REQUIRE(!observation->corrected || (unsigned)observation->presumed < STATE_COUNT);
}

static void require_verdicts(const struct segment *segment, const struct observation *observation)
{
    bool ack = segment_has(segment, FLAG_ACK), rst = segment_has(segment, FLAG_RST);

    REQUIRE((unsigned)observation->seq_verdict < SEQ_VERDICT_COUNT);
    REQUIRE((unsigned)observation->ack_verdict < ACK_VERDICT_COUNT);
    REQUIRE((unsigned)observation->reset_cause < RESET_CAUSE_COUNT);

    bool bad_seq = seq_verdicts[observation->seq_verdict].valid == INVALID;
    bool bad_ack = ack_verdicts[observation->ack_verdict].valid == INVALID;

    REQUIRE(!ack || (observation->ack_verdict != ACK_NONE && observation->ack_verdict != ACK_MISSING));
    REQUIRE(ack || observation->ack_verdict == ACK_NONE || observation->ack_verdict == ACK_MISSING ||
            observation->ack_verdict == ACK_NOT_JUDGED);
    REQUIRE(rst || observation->reset_cause == RESET_NONE);
    REQUIRE(!rst || observation->reset_cause != RESET_NONE || observation->seq_verdict == SEQ_COPY);
    REQUIRE(observation->seq_verdict != SEQ_INEXACT_RESET || rst);
    REQUIRE(observation->seq_verdict != SEQ_STALE_RESET || rst);

    REQUIRE(!has(observation, FINDING_SEQ_SUSPECT) || bad_seq);
    REQUIRE(!has(observation, FINDING_ACK_SUSPECT) || bad_ack);
    REQUIRE(!has(observation, FINDING_RESET_SUSPECT) || observation->reset_cause == RESET_NOT_ACCEPTABLE);
    REQUIRE(!has(observation, FINDING_DATA_AFTER_FIN) || observation->seq_verdict == SEQ_AFTER_FIN);
    if (has(observation, FINDING_MULTIPATH) || observation->seq_verdict == SEQ_COPY)
        return; /* what was captured twice is accused once */
    /* A RST gets one of its own; data after a FIN is said by another finding. */
    REQUIRE(rst || !bad_ack || has(observation, FINDING_ACK_SUSPECT));
    REQUIRE(rst || !bad_seq || observation->seq_verdict == SEQ_AFTER_FIN ||
            has(observation, FINDING_SEQ_SUSPECT));
    REQUIRE(observation->reset_cause != RESET_NOT_ACCEPTABLE || has(observation, FINDING_RESET_SUSPECT));
}

static void require_timer(const struct observation *observation)
{
    REQUIRE((unsigned)observation->timer < TIMER_COUNT);
    require_time(observation->timer_interval);
    if (observation->timer == TIMER_NONE)
        REQUIRE(observation->timer_count == 0 && observation->timer_interval == NO_TIME);
}

/* What was cut or malformed proves nothing and accuses nobody. */
static void require_silence(const struct observation *observation)
{
    REQUIRE(observation->steps == 0);
    REQUIRE(!observation->corrected && !observation->state_changed);
    REQUIRE(seq_verdicts[observation->seq_verdict].valid == UNTOLD);
    REQUIRE(ack_verdicts[observation->ack_verdict].valid == UNTOLD);
    REQUIRE(observation->reset_cause == RESET_NONE || observation->reset_cause == RESET_CANNOT_TELL);
    REQUIRE((observation->findings & ~(FINDING_UNUSABLE | FINDING_MULTIPATH)) == 0);
}

void require_invariants(const struct segment *segment, const struct observation *observation,
                        uint32_t connections)
{
    unsigned debts = 1u << DEBT_COUNT;

    require_end(&observation->sender);
    require_end(&observation->peer);
    REQUIRE(observation->sender_role == ROLE_CLIENT || observation->sender_role == ROLE_SERVER);
    REQUIRE((unsigned)observation->phase < PHASE_COUNT);
    REQUIRE(observation->client_owes < debts && observation->server_owes < debts);
    REQUIRE(has(observation, FINDING_TIME_WAIT_REUSE) || !has(observation, FINDING_TIME_WAIT_REUSE_ALLOWED));
    require_timer(observation);
    require_links(segment, observation);
    if (has(observation, FINDING_UNUSABLE)) {
        require_silence(observation);
        return;
    }
    REQUIRE(segment->usable);
    REQUIRE(observation->connection < connections);
    REQUIRE(observation->assumed ||
            (observation->sender.basis != BASIS_ASSUMED && observation->peer.basis != BASIS_ASSUMED));
    require_steps(segment, observation);
    require_verdicts(segment, observation);
}

static void require_same_end(const struct observed_end *a, const struct observed_end *b)
{
    REQUIRE(a->before == b->before);
    REQUIRE(a->after == b->after);
    REQUIRE(a->basis == b->basis);
    REQUIRE(a->rule == b->rule);
    REQUIRE(a->time_in_state == b->time_in_state);
}

static void require_same_numbers(const struct observation *a, const struct observation *b,
                                 uint32_t sender_shift, uint32_t peer_shift)
{
    REQUIRE(a->has_seq_expected == b->has_seq_expected);
    REQUIRE(a->has_ack_expected == b->has_ack_expected);
    REQUIRE(a->has_bound == b->has_bound);
    REQUIRE(!a->has_seq_expected || seq_equal(seq_add(a->seq_expected, sender_shift), b->seq_expected));
    REQUIRE(!a->has_ack_expected || seq_equal(seq_add(a->ack_expected, peer_shift), b->ack_expected));
    REQUIRE(!a->has_bound || seq_equal(seq_add(a->bound, sender_shift), b->bound) ||
            seq_equal(seq_add(a->bound, peer_shift), b->bound));
    REQUIRE(a->seq_from_frame == b->seq_from_frame);
    REQUIRE(a->ack_from_frame == b->ack_from_frame);
    REQUIRE(a->seq_verdict == b->seq_verdict);
    REQUIRE(a->ack_verdict == b->ack_verdict);
}

void require_alike(const struct observation *a, const struct observation *b, uint32_t sender_shift,
                   uint32_t peer_shift)
{
    REQUIRE(a->connection == b->connection);
    REQUIRE(a->sender_role == b->sender_role);
    REQUIRE(a->phase == b->phase);
    REQUIRE(a->steps == b->steps);
    REQUIRE(a->repeat == b->repeat);
    REQUIRE(a->repeat_of == b->repeat_of);
    require_same_end(&a->sender, &b->sender);
    require_same_end(&a->peer, &b->peer);
    REQUIRE(a->assumed == b->assumed);
    REQUIRE(a->state_changed == b->state_changed);
    REQUIRE(a->corrected == b->corrected);
    REQUIRE(!a->corrected || a->presumed == b->presumed);
    REQUIRE(a->lost_frame == b->lost_frame);
    require_same_numbers(a, b, sender_shift, peer_shift);
    REQUIRE(a->reset_cause == b->reset_cause);
    REQUIRE(a->timer == b->timer);
    REQUIRE(a->timer_count == b->timer_count);
    REQUIRE(a->timer_interval == b->timer_interval);
    REQUIRE(a->client_owes == b->client_owes);
    REQUIRE(a->server_owes == b->server_owes);
    REQUIRE(a->findings == b->findings);
}
