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

/* What a line stands for, counted. */
struct counts {
    int steps[2][ALL_STEPS]; /* first or repeated */
    int moves[2][STATE_COUNT][STATE_COUNT];
    int seq[SEQ_VERDICT_COUNT], ack[ACK_VERDICT_COUNT];
    int resets[RESET_CAUSE_COUNT], timers[TIMER_COUNT];
    int outcomes[OUTCOME_COUNT], closers[CLOSER_COUNT];
    int experts[EXPERT_COUNT]; /* but no chats */
};

struct tally {
    stats_tree *tree;
    int nodes[SECTION_COUNT];
    struct counts counts;
    GHashTable *hosts_counts;         /* what the nodes below hosts are set to, by parent and name */
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
    tally->hosts_counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
    g_hash_table_destroy(tally->hosts_counts);
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        g_clear_pointer(&tally->hosts[i], g_hash_table_destroy);
    }
    g_free(tally);
}

/* --- segments --------------------------------------------------------------- */

static void count_move(struct tally *tally, enum role role, const struct observed_end *end)
{
    if (end->before != end->after) {
        tally->counts.moves[role == ROLE_SERVER][end->before][end->after]++;
    }
}

void tally_segment(struct tally *tally, const struct observation *o)
{
    struct counts *counts = &tally->counts;
    count_move(tally, o->sender_role, &o->sender);
    count_move(tally, other_role(o->sender_role), &o->peer);
    if (o->findings & FINDING_ARRIVAL) { /* it counts where it departed */
        return;
    }
    for (unsigned i = 0, left = o->steps; left != 0; i++, left >>= 1) {
        counts->steps[o->repeat][i] += left & 1u;
    }
    counts->seq[o->seq_verdict]++;
    counts->ack[o->ack_verdict]++;
    counts->resets[o->reset_cause]++; /* those of no reset are not shown, nor those of no timer */
    counts->timers[o->timer]++;
}

static void count_warnings(struct tally *tally, uint64_t set)
{
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        tally->counts.experts[i] += set & 1u;
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
        count_warnings(tally, set);
    }
}

/* --- connections ------------------------------------------------------------ */

/* 0: there is no such node yet. */
static int count_of(const struct tally *tally, int parent, const char *name)
{
    char *key = g_strdup_printf("%d %s", parent, name);
    int count = GPOINTER_TO_INT(g_hash_table_lookup(tally->hosts_counts, key));
    g_free(key);
    return count;
}

/* Counts so many more, below a node; returns the node. */
static int add_below(struct tally *tally, int parent, const char *name, bool has_children, int more)
{
    int count = count_of(tally, parent, name) + more;
    g_hash_table_insert(tally->hosts_counts, g_strdup_printf("%d %s", parent, name), GINT_TO_POINTER(count));
    return set_stat_node(tally->tree, name, parent, has_children, count);
}

/* Of doubtful segments, as it turned out. */
static void count_doubts(struct tally *tally, uint32_t number, const struct summary *summary)
{
    struct doubts doubts;
    witnesses_count(number, summary, hindsight_end(), &doubts);
    for (unsigned i = 0; i < 2 * SUSPICION_COUNT; i++) {
        tally->counts.experts[warnings_of_doubt(i)] += (int)doubts.count[i];
    }
}

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

void tally_connection(struct tally *tally, uint32_t number, const struct marks *marks)
{
    struct summary s;
    if (!connections_summary(number, &s)) {
        return;
    }
    unsigned timeout_findings = hindsight_findings(&s);
    enum outcome outcome = outcome_of(&s, timeout_findings);
    tally->counts.outcomes[outcome]++;
    tally->counts.closers[closer_of(&s)]++;
    count_warnings(tally, warnings_of_summary(&s, timeout_findings));
    count_doubts(tally, number, &s);
    marks_count(marks, number, tally->counts.experts);
    if (is_unfinished(outcome)) {
        add_hosts(tally, number, &s, outcome);
    }
}

/* --- Wireshark's tree --------------------------------------------------------- */

/* A line of a section that `sum` adds up; not the ones that never were. */
static void set(const struct tally *tally, enum section section, const char *name, int count, int *sum)
{
    if (count != 0) {
        set_stat_node(tally->tree, name, tally->nodes[section], false, count);
        *sum += count;
        set_stat_node(tally->tree, section_names[section], 0, true, *sum);
    }
}

#define SET_ALL(section, first, counts, name_of)                    \
    do {                                                            \
        int sum = 0;                                                \
        for (unsigned i = (first); i < array_length(counts); i++) { \
            set(tally, section, name_of, (counts)[i], &sum);        \
        }                                                           \
    } while (0)

static void set_moves(const struct tally *tally, enum section section, const int moves[][STATE_COUNT])
{
    int sum = 0;
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        for (unsigned to = 0; to < STATE_COUNT; to++) {
            char name[32]; /* "ESTABLISHED → CLOSE-WAIT" */
            snprintf(name, sizeof name, "%s → %s", state_name((enum state)from), state_name((enum state)to));
            set(tally, section, name, moves[from][to], &sum);
        }
    }
}

static void set_experts(const struct tally *tally, enum section section, int severity)
{
    int sum = 0;
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        if (expert_severity((enum expert)i) == severity) {
            set(tally, section, expert_name((enum expert)i), tally->counts.experts[i], &sum);
        }
    }
}

void tally_show(const struct tally *tally)
{
    const struct counts *counts = &tally->counts;
    SET_ALL(SECTION_OUTCOMES, 0, counts->outcomes, outcome_name((enum outcome)i));
    SET_ALL(SECTION_CLOSERS, 0, counts->closers, closer_name((enum closer)i));
    SET_ALL(SECTION_RESETS, RESET_NONE + 1, counts->resets, reset_cause_name((enum reset_cause)i));
    SET_ALL(SECTION_STEPS, 0, counts->steps[false], step_words[i].counted);
    SET_ALL(SECTION_REPEATS, 0, counts->steps[true], step_words[i].counted);
    SET_ALL(SECTION_TIMERS, TIMER_NONE + 1, counts->timers, timer_name((enum timer)i));
    SET_ALL(SECTION_SEQ, 0, counts->seq, seq_verdicts[i].name);
    SET_ALL(SECTION_ACK, 0, counts->ack, ack_verdicts[i].name);
    set_moves(tally, SECTION_CLIENT_MOVES, counts->moves[0]);
    set_moves(tally, SECTION_SERVER_MOVES, counts->moves[1]);
    set_experts(tally, SECTION_WARNINGS, PI_WARN);
    set_experts(tally, SECTION_NOTES, PI_NOTE);
}
