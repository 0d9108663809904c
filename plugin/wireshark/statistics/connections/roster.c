/* roster.c - see roster.h
 *
 * Few connections have warnings: these stand apart, in a table of their own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/roster.h"

#include "summary/timeout_finding.h"
#include "store/connections.h"
#include "store/records.h"
#include "capture/serials.h"
#include "findings/hindsight.h"
#include "statistics/marks.h"

enum { SEEN = 1, WARNED = 2 };

struct roster {
    GArray *flags; /* a byte a connection */
    GHashTable *notes;
};

/* The first segment of a connection with a warning. */
struct note {
    gint64 key;
    uint32_t frame;
};

static gint64 note_key(uint32_t connection, unsigned warning)
{
    return (gint64)connection * EXPERT_COUNT + warning;
}

struct roster *roster_new(void)
{
    struct roster *roster = g_new(struct roster, 1);
    roster->flags = g_array_new(FALSE, TRUE, 1);
    roster->notes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return roster;
}

void roster_free(struct roster *roster)
{
    g_array_free(roster->flags, TRUE);
    g_hash_table_destroy(roster->notes);
    g_free(roster);
}

void roster_clear(struct roster *roster)
{
    g_array_set_size(roster->flags, 0);
    g_hash_table_remove_all(roster->notes);
}

static uint8_t *flags_of(const struct roster *roster, uint32_t connection)
{
    if (connection >= roster->flags->len) {
        g_array_set_size(roster->flags, connection + 1);
    }
    return &g_array_index(roster->flags, uint8_t, connection);
}

bool roster_note(struct roster *roster, const struct tcpfsm_segment *segment)
{
    const struct observation *o = segment->observation;
    if (o->findings & FINDING_UNUSABLE) {
        return false; /* it may be of no connection at all */
    }
    uint8_t *flags = flags_of(roster, o->connection);
    bool news = !(*flags & SEEN);
    *flags |= SEEN;
    return news;
}

static void note_warnings(struct roster *roster, uint32_t connection, uint32_t frame, uint64_t set)
{
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        gint64 key = note_key(connection, i);
        if ((set & 1u) && !g_hash_table_contains(roster->notes, &key)) {
            struct note *note = g_new(struct note, 1);
            *note = (struct note){key, frame};
            g_hash_table_add(roster->notes, note);
        }
    }
}

static void read_record(void *data, uint32_t serial, const struct record *record)
{
    struct roster *roster = (struct roster *)data;
    const struct observation *o = &record->observation;
    uint64_t warnings = warnings_of_segment(o, (struct reported){0, o->findings | record->of_load}) |
                        marks_of(serial);
    if (warnings != 0 && !(o->findings & FINDING_UNUSABLE)) {
        frame_t frame = frame_of(serial);
        if (frame.n != 0) { /* a read filter let it through */
            *flags_of(roster, o->connection) |= WARNED;
            note_warnings(roster, o->connection, frame.n, warnings);
        }
    }
}

void roster_read(struct roster *roster)
{
    connections_finish(hindsight_end()); /* in one pass, nobody else says that this is the end */
    g_hash_table_remove_all(roster->notes);
    records_each(read_record, roster);
}

/* ----------------------------------------------------------------- the order */

struct turn {
    uint32_t stream, connection;
};

static int turn_order(const void *a, const void *b)
{
    const struct turn *first = (const struct turn *)a, *second = (const struct turn *)b;
    if (first->stream != second->stream) {
        return first->stream < second->stream ? -1 : 1;
    }
    return (first->connection > second->connection) - (first->connection < second->connection);
}

bool roster_has(const struct roster *roster, uint32_t connection)
{
    return connection < roster->flags->len && (g_array_index(roster->flags, uint8_t, connection) & SEEN) != 0;
}

GArray *roster_order(const struct roster *roster)
{
    GArray *turns = g_array_new(FALSE, FALSE, sizeof(struct turn));
    GArray *order = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t i = 0; i < roster->flags->len; i++) {
        if (roster_has(roster, i)) {
            struct turn turn = {connections_stream(i), i};
            g_array_append_val(turns, turn);
        }
    }
    g_array_sort(turns, turn_order);
    for (guint i = 0; i < turns->len; i++) {
        g_array_append_val(order, g_array_index(turns, struct turn, i).connection);
    }
    g_array_free(turns, TRUE);
    return order;
}

/* ------------------------------------------------------------------ the rows */

static void fill_ends(struct connection_row *row)
{
    struct tuple_end ends[2];
    if (connections_ends(row->connection, ends, &row->address_length)) {
        row->end[0] = ends[row->summary.client_from];
        row->end[1] = ends[!row->summary.client_from];
    }
}

struct row_end row_end(const struct connection_row *row, unsigned end)
{
    struct row_end told = {.port = row->end[end].port};
    if (row->end[end].address != NULL) {
        address_write(told.address, &row->end[end], row->address_length);
    }
    return told;
}

static void add_warning(struct connection_row *row, unsigned warning, uint32_t frame)
{
    uint32_t *first = &row->warning_frame[warning];
    row->warnings |= UINT64_C(1) << warning;
    if (frame != 0 && (*first == 0 || frame < *first)) {
        *first = frame;
    }
}

static void fill_warnings(const struct roster *roster, struct connection_row *row)
{
    uint64_t set = warnings_of_summary(&row->summary, row->timeout_findings);
    bool warned = row->connection < roster->flags->len &&
                  (g_array_index(roster->flags, uint8_t, row->connection) & WARNED);
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        if (set & UINT64_C(1) << i) {
            add_warning(row, i, frame_of(warnings_frame(&row->summary, (enum expert)i)).n);
        }
        gint64 key = note_key(row->connection, i);
        const struct note *note = warned ? (const struct note *)g_hash_table_lookup(roster->notes, &key)
                                         : NULL;
        if (note != NULL) {
            add_warning(row, i, note->frame);
        }
    }
}

/* Of doubtful segments, as it turned out. */
static void fill_doubts(struct connection_row *row)
{
    struct doubts doubts;
    witnesses_count(row->connection, &row->summary, row->now, &doubts);
    for (unsigned i = 0; i < 2 * SUSPICION_COUNT; i++) {
        if (doubts.count[i] != 0) {
            add_warning(row, warnings_of_doubt(i), frame_of(doubts.first[i]).n);
        }
    }
}

bool roster_row(const struct roster *roster, uint32_t connection, struct connection_row *row)
{
    *row = (struct connection_row){.connection = connection, .now = hindsight_end()};
    if (!connections_summary(connection, &row->summary)) {
        return false;
    }
    row->timeout_findings = hindsight_findings(&row->summary);
    fill_ends(row);
    fill_warnings(roster, row);
    fill_doubts(row);
    return true;
}

static int64_t due_age(const struct connection_row *row, struct moment since)
{
    since.time += row->summary.start;
    return MAX(hindsight_waited(&row->summary, since, row->now), 0);
}

unsigned row_dues(const struct connection_row *row, unsigned end, struct due dues[DEBT_COUNT])
{
    const struct summary_end *debtor = &row->summary.end[end];
    enum debt list[DEBT_COUNT];
    unsigned count = debtor->owes != 0 ? debts_in_order(debtor->owes, list) : 0;
    for (unsigned i = 0; i < count; i++) {
        struct moment since = debtor->owed[list[i]];
        dues[i] = (struct due){
            .debt = list[i],
            .frame = frame_of(since.frame).n,
            .age = since.frame != 0 ? due_age(row, since) : NO_TIME,
        };
    }
    return count;
}
