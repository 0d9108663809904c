/* tree.c - how often did what happen?
 *
 * What a segment says is counted with it. What became of a connection is counted
 * once, as of the capture's end: with its first segment where that end is known
 * (`tshark -2`, sharkd, the GUI), else when the tree is drawn, or the file closes
 * before that (`tshark -M`). So one pass and two count the same.
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
    GByteArray *booked; /* enum booked of each connection of the open file */
    bool finishes;      /* has a listener that is drawn before Wireshark's own */
};

static GHashTable *trees; /* by stats_tree */

/* The open file has been read to its end. (Frames are called visited before any tap hears of them.) */
static bool is_read;

static void file_is_read(void)
{
    is_read = true;
}

static void book(struct tree *tree, uint32_t number)
{
    tree->booked->data[number] = BOOKED;
    tally_connection(tree->tally, number);
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

static void tree_draw(void *data)
{
    update_all((struct tree *)data);
}

/* At Wireshark's end all listeners go, this one before the tree's own. */
static void tree_finish(void *data)
{
    ((struct tree *)data)->finishes = false;
}

void trees_file_closes(void)
{
    GHashTableIter iterator;
    gpointer tree;
    g_hash_table_iter_init(&iterator, trees);
    while (g_hash_table_iter_next(&iterator, NULL, &tree)) {
        update_all((struct tree *)tree);
        g_byte_array_set_size(((struct tree *)tree)->booked, 0); /* the next file has the same numbers */
    }
    is_read = false;
}

/* Wireshark's listener is drawn without asking us, but after those that were registered later. */
static void finish_later(struct tree *tree)
{
    if (!tree->finishes) {
        GString *error = register_tap_listener(TCPFSM_TAP, tree, NULL, TL_REQUIRES_NOTHING, NULL, NULL,
                                               tree_draw, tree_finish);
        if (error != NULL) {
            report_failure(WORDS_COUNTS_FAILURE, error->str);
            g_string_free(error, TRUE);
        }
        tree->finishes = error == NULL;
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
            finish_later(tree);
        }
    }
}

static void tick_steps(const struct tally *tally, const struct observation *o)
{
    for (unsigned i = 0; i < ALL_STEPS; i++) {
        if (o->steps & 1u << i) {
            tally_tick(tally, o->repeat ? SECTION_REPEATS : SECTION_STEPS, step_words[i].counted);
        }
    }
}

static void tick_transition(const struct tally *tally, enum section section, const struct observed_end *end)
{
    if (end->before != end->after) {
        char name[32]; /* "ESTABLISHED → CLOSE-WAIT" */
        snprintf(name, sizeof name, "%s → %s", state_name(end->before), state_name(end->after));
        tally_tick(tally, section, name);
    }
}

static void tick_all(const struct tally *tally, const struct observation *o)
{
    tick_steps(tally, o);
    tally_tick(tally, SECTION_SEQ, seq_verdicts[o->seq_verdict].name);
    tally_tick(tally, SECTION_ACK, ack_verdicts[o->ack_verdict].name);
    tick_transition(tally, SECTION_CLIENT_MOVES, end_of(o, ROLE_CLIENT));
    tick_transition(tally, SECTION_SERVER_MOVES, end_of(o, ROLE_SERVER));
    if (o->reset_cause != RESET_NONE) {
        tally_tick(tally, SECTION_RESETS, reset_cause_name(o->reset_cause));
    }
    if (o->timer != TIMER_NONE) {
        tally_tick(tally, SECTION_TIMERS, timer_name(o->timer));
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
    tick_all(tree->tally, o);
    tally_warnings(tree->tally, (const struct tcpfsm_segment *)data);
    note_connection(tree, o->connection);
    return TAP_PACKET_REDRAW;
}

static void tree_free(stats_tree *counts)
{
    struct tree *tree = (struct tree *)g_hash_table_lookup(trees, counts);
    if (tree == NULL) {
        return; /* Wireshark gave it up before it began */
    }
    g_hash_table_remove(trees, counts);
    if (tree->finishes) {
        remove_tap_listener(tree);
    }
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
