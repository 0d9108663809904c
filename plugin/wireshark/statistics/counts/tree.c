/* tree.c - how often did what happen?
 *
 * What a segment says is counted with it. What became of a connection is counted
 * once, as of the capture's end: with its first segment where that end is known
 * (`tshark -2`, sharkd, the GUI), else when the tree is drawn after it, or the file
 * closes before that (`tshark -M`). So one pass and two count the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/statistics.h"

#include "compat.h"
#include "store/connections.h"
#include "findings/hindsight.h"
#include "words/words.h"
#include "statistics/catalog.h"
#include "statistics/counts/tally.h"
#include "tap.h"

#include <epan/stats_tree_priv.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

/* How far a connection is in the books. */
enum booked { NOT_BOOKED, TO_BE_BOOKED, BOOKED };

/* What we keep of one of Wireshark's trees. */
struct tree {
    struct tally *tally;
    GByteArray *booked;  /* enum booked of each connection of the open file */
    struct marks *marks; /* once the file has been read; NULL: there are none */
    bool has_marks;
    bool is_shown; /* has a listener that is drawn before Wireshark's own */
};

static GHashTable *trees; /* by stats_tree */

/* The open file has been read to its end. (Frames are called visited before any tap hears of them.) */
static bool is_read;

static void file_is_read(void)
{
    is_read = true;
}

static void forget_marks(struct tree *tree)
{
    g_clear_pointer(&tree->marks, marks_free);
    tree->has_marks = false;
}

static void book(struct tree *tree, uint32_t number)
{
    if (!tree->has_marks) {
        tree->marks = marks_read();
        tree->has_marks = true;
    }
    tree->booked->data[number] = BOOKED;
    tally_connection(tree->tally, number, tree->marks);
}

static void update_all(struct tree *tree)
{
    connections_finish(hindsight_end());
    for (guint i = 0; i < tree->booked->len; i++) {
        if (tree->booked->data[i] == TO_BE_BOOKED) {
            book(tree, i);
        }
    }
}

/* tshark draws at the end; Wireshark every few seconds, also while it captures. */
static void tree_draw(void *data)
{
    struct tree *tree = (struct tree *)data;
    if (is_read || !compat_has_window()) {
        update_all(tree);
    }
    tally_show(tree->tally);
}

/* Else Wireshark would draw nothing of it. */
static tap_packet_status tree_redraw(void *data _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                     const void *segment _U_, tap_flags_t flags _U_)
{
    return TAP_PACKET_REDRAW;
}

/* At Wireshark's end all listeners go, this one before the tree's own. */
static void tree_forget(void *data)
{
    ((struct tree *)data)->is_shown = false;
}

void trees_file_closes(void)
{
    GHashTableIter iterator;
    gpointer tree;
    g_hash_table_iter_init(&iterator, trees);
    while (g_hash_table_iter_next(&iterator, NULL, &tree)) {
        update_all((struct tree *)tree);
        forget_marks((struct tree *)tree);
        g_byte_array_set_size(((struct tree *)tree)->booked, 0); /* the next file has the same numbers */
    }
    is_read = false;
}

/* Wireshark's listener is drawn without asking us, but after those that were registered later. */
static void show_when_drawn(struct tree *tree)
{
    if (!tree->is_shown) {
        GString *error = register_tap_listener(TCPFSM_TAP, tree, NULL, TL_REQUIRES_NOTHING, NULL, tree_redraw,
                                               tree_draw, tree_forget);
        if (error != NULL) {
            report_failure(WORDS_COUNTS_FAILURE, error->str);
            g_string_free(error, TRUE);
        }
        tree->is_shown = error == NULL;
    }
}

static void note_connection(struct tree *tree, uint32_t number)
{
    guint length = tree->booked->len;
    if (number >= length) {
        g_byte_array_set_size(tree->booked, number + 1);
        memset(tree->booked->data + length, NOT_BOOKED, number + 1 - length);
    }
    if (tree->booked->data[number] == NOT_BOOKED) {
        if (is_read) {
            book(tree, number);
        } else {
            tree->booked->data[number] = TO_BE_BOOKED;
        }
    }
}

static tap_packet_status tree_packet(stats_tree *counts, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                     const void *data, tap_flags_t flags _U_)
{
    const double far = 1e15; /* ms: the file is broken */
    counts->now = CLAMP(counts->now, -far,
                        far); /* Wireshark would crash where a ms more makes no difference */
    const struct observation *o = ((const struct tcpfsm_segment *)data)->observation;
    struct tree *tree = (struct tree *)g_hash_table_lookup(trees, counts);
    tally_segment(tree->tally, o);
    tally_warnings(tree->tally, (const struct tcpfsm_segment *)data);
    note_connection(tree, o->connection);
    show_when_drawn(tree);
    return TAP_PACKET_REDRAW;
}

static void tree_free(stats_tree *counts)
{
    struct tree *tree = (struct tree *)g_hash_table_lookup(trees, counts);
    if (tree == NULL) {
        return; /* Wireshark gave it up before it began */
    }
    g_hash_table_remove(trees, counts);
    if (tree->is_shown) {
        remove_tap_listener(tree);
    }
    forget_marks(tree);
    tally_free(tree->tally);
    g_byte_array_free(tree->booked, TRUE);
    g_free(tree);
}

/* May be called again for the same one, to begin anew. */
static void tree_begin(stats_tree *counts)
{
    struct tree *tree = (struct tree *)g_hash_table_lookup(trees, counts);
    if (tree == NULL) {
        tree = g_new0(struct tree, 1);
        tree->booked = g_byte_array_new();
        g_hash_table_insert(trees, counts, tree);
    } else {
        forget_marks(tree);
        tally_free(tree->tally);
        g_byte_array_set_size(tree->booked, 0);
    }
    tree->tally = tally_make(counts);
}

void tree_register(void)
{
    trees = g_hash_table_new(g_direct_hash, g_direct_equal);
    register_postseq_cleanup_routine(file_is_read);
    catalog_add("tcpfsm,tree", WORDS_SHOWS_TREE);
    stats_tree_register_plugin(TCPFSM_TAP, "tcpfsm", WORDS_TITLE_COUNTS, TL_REQUIRES_NOTHING, tree_packet,
                               tree_begin, tree_free);
}
