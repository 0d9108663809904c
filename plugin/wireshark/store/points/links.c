/* links.c - see links.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/links.h"

#include <glib.h>
#include <stdlib.h>

static struct {
    GArray *list;         /* of struct link, by `frame`: as they are read */
    GArray *backwards;    /* the same, seen from the other frame; by `frame`, too */
    GHashTable *marks[2]; /* by frame: what has come to its end; what is known at the end of the capture */
    findings_t all[2];
} all;

void links_open(void)
{
    links_close();
    all.list = g_array_new(FALSE, FALSE, sizeof(struct link));
    all.backwards = g_array_new(FALSE, FALSE, sizeof(struct link));
    for (unsigned i = 0; i < 2; i++) {
        all.marks[i] = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, NULL);
        all.all[i] = 0;
    }
}

void links_close(void)
{
    if (all.list == NULL) {
        return;
    }
    g_array_free(all.list, TRUE);
    g_array_free(all.backwards, TRUE);
    g_hash_table_destroy(all.marks[0]);
    g_hash_table_destroy(all.marks[1]);
    all.list = all.backwards = NULL;
}

size_t links_bytes(void)
{
    return all.list != NULL ? 2 * all.list->len * sizeof(struct link) : 0;
}

void links_add(uint32_t frame, uint32_t other, int64_t transit)
{
    struct link link = {frame, other, transit};
    g_array_append_val(all.list, link);
}

static int link_order(const void *a, const void *b)
{
    const struct link *first = (const struct link *)a, *second = (const struct link *)b;
    if (first->frame != second->frame) {
        return first->frame < second->frame ? -1 : 1;
    }
    return (first->other > second->other) - (first->other < second->other);
}

static void turn_round(void)
{
    if (all.backwards->len == all.list->len) {
        return;
    }
    g_array_set_size(all.backwards, all.list->len);
    for (guint i = 0; i < all.list->len; i++) {
        const struct link *link = &g_array_index(all.list, struct link, i);
        g_array_index(all.backwards, struct link, i) = (struct link){link->other, link->frame, link->transit};
    }
    qsort(all.backwards->data, all.backwards->len, sizeof(struct link), link_order);
}

static unsigned take(const GArray *list, uint32_t frame, struct link *links, unsigned count, unsigned room)
{
    guint low = 0, high = list->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(list, struct link, middle).frame < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < list->len && g_array_index(list, struct link, low).frame == frame; low++, count++) {
        if (count < room) {
            links[count] = g_array_index(list, struct link, low);
        }
    }
    return count;
}

unsigned links_of(uint32_t frame, struct link *links, unsigned room)
{
    if (all.list == NULL || all.list->len == 0) {
        return 0;
    }
    unsigned count = take(all.list, frame, links, 0, room);
    if (count != 0 && g_array_index(all.list, struct link, all.list->len - 1).frame == frame) {
        return count; /* it is being read: nothing comes behind it */
    }
    turn_round();
    return take(all.backwards, frame, links, count, room);
}

void links_mark(uint32_t frame, findings_t finding, bool last)
{
    GHashTable *marks = all.marks[last];
    guint set = GPOINTER_TO_UINT(g_hash_table_lookup(marks, GUINT_TO_POINTER(frame)));
    set |= (guint)(finding >> 32);
    g_hash_table_insert(marks, GUINT_TO_POINTER(frame), GUINT_TO_POINTER(set));
    all.all[last] |= finding;
}

void links_forget_last(void)
{
    if (all.list != NULL && all.all[1] != 0) {
        g_hash_table_destroy(all.marks[1]);
        all.marks[1] = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, NULL);
        all.all[1] = 0;
    }
}

findings_t links_marks(uint32_t frame)
{
    guint set = 0;
    for (unsigned i = 0; i < 2 && all.list != NULL; i++) {
        set |= all.all[i] == 0 ? 0
                               : GPOINTER_TO_UINT(g_hash_table_lookup(all.marks[i], GUINT_TO_POINTER(frame)));
    }
    return (findings_t)set << 32;
}

findings_t links_all_marks(void)
{
    return all.list != NULL ? all.all[0] | all.all[1] : 0;
}
