/* marks.c - see marks.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/marks.h"

#include "capture/serials.h"
#include "store/points/links.h"
#include "store/records.h"

#include <glib.h>

struct marks {
    GHashTable *counts; /* of struct count, by its key */
};

struct count {
    gint64 key;
    int of;
};

static gint64 count_key(uint32_t connection, unsigned expert)
{
    return (gint64)connection * EXPERT_COUNT + expert;
}

uint64_t marks_of(uint32_t serial)
{
    static const struct observation nothing;
    findings_t findings = links_all_marks() != 0 ? links_marks(serial) : 0;
    return findings != 0 ? experts_called(&nothing, (struct reported){0, findings}) : 0;
}

static void count_one(struct marks *marks, gint64 key)
{
    struct count *count = (struct count *)g_hash_table_lookup(marks->counts, &key);
    if (count == NULL) {
        count = g_new(struct count, 1);
        *count = (struct count){key, 0};
        g_hash_table_add(marks->counts, count);
    }
    count->of++;
}

static void read_record(void *data, uint32_t serial, const struct record *record)
{
    uint64_t set = marks_of(serial);
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if ((set & 1u) && frame_of(serial).n != 0) { /* a read filter let it through */
            count_one((struct marks *)data, count_key(record->observation.connection, i));
        }
    }
}

struct marks *marks_read(void)
{
    if (links_all_marks() == 0) {
        return NULL;
    }
    struct marks *marks = g_new(struct marks, 1);
    marks->counts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    records_each(read_record, marks);
    return marks;
}

void marks_free(struct marks *marks)
{
    if (marks != NULL) {
        g_hash_table_destroy(marks->counts);
        g_free(marks);
    }
}

void marks_count(const struct marks *marks, uint32_t connection, int counts[EXPERT_COUNT])
{
    for (unsigned i = 0; marks != NULL && i < EXPERT_COUNT; i++) {
        gint64 key = count_key(connection, i);
        const struct count *count = (const struct count *)g_hash_table_lookup(marks->counts, &key);
        counts[i] += count != NULL ? count->of : 0;
    }
}
