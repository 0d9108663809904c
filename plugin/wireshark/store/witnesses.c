/* witnesses.c - see witnesses.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/witnesses.h"

#include <glib.h>
#include <string.h>

/* A doubtful segment. */
struct doubt {
    uint32_t serial;
    uint32_t shown_by;      /* serial number; with a verdict */
    uint8_t verdict;        /* enum receiver_verdict */
    uint8_t names, accuses; /* as in a testimony */
    uint8_t suspicions;     /* bit n: its observation has the suspicion of place n */
};

/* Of one connection. */
struct docket {
    GArray *doubts;          /* of struct doubt, in the order of their frames */
    struct witness *witness; /* NULL: nobody listens any more */
    /* Of segments of which nobody can show anything: how often each suspicion, and where first. */
    uint32_t count[SUSPICION_COUNT], first[SUSPICION_COUNT];
};

static struct {
    GHashTable *dockets; /* by number of the connection */
    size_t bytes;
} all;

static void docket_free(void *data)
{
    struct docket *docket = (struct docket *)data;
    g_array_free(docket->doubts, TRUE);
    g_free(docket->witness);
    g_free(docket);
}

void witnesses_open(void)
{
    witnesses_close();
    all.dockets = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, docket_free);
}

void witnesses_close(void)
{
    if (all.dockets != NULL) {
        g_hash_table_destroy(all.dockets);
    }
    all.dockets = NULL;
    all.bytes = 0;
}

static struct docket *docket_find(uint32_t number)
{
    return all.dockets != NULL ? (struct docket *)g_hash_table_lookup(all.dockets, GUINT_TO_POINTER(number))
                               : NULL;
}

static struct docket *docket_make(uint32_t number)
{
    struct docket *docket = docket_find(number);
    if (docket == NULL) {
        docket = g_new0(struct docket, 1);
        docket->doubts = g_array_new(FALSE, FALSE, sizeof(struct doubt));
        g_hash_table_insert(all.dockets, GUINT_TO_POINTER(number), docket);
        all.bytes += sizeof *docket;
    }
    return docket;
}

/* With room for one more suspect, as far as there may be any. */
static void make_room(struct docket *docket)
{
    struct witness *witness = docket->witness;
    unsigned room = witness == NULL ? 0 : witness->room;
    if (room == 0 || (witness->count == room && room < SUSPECTS_MAX)) {
        unsigned more = room == 0 ? 1 : 2 * room;
        docket->witness = (struct witness *)g_realloc(witness,
                                                      sizeof *witness + more * sizeof *witness->suspect);
        if (room == 0) {
            memset(docket->witness, 0, sizeof *witness);
        }
        docket->witness->room = (uint8_t)more;
        all.bytes += (more - room) * sizeof *witness->suspect;
    }
}

/* ------------------------------------------------------------------- suspicion */

static const findings_t suspicions[SUSPICION_COUNT] = {FINDING_SEQ_SUSPECT, FINDING_ACK_SUSPECT,
                                                       FINDING_RESET_SUSPECT};
static const findings_t accusations[SUSPICION_COUNT] = {FINDING_SEQ_INVALID, FINDING_ACK_INVALID,
                                                        FINDING_RESET_INVALID};

static uint8_t places_of(findings_t findings)
{
    uint8_t set = 0;
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        set |= (uint8_t)((findings & suspicions[i]) != 0 ? 1u << i : 0);
    }
    return set;
}

static findings_t findings_at(uint8_t places)
{
    findings_t set = 0;
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        set |= places >> i & 1u ? suspicions[i] : 0;
    }
    return set;
}

/* The segment was just heard: is it one to be asked for later? */
static void note_segment(struct docket *docket, const struct segment *segment,
                         const struct observation *observation)
{
    const struct witness *w = docket->witness;
    uint8_t places = places_of(observation->findings);
    if (w->count != 0 && w->suspect[w->count - 1].frame == segment->frame) {
        struct doubt doubt = {.serial = segment->frame, .suspicions = places};
        g_array_append_val(docket->doubts, doubt);
        all.bytes += sizeof doubt;
        return;
    }
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        if (places >> i & 1u) {
            docket->first[i] = docket->count[i] == 0 ? segment->frame : docket->first[i];
            docket->count[i]++;
        }
    }
}

static struct doubt *doubt_find(const struct docket *docket, uint32_t serial)
{
    guint low = 0, high = docket->doubts->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        struct doubt *doubt = &g_array_index(docket->doubts, struct doubt, middle);
        if (doubt->serial == serial) {
            return doubt;
        }
        if (doubt->serial < serial) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------- testimony */

static void reject(struct rejection *rejection, const struct testimony *t)
{
    for (unsigned i = 0; i < SUSPICION_COUNT; i++) {
        if (t->accuses >> i & 1u) {
            bool first = (rejection->findings & accusations[i]) == 0;
            rejection->suspect[i] = first ? t->suspect : rejection->suspect[i];
            rejection->count[i] = first ? 1 : rejection->count[i] + 1;
            rejection->findings |= accusations[i];
        }
    }
}

static void take(struct docket *docket, const struct testimony *list, unsigned count,
                 struct rejection *rejection)
{
    for (unsigned i = 0; i < count; i++) {
        struct doubt *doubt = doubt_find(docket, list[i].suspect);
        if (doubt != NULL && list[i].verdict != RECEIVER_NONE) {
            doubt->verdict = (uint8_t)list[i].verdict;
            doubt->shown_by = list[i].frame;
            doubt->names = list[i].names;
            doubt->accuses = list[i].accuses;
        }
        reject(rejection, &list[i]);
    }
}

static void hear_of_next(uint32_t previous, const struct segment *segment, struct rejection *rejection)
{
    struct testimony list[SUSPECTS_MAX];
    struct docket *docket = docket_find(previous);
    if (docket != NULL && docket->witness != NULL) {
        take(docket, list, witness_hear_of_next(docket->witness, segment, list), rejection);
    }
}

void witnesses_hear_more(uint32_t number, uint32_t previous, const struct segment *segment,
                         struct observation *observation, struct summary *summary,
                         struct rejection *rejection)
{
    static const struct witness nobody;
    struct testimony list[SUSPECTS_MAX];
    if (previous != 0 && (segment->flags & FLAG_SYN)) {
        hear_of_next(previous - 1, segment, rejection);
    }
    bool doubtful = summary->suspected || witness_suspects(&nobody, segment, observation);
    struct docket *docket = doubtful ? docket_make(number) : docket_find(number);
    if (docket == NULL) { /* else its sender may be trusted by now */
        return;
    }
    make_room(docket);
    take(docket, list, witness_hear(docket->witness, segment, observation, summary, list), rejection);
    note_segment(docket, segment, observation);
    summary->suspected = witness_waits(docket->witness);
}

static struct testimony received_of(const struct docket *docket, const struct doubt *doubt,
                                    const struct summary *summary, int64_t now)
{
    struct testimony t = witness_at(docket->witness, summary, doubt->serial, now);
    t.verdict = (enum receiver_verdict)doubt->verdict;
    t.frame = doubt->shown_by;
    if (t.names == 0) {
        t.names = doubt->names;
        t.accuses = doubt->accuses;
    }
    return t;
}

bool witnesses_look(uint32_t number, uint32_t serial, const struct summary *summary, int64_t now,
                    struct testimony *received, findings_t *findings)
{
    const struct docket *docket = docket_find(number);
    const struct doubt *doubt = docket != NULL ? doubt_find(docket, serial) : NULL;
    if (doubt == NULL) {
        return false;
    }
    *received = received_of(docket, doubt, summary, now);
    *findings = witness_findings(findings_at(doubt->suspicions), received);
    return true;
}

/* ------------------------------------------------------------------- all of it */

/* The finding that is counted at that place. */
static findings_t doubts_finding(unsigned place)
{
    return place < SUSPICION_COUNT ? suspicions[place] : accusations[place - SUSPICION_COUNT];
}

static void add(struct doubts *doubts, unsigned place, uint32_t count, uint32_t first)
{
    bool earlier = doubts->count[place] == 0 || first < doubts->first[place];
    doubts->first[place] = earlier ? first : doubts->first[place];
    doubts->count[place] += count;
    doubts->findings |= doubts_finding(place);
}

void witnesses_count(uint32_t number, const struct summary *summary, int64_t now, struct doubts *doubts)
{
    const struct docket *docket = docket_find(number);
    *doubts = (struct doubts){0};
    for (unsigned i = 0; docket != NULL && i < SUSPICION_COUNT; i++) {
        if (docket->count[i] != 0) {
            add(doubts, i, docket->count[i], docket->first[i]);
        }
    }
    for (guint k = 0; docket != NULL && k < docket->doubts->len; k++) {
        const struct doubt *doubt = &g_array_index(docket->doubts, struct doubt, k);
        struct testimony t = received_of(docket, doubt, summary, now);
        findings_t findings = witness_findings(findings_at(doubt->suspicions), &t);
        for (unsigned i = 0; i < 2 * SUSPICION_COUNT; i++) {
            if (findings & doubts_finding(i)) {
                add(doubts, i, 1, doubt->serial);
            }
        }
    }
}

size_t witnesses_bytes(void)
{
    return all.bytes;
}
