/* experts.c - expert infos of one segment
 *
 * Their sentences are made when the plugin is registered, one for each end: an info costs no more than
 * Wireshark's own part of it. What differs from segment to segment stands in fields below the info, which are
 * made if anybody asks for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/experts.h"

#include "capture/serials.h"
#include "compat.h"
#include "findings/diagnosis.h"
#include "show/tree_writer.h"
#include "words/words.h"
#include "store/connections.h"

#include <epan/column-info.h>
#include <epan/expert.h>
#include <epan/tap.h>
#include <inttypes.h>

_Static_assert(EXPERT_COUNT <= 64, "a set of experts is 64 bits");

#define END(timeout_finding) (1u << TIMEOUT_FINDING_##timeout_finding)

enum { SENTENCE_MAX = 1024 };

/* What is told below an info. */
enum particular { NOTHING = 0, FRAME = 1 << 0, AGE = 1 << 1, TRIES = 1 << 2, COUNT = 1 << 3 };

static const struct {
    const char *name, *summary;
    int severity;
    unsigned tells; /* a set of enum particular */
} rows[EXPERT_COUNT] = {
#define EXPERT(when, name, severity, tells) {#name, WORDS_SUMMARY_##name, severity, tells},
#include "findings/experts.def"
};

static expert_field experts[EXPERT_COUNT];
static int expert_tap, expert_protocol;
static bool has_light; /* this is Wireshark itself */

struct wording_texts {
    const char *sentence, *cause, *check;
};

/* As they are written, and with the ends put in: {end} is the client, the server. */
static const struct wording_texts wordings[WORDING_COUNT] = {
#define EXPERT(when, name, severity, tells) {WORDS_EXPERT_##name},
#define VARIANT(variant, name) {WORDS_EXPERT_##variant},
#include "findings/experts.def"
};
static struct wording_texts texts[WORDING_COUNT][2];
static enum timeout_finding timeout_finding_of[EXPERT_COUNT];

/* Remarks that make no expert info, or only a chat. */
static const findings_t quiet = FINDING_SIMULTANEOUS_OPEN | FINDING_SIMULTANEOUS_CLOSE | FINDING_HALF_CLOSED |
                                FINDING_JOINED_LATE | FINDINGS_INTERNAL;

const char *expert_name(enum expert expert)
{
    return rows[expert].name;
}

const char *expert_summary(enum expert expert)
{
    return rows[expert].summary;
}

int expert_severity(enum expert expert)
{
    return rows[expert].severity;
}

static void put_end(struct text *text, const char *name, size_t length, const void *data)
{
    enum role end = *(const enum role *)data;
    text_add(text, role_name(strncmp(name, "end", length) == 0 ? end : other_role(end)));
}

static const char *with_end(const char *words, enum role end)
{
    char chars[SENTENCE_MAX];
    struct text text = text_in(chars, sizeof chars);
    template_write(&text, words, put_end, &end);
    ws_assert(text.length + 1 < sizeof chars);
    return wmem_strdup(wmem_epan_scope(), chars);
}

static void make_texts(void)
{
    for (unsigned i = 0; i < WORDING_COUNT; i++) {
        for (unsigned server = 0; server < 2; server++) {
            enum role end = server ? ROLE_SERVER : ROLE_CLIENT;
            texts[i][server] = (struct wording_texts){with_end(wordings[i].sentence, end),
                                                      with_end(wordings[i].cause, end),
                                                      with_end(wordings[i].check, end)};
        }
    }
}

static enum timeout_finding find_timeout_finding(enum expert expert)
{
    static const struct observation nothing;
    unsigned i = 0;
    while (i < TIMEOUT_FINDING_COUNT &&
           !(experts_called(&nothing, (struct reported){1u << i, 0}) & UINT64_C(1) << expert)) {
        i++;
    }
    return (enum timeout_finding)i;
}

void experts_register(int protocol)
{
    static ei_register_info infos[EXPERT_COUNT] = {
#define EXPERT(when, name, severity, tells) \
    {&experts[EXPERT_##name], {"tcpfsm.expert." #name, PI_SEQUENCE, severity, WORDS_SUMMARY_##name, EXPFILL}},
#include "findings/experts.def"
    };
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        experts[i] = (expert_field)EI_INIT;
        timeout_finding_of[i] = find_timeout_finding((enum expert)i);
    }
    make_texts();
    expert_register_field_array(expert_register_protocol(protocol), infos, EXPERT_COUNT);
}

void experts_open(void)
{
    has_light = compat_has_window();
    expert_tap = find_tap_id("expert");
    expert_protocol = proto_get_id_by_filter_name("_ws.expert");
}

/* What later segments may put right is only said once all has been read where there is a light, which nothing
 * lowers. tshark says it at once: in one pass it has no other chance. */
static struct reported reported_for_certain(const struct text_ctx *ctx)
{
    struct reported reported = ctx->reported;
    if (has_light && !ctx->final) {
        reported.timeout_findings &= END(BACKLOG_OVERFLOW);
        reported.findings &= ~SUSPICIONS;
    }
    return reported;
}

void experts_light(struct reported total)
{
    static const struct observation nothing;
    uint64_t set = experts_called(&nothing, total);
    frame_data frame = {.num = 1}; /* infos of frame 0 are taken for those of a rejected one */
    packet_info pinfo = {.num = 1, .fd = &frame, .pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE)};
    for (unsigned i = 0; set != 0; i++, set >>= 1) {
        if ((set & 1u) && rows[i].severity != PI_CHAT) {
            expert_add_info(&pinfo, NULL, &experts[i]); /* no tap is asked now: nothing counts it */
        }
    }
    wmem_destroy_allocator(pinfo.pool);
}

/* What the expert infos below `tree` have of their own is asked for: not without a tree. */
static bool wants_children(proto_tree *tree)
{
    for (enum field i = FIELD_FINDING_FRAME; i <= FIELD_FINDING_CHECK; i++) {
        if (field_is_referenced(tree, i)) {
            return true;
        }
    }
    return false;
}

static bool has_severity_column(const packet_info *pinfo)
{
    return pinfo->cinfo != NULL && pinfo->cinfo->col_first != NULL &&
           pinfo->cinfo->col_first[COL_EXPERT] >= 0;
}

/* A filter, a column or another plugin asks for them, or all is shown. */
static bool chats_are_referenced(proto_tree *tree)
{
    if (proto_field_is_referenced(tree, expert_protocol) || wants_children(tree)) {
        return true;
    }
    for (unsigned i = 0; rows[i].severity == PI_CHAT; i++) {
        if (proto_field_is_referenced(tree, experts[i].hf)) {
            return true;
        }
    }
    return false;
}

static bool chats_are_read(proto_tree *tree, const packet_info *pinfo)
{
    return have_tap_listener(expert_tap) ||
           (tree != NULL && (has_light || has_severity_column(pinfo) || chats_are_referenced(tree)));
}

bool experts_are_asked(const packet_info *pinfo, proto_tree *tree)
{
    return has_severity_column(pinfo) || chats_are_read(tree, pinfo);
}

bool experts_have(const struct observation *o, struct reported reported)
{
    return (reported.findings & ~quiet) || o->reset_cause != RESET_NONE || reported.timeout_findings != 0;
}

bool experts_are_read(const struct observation *o, struct reported reported, const packet_info *pinfo,
                      proto_tree *tree)
{
    return experts_have(o, reported) ||
           ((o->steps != 0 || reported.findings != 0) && chats_are_read(tree, pinfo));
}

uint64_t experts_called(const struct observation *o, struct reported reported)
{
    findings_t f = reported.findings;
    unsigned t = reported.timeout_findings;
    uint64_t set = 0;
#define EXPERT(when, name, severity, tells) set |= (when) ? UINT64_C(1) << EXPERT_##name : 0;
#include "findings/experts.def"
    return set;
}

enum timeout_finding expert_timeout_finding(enum expert expert)
{
    return timeout_finding_of[expert];
}

/* ------------------------------------------------------------------ children */

/* Behind the number that was just added below the info, what else there is to say of it. */
static void put_time_behind(const struct tree_writer *writer, enum field field, const char *before,
                            int64_t time, const char *behind)
{
    if (time != NO_TIME && tree_writer_wants(writer, field)) {
        proto_item_append_text(writer->tree->last_child, WORDS_EXPERT_TIME_BEHIND, before, seconds(time),
                               behind);
    }
}

/* Behind the frame of a challenge ACK. */
static void put_lost_behind(const struct tree_writer *writer, const struct particulars *p)
{
    if (p->lost == 0 || !tree_writer_wants(writer, FIELD_FINDING_FRAME) || frame_of(p->frame).n == 0) {
        return;
    }
    proto_item *item = writer->tree->last_child;
    uint32_t syn = frame_of(p->answers).n, stream = connections_stream(p->lost - 1);
    proto_item_append_text(item, WORDS_EXPERT_CHALLENGE);
    if (syn != 0) {
        proto_item_append_text(item, WORDS_EXPERT_CHALLENGED_SYN, syn);
    }
    proto_item_append_text(item, WORDS_EXPERT_PREVIOUS, p->lost - 1);
    if (stream != STREAM_NONE) {
        proto_item_append_text(item, WORDS_EXPERT_PREVIOUS_STREAM, stream);
    }
    proto_item_append_text(item, ")");
}

static void put_text(const struct tree_writer *writer, enum field field, const char *text)
{
    if (*text != '\0') {
        tree_writer_text(writer, field, text);
    }
}

static void put_particulars(const struct tree_writer *writer, const struct particulars *p, unsigned tells)
{
    if (tells & FRAME) {
        tree_writer_frame(writer, FIELD_FINDING_FRAME, frame_of(p->frame));
        put_lost_behind(writer, p);
    }
    if (tells & AGE) {
        tree_writer_time(writer, FIELD_FINDING_AGE, p->age);
        put_time_behind(writer, FIELD_FINDING_AGE, WORDS_EXPERT_HEARD, p->heard, WORDS_EXPERT_EARLIER);
    }
    if ((tells & TRIES) && p->tries != 0) {
        tree_writer_uint(writer, FIELD_FINDING_TRIES, p->tries);
        put_time_behind(writer, FIELD_FINDING_TRIES, WORDS_EXPERT_IN, p->tried, "");
    }
    if ((tells & COUNT) && p->count != 0) {
        tree_writer_uint(writer, FIELD_FINDING_COUNT, p->count);
    }
}

/* ------------------------------------------------------------------- one info */

/* What is said, with what follows the sentence, in the words for one of the ends. */
struct told {
    const struct wording_texts *texts;
    const char *link, *tail;
};

static void add_info(packet_info *pinfo, proto_item *item, enum expert expert, const struct told *told,
                     const struct particulars *p)
{
    expert_add_info_format(pinfo, item, &experts[expert], "%s%s%s", told->texts->sentence, told->link,
                           told->tail);
    if (p != NULL) {
        const struct tree_writer writer = {NULL, compat_expert_tree(item), NULL};
        put_particulars(&writer, p, rows[expert].tells);
        put_text(&writer, FIELD_FINDING_CAUSE, told->texts->cause);
        put_text(&writer, FIELD_FINDING_CHECK, told->texts->check);
    }
}

/* Two steps in one segment are two infos. */
static void add_steps(const struct text_ctx *ctx, packet_info *pinfo, proto_item *item,
                      const struct particulars *p)
{
    const struct observation *o = ctx->observation;
    for (unsigned i = 0; i < ALL_STEPS; i++) {
        if (o->steps & 1u << i) {
            const struct told told = {&texts[WORDING_step_1 + i][o->sender_role == ROLE_SERVER], "",
                                      o->repeat ? " (repeated)" : ""};
            add_info(pinfo, item, EXPERT_step, &told, p);
        }
    }
}

static void add_expert(const struct text_ctx *ctx, packet_info *pinfo, proto_item *item, enum expert expert,
                       const struct particulars *p)
{
    struct diagnosis d = diagnosis_make(ctx, expert);
    struct told told = {&texts[d.wording][d.end == ROLE_SERVER], "", ""};
    switch (expert) {
    case EXPERT_step: add_steps(ctx, pinfo, item, p); return;
    case EXPERT_seq_suspect:
        told.link = WORDS_EXPERT_NUMBER;
        told.tail = seq_sentences[ctx->observation->seq_verdict];
        break;
    case EXPERT_ack_suspect:
        told.link = WORDS_EXPERT_NUMBER;
        told.tail = ack_sentences[ctx->observation->ack_verdict];
        break;
    default: break;
    }
    add_info(pinfo, item, expert, &told, p);
}

void experts_add(const struct text_ctx *ctx, packet_info *pinfo, proto_item *item)
{
    bool chats = chats_are_read(item, pinfo);
    bool children = item != NULL && wants_children(item);
    uint64_t set = experts_called(ctx->observation, reported_for_certain(ctx));
    for (unsigned i = EXPERT_COUNT; i-- > 0;) { /* the gravest first */
        if ((set & UINT64_C(1) << i) && (rows[i].severity != PI_CHAT || chats)) {
            struct particulars p;
            if (children) {
                p = diagnosis_particulars(ctx, (enum expert)i);
            }
            add_expert(ctx, pinfo, item, (enum expert)i, children ? &p : NULL);
        }
    }
}

void experts_add_unreachable(packet_info *pinfo, proto_item *item, const char *reason, uint32_t syn)
{
    const struct particulars p = {.frame = syn, .age = NO_TIME, .heard = NO_TIME, .tried = NO_TIME};
    const struct told told = {&texts[WORDING_unreachable][0], ": ", reason};
    add_info(pinfo, item, EXPERT_unreachable, &told, item != NULL && wants_children(item) ? &p : NULL);
}
