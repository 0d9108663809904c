/* choice.c - see choice.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/choice.h"

#include "summary/outcome.h"
#include "tell/names.h"
#include "words/words.h"

#include <string.h>
#include <wsutil/strtoi.h>

const struct choice choice_of_all = {.outcome = ANY_OUTCOME};

static bool read_outcome(struct choice *choice, const char *value)
{
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        if (strcmp(outcome_name((enum outcome)i), value) == 0) {
            choice->outcome = (int)i;
            return true;
        }
    }
    return false;
}

/* In the one spelling that rows have. */
static bool read_address(struct choice *choice, const char *text)
{
    struct tuple_end end;
    uint8_t address[ADDRESS_LONG];
    end.address = address;
    bool is_short = ws_inet_pton4(text, (ws_in4_addr *)(void *)address);
    if (!is_short && !ws_inet_pton6(text, (ws_in6_addr *)(void *)address)) {
        return false;
    }
    address_write(choice->server, &end, is_short ? ADDRESS_SHORT : ADDRESS_LONG);
    return true;
}

static bool read_port(struct choice *choice, const char *text)
{
    return ws_strtou16(text, NULL, &choice->port) && choice->port != 0;
}

/* "192.0.2.1:443", "[2001:db8::1]:443", either without port, ":443" */
static bool read_server(struct choice *choice, const char *value)
{
    const char *colon = strrchr(value, ':');
    bool brackets = value[0] == '[' && strchr(value, ']') != NULL;
    if (!brackets && (colon == NULL || strchr(value, ':') != colon)) {
        return read_address(choice, value); /* alone; of several colons all are IPv6's */
    }
    const char *begin = value + brackets, *end = brackets ? strchr(value, ']') : colon;
    const char *port = end + brackets;
    char *address = g_strndup(begin, (gsize)(end - begin));
    bool good = (address[0] == '\0' && !brackets) || read_address(choice, address);
    g_free(address);
    return good && (*port == '\0' || (*port == ':' && read_port(choice, port + 1)));
}

static bool read_limit(struct choice *choice, const char *value)
{
    return ws_strtou32(value, NULL, &choice->limit) && choice->limit != 0;
}

enum { OPTION_OUTCOME, OPTION_SERVER, OPTION_LIMIT, OPTION_COUNT };

const char *const choice_options[] = {"outcome=", "server=", "limit=", NULL};

static const struct {
    bool (*read)(struct choice *choice, const char *value);
    const char *allowed; /* NULL: the names of outcomes */
} readers[OPTION_COUNT] = {
    [OPTION_OUTCOME] = {read_outcome, NULL},
    [OPTION_SERVER] = {read_server, WORDS_OPTION_SERVER},
    [OPTION_LIMIT] = {read_limit, WORDS_OPTION_LIMIT},
};

static char *outcomes_listed(void)
{
    GString *list = g_string_new(WORDS_OPTION_ONE_OF);
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        g_string_append_printf(list, "%s%s", i != 0 ? ", " : "", outcome_name((enum outcome)i));
    }
    return g_string_free(list, FALSE);
}

static char *bad_value(unsigned option, const char *value)
{
    const char *allowed = readers[option].allowed;
    char *list = allowed != NULL ? g_strdup(allowed) : outcomes_listed();
    char *text = g_strdup_printf(WORDS_OPTION_BAD_VALUE, choice_options[option], value, list);
    g_free(list);
    return text;
}

char *choice_check(const struct options *options)
{
    struct choice choice;
    return choice_read(&choice, options);
}

char *choice_read(struct choice *choice, const struct options *options)
{
    *choice = choice_of_all;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const char *value = options->value[i];
        if (value != NULL && !readers[i].read(choice, value)) {
            return bad_value(i, value);
        }
    }
    return NULL;
}

bool choice_takes(const struct choice *choice, const struct connection_row *row)
{
    enum outcome outcome = outcome_of(&row->summary, row->timeout_findings);
    return (choice->outcome == ANY_OUTCOME || choice->outcome == (int)outcome) &&
           (choice->server[0] == '\0' || strcmp(choice->server, row_end(row, 1).address) == 0) &&
           (choice->port == 0 || choice->port == row->end[1].port);
}
