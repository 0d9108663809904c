/* store_fuzz.c - does the plugin's store tell the same as the plainest memory, of whatever is captured?
 *
 * The first byte says what else is so; the others tell a story (story.h) on up to four ports of a client.
 * Each segment goes to the store, which packs each connection at once and unpacks it for the next segment,
 * and to memory.h. What is told while it is read, and what the end tells, must be alike, and fit together:
 * who accuses in one pass does so in two, and every warning has its frame.
 *
 * With TWO_PLACES, the segments are captured at two places: then the store tells more than memory.h does, and
 * what it tells of both has to fit together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../support/invariants.h"
#include "../support/memory.h"
#include "capture/capture_clock.h"
#include "capture/capture_filter.h"
#include "require.h"
#include "store/cold/conn_cache.h"
#include "store/cold/word_codec.h"
#include "store/points/passage.h"
#include "store/records.h"
#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum choice_of_all {
    NO_HOLES = 0x01,     /* the capture's clock has none */
    FEW_TOO_MANY = 0x02, /* two unfinished connections of a server are too many already */
    LONG_TAIL = 0x04,    /* the capture goes on without a packet */
    SHORT_WAITS = 0x08,  /* all time-outs are a second */
    PLACES = 0xf0,       /* of the four bits */
    TWO_PLACES = 0x50,   /* is one value of them */
};

enum { REACH = 8 /* connections on a four-tuple that an ICMP error may mean */ };

#define EPOCH (INT64_C(1700000000) * SECOND)
#define ACCUSING_ENDS                                                                    \
    (1u << TIMEOUT_FINDING_UNANSWERED | 1u << TIMEOUT_FINDING_EMBRYONIC |                \
     1u << TIMEOUT_FINDING_FIN_UNACKNOWLEDGED | 1u << TIMEOUT_FINDING_CLOSE_WAIT_STUCK | \
     1u << TIMEOUT_FINDING_PEER_SILENT | 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW)

static struct story story;
static struct memory memory;
static uint32_t newest[TUPLES_MAX];
static struct limits limits;

/* What became of each segment. */
static struct seen {
    struct segment segment;
    struct observation o; /* as the store keeps it */
    findings_t of_load;
    struct tuple tuple;
    struct testimony received; /* what memory.h says of it */
    findings_t accused;        /* while the capture was read */
    findings_t marks;          /* at its end, of two places */
    bool kept;
} seen[SEGMENTS_MAX];

static unsigned segments;

void require_failed(const char *file, int line, const char *condition)
{
    for (unsigned i = 0; i < story.count; i++) {
        printf("%s%u ", story.quoted[i] ? "ICMP error quotes, " : "", story.tuple[i]);
        story_print(&story.segments[i]);
        if (i < segments)
            printf("    connection %" PRIu32 " %s->%s peer %s->%s steps 0x%x %s, %s findings 0x%" PRIx64 "\n",
                   seen[i].o.connection, state_name(seen[i].o.sender.before),
                   state_name(seen[i].o.sender.after), state_name(seen[i].o.peer.before),
                   state_name(seen[i].o.peer.after), seen[i].o.steps,
                   seq_verdicts[seen[i].o.seq_verdict].name, ack_verdicts[seen[i].o.ack_verdict].name,
                   seen[i].o.findings);
    }
    printf("%s:%d: does not hold: %s\n", file, line, condition);
    fflush(stdout);
    abort();
}

static void broken(const char *fault)
{
    require_failed(__FILE__, __LINE__, fault);
}

static struct tuple tuple_of(unsigned at, struct segment *segment)
{
    static const uint8_t hosts[2][ADDRESS_SHORT] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    uint16_t ports[2] = {(uint16_t)(40000 + story.tuple[at]), 80};
    unsigned from = segment->from;
    struct tuple tuple;

    REQUIRE(tuple_make(&tuple, (struct tuple_end){hosts[from], ports[from]},
                       (struct tuple_end){hosts[!from], ports[!from]}, ADDRESS_SHORT));
    segment->source_port = ports[from];
    segment->destination_port = ports[!from];
    segment->from = tuple.from;
    return tuple;
}

/* What was packed, as it differs from what was packed before, comes back. */
static void require_packs(const void *memory_of, size_t size)
{
    static uint8_t like[2048];
    uint8_t before[2048] = {0}, after[2048], packed[WORD_CODEC_MAX(2048)];
    size_t whole = (size + WORD_CODEC_GROUP - 1) / WORD_CODEC_GROUP * WORD_CODEC_GROUP;

    REQUIRE(whole <= sizeof before);
    memcpy(before, memory_of, size);

    size_t length = word_codec_pack(packed, before, like, whole);

    REQUIRE(length <= WORD_CODEC_MAX(whole));
    memcpy(after, like, sizeof after);
    REQUIRE(word_codec_unpack(after, whole, packed, length));
    REQUIRE(memcmp(before, after, whole) == 0);
    REQUIRE(whole == 0 || !word_codec_unpack(after, whole, packed, length - 1)); /* and never with less */
    memcpy(like, before, sizeof like);
}

static struct seen *seen_of(uint32_t frame)
{
    for (unsigned i = 0; i < segments; i++)
        if (seen[i].kept && seen[i].segment.frame == frame)
            return &seen[i];
    return NULL;
}

/* What a segment shows of earlier ones must be the same. */
static void require_same_rejection(const struct heard *heard, const struct rejection *rejection)
{
    findings_t accusations = 0;

    for (unsigned i = 0; i < heard->count; i++) {
        const struct testimony *t = &heard->testimony[i];
        struct seen *suspect = seen_of(t->suspect);

        REQUIRE(suspect); /* who is accused has a frame */
        accusations |= witness_accusations(t->accuses);
        suspect->accused |= witness_accusations(t->accuses);
        if (t->verdict != RECEIVER_NONE)
            suspect->received = *t;
    }
    REQUIRE(rejection->findings == accusations);
    for (unsigned i = 0; i < SUSPICION_COUNT; i++)
        REQUIRE(!(accusations & witness_accusations((uint8_t)(1u << i))) || seen_of(rejection->suspect[i]));
}

/* --- two places --- */

#define BETWEEN (FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE)

static void observe_two(unsigned at)
{
    struct seen *now = &seen[at];
    struct record record;
    struct rejection rejection = {0};
    struct crossing crossing = {0};
    struct tuple_entry *entry = connections_entry(&now->tuple);

    REQUIRE(entry);
    memset(&record, 0xff, sizeof record);
    connections_observe(entry, &now->segment, &record, &rejection, &crossing);
    now->o = record.observation;
    now->of_load = record.of_load;
    now->kept = true;
    REQUIRE(crossing.point <= POINT_BETWEEN);
    REQUIRE((now->o.findings & FINDING_UNUSABLE) || now->o.connection < connections_count());
    if (crossing.findings & FINDING_LOST_BETWEEN) /* what it tells of lies before it */
        REQUIRE(crossing.lost < now->segment.frame && seen_of(crossing.lost));
    if (crossing.findings & FINDING_MADE_BETWEEN)
        REQUIRE(crossing.made < now->segment.frame && seen_of(crossing.made));
}

/* The frames that show the same segment name each other, and are of one direction of one four-tuple. */
static void require_links(unsigned at)
{
    const struct seen *one = &seen[at];
    struct link links[SEGMENTS_MAX], back[SEGMENTS_MAX];
    unsigned count = links_of(one->segment.frame, links, SEGMENTS_MAX);

    REQUIRE(count <= SEGMENTS_MAX);
    for (unsigned i = 0; i < count; i++) {
        const struct seen *other = seen_of(links[i].other);
        bool named = false;

        REQUIRE(other && other != one && other->segment.from == one->segment.from);
        REQUIRE(other->tuple.hash == one->tuple.hash);

        unsigned there = links_of(other->segment.frame, back, SEGMENTS_MAX);

        for (unsigned k = 0; k < there && k < SEGMENTS_MAX; k++)
            named = named || back[k].other == one->segment.frame;
        REQUIRE(named);
    }
}

/* How many segments were lost, by connections; each of them bears a mark. */
static uint32_t count_lost(void)
{
    uint32_t lost = 0, marks = 0;

    for (uint32_t i = 0; i < connections_count(); i++) {
        struct summary summary;

        REQUIRE(connections_summary(i, &summary));
        lost += summary.between.lost[0] + summary.between.lost[1];
    }
    for (unsigned i = 0; i < segments; i++)
        marks += (links_marks(seen[i].segment.frame) & FINDING_LOST_BETWEEN) != 0;
    REQUIRE(lost <= marks);
    return lost;
}

/* The end may be told again, as the capture grows: nothing is counted twice. */
static void require_end_of_two(int64_t end)
{
    uint32_t lost = count_lost();

    for (unsigned i = 0; i < segments; i++) {
        findings_t marks = links_marks(seen[i].segment.frame);
        REQUIRE((marks & ~BETWEEN) == 0 && (marks == 0 || seen[i].kept));
        seen[i].marks = marks;
        require_links(i);
    }
    connections_finish(end);
    REQUIRE(count_lost() == lost);
    for (unsigned i = 0; i < segments; i++)
        REQUIRE(links_marks(seen[i].segment.frame) == seen[i].marks);
}

static void observe(unsigned at)
{
    struct seen *now = &seen[at];
    struct record record;
    struct observation plain;
    struct rejection rejection;
    struct crossing crossing = {0};
    struct heard heard;
    struct tuple_entry *entry = connections_entry(&now->tuple);

    REQUIRE(entry);
    memset(&record, 0xff, sizeof record);

    unsigned told = connections_observe(entry, &now->segment, &record, &rejection, &crossing);

    now->o = record.observation;
    now->of_load = record.of_load;
    now->kept = true;
    memory_observe(&memory, &newest[story.tuple[at]], &now->segment, &limits.timeouts, &plain, &heard);
    REQUIRE_NONE(invariants_of(&now->segment, &now->o, heard.trusted));
    REQUIRE_NONE(invariants_of_both(&plain, &now->o, 0, 0));
    REQUIRE(connections_count() == memory.count);
    if (now->o.findings & FINDING_UNUSABLE)
        return;

    const struct summary *summary = memory_summary(&memory, plain.connection);

    REQUIRE(told == capture_filter_pass(summary, heard.told));
    require_same_rejection(&heard, &rejection);
    require_packs(summary, sizeof *summary);
    require_packs(memory_connection(&memory, plain.connection), connection_size());
}

static void hear_error(unsigned at)
{
    struct seen *now = &seen[at];
    uint32_t number, same, chain = 0;

    for (uint32_t n = newest[story.tuple[at]]; n; n = connection_previous(memory_connection(&memory, n - 1)))
        chain++;
    if (chain > REACH)
        return;

    bool noted = connections_icmp(&now->tuple, now->segment.from, now->segment.seq, now->segment.frame,
                                  now->segment.time, &number);

    REQUIRE(noted == memory_icmp(&memory, newest[story.tuple[at]], now->segment.from, now->segment.seq,
                                 now->segment.frame, now->segment.time, &same));
    REQUIRE(!noted || number == same);
    REQUIRE(!noted || (connections_icmp_find(&now->tuple, now->segment.frame, &same) && number == same));
}

static void require_record(const struct seen *one)
{
    struct record_key key = record_key(&one->segment, 0, one->tuple.hash);
    struct record record;

    REQUIRE(records_find(key, &one->segment, &record));
    REQUIRE(record.stream == one->o.connection + 7 && record.of_load == one->of_load);
    REQUIRE_NONE(invariants_of_both(&one->o, &record.observation, 0, 0));
}

static struct record record_of(const struct seen *one)
{
    return (struct record){one->o, one->of_load, one->o.connection + 7};
}

/* Every warning stands on a segment of its connection, and begins with it. */
static void require_frames(const struct summary *summary, uint32_t number, unsigned findings)
{
    for (unsigned i = 0; i < TIMEOUT_FINDING_COUNT; i++) {
        if (!(findings >> i & 1))
            continue;

        struct moment begin = timeout_finding_begin(summary, (enum timeout_finding)i);
        const struct seen *one = seen_of(begin.frame);

        REQUIRE(one && one->o.connection == number && one->segment.time == begin.time);
    }
}

static void require_end_of(uint32_t number, int64_t end)
{
    const struct summary *plain = memory_summary(&memory, number);
    struct summary summary;

    REQUIRE(connections_summary(number, &summary));

    unsigned findings = timeout_findings_at(plain, &limits.timeouts, end);

    REQUIRE_NONE(invariants_of_summaries(plain, &summary, &limits.timeouts, end));
    require_frames(plain, number, findings | timeout_findings_at(plain, &limits.timeouts, NEVER));
    /* What time alone brings stays, as long as nothing else comes. */
    REQUIRE((findings & ACCUSING_ENDS) == 0 || timeout_findings_at(plain, &limits.timeouts, NEVER) != 0);
}

/* What its receiver made of a segment: what one pass told of it is not taken back. */
static void require_same_look(const struct seen *one, int64_t end)
{
    struct summary summary;
    struct testimony looked = {.verdict = RECEIVER_NONE};
    findings_t findings = 0;

    REQUIRE(connections_summary(one->o.connection, &summary));

    bool doubtful = witnesses_look(one->o.connection, one->segment.frame, &summary, end, &looked, &findings);
    struct testimony plain = memory_received(&memory, one->o.connection, one->segment.frame, one->received,
                                             end);

    REQUIRE(doubtful || plain.verdict == RECEIVER_NONE);
    REQUIRE(looked.verdict == plain.verdict);
    REQUIRE(plain.verdict == RECEIVER_NONE || looked.frame == plain.frame);
    REQUIRE(plain.verdict == RECEIVER_NONE ||
            (looked.names == plain.names && looked.accuses == plain.accuses));
    REQUIRE((one->accused & ~findings) == 0);
    REQUIRE(plain.verdict == RECEIVER_NONE || seen_of(plain.frame));
    REQUIRE(!doubtful || !(findings & ACCUSATIONS) || plain.verdict == RECEIVER_REJECTED);
}

/* All but those that were used last: of two places also those before, of which a late segment may be. */
static void require_packed(bool two)
{
    unsigned cached = 0;

    for (uint32_t i = 0; i < connections_count(); i++)
        cached += conn_cache_index(i)->cached;
    REQUIRE(cached <= 2 * TUPLES_MAX * (two ? 1 + EARLIER : 1));
}

static void choose_limits(unsigned all)
{
    struct timeouts usual = {.handshake = 5 * SECOND,
                             .fin = 5 * SECOND,
                             .close_wait = 60 * SECOND,
                             .fin_wait_2 = 60 * SECOND,
                             .idle = 75 * SECOND,
                             .silent = 3 * SECOND};
    struct timeouts second = {.handshake = SECOND,
                              .fin = SECOND,
                              .close_wait = SECOND,
                              .fin_wait_2 = SECOND,
                              .idle = SECOND,
                              .silent = SECOND};

    limits = (struct limits){.time_wait = 60 * SECOND,
                             .timeouts = all & SHORT_WAITS ? second : usual,
                             .many = all & FEW_TOO_MANY ? 1 : 32};
    limits.timeouts.limit = capture_clock_limit;
}

static void read_story(bool two)
{
    for (segments = 0; segments < story.count; segments++) {
        struct seen *now = &seen[segments];

        *now = (struct seen){.segment = story.segments[segments]};
        now->segment.time += EPOCH;
        now->segment.place = two ? now->segment.place : 0;
        now->tuple = tuple_of(segments, &now->segment);
        capture_clock_advance(now->segment.frame, now->segment.time);
        if (story.quoted[segments]) {
            if (!two)
                hear_error(segments);
            continue;
        }
        if (two)
            observe_two(segments);
        else
            observe(segments);

        struct record record = record_of(now);

        records_add(record_key(&now->segment, 0, now->tuple.hash), &now->segment, &record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned all = size > 0 ? data[0] : 0;

    memory_broken = broken;
    segments = 0;
    memset(newest, 0, sizeof newest);
    story_make(&story, TUPLES_MAX, data + 1, size > 0 ? size - 1 : 0);
    choose_limits(all);
    capture_clock_open(all & NO_HOLES ? 0 : 600 * SECOND);
    connections_open(&limits);
    records_open();
    memory_open(&memory, limits.time_wait);

    bool two = (all & PLACES) == TWO_PLACES;

    read_story(two);

    int64_t end = capture_clock_now() + (all & LONG_TAIL ? 600 * SECOND : 0);

    connections_finish(end);
    if (two)
        require_end_of_two(end);
    for (uint32_t i = 0; i < memory.count; i++)
        require_end_of(i, end);
    for (unsigned i = 0; i < segments; i++) {
        if (!seen[i].kept)
            continue;
        require_record(&seen[i]);
        if (!two && !(seen[i].o.findings & FINDING_UNUSABLE))
            require_same_look(&seen[i], end);
    }
    require_packed(two);
    memory_close(&memory);
    records_close();
    connections_close();
    capture_clock_close();
    return 0;
}
