/* far.c - see far.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/far.h"

#include "connection.h"

#include <glib.h>

enum {
    ROOM_MIN = 8,
    WITNESSES = 1 << 30, /* numbers of connections are below that */
};

static struct {
    struct observer observer;
    GArray *list;       /* of struct far *, by number */
    GHashTable *newest; /* by number of the primary: the newest, plus one */
    size_t bytes;
    uint32_t primary; /* of one that begins */
} all;

struct connection *far_connection(struct far *far)
{
    return (struct connection *)(void *)(far + 1);
}

uint32_t far_count(void)
{
    return all.list != NULL ? all.list->len : 0;
}

struct far *far_at(uint32_t number)
{
    return number < far_count() ? g_array_index(all.list, struct far *, number) : NULL;
}

static struct far *far_new(uint32_t number)
{
    size_t size = sizeof(struct far) + connection_size();
    struct far *far = (struct far *)g_try_malloc0(size);
    if (far != NULL) {
        far->number = number;
        far->primary = all.primary;
        far->acked_time[0] = far->acked_time[1] = NO_TIME;
        far_make_room(far, 0);
        far_make_room(far, 1);
        g_array_append_val(all.list, far);
        g_hash_table_insert(all.newest, GUINT_TO_POINTER(far->primary), GUINT_TO_POINTER(number + 1));
        all.bytes += size;
    }
    return far;
}

static struct connection *connection_at(void *context, uint32_t number)
{
    (void)context;
    struct far *far = number < far_count() ? far_at(number) : far_new(number);
    return far != NULL ? far_connection(far) : NULL;
}

void far_open(int64_t time_wait)
{
    far_close();
    all.list = g_array_new(FALSE, FALSE, sizeof(struct far *));
    all.newest = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, NULL);
    all.observer = (struct observer){.time_wait = time_wait, .connection = connection_at};
}

void far_close(void)
{
    if (all.list == NULL) {
        return;
    }
    for (guint i = 0; i < all.list->len; i++) {
        struct far *far = far_at(i);
        g_free(far->flights[0]);
        g_free(far->flights[1]);
        g_free(far);
    }
    g_array_free(all.list, TRUE);
    g_hash_table_destroy(all.newest);
    all.list = NULL;
    all.newest = NULL;
    all.bytes = 0;
}

size_t far_bytes(void)
{
    return all.bytes;
}

void far_make_room(struct far *far, unsigned from)
{
    struct flights *f = far->flights[from];
    if (f != NULL && (f->count < f->room || f->room >= FLIGHTS_MAX)) {
        return;
    }
    uint32_t room = f != NULL ? 2 * f->room : ROOM_MIN;
    struct flights *fresh = (struct flights *)g_realloc(f, flights_size(room));
    if (f == NULL) {
        *fresh = (struct flights){.count = 0};
    }
    all.bytes += flights_size(room) - (f != NULL ? flights_size(fresh->room) : 0);
    fresh->room = room;
    far->flights[from] = fresh;
}

struct far *far_observe(uint32_t *newest, const struct segment *segment, uint32_t primary,
                        struct observation *observation)
{
    all.primary = primary;
    uint32_t count = far_count();
    connection_observe(newest, segment, &all.observer, observation);
    if (far_count() != count) {
        far_at(count)->since = segment->time;
    }
    return *newest != 0 ? far_at(observation->connection) : NULL;
}

uint32_t far_witness(const struct far *far)
{
    return WITNESSES | far->number;
}

void far_add(struct far *far, const struct segment *segment, struct observation *observation,
             struct rejection *rejection)
{
    uint32_t before = connection_previous(far_connection(far));
    struct far *previous = before != 0 ? far_at(before - 1) : NULL;
    summary_update(&far->summary, previous != NULL ? &previous->summary : NULL, before, segment, observation);
    witnesses_hear(far_witness(far), before != 0 ? WITNESSES | before : 0, segment, observation,
                   &far->summary, rejection);
}

struct far *far_of(uint32_t primary)
{
    uint32_t number = far_count() == 0
                          ? 0
                          : GPOINTER_TO_UINT(g_hash_table_lookup(all.newest, GUINT_TO_POINTER(primary)));
    return number != 0 ? far_at(number - 1) : NULL;
}

const struct recent *far_sighting(uint32_t newest, const struct segment *segment)
{
    return connection_sighting(&all.observer, newest, segment);
}
