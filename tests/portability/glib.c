/* glib.c - see glib.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

#include <stdio.h>
#include <string.h>

/* --- memory --- */

static gpointer or_end(gpointer memory, gsize size)
{
    if (memory == NULL && size > 0) {
        fputs("no memory\n", stderr);
        abort();
    }
    return memory;
}

gpointer g_try_malloc(gsize size)
{
    return g_try_malloc_n(1, size);
}

gpointer g_try_malloc0(gsize size)
{
    return g_try_malloc0_n(1, size);
}

gpointer g_try_realloc(gpointer memory, gsize size)
{
    return g_try_realloc_n(memory, 1, size);
}

gpointer g_try_malloc_n(gsize count, gsize size)
{
    return g_try_realloc_n(NULL, count, size);
}

gpointer g_try_malloc0_n(gsize count, gsize size)
{
    return count > 0 && size > 0 ? calloc(count, size) : NULL;
}

gpointer g_try_realloc_n(gpointer memory, gsize count, gsize size)
{
    if (count == 0 || size == 0) {
        free(memory);
        return NULL;
    }
    return count <= SIZE_MAX / size ? realloc(memory, count * size) : NULL;
}

gpointer g_malloc0_n(gsize count, gsize size)
{
    return or_end(g_try_malloc0_n(count, size), size > 0 ? count : 0);
}

gpointer g_realloc(gpointer memory, gsize size)
{
    return g_realloc_n(memory, 1, size);
}

gpointer g_realloc_n(gpointer memory, gsize count, gsize size)
{
    return or_end(g_try_realloc_n(memory, count, size), size > 0 ? count : 0);
}

void g_free(gpointer memory)
{
    free(memory);
}

guint32 g_random_int(void)
{
    static guint32 number = 0x2545f491;
    number ^= number << 13;
    number ^= number >> 17;
    number ^= number << 5;
    return number;
}

/* --- arrays --- */

struct array {
    GArray public; /* what the caller sees */
    guint room, size;
};

GArray *g_array_new(gboolean zero_terminated, gboolean clear, guint element_size)
{
    struct array *array = g_new0(struct array, 1);
    or_end(zero_terminated || clear ? NULL : array, 1);
    array->size = element_size;
    return &array->public;
}

gchar *g_array_free(GArray *array, gboolean free_segment)
{
    gchar *data = array->data;
    if (free_segment) {
        free(data);
        data = NULL;
    }
    free(array);
    return data;
}

GArray *g_array_set_size(GArray *array, guint length)
{
    struct array *inner = (struct array *)array;
    if (length > inner->room) {
        inner->room = length > 2 * inner->room ? length : 2 * inner->room;
        array->data = (gchar *)g_realloc_n(array->data, inner->room, inner->size);
    }
    array->len = length;
    return array;
}

GArray *g_array_append_vals(GArray *array, gconstpointer data, guint count)
{
    const struct array *inner = (const struct array *)array;
    gsize behind = (gsize)array->len * inner->size;
    g_array_set_size(array, array->len + count);
    memcpy(array->data + behind, data, (gsize)count * inner->size);
    return array;
}

GArray *g_array_remove_range(GArray *array, guint index, guint count)
{
    gsize size = ((const struct array *)array)->size;
    memmove(array->data + index * size, array->data + (index + count) * size,
            (array->len - index - count) * size);
    array->len -= count;
    return array;
}

/* --- hash tables: open addressing, at most half full --- */

enum { SLOTS_MIN = 8 };

struct slot {
    gpointer key, value;
    gboolean used;
};

struct hash_table {
    GHashFunc hash;
    GEqualFunc equal;
    GDestroyNotify free_key, free_value;
    struct slot *slots;
    guint room, count; /* room is a power of two */
};

guint g_direct_hash(gconstpointer key)
{
    return GPOINTER_TO_UINT(key);
}

gboolean g_direct_equal(gconstpointer a, gconstpointer b)
{
    return a == b;
}

GHashTable *g_hash_table_new_full(GHashFunc hash, GEqualFunc equal, GDestroyNotify free_key,
                                  GDestroyNotify free_value)
{
    GHashTable *table = g_new0(GHashTable, 1);
    table->hash = hash;
    table->equal = equal;
    table->free_key = free_key;
    table->free_value = free_value;
    table->room = SLOTS_MIN;
    table->slots = g_new0(struct slot, table->room);
    return table;
}

static void give_up(const GHashTable *table, const struct slot *slot)
{
    if (table->free_key != NULL) {
        table->free_key(slot->key);
    }
    if (table->free_value != NULL) {
        table->free_value(slot->value);
    }
}

void g_hash_table_destroy(GHashTable *table)
{
    for (guint i = 0; i < table->room; i++) {
        if (table->slots[i].used) {
            give_up(table, &table->slots[i]);
        }
    }
    free(table->slots);
    free(table);
}

/* Where the key is, or would be. */
static guint place(const GHashTable *table, gconstpointer key)
{
    guint at = table->hash(key) * 0x9e3779b1u & (table->room - 1);
    while (table->slots[at].used && !table->equal(table->slots[at].key, key)) {
        at = (at + 1) & (table->room - 1);
    }
    return at;
}

/* Puts the entries of another room where they belong now. */
static void settle(GHashTable *table, struct slot *old, guint room)
{
    for (guint i = 0; i < room; i++) {
        if (old[i].used) {
            table->slots[place(table, old[i].key)] = old[i];
        }
    }
    free(old);
}

gboolean g_hash_table_insert(GHashTable *table, gpointer key, gpointer value)
{
    struct slot *slot = &table->slots[place(table, key)];
    if (slot->used) { /* the key that is there stays */
        struct slot old = {.key = key, .value = slot->value};
        slot->value = value;
        give_up(table, &old);
        return FALSE;
    }
    *slot = (struct slot){.key = key, .value = value, .used = TRUE};
    if (2 * ++table->count > table->room) {
        struct slot *before = table->slots;
        table->slots = g_new0(struct slot, 2 * (gsize)table->room);
        table->room *= 2;
        settle(table, before, table->room / 2);
    }
    return TRUE;
}

gboolean g_hash_table_add(GHashTable *table, gpointer key)
{
    struct slot *slot = &table->slots[place(table, key)];
    if (!slot->used) {
        return g_hash_table_insert(table, key, key);
    }
    if (table->free_key != NULL && slot->key != key) {
        table->free_key(slot->key);
    }
    slot->key = slot->value = key;
    return FALSE;
}

gpointer g_hash_table_lookup(GHashTable *table, gconstpointer key)
{
    return table->slots[place(table, key)].value;
}

guint g_hash_table_size(GHashTable *table)
{
    return table->count;
}

void g_hash_table_iter_init(GHashTableIter *iter, GHashTable *table)
{
    *iter = (GHashTableIter){.table = table};
}

gboolean g_hash_table_iter_next(GHashTableIter *iter, gpointer *key, gpointer *value)
{
    while (iter->next < iter->table->room) {
        const struct slot *slot = &iter->table->slots[iter->next++];
        if (slot->used) {
            if (key != NULL) {
                *key = slot->key;
            }
            if (value != NULL) {
                *value = slot->value;
            }
            return TRUE;
        }
    }
    return FALSE;
}
