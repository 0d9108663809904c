/* glib.h - stands in for GLib where there is none: other processors, and Windows as seen from Linux
 *
 * As much of GLib as plugin/wireshark/store and capture use, by GLib's names and with its meaning.
 * Without memory the program ends, as with GLib, but for what has "try" in its name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_PORTABILITY_GLIB_H
#define TCPFSM_TESTS_PORTABILITY_GLIB_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef void *gpointer;
typedef const void *gconstpointer;
typedef size_t gsize;
typedef unsigned guint;
typedef int gboolean;
typedef char gchar;
typedef int64_t gint64;
typedef uint32_t guint32;

#define FALSE 0
#define TRUE 1
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define G_GNUC_PRINTF(string, first) __attribute__((format(__printf__, string, first)))
#define GUINT_TO_POINTER(number) ((gpointer)(uintptr_t)(number))
#define GPOINTER_TO_UINT(pointer) ((guint)(uintptr_t)(pointer))

/* --- memory --- */

gpointer g_try_malloc(gsize size);
gpointer g_try_malloc0(gsize size);
gpointer g_try_realloc(gpointer memory, gsize size);
gpointer g_try_malloc_n(gsize count, gsize size);
gpointer g_try_malloc0_n(gsize count, gsize size);
gpointer g_try_realloc_n(gpointer memory, gsize count, gsize size);
gpointer g_malloc0_n(gsize count, gsize size);
gpointer g_realloc(gpointer memory, gsize size);
gpointer g_realloc_n(gpointer memory, gsize count, gsize size);
void g_free(gpointer memory);

#define g_new(type, count) ((type *)g_realloc_n(NULL, (count), sizeof(type)))
#define g_new0(type, count) ((type *)g_malloc0_n((count), sizeof(type)))
#define g_renew(type, memory, count) ((type *)g_realloc_n((memory), (count), sizeof(type)))
#define g_try_new(type, count) ((type *)g_try_malloc_n((count), sizeof(type)))
#define g_try_new0(type, count) ((type *)g_try_malloc0_n((count), sizeof(type)))
#define g_try_renew(type, memory, count) ((type *)g_try_realloc_n((memory), (count), sizeof(type)))

/* --- a number that nobody can guess; here, that no test may rely on --- */

guint32 g_random_int(void);

/* --- arrays: neither cleared nor with a zero behind the last element --- */

typedef struct {
    gchar *data;
    guint len;
} GArray;

GArray *g_array_new(gboolean zero_terminated, gboolean clear, guint element_size);
gchar *g_array_free(GArray *array, gboolean free_segment);
GArray *g_array_append_vals(GArray *array, gconstpointer data, guint count);
GArray *g_array_set_size(GArray *array, guint length);
GArray *g_array_remove_range(GArray *array, guint index, guint count);

#define g_array_append_val(array, value) g_array_append_vals((array), &(value), 1)
#define g_array_index(array, type, index) (((type *)(void *)(array)->data)[index])

/* --- hash tables --- */

typedef guint (*GHashFunc)(gconstpointer key);
typedef gboolean (*GEqualFunc)(gconstpointer a, gconstpointer b);
typedef void (*GDestroyNotify)(gpointer data);
typedef struct hash_table GHashTable;
typedef struct {
    const GHashTable *table;
    guint next;
} GHashTableIter;

guint g_direct_hash(gconstpointer key);
gboolean g_direct_equal(gconstpointer a, gconstpointer b);
GHashTable *g_hash_table_new_full(GHashFunc hash, GEqualFunc equal, GDestroyNotify free_key,
                                  GDestroyNotify free_value);
void g_hash_table_destroy(GHashTable *table);
gboolean g_hash_table_insert(GHashTable *table, gpointer key, gpointer value);
gboolean g_hash_table_add(GHashTable *table, gpointer key);
gpointer g_hash_table_lookup(GHashTable *table, gconstpointer key);
guint g_hash_table_size(GHashTable *table);
void g_hash_table_iter_init(GHashTableIter *iter, GHashTable *table);
gboolean g_hash_table_iter_next(GHashTableIter *iter, gpointer *key, gpointer *value);

#endif
