/* trunks.c - see trunks.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/trunks.h"

#include "thresholds.h"

#include <glib.h>
#include <string.h>

enum { SYNS = 1024 };

static struct {
    GHashTable *trunks; /* by handle of a tuple */
    GArray *list;       /* of struct trunk *: each once */
    struct opening_syn syn[SYNS];
} all;

static void trunk_free(void *data)
{
    g_free(data);
}

void trunks_open(void)
{
    trunks_close();
    all.trunks = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, NULL);
    all.list = g_array_new(FALSE, FALSE, sizeof(struct trunk *));
    memset(all.syn, 0, sizeof all.syn);
}

void trunks_close(void)
{
    if (all.trunks == NULL) {
        return;
    }
    for (guint i = 0; i < all.list->len; i++) {
        trunk_free(g_array_index(all.list, struct trunk *, i));
    }
    g_array_free(all.list, TRUE);
    g_hash_table_destroy(all.trunks);
    all.trunks = NULL;
}

size_t trunks_bytes(void)
{
    return all.trunks != NULL ? all.list->len * sizeof(struct trunk) : 0;
}

struct trunk *trunks_of(const struct tuple_entry *entry)
{
    bool several = entry->place[0] == PLACES_SEVERAL && all.trunks != NULL;
    return several ? (struct trunk *)g_hash_table_lookup(all.trunks, GUINT_TO_POINTER(tuples_handle(entry)))
                   : NULL;
}

static void mark(struct tuple_entry *entry, struct trunk *trunk)
{
    entry->place[0] = entry->place[1] = PLACES_SEVERAL;
    g_hash_table_insert(all.trunks, GUINT_TO_POINTER(tuples_handle(entry)), trunk);
}

struct trunk *trunks_make(struct tuple_entry *entry, uint16_t first, uint16_t second)
{
    struct trunk *trunk = g_new0(struct trunk, 1);
    uint32_t handle = tuples_handle(entry);
    g_array_append_val(all.list, trunk);
    trunk->tuple[0] = trunk->tuple[1] = handle;
    trunk->by_interface = place_interface(first) != place_interface(second);
    trunk->points = 2;
    trunk_add_place(trunk, first, SPOT_FIRST);
    trunk_add_place(trunk, second, SPOT_SECOND);
    mark(entry, trunk);
    return trunk;
}

/* ------------------------------------------------------------------------ SYNs */

static struct opening_syn *syn_at(seq_t isn)
{
    return &all.syn[(isn.n * UINT32_C(0x9e3779b1)) >> 22];
}

static void note_copy(struct opening_syn *syn, const struct segment *seg)
{
    if (syn->copies < SYN_COPIES) {
        syn->copy[syn->copies++] = flight_of(seg);
    }
}

void trunks_note_syn(const struct tuple_entry *entry, const struct segment *seg)
{
    struct opening_syn *syn = syn_at(seg->seq);
    uint32_t tuple = tuples_handle(entry) + 1;
    bool same = syn->tuple != 0 && seq_equal(syn->opener.isn, seg->seq);
    bool ambiguous = same && syn->tuple != tuple;
    if (same && syn->tuple == tuple) {
        note_copy(syn, seg);
        return;
    }
    *syn = (struct opening_syn){
        .tuple = tuple,
        .opener = opener_of(seg),
        .time = seg->time,
        .frame = seg->frame,
        .tsval = seg->has_timestamps ? seg->tsval : 0,
        .ip_id = seg->has_ip_id ? seg->ip_id : 0,
        .place = seg->place,
        .from = seg->from,
        .ambiguous = ambiguous,
    };
    note_copy(syn, seg);
}

const struct opening_syn *trunks_syn(const struct tuple_entry *entry, seq_t isn)
{
    const struct opening_syn *syn = syn_at(isn);
    return syn->tuple == tuples_handle(entry) + 1 && seq_equal(syn->opener.isn, isn) ? syn : NULL;
}

static bool ends_equal(const struct tuple_end *a, const struct tuple_end *b, size_t length)
{
    return a->port == b->port && memcmp(a->address, b->address, length) == 0;
}

/* CHANGE_ADDRESS or CHANGE_SERVER if the end that sends, or the other one, has another address or port, and
 * only one has; else 0. *flip: they stand the other way round. */
static unsigned translation(uint32_t first, uint32_t second, unsigned from, unsigned second_from, bool *flip)
{
    struct tuple_end a[2], b[2];
    size_t length, other;
    tuples_ends(first, a, &length);
    tuples_ends(second, b, &other);
    *flip = from != second_from;
    bool client = length == other && ends_equal(&a[from], &b[second_from], length);
    bool server = length == other && ends_equal(&a[!from], &b[!second_from], length);
    return client == server ? 0 : client ? CHANGE_SERVER : CHANGE_ADDRESS;
}

struct trunk *trunks_translate(struct tuple_entry *entry, const struct segment *seg,
                               struct opening_syn *first)
{
    const struct opening_syn *syn = syn_at(seg->seq);
    int64_t age = seg->time - syn->time;
    bool flip, one_packet = (seg->has_ip_id && seg->ip_id != 0 && seg->ip_id == syn->ip_id) ||
                            (seg->has_timestamps && seg->tsval == syn->tsval); /* scanners repeat ISNs */
    bool fits = one_packet && syn->tuple != 0 && seq_equal(syn->opener.isn, seg->seq) && !syn->ambiguous &&
                syn->tuple != tuples_handle(entry) + 1 && syn->place != seg->place && age >= 0 &&
                age <= COPY_OTHER_PATH_MS * NS_PER_MS;
    unsigned translated = fits
                              ? translation(syn->tuple - 1, tuples_handle(entry), syn->from, seg->from, &flip)
                              : 0;
    if (translated == 0) {
        return NULL;
    }
    struct tuple_entry *original = tuples_at(syn->tuple - 1);
    if (trunks_of(original) != NULL) {
        return NULL;
    }
    *first = *syn;
    struct trunk *trunk = trunks_make(original, syn->place, seg->place);
    trunk->tuple[1] = tuples_handle(entry);
    trunk->flip = flip;
    trunk->translated = translated;
    trunk->hint = syn->from == 0 ? ORDER_0_FIRST : ORDER_1_FIRST;
    trunk->by_interface = true; /* the addresses tell the points apart, for certain */
    mark(entry, trunk);
    return trunk;
}

/* ---------------------------------------------------------------------- places */

static bool is_place(const struct trunk *trunk, const struct place *place, uint16_t of)
{
    return trunk->by_interface ? place_interface(place->place) == place_interface(of) : place->place == of;
}

enum spot trunk_spot(const struct trunk *trunk, const struct tuple_entry *entry, const struct segment *seg)
{
    if (trunk->tuple[0] != trunk->tuple[1]) {
        return tuples_handle(entry) == trunk->tuple[0] ? SPOT_FIRST : SPOT_SECOND;
    }
    for (unsigned i = 0; i < trunk->places; i++) {
        if (is_place(trunk, &trunk->place[i], seg->place)) {
            return (enum spot)trunk->place[i].spot;
        }
    }
    return SPOT_NONE;
}

void trunk_add_place(struct trunk *trunk, uint16_t place, enum spot spot)
{
    if (trunk->places < PLACES_MAX) {
        trunk->place[trunk->places++] = (struct place){place, (uint8_t)spot};
    }
}

void trunk_take_spot(struct trunk *trunk, uint16_t place, enum spot spot)
{
    for (unsigned i = 0; i < trunk->places; i++) {
        if (trunk->place[i].spot == spot) {
            trunk->place[i].spot = SPOT_BETWEEN;
        }
    }
    trunk_add_place(trunk, place, spot);
}
