/* packing.c - an observation in as few bytes as it takes
 *
 * Layout: the connection (as a difference), the number of its manner or, where there are
 * too many of these, MANNER_APART and the manner itself (a word of bits; states, rules,
 * verdicts), then whatever the bits announce.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/packing.h"

#include "store/varint.h"

_Static_assert(STATE_COUNT <= 16, "four bits each");
_Static_assert(UINT8_MAX / SEQ_VERDICT_COUNT >= ACK_VERDICT_COUNT, "a byte for both verdicts");
_Static_assert(RULE_COUNT <= 256 && RESET_CAUSE_COUNT <= 16 && TIMER_COUNT <= 16, "they fit their bytes");
_Static_assert(PHASE_COUNT <= 8 && BASIS_COUNT <= 8 && ROLE_COUNT <= 4, "they fit their bits");

enum {
    ROLE_AT = 0,         /* 2 bits */
    PHASE_AT = 2,        /* 3 bits */
    SENDER_BASIS_AT = 5, /* 3 bits */
    PEER_BASIS_AT = 8,   /* 3 bits */
    ASSUMED = 1 << 11,
    STATE_CHANGED = 1 << 12,
    STEPS = 1 << 13,
    SEQ_EXPECTED = 1 << 14,
    SEQ_DIFFERS = 1 << 15, /* from SEG.SEQ */
    ACK_EXPECTED = 1 << 16,
    ACK_DIFFERS = 1 << 17, /* from SEG.ACK */
    SEQ_FROM = 1 << 18,
    ACK_FROM = 1 << 19,
    SENDER_MOVED = 1 << 20,
    PEER_MOVED = 1 << 21,
    DEBTS = 1 << 22,
    RARE = 1 << 23, /* a second set of bits follows: */

    RARE_REPEAT = 1 << 0,
    RARE_REPEAT_OF = 1 << 1,
    RARE_CORRECTED = 1 << 2,
    RARE_BOUND = 1 << 3,
    RARE_CAUSE = 1 << 4,
    RARE_FINDINGS = 1 << 5,
    RARE_STREAM = 1 << 6,
    RARE_LOST_FRAME = 1 << 7,
    RARE_TIMER = 1 << 8,
    RARE_CLIENT_OWED = 1 << 9,
    RARE_SERVER_OWED = 1 << 10,

    TIME_KNOWN = 1 << 4, /* beside a state */
};

static bool moved(const struct observed_end *end)
{
    return end->after != end->before || end->time_in_state != NO_TIME;
}

static uint8_t *put_move(uint8_t *to, const struct observed_end *end)
{
    bool known = end->time_in_state != NO_TIME;
    *to++ = (uint8_t)(end->after | (known ? TIME_KNOWN : 0));
    return known ? signed_put(to, end->time_in_state) : to;
}

static const uint8_t *get_move(const uint8_t *from, struct observed_end *end)
{
    uint8_t byte = *from++;
    end->after = (enum state)(byte & 15);
    return byte & TIME_KNOWN ? signed_get(from, &end->time_in_state) : from;
}

static uint8_t *put_owed(uint8_t *to, const struct owed *owed, uint32_t frame)
{
    *to++ = (uint8_t)owed->debt;
    return signed_put(near_put(to, frame, owed->frame), owed->age);
}

static const uint8_t *get_owed(const uint8_t *from, struct owed *owed, uint32_t frame)
{
    owed->debt = (enum debt) * from++;
    from = near_get(from, &owed->frame, 0);
    owed->frame = frame - owed->frame;
    return signed_get(from, &owed->age);
}

/* None of what is rare, as in most records: asked at once. */
static bool is_common(const struct record *record)
{
    const struct observation *o = &record->observation;
    uint32_t any = (uint32_t)o->repeat | o->repeat_of | (uint32_t)o->corrected | o->lost_frame |
                   (uint32_t)o->has_bound | (uint32_t)o->reset_cause | (uint32_t)o->timer | o->timer_count |
                   (uint32_t)o->client_owed.debt | (uint32_t)o->server_owed.debt |
                   (record->stream ^ o->connection);
    return any == 0 && (o->findings | record->of_load) == 0 && o->timer_interval == NO_TIME;
}

static unsigned rare_bits(const struct record *record)
{
    const struct observation *o = &record->observation;
    if (is_common(record)) {
        return 0;
    }
    return (o->repeat ? RARE_REPEAT : 0u) | (o->repeat_of ? RARE_REPEAT_OF : 0u) |
           (o->corrected ? RARE_CORRECTED : 0u) | (o->lost_frame ? RARE_LOST_FRAME : 0u) |
           (o->has_bound ? RARE_BOUND : 0u) | (o->reset_cause ? RARE_CAUSE : 0u) |
           (o->findings | record->of_load ? RARE_FINDINGS : 0u) |
           (record->stream != o->connection ? RARE_STREAM : 0u) |
           (o->timer || o->timer_count || o->timer_interval != NO_TIME ? RARE_TIMER : 0u) |
           (o->client_owed.debt ? RARE_CLIENT_OWED : 0u) | (o->server_owed.debt ? RARE_SERVER_OWED : 0u);
}

static uint32_t common_bits(const struct observation *o, const struct known *known)
{
    return (uint32_t)o->sender_role << ROLE_AT | (uint32_t)o->phase << PHASE_AT |
           (uint32_t)o->sender.basis << SENDER_BASIS_AT | (uint32_t)o->peer.basis << PEER_BASIS_AT |
           (o->assumed ? ASSUMED : 0u) | (o->state_changed ? STATE_CHANGED : 0u) | (o->steps ? STEPS : 0u) |
           (o->has_seq_expected ? SEQ_EXPECTED : 0u) | (o->has_ack_expected ? ACK_EXPECTED : 0u) |
           (o->has_seq_expected && !seq_equal(o->seq_expected, known->seq) ? SEQ_DIFFERS : 0u) |
           (o->has_ack_expected && !seq_equal(o->ack_expected, known->ack) ? ACK_DIFFERS : 0u) |
           (o->seq_from_frame ? SEQ_FROM : 0u) | (o->ack_from_frame ? ACK_FROM : 0u) |
           (moved(&o->sender) ? SENDER_MOVED : 0u) | (moved(&o->peer) ? PEER_MOVED : 0u) |
           (o->client_owes || o->server_owes ? DEBTS : 0u);
}

static uint8_t *put_rare(uint8_t *to, const struct record *record, const struct known *known, unsigned rare)
{
    const struct observation *o = &record->observation;
    to = varint_put(to, rare);
    if (rare & RARE_REPEAT_OF) {
        to = near_put(to, known->frame, o->repeat_of);
    }
    if (rare & RARE_CORRECTED) {
        *to++ = (uint8_t)o->presumed;
    }
    if (rare & RARE_BOUND) {
        to = near_put(to, o->bound.n, known->seq.n);
    }
    if (rare & RARE_CAUSE) {
        *to++ = (uint8_t)o->reset_cause;
    }
    if (rare & RARE_FINDINGS) {
        to = varint_put(to, o->findings | record->of_load);
    }
    if (rare & RARE_STREAM) {
        to = near_put(to, record->stream, o->connection);
    }
    if (rare & RARE_LOST_FRAME) {
        to = near_put(to, known->frame, o->lost_frame);
    }
    if (rare & RARE_TIMER) {
        *to++ = (uint8_t)(o->timer | (o->timer_interval != NO_TIME ? TIME_KNOWN : 0));
        to = varint_put(to, o->timer_count);
        to = o->timer_interval != NO_TIME ? signed_put(to, o->timer_interval) : to;
    }
    if (rare & RARE_CLIENT_OWED) {
        to = put_owed(to, &o->client_owed, known->frame);
    }
    if (rare & RARE_SERVER_OWED) {
        to = put_owed(to, &o->server_owed, known->frame);
    }
    return to;
}

static const uint8_t *get_rare(const uint8_t *from, struct record *record, const struct known *known)
{
    struct observation *o = &record->observation;
    uint64_t rare, number;
    from = varint_get(from, &rare);
    o->repeat = rare & RARE_REPEAT;
    if (rare & RARE_REPEAT_OF) {
        from = near_get(from, &o->repeat_of, 0);
        o->repeat_of = known->frame - o->repeat_of;
    }
    if (rare & RARE_CORRECTED) {
        o->corrected = true;
        o->presumed = (enum state) * from++;
    }
    if (rare & RARE_BOUND) {
        o->has_bound = true;
        from = near_get(from, &o->bound.n, known->seq.n);
    }
    if (rare & RARE_CAUSE) {
        o->reset_cause = (enum reset_cause) * from++;
    }
    if (rare & RARE_FINDINGS) {
        from = varint_get(from, &number);
        o->findings = number & ~FINDINGS_OF_LOAD;
        record->of_load = number & FINDINGS_OF_LOAD;
    }
    if (rare & RARE_STREAM) {
        from = near_get(from, &record->stream, o->connection);
    }
    if (rare & RARE_LOST_FRAME) {
        from = near_get(from, &o->lost_frame, 0);
        o->lost_frame = known->frame - o->lost_frame;
    }
    if (rare & RARE_TIMER) {
        uint8_t timer = *from++;
        o->timer = (enum timer)(timer & 15);
        from = varint_get(from, &number);
        o->timer_count = (uint32_t)number;
        from = timer & TIME_KNOWN ? signed_get(from, &o->timer_interval) : from;
    }
    if (rare & RARE_CLIENT_OWED) {
        from = get_owed(from, &o->client_owed, known->frame);
    }
    if (rare & RARE_SERVER_OWED) {
        from = get_owed(from, &o->server_owed, known->frame);
    }
    return from;
}

enum { MANNER_APART = UINT8_MAX, MANNER_BYTES = 7 };

static uint64_t manner_of(const struct observation *o, uint32_t bits)
{
    uint64_t verdicts = (unsigned)o->ack_verdict * SEQ_VERDICT_COUNT + (unsigned)o->seq_verdict;
    return bits | (uint64_t)o->sender.before << 24 | (uint64_t)o->peer.before << 28 |
           (uint64_t)o->sender.rule << 32 | (uint64_t)o->peer.rule << 40 | verdicts << 48;
}

/* Its number, as it is or will be; MANNER_APART: there are too many. */
static unsigned manner_number(struct manners *all, uint64_t manner)
{
    uint8_t *place = &all->place[(manner * UINT64_C(0x9e3779b97f4a7c15)) >> 55];
    if (*place != 0 && all->manner[*place - 1] == manner) {
        return *place - 1u;
    }
    if (all->count == MANNER_APART) {
        return MANNER_APART;
    }
    all->manner[all->count] = manner;
    *place = ++all->count;
    return all->count - 1u;
}

static uint8_t *put_manner(uint8_t *to, struct manners *manners, uint64_t manner)
{
    unsigned number = manner_number(manners, manner);
    *to++ = (uint8_t)number;
    for (unsigned i = 0; number == MANNER_APART && i < MANNER_BYTES; i++) {
        *to++ = (uint8_t)(manner >> 8 * i);
    }
    return to;
}

static const uint8_t *get_manner(const uint8_t *from, const struct manners *manners, uint64_t *manner)
{
    unsigned number = *from++;
    if (number != MANNER_APART) {
        *manner = manners->manner[number];
        return from;
    }
    *manner = 0;
    for (unsigned i = 0; i < MANNER_BYTES; i++) {
        *manner |= (uint64_t)*from++ << 8 * i;
    }
    return from;
}

static uint32_t take_manner(struct observation *o, uint64_t manner)
{
    uint32_t bits = manner & 0xffffff, states = manner >> 24 & UINT8_MAX, verdicts = manner >> 48 & UINT8_MAX;
    o->sender_role = (enum role)(bits >> ROLE_AT & 3);
    o->phase = (enum phase)(bits >> PHASE_AT & 7);
    o->sender = (struct observed_end){.before = (enum state)(states & 15),
                                      .rule = (enum rule)(manner >> 32 & UINT8_MAX),
                                      .basis = (enum basis)(bits >> SENDER_BASIS_AT & 7),
                                      .time_in_state = NO_TIME};
    o->peer = (struct observed_end){.before = (enum state)(states >> 4),
                                    .rule = (enum rule)(manner >> 40 & UINT8_MAX),
                                    .basis = (enum basis)(bits >> PEER_BASIS_AT & 7),
                                    .time_in_state = NO_TIME};
    o->sender.after = o->sender.before;
    o->peer.after = o->peer.before;
    o->seq_verdict = (enum seq_verdict)(verdicts % SEQ_VERDICT_COUNT);
    o->ack_verdict = (enum ack_verdict)(verdicts / SEQ_VERDICT_COUNT);
    o->assumed = bits & ASSUMED;
    o->state_changed = bits & STATE_CHANGED;
    o->has_seq_expected = bits & SEQ_EXPECTED;
    o->has_ack_expected = bits & ACK_EXPECTED;
    o->timer_interval = NO_TIME;
    return bits;
}

size_t record_pack(const struct record *record, const struct known *known, uint8_t bytes[PACKED_MAX])
{
    const struct observation *o = &record->observation;
    unsigned rare = rare_bits(record);
    uint32_t bits = common_bits(o, known) | (rare ? RARE : 0u);
    uint8_t *to = near_put(bytes, o->connection, known->connection);
    to = put_manner(to, known->manners, manner_of(o, bits));
    if (bits & STEPS) {
        *to++ = (uint8_t)o->steps;
    }
    if (bits & SEQ_DIFFERS) {
        to = near_put(to, o->seq_expected.n, known->seq.n);
    }
    if (bits & ACK_DIFFERS) {
        to = near_put(to, o->ack_expected.n, known->ack.n);
    }
    if (bits & SEQ_FROM) {
        to = varint_put(to, known->frame - o->seq_from_frame);
    }
    if (bits & ACK_FROM) {
        to = varint_put(to, known->frame - o->ack_from_frame);
    }
    if (bits & SENDER_MOVED) {
        to = put_move(to, &o->sender);
    }
    if (bits & PEER_MOVED) {
        to = put_move(to, &o->peer);
    }
    if (bits & DEBTS) {
        to = varint_put(varint_put(to, o->client_owes), o->server_owes);
    }
    if (bits & RARE) {
        to = put_rare(to, record, known, rare);
    }
    return (size_t)(to - bytes);
}

size_t record_unpack(struct record *record, const struct known *known, const uint8_t *bytes)
{
    struct observation *o = &record->observation;
    uint64_t number, manner;
    *record = (struct record){.stream = 0};
    const uint8_t *from = near_get(bytes, &o->connection, known->connection);
    from = get_manner(from, known->manners, &manner);
    uint32_t bits = take_manner(o, manner);
    record->stream = o->connection;
    if (bits & STEPS) {
        o->steps = *from++;
    }
    o->seq_expected = seq_of(o->has_seq_expected ? known->seq.n : 0);
    if (bits & SEQ_DIFFERS) {
        from = near_get(from, &o->seq_expected.n, known->seq.n);
    }
    o->ack_expected = seq_of(o->has_ack_expected ? known->ack.n : 0);
    if (bits & ACK_DIFFERS) {
        from = near_get(from, &o->ack_expected.n, known->ack.n);
    }
    if (bits & SEQ_FROM) {
        from = varint_get(from, &number);
        o->seq_from_frame = known->frame - (uint32_t)number;
    }
    if (bits & ACK_FROM) {
        from = varint_get(from, &number);
        o->ack_from_frame = known->frame - (uint32_t)number;
    }
    if (bits & SENDER_MOVED) {
        from = get_move(from, &o->sender);
    }
    if (bits & PEER_MOVED) {
        from = get_move(from, &o->peer);
    }
    if (bits & DEBTS) {
        from = varint_get(from, &number);
        o->client_owes = number;
        from = varint_get(from, &number);
        o->server_owes = number;
    }
    if (bits & RARE) {
        from = get_rare(from, record, known);
    }
    return (size_t)(from - bytes);
}

uint32_t record_connection(const struct known *known, const uint8_t *bytes)
{
    uint32_t connection;
    near_get(bytes, &connection, known->connection);
    return connection;
}
