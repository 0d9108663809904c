/* diagnosis.c - see diagnosis.h
 *
 * Only frames and times are named, never numbers of this segment: in one pass the
 * text stands on a later segment than the one that began it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/diagnosis.h"

#include "findings/hindsight.h"
#include "store/connections.h"
#include "show/explain.h"
#include "words/words.h"
#include "capture/serials.h"
#include "preferences.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "frame 17"; a frame that a read filter rejected has no number. */
struct name {
    char text[24];
};

static struct name frame_name(uint32_t serial)
{
    struct name name = {"a filtered frame"};
    uint32_t frame = frame_of(serial).n;
    if (frame != 0) {
        snprintf(name.text, sizeof name.text, "frame %" PRIu32, frame);
    }
    return name;
}

/* What a timeout_finding is told of. */
struct diagnosis_ctx {
    const struct summary *s;
    const struct summary_end *subject, *peer; /* the end that tries, or waits */
    struct moment begin;
    double age; /* seconds since then */
};

static void add_count(wmem_strbuf_t *text, uint32_t count, const char *what)
{
    wmem_strbuf_append_printf(text, "%u %s%s", count, what, count == 1 ? "" : "s");
}

/* "3 FINs in 3.000 s" */
static void add_copies(wmem_strbuf_t *text, const struct tries *tries, const char *what)
{
    add_count(text, tries->count, what);
    if (tries->count > 1) {
        wmem_strbuf_append_printf(text, " in %.3f s", seconds(tries->last - tries->first.time));
    }
}

/* "; the client asked 3 times in vain" */
static void add_meanwhile(wmem_strbuf_t *text, const char *who, uint32_t count)
{
    if (count > 0) {
        wmem_strbuf_append_printf(text, "; the %s asked ", who);
        add_count(text, count, "time");
        wmem_strbuf_append(text, " in vain");
    }
}

/* What stands in braces in the texts below. */
static void put(wmem_strbuf_t *text, const char *name, const void *data)
{
    const struct diagnosis_ctx *d = (const struct diagnosis_ctx *)data;
    const struct tries *probes = &d->subject->probes;
    enum role role = d->subject == &d->s->end[0] ? ROLE_CLIENT : ROLE_SERVER;
    if (strcmp(name, "end") == 0) {
        wmem_strbuf_append(text, role_name(role));
    } else if (strcmp(name, "other") == 0) {
        wmem_strbuf_append(text, role_name(other_role(role)));
    } else if (strcmp(name, "frame") == 0) {
        wmem_strbuf_append(text, frame_name(d->begin.frame).text);
    } else if (strcmp(name, "age") == 0) {
        wmem_strbuf_append_printf(text, "%.1f s", d->age);
    } else if (strcmp(name, "SYNs") == 0) {
        add_copies(text, &d->subject->opening, "SYN");
    } else if (strcmp(name, "SYN-ACKs") == 0) {
        add_copies(text, &d->subject->opening, "SYN-ACK");
    } else if (strcmp(name, "FINs") == 0) {
        add_copies(text, &d->subject->fins, "FIN");
    } else if (strcmp(name, "step 3") == 0) {
        wmem_strbuf_append(text, frame_name(d->s->milestone[MILESTONE_ACK].frame).text);
    } else if (strcmp(name, "ACK of FIN") == 0) {
        wmem_strbuf_append(text, frame_name(d->s->milestone[MILESTONE_FIN_ACK].frame).text);
    } else if (strcmp(name, "overflows") == 0) {
        add_count(text, d->s->overflows, "time");
        wmem_strbuf_append_printf(text, " since %s", frame_name(d->s->overflow.frame).text);
    } else if (strcmp(name, "tries") == 0) {
        wmem_strbuf_append_printf(text, "%u tries in %.3f s", probes->count,
                                  seconds(probes->last - probes->first.time));
    } else if (strcmp(name, "heard") == 0) {
        wmem_strbuf_append_printf(text, "%.1f s", seconds(probes->first.time - d->peer->heard));
    } else {
        ws_assert(strcmp(name, "meanwhile") == 0);
        add_meanwhile(text, role_name(role), probes->count);
    }
}

static const char *const diagnoses[TIMEOUT_FINDING_COUNT] = {
    [TIMEOUT_FINDING_UNANSWERED] =
        "The server owes a SYN-ACK since {frame}, {age}: {SYNs}, nothing back. Likely a firewall drops the "
        "SYN or its answer, or nobody has this address; check whether the SYN arrives there",
    [TIMEOUT_FINDING_EMBRYONIC] =
        "Half-open (embryonic): the client owes step 3 since {frame}, {age}, after {SYN-ACKs}. Likely lost "
        "on the way, or a scan or flood (SYN cookies cost the server nothing); check whether they arrive "
        "there",
    [TIMEOUT_FINDING_EMBRYONIC_MINOR] =
        "Half-open (embryonic): the client has owed step 3 since {frame} ({age}); the server sent one "
        "SYN-ACK only, as with SYN cookies. Likely a scan, or the capture missed step 3; check for more of "
        "the kind",
    [TIMEOUT_FINDING_UNANSWERED_MINOR] = "SYN not answered, minor: the server owes a SYN-ACK since {frame}, "
                                         "{age}: {SYNs}. Likely one of many to this "
                                         "server or of this client; check the warning that tells of them",
    [TIMEOUT_FINDING_BACKLOG_OVERFLOW] =
        "SYN-ACK again after step 3 ({step 3}): {overflows}, the client's data unacknowledged. Likely the "
        "server's accept queue is full; check ss -ltn there (Recv-Q against Send-Q), and whether the "
        "application accepts",
    [TIMEOUT_FINDING_FIN_UNACKNOWLEDGED] =
        "The {other} owes an ACK of the FIN since {frame}, {age}: {FINs}. Likely the {other} is gone, or a "
        "firewall drops the FIN or its ACK; check whether the FIN reaches the {other}",
    [TIMEOUT_FINDING_CLOSE_WAIT_STUCK] =
        "The {other} owes a FIN since {frame}, {age}, in CLOSE-WAIT (its ACK: {ACK of FIN}){meanwhile}. "
        "Likely its application doesn't close its socket, or a half-close in use; check who holds it "
        "(ss -tnp state close-wait)",
    [TIMEOUT_FINDING_FIN_WAIT_2_STUCK] =
        "The {end} waits in FIN-WAIT-2 since {frame}, {age}, and still sends: the {other} owes its "
        "FIN{meanwhile}. Likely the application there doesn't close its socket, or a half-close in use; "
        "check who holds it",
    [TIMEOUT_FINDING_PEER_SILENT] =
        "The {other} doesn't answer since {frame}, {age}: {tries}; last heard of {heard} before. Likely its "
        "host is gone, or a device in between forgot the connection; check whether the tries arrive there",
    [TIMEOUT_FINDING_LAST_ACK_MISSING] =
        "The {other} owes the last ACK since {frame}, {age}: {FINs}, in LAST-ACK. Likely the {other}, or a "
        "firewall, has forgotten the connection already (FIN-WAIT-2 timed out); check that time-out there",
    [TIMEOUT_FINDING_IDLE] =
        "Open since {frame}, {age}, never a byte, not closed{meanwhile}: the client only holds a "
        "descriptor. Likely a pool, a browser that opens in advance, or a client that hangs; check the "
        "client's application",
};

/* In place of that, if the other end is not gone. */
static const char fin_filtered[] =
    "The {other} owes an ACK of the FIN since {frame}, {age}: {FINs}. The {other} still answers: likely a "
    "firewall drops the FIN; check whether the FIN reaches the {other}";

void diagnosis_write(wmem_strbuf_t *text, const struct text_ctx *ctx, enum timeout_finding timeout_finding)
{
    const struct summary *s = ctx->summary;
    unsigned subject = timeout_finding_subject(s, timeout_finding);
    struct diagnosis_ctx d = {.s = s, .subject = &s->end[subject], .peer = &s->end[!subject]};
    bool answers = d.peer->heard > d.subject->fins.first.time;
    d.begin = timeout_finding_begin(s, timeout_finding);
    d.age = seconds(hindsight_waited(s, d.begin, ctx->now));
    template_write(text,
                   timeout_finding == TIMEOUT_FINDING_FIN_UNACKNOWLEDGED && answers
                       ? fin_filtered
                       : diagnoses[timeout_finding],
                   put, &d);
}

/* "connection 3 (tcp.stream 5)" */
static void add_connection(wmem_strbuf_t *text, uint32_t connection)
{
    uint32_t stream = connections_stream(connection);
    wmem_strbuf_append_printf(text, "connection %u", connection);
    if (stream != STREAM_NONE) {
        wmem_strbuf_append_printf(text, " (tcp.stream %u)", stream);
    }
}

void diagnosis_desynchronized(wmem_strbuf_t *text, const struct text_ctx *ctx)
{
    const struct summary *s = ctx->summary;
    if (s->into_connection && s->challenge.frame != 0 && !s->desynchronized) {
        wmem_strbuf_append(text, "The client had lost ");
        add_connection(text, s->previous - 1);
        wmem_strbuf_append_printf(
            text,
            ", the server not: SYN in %s, challenge ACK in %s, this RST ends it (RFC 9293 "
            "3.5.1). Likely the client restarted, or a device in between; check its uptime",
            frame_name(s->challenged_syn).text, frame_name(s->challenge.frame).text);
        return;
    }
    text_write(
        text, ctx,
        "The {sender} had lost this connection, the {peer} not: hence the RST (RFC 9293 3.5.1). Likely its "
        "host or "
        "process restarted, or a device in between forgot the connection; check uptime and idle time-outs");
}

/* In one pass, on the segment that shows it. */
static void tell_of_earlier(wmem_strbuf_t *text, const struct rejection *rejection, enum suspicion suspicion)
{
    static const char *const what[SUSPICION_COUNT] = {
        [SUSPICION_SEQ] = "Invalid sequence number",
        [SUSPICION_ACK] = "Invalid acknowledgment number",
        [SUSPICION_RESET] = "Unacceptable RST",
    };
    uint32_t more = rejection->count[suspicion] - 1;
    wmem_strbuf_append_printf(text, "%s in %s: its receiver rejects it", what[suspicion],
                              frame_name(rejection->suspect[suspicion]).text);
    if (more != 0) {
        wmem_strbuf_append_printf(text, ", and %u more", more);
    }
}

static void tell_of_this(wmem_strbuf_t *text, const struct text_ctx *ctx, enum suspicion suspicion)
{
    switch (suspicion) {
    case SUSPICION_SEQ: explain_seq(text, ctx); break;
    case SUSPICION_ACK: explain_ack(text, ctx); break;
    default: text_write(text, ctx, "RST {seq} is unacceptable"); break;
    }
    text_write(text, ctx, "; the {peer} rejects it");
    if (ctx->received != NULL && ctx->received->verdict == RECEIVER_REJECTED) {
        wmem_strbuf_append_printf(text, " (%s)", frame_name(ctx->received->frame).text);
    }
}

void diagnosis_rejected(wmem_strbuf_t *text, const struct text_ctx *ctx, enum suspicion suspicion)
{
    findings_t finding = witness_accusations((uint8_t)(1u << suspicion));
    if (ctx->rejection != NULL && (ctx->rejection->findings & finding)) {
        tell_of_earlier(text, ctx->rejection, suspicion);
    } else {
        tell_of_this(text, ctx, suspicion);
    }
    wmem_strbuf_append(text, ". Likely forged, stray or rewritten; compare TTL and IP ID");
}

void diagnosis_many(wmem_strbuf_t *text, bool idle)
{
    wmem_strbuf_append_printf(text, "More than %u %s connections to this server's port at once, each ",
                              preferences.many_limit, idle ? "idle" : "unfinished");
    if (idle) {
        wmem_strbuf_append_printf(text, "for %u s. ", preferences.idle_timeout);
    } else {
        wmem_strbuf_append(text, "1 s old or more. ");
    }
    wmem_strbuf_append(
        text, idle ? "Likely clients that only hold descriptors, or an attack that does; check the clients "
                     "and the server's limits"
                   : "Likely the server is down or overloaded, a firewall drops its answers, or a SYN "
                     "flood or scan; check whether the SYNs arrive there");
}
