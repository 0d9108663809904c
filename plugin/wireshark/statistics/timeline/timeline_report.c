/* timeline_report.c - the time line as CSV
 *
 * Only intervals in which something changes are kept. All are printed, unless there are too many of them (the
 * capture has a gap of years, or the interval is tiny): then, of a stretch in which nothing changes, only the
 * last one is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words/words.h"
#include "statistics/timeline/timeline.h"

#include "capture/capture_clock.h"
#include "findings/hindsight.h"
#include "statistics/csv.h"
#include "tell/names.h"

#include <math.h>
#include <string.h>

enum { INTERVALS_MAX = 100000 };

static const double seconds_min = 1e-6, seconds_max = 1e9;

enum { OPTION_SECONDS, OPTION_END };

/* What changes within an interval. */
struct change {
    int64_t interval; /* its number, from the capture's first packet on */
    int32_t states[STATE_COUNT];
    int32_t happened[HAPPENINGS];
};

struct report {
    struct census *census;
    GHashTable *changes; /* of struct change, by number of the interval */
    int64_t length;      /* of an interval, ns */
};

/* -------------------------------------------------------------------------- options */

/* In ns; 0: that is no interval. */
static int64_t read_seconds(const char *text)
{
    char *rest;
    double seconds = g_ascii_strtod(text, &rest);
    bool is_decimal = *rest == '\0' && text[strspn(text, "0123456789.")] == '\0';
    return is_decimal && seconds >= seconds_min && seconds <= seconds_max ? (int64_t)llround(seconds * 1e9)
                                                                          : 0;
}

static char *report_check(const struct options *options)
{
    const char *seconds = options->value[OPTION_SECONDS], *end = options->value[OPTION_END];
    if (seconds == NULL) {
        return g_strdup(WORDS_TIMELINE_NO_INTERVAL);
    }
    if (read_seconds(seconds) == 0) {
        return g_strdup_printf(WORDS_TIMELINE_BAD_INTERVAL, seconds);
    }
    if (end != NULL && strcmp(end, role_name(ROLE_CLIENT)) != 0 && strcmp(end, role_name(ROLE_SERVER)) != 0) {
        return g_strdup_printf(WORDS_TIMELINE_BAD_END, end);
    }
    return NULL;
}

/* ---------------------------------------------------------------------------- moves */

static struct change *change_in(const struct report *report, int64_t interval)
{
    struct change *change = (struct change *)g_hash_table_lookup(report->changes, &interval);
    if (change == NULL) {
        change = g_new0(struct change, 1);
        change->interval = interval;
        g_hash_table_add(report->changes, change);
    }
    return change;
}

static void report_move(void *data, const struct move *move)
{
    const struct report *report = (const struct report *)data;
    struct change *change = change_in(report,
                                      interval_of(move->time - capture_clock_first(), report->length));
    unsigned happened = happenings_of(move);
    change->states[move->from] -= move->sign;
    change->states[move->to] += move->sign;
    for (unsigned i = 0; i < HAPPENINGS; i++) {
        change->happened[i] += happened & 1u << i ? move->sign : 0;
    }
}

static void report_segment(void *report, const struct tcpfsm_segment *segment)
{
    if (!(segment->observation->findings & FINDING_UNUSABLE)) {
        census_want(((struct report *)report)->census, segment->observation->connection);
    }
}

static void report_any(void *report, const struct tcpfsm_segment *segment)
{
    census_hear(((struct report *)report)->census, segment);
}

/* ----------------------------------------------------------------------------- rows */

/* Seconds from the capture's first packet, exactly. */
static void csv_start(GString *line, int64_t time)
{
    char text[32];
    uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    int length = g_snprintf(text, sizeof text, "%s%" G_GUINT64_FORMAT ".%09u", time < 0 ? "-" : "",
                            (guint64)(size / 1000000000), (unsigned)(size % 1000000000));
    while (text[length - 1] == '0') {
        text[--length] = '\0';
    }
    text[text[length - 1] == '.' ? length - 1 : length] = '\0';
    csv_text(line, text);
}

static void write_heading(GString *line, struct output *output)
{
    csv_name(line, "start", "s");
    csv_name(line, "", "time");
    for (unsigned i = 0; i < TIMELINE_STATES; i++) {
        csv_name(line, "", state_name(timeline_states[i]));
    }
    csv_name(line, "", "total");
    for (unsigned i = 0; i < HAPPENINGS; i++) {
        csv_name(line, "", happening_names[i]);
    }
    csv_end(line, output);
}

/* On the way from row to row. */
struct writer {
    const struct report *report;
    struct output *output;
    GString *line;
    int64_t next; /* interval that was not written yet */
    int64_t states[STATE_COUNT];
    bool all; /* of the intervals */
};

static void write_row(struct writer *writer, int64_t interval, const int32_t happened[HAPPENINGS])
{
    char instant[INSTANT_TEXT_MAX];
    int64_t start = interval * writer->report->length, total = 0;
    instant_write(instant, capture_clock_first() + start);
    csv_start(writer->line, start);
    csv_text(writer->line, instant);
    for (unsigned i = 0; i < TIMELINE_STATES; i++) {
        csv_number(writer->line, writer->states[timeline_states[i]]);
        total += writer->states[timeline_states[i]];
    }
    csv_number(writer->line, total);
    for (unsigned i = 0; i < HAPPENINGS; i++) {
        csv_number(writer->line, happened[i]);
    }
    csv_end(writer->line, writer->output);
    writer->next = interval + 1;
}

/* Those before that one, in which nothing changes. */
static void write_quiet(struct writer *writer, int64_t until)
{
    static const int32_t nothing[HAPPENINGS];
    int64_t from = writer->all ? writer->next : MAX(writer->next, until - 1);
    for (int64_t interval = from; interval < until; interval++) {
        write_row(writer, interval, nothing);
    }
}

static void write_change(struct writer *writer, const struct change *change)
{
    write_quiet(writer, change->interval);
    for (unsigned i = 0; i < STATE_COUNT; i++) {
        writer->states[i] += change->states[i];
    }
    write_row(writer, change->interval, change->happened);
}

static gint change_order(gconstpointer a, gconstpointer b)
{
    int64_t first = (*(const struct change *const *)a)->interval;
    int64_t second = (*(const struct change *const *)b)->interval;
    return (first > second) - (first < second);
}

static void report_render(void *data, struct output *output)
{
    const struct report *report = (const struct report *)data;
    int64_t end = MAX(hindsight_end(), census_latest(report->census)) - capture_clock_first();
    int64_t last = interval_of(end, report->length);
    guint count;
    struct change **changes = (struct change **)g_hash_table_get_keys_as_array(report->changes, &count);
    struct writer writer = {.report = report, .output = output, .line = g_string_new(NULL)};
    qsort(changes, count, sizeof(gpointer), change_order);
    writer.next = count > 0 ? MIN(changes[0]->interval, 0) : 0;
    writer.all = last - writer.next < INTERVALS_MAX;
    write_heading(writer.line, output);
    for (guint i = 0; i < count && changes[i]->interval <= last;
         i++) { /* TIME-WAIT may outlast the capture */
        write_change(&writer, changes[i]);
    }
    if (census_latest(report->census) != INT64_MIN) {
        write_quiet(&writer, last + 1);
    }
    g_free(changes);
    g_string_free(writer.line, TRUE);
}

/* ----------------------------------------------------------------------- the report */

static void *report_create(const struct options *options)
{
    struct report *report = g_new(struct report, 1);
    const char *end = options->value[OPTION_END];
    bool of_client = end != NULL && strcmp(end, role_name(ROLE_CLIENT)) == 0;
    report->census = census_new(of_client ? ROLE_CLIENT : ROLE_SERVER, report_move, report);
    report->changes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    report->length = read_seconds(options->value[OPTION_SECONDS]);
    return report;
}

static void report_destroy(void *data)
{
    struct report *report = (struct report *)data;
    census_free(report->census);
    g_hash_table_destroy(report->changes);
    g_free(report);
}

void timeline_report_register(void)
{
    static const char *const names[] = {[OPTION_SECONDS] = "", [OPTION_END] = "end=", NULL};
    static const struct report_kind kind = {
        .argument = "tcpfsm,timeline",
        .title = WORDS_TITLE_TIMELINE,
        .shows = WORDS_SHOWS_TIMELINE,
        .options = names,
        .check = report_check,
        .create = report_create,
        .destroy = report_destroy,
        .segment = report_segment,
        .any = report_any,
        .render = report_render,
    };
    report_register(&kind);
}
