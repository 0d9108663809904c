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
    GHashTable *routes; /* by a hash of both addresses: a number that holds the places near to end 0, 1 */
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
    all.routes = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, NULL);
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
    g_hash_table_destroy(all.routes);
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

/* One packet that was captured twice isn't sent again. */
static bool is_noted(const struct opening_syn *syn, const struct segment *seg)
{
    bool noted = false;
    for (unsigned i = 0; i < syn->copies && seg->has_ip_id && seg->ip_id != 0; i++) {
        noted = noted || syn->copy[i].ip_id == seg->ip_id;
    }
    return noted;
}

static void note_copy(struct opening_syn *syn, const struct segment *seg)
{
    if (!is_noted(syn, seg) && syn->copies < SYN_COPIES) {
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

/* Is it one of the copies of that SYN, captured a moment later? Scanners repeat ISNs: that isn't enough. */
static bool is_copy_of(const struct opening_syn *syn, const struct segment *seg)
{
    for (unsigned i = 0; syn->tuple != 0 && i < syn->copies; i++) {
        const struct flight *copy = &syn->copy[i];
        int64_t age = seg->time - copy->time;
        bool one_packet = (seg->has_ip_id && seg->ip_id != 0 && seg->ip_id == copy->ip_id) ||
                          (seg->has_timestamps && seg->tsval == copy->tsval);
        if (one_packet && age >= 0 && age <= COPY_OTHER_PATH_MS * NS_PER_MS) {
            return true;
        }
    }
    return false;
}

struct trunk *trunks_translate(struct tuple_entry *entry, const struct segment *seg,
                               struct opening_syn *first)
{
    const struct opening_syn *syn = syn_at(seg->seq);
    bool flip, fits = is_copy_of(syn, seg) && seq_equal(syn->opener.isn, seg->seq) && !syn->ambiguous &&
                      syn->tuple != tuples_handle(entry) + 1 && syn->place != seg->place;
    unsigned translated = fits
                              ? translation(syn->tuple - 1, tuples_handle(entry), syn->from, seg->from, &flip)
                              : 0;
    if (translated == 0) {
        return NULL;
    }
    struct tuple_entry *original = tuples_at(syn->tuple - 1);
    struct trunk *trunk = trunks_of(original);
    if (trunk != NULL && !trunk->on_route && trunk->tuple[0] == trunk->tuple[1]) {
        return NULL; /* that one is captured at two points as it is */
    }
    *first = *syn;
    trunk = trunk != NULL ? trunk : trunks_make(original, syn->place, seg->place);
    trunk->tuple[1] = tuples_handle(entry);
    trunk->far_newest = 0;
    trunk->flip = flip;
    trunk->translated = translated;
    trunk->hint = syn->from == 0 ? ORDER_0_FIRST : ORDER_1_FIRST;
    trunk->by_interface = true; /* the addresses tell the points apart, for certain */
    mark(entry, trunk);
    return trunk;
}

/* ---------------------------------------------------------------------- routes */

/* Of two hosts; of one with itself 0, for there the ports would tell the ends apart. */
static uint32_t route_key(uint32_t tuple)
{
    struct tuple_end ends[2];
    size_t length;
    uint8_t both[2 * ADDRESS_LONG];
    tuples_ends(tuple, ends, &length);
    if (memcmp(ends[0].address, ends[1].address, length) == 0) {
        return 0;
    }
    memcpy(both, ends[0].address, length);
    memcpy(both + length, ends[1].address, length);
    return tuples_hash(both, 2 * length);
}

static uint16_t place_of(const struct trunk *trunk, enum spot spot)
{
    for (unsigned i = 0; i < trunk->places; i++) {
        if (trunk->place[i].spot == spot) {
            return trunk->place[i].place;
        }
    }
    return PLACE_NONE;
}

void trunks_note_route(const struct trunk *trunk)
{
    uint32_t key = trunk->tuple[0] == trunk->tuple[1] && trunk->by_interface ? route_key(trunk->tuple[0]) : 0;
    unsigned near_first = trunk->order == ORDER_0_FIRST ? 0 : 1; /* the end there */
    uint32_t first = place_of(trunk, SPOT_FIRST), second = place_of(trunk, SPOT_SECOND);
    if (key != 0) { /* of the outermost two */
        uint32_t route = near_first == 0 ? first | second << 16 : second | first << 16;
        g_hash_table_insert(all.routes, GUINT_TO_POINTER(key), GUINT_TO_POINTER(route));
    }
}

struct trunk *trunks_on_route(struct tuple_entry *entry, const struct segment *seg)
{
    if (all.trunks == NULL || g_hash_table_size(all.routes) == 0) {
        return NULL;
    }
    uint32_t key = route_key(tuples_handle(entry));
    uint32_t route = GPOINTER_TO_UINT(g_hash_table_lookup(all.routes, GUINT_TO_POINTER(key)));
    uint16_t near[2] = {(uint16_t)route, (uint16_t)(route >> 16)};
    if (key == 0 || route == 0) {
        return NULL;
    }
    for (unsigned end = 0; end < 2; end++) {
        if (place_interface(near[end]) == place_interface(seg->place)) {
            struct trunk *trunk = trunks_make(entry, seg->place, near[!end]);
            trunk->hint = end == 0 ? ORDER_0_FIRST : ORDER_1_FIRST;
            trunk->on_route = true;
            return trunk;
        }
    }
    return NULL;
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
