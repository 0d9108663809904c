/* report.c - see report.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/report.h"

#include "compat.h"
#include "statistics/catalog.h"
#include "statistics/choice.h"
#include "statistics/hindsight_filter.h"
#include "words/words.h"

#include <epan/stat_groups.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <stdio.h>
#include <wsutil/report_message.h>

enum { OUTPUT_FLUSH = 65536 };

struct output {
    GString *text;
    bool prints; /* now, and doesn't keep it */
};

/* Hears what a report's filter stops; the listener's data, as Wireshark tells listeners apart by it. */
struct eavesdropper {
    struct report *report;
};

/* One -z. */
struct report {
    const struct report_kind *kind;
    struct options options;
    void *self;
    struct eavesdropper any;
    bool heard;    /* of a segment of the open file */
    GString *kept; /* of capture files that are closed already */
};

static GList *reports;

static void output_drain(struct output *output, gsize limit)
{
    if (output->prints && output->text->len > limit) {
        fwrite(output->text->str, 1, output->text->len, stdout);
        g_string_truncate(output->text, 0);
    }
}

void output_printf(struct output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_string_append_vprintf(output->text, format, arguments);
    va_end(arguments);
    output_drain(output, OUTPUT_FLUSH);
}

void output_write(struct output *output, const char *text)
{
    g_string_append(output->text, text);
    output_drain(output, OUTPUT_FLUSH);
}

static tap_packet_status report_packet(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                       const void *segment, tap_flags_t flags _U_)
{
    struct report *report = (struct report *)data;
    report->heard = true;
    report->kind->segment(report->self, (const struct tcpfsm_segment *)segment);
    return TAP_PACKET_REDRAW;
}

static tap_packet_status report_any(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                    const void *segment, tap_flags_t flags _U_)
{
    const struct report *report = ((const struct eavesdropper *)data)->report;
    report->kind->any(report->self, (const struct tcpfsm_segment *)segment);
    return TAP_PACKET_DONT_REDRAW;
}

/* Nothing was seen yet. */
static void report_begin(struct report *report)
{
    report->kind->destroy(report->self);
    report->self = report->kind->create(&report->options);
    report->heard = false;
}

static void report_reset(void *data)
{
    struct report *report = (struct report *)data;
    report_begin(report);
    g_string_truncate(report->kept, 0);
}

/* Also before a live capture, and before any file: then there is nothing to say. */
void reports_file_closes(void)
{
    for (const GList *link = reports; link != NULL; link = link->next) {
        struct report *report = (struct report *)link->data;
        if (!report->kind->spans_files && report->heard) {
            struct output output = {.text = report->kept};
            report->kind->render(report->self, &output);
            report_begin(report);
        }
    }
}

static void report_draw(void *data)
{
    const struct report *report = (const struct report *)data;
    struct output output = {.text = g_string_new(report->kept->str), .prints = true};
    if (report->heard || report->kept->len == 0) {
        report->kind->render(report->self, &output);
    }
    output_drain(&output, 0);
    fflush(stdout);
    g_string_free(output.text, TRUE);
    bool chooses = report->kind->options == choice_options;
    hindsight_filter_warn(report->kind->argument, report->options.filter, chooses ? WORDS_LATE_OPTION : "");
}

static void report_free(struct report *report)
{
    if (report->self != NULL) {
        report->kind->destroy(report->self);
    }
    options_clear(&report->options);
    g_string_free(report->kept, TRUE);
    g_free(report);
}

static void report_finish(void *data)
{
    reports = g_list_remove(reports, data);
    report_free((struct report *)data);
}

/* Listens for all that the filter stops, too, if the report wants to hear it. What is wrong, or NULL. */
static char *report_listen(struct report *report)
{
    GString *error = register_tap_listener(TCPFSM_TAP, report, report->options.filter, TL_REQUIRES_NOTHING,
                                           report_reset, report_packet, report_draw, report_finish);
    if (error == NULL && report->kind->any != NULL) {
        error = register_tap_listener(TCPFSM_TAP, &report->any, NULL, TL_REQUIRES_NOTHING, NULL, report_any,
                                      NULL, NULL);
    }
    return error != NULL ? g_string_free(error, FALSE) : NULL;
}

/* `argument` is "tcpfsm,json" or "tcpfsm,json,filter". What is wrong with it, or NULL. */
static char *report_begin_with(struct report *report, const char *argument)
{
    const struct report_kind *kind = report->kind;
    const char *rest = argument + strlen(kind->argument);
    if (*rest != '\0' && *rest != ',') {
        return catalog_unknown();
    }
    char *error = options_read(&report->options, kind->options, rest);
    if (error == NULL && kind->check != NULL) {
        error = kind->check(&report->options);
    }
    if (error == NULL) {
        report->self = kind->create(&report->options);
        error = report_listen(report);
    }
    return error;
}

static compat_stat_init report_init(const char *argument, void *data)
{
    struct report *report = g_new0(struct report, 1);
    report->kind = (const struct report_kind *)data;
    report->any.report = report;
    report->kept = g_string_new(NULL);
    char *error = report_begin_with(report, argument);
    if (error != NULL) {
        report_failure("-z %s: %s", argument, error);
        g_free(error);
        report_free(report);
        COMPAT_STAT_INIT_RETURN(false);
    }
    reports = g_list_append(reports, report);
    COMPAT_STAT_INIT_RETURN(true);
}

void report_register(const struct report_kind *kind)
{
    /* Wireshark keeps the pointers for good. */
    stat_tap_ui *ui = g_new0(stat_tap_ui, 1);
    ui->group = REGISTER_PACKET_STAT_GROUP_UNSORTED;
    ui->title = kind->title;
    ui->cli_string = kind->argument;
    ui->tap_init_cb = report_init;
    register_stat_tap_ui(ui, (void *)(uintptr_t)kind);
    catalog_add(kind->argument, kind->shows);
}
