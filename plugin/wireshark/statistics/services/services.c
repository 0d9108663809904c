/* services.c - see services.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/services/services.h"

#include "summary/outcome.h"
#include "thresholds.h"

#include <string.h>

struct services {
    GArray *all;         /* of struct service */
    GHashTable *places;  /* by "address port": place plus one */
    GHashTable *clients; /* "place address" of a service's client, and "address" of any */
    struct service *total;
};

/* ------------------------------------------------------------------ one service */

static void service_begin(struct service *service)
{
    memset(service, 0, sizeof *service);
    service->handshakes = g_sequence_new(NULL);
}

/* Of GArray's elements. */
static void service_end(gpointer service)
{
    g_sequence_free(((struct service *)service)->handshakes);
}

static bool is_trouble(enum outcome outcome)
{
    return outcome != OUTCOME_CLOSED && outcome != OUTCOME_OPEN && outcome != OUTCOME_PARTIAL;
}

static gint time_order(gconstpointer a, gconstpointer b, gpointer data _U_)
{
    int first = GPOINTER_TO_INT(a), second = GPOINTER_TO_INT(b);
    return (first > second) - (first < second);
}

/* In us: a pointer holds no more everywhere. Packets in wrong order tell no time. */
static void add_handshake(struct service *service, int64_t time)
{
    if (time != NO_TIME && time >= 0) {
        int us = (int)MIN(time / 1000, G_MAXINT);
        g_sequence_insert_sorted(service->handshakes, GINT_TO_POINTER(us), time_order, NULL);
    }
}

static void add_debts(struct service *service, const struct connection_row *row, unsigned end)
{
    struct due dues[DEBT_COUNT];
    unsigned count = row_dues(row, end, dues);
    for (unsigned i = 0; i < count; i++) {
        int64_t least = service->longest.debt != OWES_NOTHING ? service->longest.age + 1
                                                              : OWED_MS * NS_PER_MS;
        if (dues[i].debt != OWES_UNKNOWN && dues[i].age != NO_TIME && dues[i].age >= least) {
            service->longest = dues[i];
            service->of_server = end == 1;
        }
    }
}

static void add_connection(struct service *service, const struct connection_row *row)
{
    const struct summary *s = &row->summary;
    enum outcome outcome = outcome_of(s, row->timeout_findings);
    service->connections++;
    service->outcomes[outcome]++;
    service->troubled += is_trouble(outcome);
    if (s->milestone[MILESTONE_RESET].frame != 0) {
        service->resets++;
        service->causes[s->reset_cause]++;
    }
    for (unsigned end = 0; end < 2; end++) {
        service->lost[end] += s->between.lost[end];
        service->close_wait[end] += s->end[end].state == CLOSE_WAIT && !s->succeeded;
        add_debts(service, row, end);
    }
    service->two_points += s->between.points != 0;
    add_handshake(service, summary_between(s, MILESTONE_SYN, MILESTONE_ACK));
}

guint service_handshakes(const struct service *service)
{
    return (guint)g_sequence_get_length(service->handshakes);
}

double service_handshake(const struct service *service, unsigned percent)
{
    uint64_t count = service_handshakes(service);
    if (count == 0) {
        return 0;
    }
    uint64_t place = (count * percent + 99) / 100 - 1;
    return GPOINTER_TO_INT(g_sequence_get(g_sequence_get_iter_at_pos(service->handshakes, (gint)place))) /
           1e3;
}

/* -------------------------------------------------------------------------- all */

struct services *services_new(void)
{
    struct services *services = g_new0(struct services, 1);
    services->all = g_array_new(FALSE, FALSE, sizeof(struct service));
    g_array_set_clear_func(services->all, service_end);
    services->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    services->clients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    services->total = g_new(struct service, 1);
    service_begin(services->total);
    return services;
}

void services_free(struct services *services)
{
    g_array_free(services->all, TRUE);
    g_hash_table_destroy(services->places);
    g_hash_table_destroy(services->clients);
    service_end(services->total);
    g_free(services->total);
    g_free(services);
}

void services_clear(struct services *services)
{
    g_array_set_size(services->all, 0);
    g_hash_table_remove_all(services->places);
    g_hash_table_remove_all(services->clients);
    service_end(services->total);
    service_begin(services->total);
}

static struct service *service_at(const struct services *services, guint place)
{
    return &g_array_index(services->all, struct service, place);
}

/* The place of the service of that server, a new one if need be. */
static guint place_of(struct services *services, struct row_end server)
{
    char *name = g_strdup_printf("%s %u", server.address, (unsigned)server.port);
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(services->places, name));
    if (place != 0) {
        g_free(name);
        return place - 1;
    }
    g_array_set_size(services->all, services->all->len + 1);
    place = services->all->len - 1;
    struct service *service = service_at(services, place);
    service_begin(service);
    memcpy(service->address, server.address, sizeof service->address);
    service->port = server.port;
    g_hash_table_insert(services->places, name, GUINT_TO_POINTER(place + 1));
    return place;
}

guint services_add(struct services *services, const struct connection_row *row)
{
    guint place = place_of(services, row_end(row, 1));
    const struct row_end client = row_end(row, 0);
    struct service *service = service_at(services, place);
    service->clients += g_hash_table_add(services->clients, g_strdup_printf("%u %s", place, client.address));
    services->total->clients += g_hash_table_add(services->clients, g_strdup(client.address));
    add_connection(service, row);
    add_connection(services->total, row);
    return place;
}

guint services_count(const struct services *services)
{
    return services->all->len;
}

const struct service *services_at(const struct services *services, guint place)
{
    return service_at(services, place);
}

const struct service *services_total(const struct services *services)
{
    return services->total;
}

/* ------------------------------------------------------------------------ order */

static int64_t age_of(const struct service *service)
{
    return service->longest.debt != OWES_NOTHING ? service->longest.age : -1;
}

static gint trouble_order(gconstpointer a, gconstpointer b, gpointer services)
{
    guint left = *(const guint *)a, right = *(const guint *)b;
    const struct service *first = service_at((const struct services *)services, left);
    const struct service *second = service_at((const struct services *)services, right);
    if (first->troubled != second->troubled) {
        return first->troubled > second->troubled ? -1 : 1;
    }
    if (age_of(first) != age_of(second)) {
        return age_of(first) > age_of(second) ? -1 : 1;
    }
    if (first->connections != second->connections) {
        return first->connections > second->connections ? -1 : 1;
    }
    return (left > right) - (left < right);
}

GArray *services_order(const struct services *services)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < services->all->len; i++) {
        g_array_append_val(order, i);
    }
    g_array_sort_with_data(order, trouble_order, (gpointer)(uintptr_t)services);
    return order;
}
