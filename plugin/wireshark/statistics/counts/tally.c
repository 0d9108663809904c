/* tally.c - see tally.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/counts/tally.h"

#include "statistics/address_text.h"
#include "findings/hindsight.h"
#include "tell/names.h"
#include "summary/outcome.h"
#include "statistics/warnings.h"
#include "words/words.h"

#include <epan/proto.h>
#include <stdio.h>

enum {
    FEW_HOSTS = 20,    /* of servers, and of clients, that have a line of their own anyway */
    MANY_OF_HOST = 5,  /* (WORDS_COUNTS_OTHERS) so many unfinished connections have later ones */
    MOST_HOSTS = 1000, /* with a line: Wireshark walks the whole list to add one */
};

static const char *const section_names[SECTION_COUNT] = {
    [SECTION_STEPS] = WORDS_COUNTS_STEPS,
    [SECTION_REPEATS] = WORDS_COUNTS_REPEATS,
    [SECTION_OUTCOMES] = WORDS_COUNTS_OUTCOMES,
    [SECTION_CLOSERS] = WORDS_COUNTS_CLOSERS,
    [SECTION_RESETS] = WORDS_COUNTS_RESETS,
    [SECTION_SEQ] = WORDS_COUNTS_SEQ,
    [SECTION_ACK] = WORDS_COUNTS_ACK,
    [SECTION_WARNINGS] = WORDS_COUNTS_WARNINGS,
    [SECTION_NOTES] = WORDS_COUNTS_NOTES,
    [SECTION_CLIENT_MOVES] = WORDS_COUNTS_CLIENT_MOVES,
    [SECTION_SERVER_MOVES] = WORDS_COUNTS_SERVER_MOVES,
    [SECTION_TIMERS] = WORDS_COUNTS_TIMERS,
    [SECTION_SERVERS] = WORDS_COUNTS_SERVERS,
    [SECTION_CLIENTS] = WORDS_COUNTS_CLIENTS,
};

/* A server or client with unfinished connections. */
struct host {
    bool listed;                        /* it has a line of its own; else: */
    uint8_t count;                      /* its connections so far */
    uint8_t outcomes[MANY_OF_HOST - 1]; /* what became of them */
};

struct tally {
    stats_tree *tree;
    int nodes[SECTION_COUNT];
    GHashTable *counts;               /* what the nodes are set to that aren't ticked, by parent and name */
    GHashTable *hosts[SECTION_COUNT]; /* of struct host, by name; NULL: the section has none */
    unsigned listed[SECTION_COUNT];
};

static bool has_hosts(enum section section)
{
    return section == SECTION_SERVERS || section == SECTION_CLIENTS;
}

struct tally *tally_make(stats_tree *tree)
{
    struct tally *tally = g_new0(struct tally, 1);
    tally->tree = tree;
    tally->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        tally->nodes[i] = stats_tree_create_node(tree, section_names[i], 0, STAT_DT_INT, true);
        if (has_hosts((enum section)i)) {
            tally->hosts[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        }
    }
    stat_node_set_flags(tree, section_names[SECTION_OUTCOMES], 0, true, ST_FLG_SORT_TOP);
    return tally;
}

void tally_free(struct tally *tally)
{
    g_hash_table_destroy(tally->counts);
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        g_clear_pointer(&tally->hosts[i], g_hash_table_destroy);
    }
    g_free(tally);
}

void tally_tick(const struct tally *tally, enum section section, const char *name)
{
    tick_stat_node(tally->tree, section_names[section], 0, true);
    tick_stat_node(tally->tree, name, tally->nodes[section], false);
}

/* 0: there is no such node yet. */
static int count_of(const struct tally *tally, int parent, const char *name)
{
    char *key = g_strdup_printf("%d %s", parent, name);
    int count = GPOINTER_TO_INT(g_hash_table_lookup(tally->counts, key));
    g_free(key);
    return count;
}

/* Counts so many more, below a node; returns the node. */
static int add_below(struct tally *tally, int parent, const char *name, bool has_children, int more)
{
    int count = count_of(tally, parent, name) + more;
    g_hash_table_insert(tally->counts, g_strdup_printf("%d %s", parent, name), GINT_TO_POINTER(count));
    return set_stat_node(tally->tree, name, parent, has_children, count);
}

static void add(struct tally *tally, enum section section, const char *name)
{
    add_below(tally, 0, section_names[section], true, 1);
    add_below(tally, tally->nodes[section], name, false, 1);
}

static void add_warning(struct tally *tally, enum expert warning)
{
    bool warns = expert_severity(warning) == PI_WARN;
    add(tally, warns ? SECTION_WARNINGS : SECTION_NOTES, expert_name(warning));
}

static void add_warnings(struct tally *tally, uint64_t set)
{
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if (set & 1u) {
            add_warning(tally, (enum expert)i);
        }
    }
}

/* Of doubtful segments, as it turned out. */
static void add_doubts(struct tally *tally, uint32_t number, const struct summary *summary)
{
    struct doubts doubts;
    witnesses_count(number, summary, hindsight_end(), &doubts);
    for (unsigned i = 0; i < 2 * SUSPICION_COUNT; i++) {
        for (uint32_t k = 0; k < doubts.count[i]; k++) {
            add_warning(tally, warnings_of_doubt(i));
        }
    }
}

void tally_warnings(struct tally *tally, const struct tcpfsm_segment *segment)
{
    struct summary s;
    uint64_t set = warnings_of_segment(segment->observation, *segment->reported);
    if (set != 0) {
        /* What comes at the end of the capture is counted with the connection, wherever it stands. */
        if (connections_summary(segment->observation->connection, &s)) {
            set &= ~warnings_of_summary(&s, 0);
        }
        add_warnings(tally, set);
    }
}

/* --- connections ------------------------------------------------------------ */

/* Stuck in opening or in closing, or without a living peer. */
static bool is_unfinished(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_UNANSWERED:
    case OUTCOME_EMBRYONIC:
    case OUTCOME_HALF_CLOSED:
    case OUTCOME_CLOSING:
    case OUTCOME_SILENT: return true;
    default: return false;
    }
}

/* On the line of a host, or on that of the others. */
static void add_to_line(struct tally *tally, enum section section, const char *name, enum outcome outcome,
                        int more)
{
    int line = add_below(tally, tally->nodes[section], name, true, more);
    add_below(tally, line, outcome_name(outcome), false, more);
}

/* Gets a line of its own, with what stood on that of the others. */
static void list_host(struct tally *tally, enum section section, const char *name, struct host *host)
{
    for (unsigned i = 0; i < host->count; i++) {
        add_to_line(tally, section, WORDS_COUNTS_OTHERS, (enum outcome)host->outcomes[i], -1);
        add_to_line(tally, section, name, (enum outcome)host->outcomes[i], 1);
    }
    host->listed = true;
    tally->listed[section]++;
}

/* A flood of clients with a connection each is one line. */
static void add_host(struct tally *tally, enum section section, const char *name, enum outcome outcome)
{
    struct host *host = (struct host *)g_hash_table_lookup(tally->hosts[section], name);
    if (host == NULL) {
        host = g_new0(struct host, 1);
        g_hash_table_insert(tally->hosts[section], g_strdup(name), host);
    }
    bool many = host->count + 1 >= MANY_OF_HOST;
    if (!host->listed && (many || tally->listed[section] < FEW_HOSTS) &&
        tally->listed[section] < MOST_HOSTS) {
        list_host(tally, section, name, host);
    }
    if (!host->listed && !many) {
        host->outcomes[host->count++] = (uint8_t)outcome;
    }
    add_below(tally, 0, section_names[section], true, 1);
    add_to_line(tally, section, host->listed ? name : WORDS_COUNTS_OTHERS, outcome, 1);
}

static void add_hosts(struct tally *tally, uint32_t number, const struct summary *s, enum outcome outcome)
{
    struct tuple_end ends[2];
    size_t length;
    char host[ADDRESS_TEXT_MAX], name[SOCKET_TEXT_MAX];
    if (connections_ends(number, ends, &length)) {
        const struct tuple_end *client = &ends[s->client_from], *server = &ends[!s->client_from];
        address_write(host, server, length);
        socket_write(name, host, server->port);
        add_host(tally, SECTION_SERVERS, name, outcome);
        address_write(host, client, length); /* its port is another one each time */
        add_host(tally, SECTION_CLIENTS, host, outcome);
    }
}

void tally_connection(struct tally *tally, uint32_t number)
{
    struct summary s;
    if (!connections_summary(number, &s)) {
        return;
    }
    unsigned timeout_findings = hindsight_findings(&s);
    enum outcome outcome = outcome_of(&s, timeout_findings);
    add(tally, SECTION_OUTCOMES, outcome_name(outcome));
    add(tally, SECTION_CLOSERS, closer_name(closer_of(&s)));
    add_warnings(tally, warnings_of_summary(&s, timeout_findings));
    add_doubts(tally, number, &s);
    if (is_unfinished(outcome)) {
        add_hosts(tally, number, &s, outcome);
    }
}
