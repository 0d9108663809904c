/* service_cells.c - see service_cells.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/services/service_cells.h"

#include "words/words.h"

#include <string.h>

enum { EVERYWHERE = IN_TEXT | IN_CSV | IN_DIALOG };

/* All but those of which there are several of a kind. */
static const struct column {
    const char *heading;
    stat_tap_table_item_enum type;
    unsigned shown;
} columns[SERVICE_COLUMNS] = {
    [SERVICE_RANK] = {WORDS_SERVICE_RANK, TABLE_ITEM_UINT, IN_DIALOG},
    [SERVICE_SERVER] = {WORDS_SERVICE_SERVER, TABLE_ITEM_STRING, IN_TEXT | IN_DIALOG},
    [SERVICE_ADDRESS] = {WORDS_SERVICE_ADDRESS, TABLE_ITEM_STRING, IN_CSV},
    [SERVICE_PORT] = {WORDS_SERVICE_PORT, TABLE_ITEM_UINT, IN_CSV},
    [SERVICE_CONNECTIONS] = {WORDS_SERVICE_CONNECTIONS, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_CLIENTS] = {WORDS_SERVICE_CLIENTS, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_TROUBLED] = {WORDS_SERVICE_TROUBLED, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_SERVER_WAITS] = {WORDS_SERVICE_SERVER_WAITS, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_CLIENT_WAITS] = {WORDS_SERVICE_CLIENT_WAITS, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_LONGEST] = {WORDS_SERVICE_LONGEST, TABLE_ITEM_FLOAT, EVERYWHERE},
    [SERVICE_DEBT] = {WORDS_SERVICE_DEBT, TABLE_ITEM_STRING, IN_TEXT | IN_DIALOG},
    [SERVICE_DEBTOR] = {WORDS_SERVICE_DEBTOR, TABLE_ITEM_STRING, IN_CSV},
    [SERVICE_OWED] = {WORDS_SERVICE_OWED, TABLE_ITEM_STRING, IN_CSV},
    [SERVICE_SINCE] = {WORDS_SERVICE_SINCE, TABLE_ITEM_UINT, IN_CSV},
    [SERVICE_HANDSHAKES] = {WORDS_SERVICE_HANDSHAKES, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_P50] = {WORDS_SERVICE_P50, TABLE_ITEM_FLOAT, EVERYWHERE},
    [SERVICE_P90] = {WORDS_SERVICE_P90, TABLE_ITEM_FLOAT, EVERYWHERE},
    [SERVICE_P99] = {WORDS_SERVICE_P99, TABLE_ITEM_FLOAT, EVERYWHERE},
    [SERVICE_RESETS] = {WORDS_SERVICE_RESETS, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_CAUSES] = {WORDS_SERVICE_CAUSES, TABLE_ITEM_STRING, IN_TEXT | IN_DIALOG},
    [SERVICE_FILTER] = {WORDS_SERVICE_FILTER, TABLE_ITEM_STRING, IN_DIALOG},
    [SERVICE_TWO_POINTS] = {WORDS_SERVICE_TWO_POINTS, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_LOST_TO_SERVER] = {WORDS_SERVICE_LOST_TO_SERVER, TABLE_ITEM_UINT, EVERYWHERE},
    [SERVICE_LOST_TO_CLIENT] = {WORDS_SERVICE_LOST_TO_CLIENT, TABLE_ITEM_UINT, EVERYWHERE},
};

static bool is_outcome(enum service_column column)
{
    return column >= SERVICE_OUTCOMES && column < SERVICE_OUTCOMES + OUTCOME_COUNT;
}

static bool is_cause(enum service_column column)
{
    return column >= SERVICE_CAUSE && column < SERVICE_CAUSE + RESET_CAUSE_COUNT;
}

static bool is_handshake_time(enum service_column column)
{
    return column >= SERVICE_P50 && column <= SERVICE_P99;
}

static struct column column_of(enum service_column column)
{
    if (is_outcome(column)) {
        return (struct column){outcome_name((enum outcome)(column - SERVICE_OUTCOMES)), TABLE_ITEM_UINT,
                               EVERYWHERE};
    }
    if (is_cause(column)) {
        enum reset_cause cause = (enum reset_cause)(column - SERVICE_CAUSE);
        return (struct column){reset_cause_name(cause), TABLE_ITEM_UINT, cause != RESET_NONE ? IN_CSV : 0};
    }
    return columns[column];
}

stat_tap_table_item service_column(enum service_column column)
{
    static const char *const formats[] = {
        [TABLE_ITEM_UINT] = "%u",
        [TABLE_ITEM_FLOAT] = "%.3f",
        [TABLE_ITEM_STRING] = "%s",
    };
    struct column c = column_of(column);
    return (stat_tap_table_item){c.type, c.type == TABLE_ITEM_STRING ? TAP_ALIGN_LEFT : TAP_ALIGN_RIGHT,
                                 c.heading, formats[c.type]};
}

const char *service_column_kind(enum service_column column)
{
    return is_outcome(column)          ? "outcome "
           : is_cause(column)          ? "reset "
           : is_handshake_time(column) ? "handshake "
                                       : "";
}

unsigned service_column_shown(enum service_column column)
{
    return column_of(column).shown;
}

static const char *keep(GStringChunk *texts, GString *text)
{
    const char *kept = g_string_chunk_insert_const(texts, text->str);
    g_string_free(text, TRUE);
    return kept;
}

/* "server: FIN (since frame 17)", and the parts of that. */
static void fill_debt(stat_tap_table_item_type cells[SERVICE_COLUMNS], const struct service *service,
                      GStringChunk *texts)
{
    GString *text = g_string_new(NULL);
    const struct due *due = &service->longest;
    const char *debtor = "", *owed = "";
    if (due->debt != OWES_NOTHING) {
        debtor = role_name(service->of_server ? ROLE_SERVER : ROLE_CLIENT);
        owed = debt_name(due->debt);
        g_string_printf(text, WORDS_SERVICE_DEBT_OF, debtor, owed);
        if (due->frame != 0) {
            g_string_append_printf(text, WORDS_SERVICE_DEBT_SINCE, due->frame);
        }
        cells[SERVICE_LONGEST].value.float_value = seconds(due->age);
        cells[SERVICE_SINCE].value.uint_value = due->frame;
    }
    cells[SERVICE_DEBT].value.string_value = keep(texts, text);
    cells[SERVICE_DEBTOR].value.string_value = debtor;
    cells[SERVICE_OWED].value.string_value = owed;
}

/* "refused 12, abort by the application 3" */
static const char *causes_text(const struct service *service, GStringChunk *texts)
{
    GString *text = g_string_new(NULL);
    unsigned told = 0, next;
    do { /* the next one in order of counts */
        next = RESET_CAUSE_COUNT;
        for (unsigned i = 0; i < RESET_CAUSE_COUNT; i++) {
            bool is_left = service->causes[i] != 0 && !(told & 1u << i);
            if (is_left && (next == RESET_CAUSE_COUNT || service->causes[i] > service->causes[next])) {
                next = i;
            }
        }
        if (next != RESET_CAUSE_COUNT) {
            g_string_append_printf(text, "%s%s %u", told ? ", " : "",
                                   reset_cause_name((enum reset_cause)next), service->causes[next]);
            told |= 1u << next;
        }
    } while (next != RESET_CAUSE_COUNT);
    return keep(texts, text);
}

static const char *server_text(const struct service *service, GStringChunk *texts)
{
    char text[SOCKET_TEXT_MAX] = "";
    if (service->address[0] != '\0') {
        socket_write(text, service->address, service->port);
    }
    return g_string_chunk_insert_const(texts, text);
}

/* Of the packets from and to the server. */
static const char *filter_text(const struct service *service, GStringChunk *texts)
{
    GString *text = g_string_new(NULL);
    if (service->address[0] != '\0') {
        g_string_printf(text, "%s.addr == %s && tcp.port == %u",
                        strchr(service->address, ':') != NULL ? "ipv6" : "ip", service->address,
                        (unsigned)service->port);
    }
    return keep(texts, text);
}

static void fill_counts(stat_tap_table_item_type cells[SERVICE_COLUMNS], const struct service *service)
{
    const uint32_t counts[] = {
        [SERVICE_CONNECTIONS] = service->connections,
        [SERVICE_CLIENTS] = service->clients,
        [SERVICE_TROUBLED] = service->troubled,
        [SERVICE_SERVER_WAITS] = service->close_wait[1],
        [SERVICE_CLIENT_WAITS] = service->close_wait[0],
        [SERVICE_HANDSHAKES] = service_handshakes(service),
        [SERVICE_RESETS] = service->resets,
        [SERVICE_TWO_POINTS] = service->two_points,
        [SERVICE_LOST_TO_SERVER] = service->lost[0],
        [SERVICE_LOST_TO_CLIENT] = service->lost[1],
    };
    for (unsigned i = 0; i < array_length(counts); i++) {
        cells[i].value.uint_value = counts[i];
    }
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        cells[SERVICE_OUTCOMES + i].value.uint_value = service->outcomes[i];
    }
    for (unsigned i = 0; i < RESET_CAUSE_COUNT; i++) {
        cells[SERVICE_CAUSE + i].value.uint_value = service->causes[i];
    }
}

void service_cells(stat_tap_table_item_type cells[SERVICE_COLUMNS], const struct service *service,
                   unsigned rank, GStringChunk *texts)
{
    memset(cells, 0, SERVICE_COLUMNS * sizeof cells[0]);
    fill_counts(cells, service);
    for (unsigned i = 0; i < SERVICE_COLUMNS; i++) {
        cells[i].type = column_of((enum service_column)i).type;
    }
    fill_debt(cells, service, texts);
    cells[SERVICE_RANK].value.uint_value = rank;
    cells[SERVICE_SERVER].value.string_value = server_text(service, texts);
    cells[SERVICE_ADDRESS].value.string_value = g_string_chunk_insert_const(texts, service->address);
    cells[SERVICE_PORT].value.uint_value = service->port;
    cells[SERVICE_P50].value.float_value = service_handshake(service, 50);
    cells[SERVICE_P90].value.float_value = service_handshake(service, 90);
    cells[SERVICE_P99].value.float_value = service_handshake(service, 99);
    cells[SERVICE_CAUSES].value.string_value = causes_text(service, texts);
    cells[SERVICE_FILTER].value.string_value = filter_text(service, texts);
}

bool service_cell_is_empty(const stat_tap_table_item_type cells[SERVICE_COLUMNS], enum service_column column)
{
    bool of_debt = column == SERVICE_LONGEST || column == SERVICE_SINCE;
    return (of_debt && cells[SERVICE_OWED].value.string_value[0] == '\0') ||
           (is_handshake_time(column) && cells[SERVICE_HANDSHAKES].value.uint_value == 0);
}
