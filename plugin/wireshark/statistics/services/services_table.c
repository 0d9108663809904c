/* services_table.c - the services in the menu of Wireshark
 *
 * Each connection is added with its first segment. The dialog sorts by the first column, so that is the
 * rank. As a connection adds to the trouble of a service, this one changes places with the first of those
 * that had as much, so that no other one moves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/services/services_report.h"

#include "statistics/services/service_cells.h"
#include "statistics/table.h"
#include "words/words.h"

#include <string.h>

enum { PART_SERVICES, PART_TOTAL };

struct standing {
    guint rank;       /* from 0 */
    uint32_t trouble; /* how much it had when it got there */
};

static struct {
    stat_tap_table_item columns[SERVICE_COLUMNS]; /* those that are shown, and which each of them is */
    enum service_column shown[SERVICE_COLUMNS];
    unsigned column_count;
    struct roster *roster;
    struct services *services;
    GByteArray *added;  /* of each connection: whether it is */
    GArray *ranked;     /* the places (guint) of the services, the most troubled first */
    GArray *standings;  /* of each service, a struct standing */
    GHashTable *firsts; /* how much trouble, plus one: the first rank, plus one, of those with that much */
} all;

static void services_table_begin(struct table *table _U_)
{
    roster_clear(all.roster);
    services_clear(all.services);
    g_byte_array_set_size(all.added, 0);
    g_array_set_size(all.ranked, 0);
    g_array_set_size(all.standings, 0);
    g_hash_table_remove_all(all.firsts);
}

/* ------------------------------------------------------------------------ ranks */

static struct standing *standing_of(guint place)
{
    return &g_array_index(all.standings, struct standing, place);
}

/* Puts a service on that rank. */
static void rank(struct table *table, guint place, guint rank)
{
    g_array_index(all.ranked, guint, rank) = place;
    standing_of(place)->rank = rank;
    stat_tap_table_item_type *cells = table_row(table, PART_SERVICES, place);
    if (cells != NULL) {
        cells[0].value.uint_value = rank + 1;
    }
}

/* The first rank of those with that much trouble. */
static guint first_with(uint32_t trouble, guint otherwise)
{
    guint first = GPOINTER_TO_UINT(g_hash_table_lookup(all.firsts, GUINT_TO_POINTER(trouble + 1)));
    return first != 0 ? first - 1 : otherwise;
}

static void set_first(uint32_t trouble, guint rank)
{
    g_hash_table_insert(all.firsts, GUINT_TO_POINTER(trouble + 1), GUINT_TO_POINTER(rank + 1));
}

/* A new service, without trouble so far. */
static void add_rank(struct table *table, guint place)
{
    g_array_set_size(all.ranked, place + 1);
    g_array_set_size(all.standings, place + 1);
    standing_of(place)->trouble = 0;
    rank(table, place, place);
    set_first(0, first_with(0, place));
}

/* Its trouble has grown by one. */
static void raise_rank(struct table *table, guint place)
{
    struct standing *standing = standing_of(place);
    uint32_t trouble = standing->trouble;
    guint old = standing->rank, first = first_with(trouble, old);
    rank(table, g_array_index(all.ranked, guint, first), old);
    rank(table, place, first);
    standing->trouble = trouble + 1;
    bool others = first + 1 < all.ranked->len &&
                  standing_of(g_array_index(all.ranked, guint, first + 1))->trouble == trouble;
    if (others) {
        set_first(trouble, first + 1);
    } else {
        g_hash_table_remove(all.firsts, GUINT_TO_POINTER(trouble + 1));
    }
    set_first(trouble + 1, first_with(trouble + 1, first));
}

/* ------------------------------------------------------------------------- rows */

static void write_row(struct table *table, unsigned part, guint place, const struct service *service)
{
    stat_tap_table_item_type cells[SERVICE_COLUMNS];
    stat_tap_table_item_type *row = table_row(table, part, place);
    unsigned rank = part == PART_SERVICES ? standing_of(place)->rank + 1 : 0;
    if (row != NULL) {
        service_cells(cells, service, rank, table_texts(table));
        for (unsigned i = 0; i < all.column_count; i++) {
            row[i] = cells[all.shown[i]];
        }
    }
}

/* Whether it is new. */
static bool note_connection(uint32_t connection)
{
    guint length = all.added->len;
    if (connection >= length) {
        g_byte_array_set_size(all.added, connection + 1);
        memset(all.added->data + length, 0, connection + 1 - length);
    }
    bool is_new = !all.added->data[connection];
    all.added->data[connection] = 1;
    return is_new;
}

static bool services_table_segment(struct table *table, const struct tcpfsm_segment *segment)
{
    struct connection_row row;
    uint32_t connection = segment->observation->connection;
    if ((segment->observation->findings & FINDING_UNUSABLE) || !note_connection(connection) ||
        !roster_row(all.roster, connection, &row)) {
        return false;
    }
    guint count = services_count(all.services), place = services_add(all.services, &row);
    const struct service *service = services_at(all.services, place);
    if (place == count) {
        add_rank(table, place);
    }
    if (service->troubled != standing_of(place)->trouble) {
        raise_rank(table, place);
    }
    write_row(table, PART_SERVICES, place, service);
    write_row(table, PART_TOTAL, 0, services_total(all.services));
    return true;
}

void services_table_register(void)
{
    static struct table_kind kind = {
        .command = "tcpfsm,services",
        .title = WORDS_TITLE_SERVICES,
        .parts = {WORDS_SERVICES_PART, WORDS_SERVICES_TOTAL},
        .columns = all.columns,
        .begin = services_table_begin,
        .segment = services_table_segment,
    };
    for (unsigned i = 0; i < SERVICE_COLUMNS; i++) {
        if (service_column_shown((enum service_column)i) & IN_DIALOG) {
            all.shown[all.column_count] = (enum service_column)i;
            all.columns[all.column_count++] = service_column((enum service_column)i);
        }
    }
    all.roster = roster_new();
    all.services = services_new();
    all.added = g_byte_array_new();
    all.ranked = g_array_new(FALSE, FALSE, sizeof(guint));
    all.standings = g_array_new(FALSE, FALSE, sizeof(struct standing));
    all.firsts = g_hash_table_new(NULL, NULL);
    kind.column_count = all.column_count;
    kind.of_two_points = SERVICE_COLUMNS_OF_TWO_POINTS;
    table_align_left(&all.columns[all.column_count - kind.of_two_points], kind.of_two_points);
    table_register(&kind);
}
