/* report.c - see report.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/report.h"

#include "compat.h"

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

/* One -z. */
struct report {
    const struct report_kind *kind;
    void *self;
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

/* Nothing was seen yet. */
static void report_begin(struct report *report)
{
    report->kind->destroy(report->self);
    report->self = report->kind->create();
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
}

static void report_free(struct report *report)
{
    report->kind->destroy(report->self);
    g_string_free(report->kept, TRUE);
    g_free(report);
}

static void report_finish(void *data)
{
    reports = g_list_remove(reports, data);
    report_free((struct report *)data);
}

/* `argument` is "tcpfsm,json" or "tcpfsm,json,filter". */
static compat_stat_init report_init(const char *argument, void *data)
{
    struct report *report = g_new0(struct report, 1);
    report->kind = (const struct report_kind *)data;
    report->self = report->kind->create();
    report->kept = g_string_new(NULL);

    const char *rest = argument + strlen(report->kind->argument);
    const char *filter = *rest == ',' && rest[1] != '\0' ? rest + 1 : NULL;
    GString *error = *rest == '\0' || *rest == ','
                         ? register_tap_listener(TCPFSM_TAP, report, filter, TL_REQUIRES_NOTHING,
                                                 report_reset, report_packet, report_draw, report_finish)
                         : g_string_new("it ends with the statistic's name, or a comma and a display filter");
    if (error != NULL) {
        report_failure("-z %s: %s", argument, error->str);
        g_string_free(error, TRUE);
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
}
