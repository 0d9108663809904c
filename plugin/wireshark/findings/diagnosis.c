/* diagnosis.c - see diagnosis.h
 *
 * Only frames and times are named, never numbers of this segment: in one pass the
 * text stands on a later segment than the one that began it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/diagnosis.h"

#include "capture/capture_clock.h"
#include "store/connections.h"
#include "show/explain.h"
#include "show/words.h"
#include "capture/serials.h"
#include "preferences.h"

#include <inttypes.h>
#include <stdio.h>

/* "frame 17"; a frame that a read filter rejected has no number. */
struct name {
    char text[24];
};

static struct name frame_name(uint32_t serial)
{
    struct name name = {"a filtered frame"};
    uint32_t frame = frames_number(serial);
    if (frame != 0) {
        snprintf(name.text, sizeof name.text, "frame %" PRIu32, frame);
    }
    return name;
}

static struct name milestone_name(const struct summary *s, enum milestone milestone)
{
    return frame_name(s->milestone[milestone].frame);
}

/* A timeout_finding under discussion. */
struct matter {
    wmem_strbuf_t *text;
    const struct summary *s;
    const struct summary_end *subject; /* the end that tries, or waits */
    const char *name, *other;          /* "client", "server" */
    struct name frame;                 /* where it began */
    double age;                        /* seconds since then */
};

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

/* How long it has waited: no longer than the capture can tell, and not beyond a new SYN. */
static double age_of(const struct view *view, struct moment begin)
{
    const struct summary *s = view->summary;
    int64_t now = capture_clock_until(begin.frame, view->now), end = s->start + s->successor;
    return seconds((s->succeeded && end < now ? end : now) - begin.time);
}

static struct matter matter_of(wmem_strbuf_t *text, const struct view *view,
                               enum timeout_finding timeout_finding)
{
    const struct summary *s = view->summary;
    struct moment begin = timeout_finding_begin(s, timeout_finding);
    unsigned subject = timeout_finding_subject(s, timeout_finding);
    return (struct matter){
        .text = text,
        .s = s,
        .subject = &s->end[subject],
        .name = subject ? "server" : "client",
        .other = subject ? "client" : "server",
        .frame = frame_name(begin.frame),
        .age = age_of(view, begin),
    };
}

/* "3 FINs in 3.000 s" */
static void add_copies(const struct matter *m, const struct tries *tries, const char *what)
{
    wmem_strbuf_append_printf(m->text, "%u %s%s", tries->count, what, plural(tries->count));
    if (tries->count > 1) {
        wmem_strbuf_append_printf(m->text, " in %.3f s", seconds(tries->last - tries->first.time));
    }
}

/* "; the client asked 3 times in vain" */
static void add_meanwhile(const struct matter *m)
{
    uint32_t count = m->subject->probes.count;
    if (count > 0) {
        wmem_strbuf_append_printf(m->text, "; the %s asked %u time%s in vain", m->name, count, plural(count));
    }
}

static void tell_unanswered(const struct matter *m)
{
    wmem_strbuf_append_printf(m->text, "The server owes a SYN-ACK since %s, %.1f s: ", m->frame.text, m->age);
    add_copies(m, &m->subject->opening, "SYN");
    wmem_strbuf_append(m->text,
                       ", nothing back. Likely a firewall drops the SYN or its answer, or nobody has this "
                       "address; check whether the SYN arrives there");
}

static void tell_embryonic(const struct matter *m)
{
    wmem_strbuf_append_printf(m->text,
                              "Half-open (embryonic): the client owes step 3 since %s, %.1f s, after ",
                              m->frame.text, m->age);
    add_copies(m, &m->subject->opening, "SYN-ACK");
    wmem_strbuf_append(m->text, ". Likely lost on the way, or a scan or flood (SYN cookies cost the server "
                                "nothing); check whether they arrive there");
}

static void tell_embryonic_minor(const struct matter *m)
{
    wmem_strbuf_append_printf(
        m->text,
        "Half-open (embryonic): the client has owed step 3 since %s (%.1f s); the server sent one SYN-ACK "
        "only, "
        "as with SYN cookies. Likely a scan, or the capture missed step 3; check for more of the kind",
        m->frame.text, m->age);
}

static void tell_overflow(const struct matter *m)
{
    wmem_strbuf_append_printf(m->text,
                              "SYN-ACK again after step 3 (%s): %u time%s since %s, the client's data "
                              "unacknowledged. ",
                              milestone_name(m->s, MILESTONE_ACK).text, m->s->overflows,
                              plural(m->s->overflows), frame_name(m->s->overflow.frame).text);
    wmem_strbuf_append(m->text,
                       "Likely the server's accept queue is full; check ss -ltn there (Recv-Q against "
                       "Send-Q), and whether the application accepts");
}

static void tell_fin_unacknowledged(const struct matter *m)
{
    const struct summary_end *peer = m->subject == &m->s->end[0] ? &m->s->end[1] : &m->s->end[0];
    wmem_strbuf_append_printf(m->text, "The %s owes an ACK of the FIN since %s, %.1f s: ", m->other,
                              m->frame.text, m->age);
    add_copies(m, &m->subject->fins, "FIN");
    if (peer->heard > m->subject->fins.first.time) {
        wmem_strbuf_append_printf(m->text, ". The %s still answers: likely a firewall drops the FIN",
                                  m->other);
    } else {
        wmem_strbuf_append_printf(m->text, ". Likely the %s is gone, or a firewall drops the FIN or its ACK",
                                  m->other);
    }
    wmem_strbuf_append_printf(m->text, "; check whether the FIN reaches the %s", m->other);
}

static void tell_close_wait(const struct matter *m)
{
    wmem_strbuf_append_printf(m->text, "The %s owes a FIN since %s, %.1f s, in CLOSE-WAIT (its ACK: %s)",
                              m->other, m->frame.text, m->age, milestone_name(m->s, MILESTONE_FIN_ACK).text);
    add_meanwhile(m);
    wmem_strbuf_append(m->text,
                       ". Likely its application doesn't close its socket, or a half-close in use; check who "
                       "holds it (ss -tnp state close-wait)");
}

static void tell_fin_wait_2(const struct matter *m)
{
    wmem_strbuf_append_printf(
        m->text, "The %s waits in FIN-WAIT-2 since %s, %.1f s, and still sends: the %s owes its FIN", m->name,
        m->frame.text, m->age, m->other);
    add_meanwhile(m);
    wmem_strbuf_append(
        m->text, ". Likely the application there doesn't close its socket, or a half-close in use; check "
                 "who holds it");
}

static void tell_silent(const struct matter *m)
{
    const struct summary_end *peer = m->subject == &m->s->end[0] ? &m->s->end[1] : &m->s->end[0];
    wmem_strbuf_append_printf(m->text, "The %s doesn't answer since %s, %.1f s: %u tries in %.3f s", m->other,
                              m->frame.text, m->age, m->subject->probes.count,
                              seconds(m->subject->probes.last - m->subject->probes.first.time));
    wmem_strbuf_append_printf(m->text, "; last heard of %.1f s before",
                              seconds(m->subject->probes.first.time - peer->heard));
    wmem_strbuf_append(
        m->text, ". Likely its host is gone, or a device in between forgot the connection; check whether "
                 "the tries arrive there");
}

static void tell_last_ack(const struct matter *m)
{
    wmem_strbuf_append_printf(m->text, "The %s owes the last ACK since %s, %.1f s: ", m->other, m->frame.text,
                              m->age);
    add_copies(m, &m->subject->fins, "FIN");
    wmem_strbuf_append_printf(
        m->text,
        ", in LAST-ACK. Likely the %s, or a firewall, has forgotten the connection already "
        "(FIN-WAIT-2 timed out); check that time-out there",
        m->other);
}

static void tell_idle(const struct matter *m)
{
    wmem_strbuf_append_printf(m->text, "Open since %s, %.1f s, never a byte, not closed", m->frame.text,
                              m->age);
    add_meanwhile(m);
    wmem_strbuf_append(
        m->text, ": the client only holds a descriptor. Likely a pool, a browser that opens in advance, "
                 "or a client that hangs; check the client's application");
}

void diagnosis_write(wmem_strbuf_t *text, const struct view *view, enum timeout_finding timeout_finding)
{
    static void (*const tell[TIMEOUT_FINDING_COUNT])(const struct matter *) = {
        [TIMEOUT_FINDING_UNANSWERED] = tell_unanswered,
        [TIMEOUT_FINDING_EMBRYONIC] = tell_embryonic,
        [TIMEOUT_FINDING_FIN_UNACKNOWLEDGED] = tell_fin_unacknowledged,
        [TIMEOUT_FINDING_CLOSE_WAIT_STUCK] = tell_close_wait,
        [TIMEOUT_FINDING_PEER_SILENT] = tell_silent,
        [TIMEOUT_FINDING_BACKLOG_OVERFLOW] = tell_overflow,
        [TIMEOUT_FINDING_LAST_ACK_MISSING] = tell_last_ack,
        [TIMEOUT_FINDING_FIN_WAIT_2_STUCK] = tell_fin_wait_2,
        [TIMEOUT_FINDING_IDLE] = tell_idle,
        [TIMEOUT_FINDING_EMBRYONIC_MINOR] = tell_embryonic_minor,
    };
    struct matter matter = matter_of(text, view, timeout_finding);
    tell[timeout_finding](&matter);
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

void diagnosis_desynchronized(wmem_strbuf_t *text, const struct view *view)
{
    const struct summary *s = view->summary;
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
    view_write(
        text, view,
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

static void tell_of_this(wmem_strbuf_t *text, const struct view *view, enum suspicion suspicion)
{
    switch (suspicion) {
    case SUSPICION_SEQ: explain_seq(text, view); break;
    case SUSPICION_ACK: explain_ack(text, view); break;
    default: view_write(text, view, "RST {seq} is unacceptable"); break;
    }
    view_write(text, view, "; the {peer} rejects it");
    if (view->received != NULL && view->received->verdict == RECEIVER_REJECTED) {
        wmem_strbuf_append_printf(text, " (%s)", frame_name(view->received->frame).text);
    }
}

void diagnosis_rejected(wmem_strbuf_t *text, const struct view *view, enum suspicion suspicion)
{
    findings_t finding = witness_accusations((uint8_t)(1u << suspicion));
    if (view->rejection != NULL && (view->rejection->findings & finding)) {
        tell_of_earlier(text, view->rejection, suspicion);
    } else {
        tell_of_this(text, view, suspicion);
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
