/* packing_test.c - what is packed comes back: every member of a record, for many random ones
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "store/packing.h"

#include <limits.h>

enum { ROUNDS = 200000 };

static uint64_t random_state = 0x243f6a8885a308d3;

/* SplitMix64: the same numbers in every run. */
static uint64_t random_next(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static unsigned below(unsigned count)
{
    return (unsigned)(random_next() % count);
}

static bool one_in(unsigned count)
{
    return below(count) == 0;
}

/* Small and huge ones, also around the wrap. */
static uint32_t number(void)
{
    switch (below(4)) {
    case 0: return below(4);
    case 1: return UINT32_MAX - below(4);
    case 2: return below(100000);
    default: return (uint32_t)random_next();
    }
}

static int64_t duration(void)
{
    switch (below(4)) {
    case 0: return NO_TIME;
    case 1: return below(1000);
    case 2: return (int64_t)random_next() >> 2; /* negative ones, too: captures are not always in order */
    default: return one_in(2) ? INT64_MAX : -INT64_MAX;
    }
}

static struct observed_end random_end(void)
{
    enum state before = (enum state)below(STATE_COUNT);
    return (struct observed_end){
        .before = before,
        .after = one_in(2) ? before : (enum state)below(STATE_COUNT),
        .basis = (enum basis)below(BASIS_COUNT),
        .rule = (enum rule)below(RULE_COUNT),
        .time_in_state = one_in(2) ? NO_TIME : duration(),
    };
}

/* Without a debt there is nothing, hence no frame and no age either. */
static struct owed random_owed(void)
{
    enum debt debt = one_in(2) ? OWES_NOTHING : OWES_FIN;
    return (struct owed){debt, debt ? number() : 0, debt ? duration() : 0};
}

static struct observation random_observation(const struct known *known)
{
    bool seq = one_in(2), ack = one_in(2), corrected = one_in(4), bound = one_in(4);
    return (struct observation){
        .connection = number(),
        .sender_role = (enum role)below(ROLE_COUNT),
        .phase = (enum phase)below(PHASE_COUNT),
        .steps = one_in(2) ? 0 : below(1 << 7),
        .repeat = one_in(4),
        .repeat_of = one_in(4) ? number() : 0,
        .sender = random_end(),
        .peer = random_end(),
        .assumed = one_in(2),
        .state_changed = one_in(2),
        .corrected = corrected,
        .presumed = corrected ? (enum state)below(STATE_COUNT) : CLOSED,
        .lost_frame = one_in(4) ? number() : 0,
        .has_seq_expected = seq,
        .has_ack_expected = ack,
        .seq_expected = seq_of(!seq        ? 0
                               : one_in(2) ? known->seq.n
                                           : number()),
        .ack_expected = seq_of(!ack        ? 0
                               : one_in(2) ? known->ack.n
                                           : number()),
        .seq_from_frame = one_in(2) ? number() : 0,
        .ack_from_frame = one_in(2) ? number() : 0,
        .seq_verdict = (enum seq_verdict)below(SEQ_VERDICT_COUNT),
        .ack_verdict = (enum ack_verdict)below(ACK_VERDICT_COUNT),
        .has_bound = bound,
        .bound = seq_of(bound ? number() : 0),
        .reset_cause = (enum reset_cause)below(RESET_CAUSE_COUNT),
        .timer = (enum timer)below(TIMER_COUNT),
        .timer_count = one_in(2) ? number() : 0,
        .timer_interval = duration(),
        .client_owes = one_in(2) ? 0 : below(1 << DEBT_COUNT),
        .server_owes = one_in(2) ? 0 : below(1 << DEBT_COUNT),
        .client_owed = random_owed(),
        .server_owed = random_owed(),
        .findings = one_in(2) ? 0 : random_next() & ~FINDINGS_OF_LOAD,
    };
}

static void check_ends(const struct observed_end *actual, const struct observed_end *expected)
{
    CHECK_EQUAL(actual->before, expected->before);
    CHECK_EQUAL(actual->after, expected->after);
    CHECK_EQUAL(actual->basis, expected->basis);
    CHECK_EQUAL(actual->rule, expected->rule);
    CHECK_EQUAL(actual->time_in_state, expected->time_in_state);
}

static void check_numbers(const struct observation *actual, const struct observation *expected)
{
    CHECK_EQUAL(actual->has_seq_expected, expected->has_seq_expected);
    CHECK_EQUAL(actual->has_ack_expected, expected->has_ack_expected);
    CHECK_EQUAL(actual->seq_expected.n, expected->seq_expected.n);
    CHECK_EQUAL(actual->ack_expected.n, expected->ack_expected.n);
    CHECK_EQUAL(actual->seq_from_frame, expected->seq_from_frame);
    CHECK_EQUAL(actual->ack_from_frame, expected->ack_from_frame);
    CHECK_EQUAL(actual->seq_verdict, expected->seq_verdict);
    CHECK_EQUAL(actual->ack_verdict, expected->ack_verdict);
    CHECK_EQUAL(actual->has_bound, expected->has_bound);
    CHECK_EQUAL(actual->bound.n, expected->bound.n);
}

static void check_observations(const struct observation *actual, const struct observation *expected)
{
    CHECK_EQUAL(actual->connection, expected->connection);
    CHECK_EQUAL(actual->sender_role, expected->sender_role);
    CHECK_EQUAL(actual->phase, expected->phase);
    CHECK_EQUAL(actual->steps, expected->steps);
    CHECK_EQUAL(actual->repeat, expected->repeat);
    CHECK_EQUAL(actual->repeat_of, expected->repeat_of);
    check_ends(&actual->sender, &expected->sender);
    check_ends(&actual->peer, &expected->peer);
    CHECK_EQUAL(actual->assumed, expected->assumed);
    CHECK_EQUAL(actual->state_changed, expected->state_changed);
    CHECK_EQUAL(actual->corrected, expected->corrected);
    CHECK_EQUAL(actual->presumed, expected->presumed);
    CHECK_EQUAL(actual->lost_frame, expected->lost_frame);
    check_numbers(actual, expected);
    CHECK_EQUAL(actual->reset_cause, expected->reset_cause);
    CHECK_EQUAL(actual->timer, expected->timer);
    CHECK_EQUAL(actual->timer_count, expected->timer_count);
    CHECK_EQUAL(actual->timer_interval, expected->timer_interval);
    CHECK_EQUAL(actual->client_owes, expected->client_owes);
    CHECK_EQUAL(actual->server_owes, expected->server_owes);
    CHECK_EQUAL(actual->client_owed.debt, expected->client_owed.debt);
    CHECK_EQUAL(actual->server_owed.debt, expected->server_owed.debt);
    CHECK_EQUAL(actual->client_owed.frame, expected->client_owed.frame);
    CHECK_EQUAL(actual->client_owed.age, expected->client_owed.age);
    CHECK_EQUAL(actual->server_owed.frame, expected->server_owed.frame);
    CHECK_EQUAL(actual->server_owed.age, expected->server_owed.age);
    CHECK_EQUAL(actual->findings, expected->findings);
}

/* Manners as they come, and many more than have a number. */
static void comes_back(void)
{
    static char name[32];
    static struct manners manners;
    for (unsigned i = 0; i < ROUNDS && checks_failed == 0; i++) {
        uint8_t bytes[PACKED_MAX + 1];
        struct known known = {number(), seq_of(number()), seq_of(number()), number(), &manners};
        struct record written = {.observation = random_observation(&known)}, read;
        written.of_load = one_in(2) ? 0 : random_next() & FINDINGS_OF_LOAD;
        written.stream = one_in(2) ? written.observation.connection : number();
        snprintf(name, sizeof name, "round %u", i);
        check_case = name;
        bytes[PACKED_MAX] = 0xa5;
        size_t length = record_pack(&written, &known, bytes);
        CHECK(length <= PACKED_MAX);
        CHECK_EQUAL(bytes[PACKED_MAX], 0xa5);
        memset(bytes + length, 0xff, sizeof bytes - length); /* nothing behind it matters */
        memset(&read, 0x5a, sizeof read);
        CHECK_EQUAL(record_unpack(&read, &known, bytes), length);
        check_observations(&read.observation, &written.observation);
        CHECK_EQUAL(read.stream, written.stream);
        CHECK_EQUAL(record_connection(&known, bytes), written.observation.connection);
    }
    check_case = "";
    CHECK_EQUAL(manners.count, UINT8_MAX);
}

/* What nearly every segment of a file transfer needs. */
static void ordinary_is_short(void)
{
    uint8_t bytes[PACKED_MAX];
    static struct manners manners;
    struct known known = {1000, seq_of(5000), seq_of(7000), 3, &manners};
    struct observed_end open = {ESTABLISHED, ESTABLISHED, BASIS_PROVEN, RULE_STILL_OPEN, NO_TIME, false};
    struct record record = {
        .observation = {.connection = 3,
                        .sender_role = ROLE_CLIENT,
                        .phase = PHASE_ESTABLISHED,
                        .sender = open,
                        .peer = open,
                        .has_seq_expected = true,
                        .has_ack_expected = true,
                        .seq_expected = seq_of(5000),
                        .ack_expected = seq_of(7000),
                        .seq_from_frame = 998,
                        .ack_from_frame = 999,
                        .seq_verdict = SEQ_IN_ORDER,
                        .ack_verdict = ACK_CURRENT,
                        .timer_interval = NO_TIME,
                        .server_owes = 1 << OWES_ACK_OF_DATA},
        .stream = 3,
    };
    CHECK_EQUAL(record_pack(&record, &known, bytes), 6);
    record.observation.steps = STEP_ACK;
    CHECK_EQUAL(record_pack(&record, &known, bytes), 7);
    CHECK_EQUAL(manners.count, 2);
    record.observation.steps = 0;
    CHECK_EQUAL(record_pack(&record, &known, bytes), 6);
    CHECK_EQUAL(manners.count, 2); /* it is known */
}

/* Everything there at once, and as far from what would be guessed as can be. */
static struct record worst(const struct known *known)
{
    uint32_t far = known->frame + (1u << 31);
    struct observed_end end = {ESTABLISHED, UNKNOWN, BASIS_UNKNOWN, RULE_NO_EVENT, NO_TIME + 1, false};
    struct owed owed = {OWES_RETRANSMISSION, far, NO_TIME};
    return (struct record){
        .observation = {.connection = known->connection + (1u << 31),
                        .sender_role = ROLE_SERVER,
                        .phase = PHASE_RESET,
                        .steps = STEPS_OF_HANDSHAKE | STEPS_OF_TEARDOWN,
                        .repeat = true,
                        .repeat_of = far,
                        .sender = end,
                        .peer = end,
                        .assumed = true,
                        .state_changed = true,
                        .corrected = true,
                        .presumed = UNKNOWN,
                        .lost_frame = far,
                        .has_seq_expected = true,
                        .has_ack_expected = true,
                        .seq_expected = seq_add(known->seq, 1u << 31),
                        .ack_expected = seq_add(known->ack, 1u << 31),
                        .seq_from_frame = known->frame + 1,
                        .ack_from_frame = known->frame + 1,
                        .seq_verdict = SEQ_STALE_RESET,
                        .ack_verdict = ACK_TOO_OLD,
                        .has_bound = true,
                        .bound = seq_add(known->seq, 1u << 31),
                        .reset_cause = RESET_CANNOT_TELL,
                        .timer = TIMER_2MSL,
                        .timer_count = UINT32_MAX,
                        .timer_interval = NO_TIME + 1,
                        .client_owes = UINT_MAX,
                        .server_owes = UINT_MAX,
                        .client_owed = owed,
                        .server_owed = owed,
                        .findings = UINT64_MAX & ~FINDINGS_OF_LOAD},
        .of_load = FINDINGS_OF_LOAD,
        .stream = known->connection,
    };
}

static void the_worst_fits(void)
{
    uint8_t bytes[PACKED_MAX + 16];
    static struct manners manners = {.count = UINT8_MAX}; /* no number is left */
    struct known known = {1000, seq_of(5000), seq_of(7000), 3, &manners};
    struct record written = worst(&known), read;
    memset(bytes, 0xa5, sizeof bytes);
    size_t length = record_pack(&written, &known, bytes);
    CHECK(length <= PACKED_MAX);
    CHECK(length > 100); /* it is a bad one indeed */
    for (size_t i = PACKED_MAX; i < sizeof bytes; i++) {
        CHECK_EQUAL(bytes[i], 0xa5);
    }
    CHECK_EQUAL(record_unpack(&read, &known, bytes), length);
    check_observations(&read.observation, &written.observation);
    CHECK_EQUAL(read.stream, written.stream);
}

int main(void)
{
    comes_back();
    the_worst_fits();
    ordinary_is_short();
    return check_result();
}
