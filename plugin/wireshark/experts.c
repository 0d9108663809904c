/* experts.c - expert infos of one segment
 *
 * A text gives the numbers, a likely cause as likely, and what to check. All of
 * it comes from the observation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "experts.h"

#include "explain.h"
#include "names.h"

#include <epan/expert.h>
#include <epan/tap.h>

enum expert {
#define EXPERT(remark, name, severity, group, summary) EXPERT_##name,
#include "experts.def"
#undef EXPERT
    EXPERT_COUNT
};

static expert_field experts[EXPERT_COUNT];
static int expert_tap;

static const struct {
    unsigned remark;
    bool chat;
} rows[EXPERT_COUNT] = {
#define EXPERT(remark, name, severity, group, summary) {remark, severity == PI_CHAT},
#include "experts.def"
#undef EXPERT
};

static const unsigned chats = REMARK_SIMULTANEOUS_OPEN | REMARK_SIMULTANEOUS_CLOSE | REMARK_HALF_CLOSED |
                              REMARK_JOINED_LATE;

static const unsigned louder = 0u
#define EXPERT(remark, name, severity, group, summary) | (severity == PI_CHAT ? 0u : (unsigned)(remark))
#include "experts.def"
#undef EXPERT
    ;

void experts_register(int protocol)
{
    static ei_register_info infos[EXPERT_COUNT] = {
#define EXPERT(remark, name, severity, group, summary) \
    {&experts[EXPERT_##name], {"tcpfsm.expert." #name, group, severity, summary, EXPFILL}},
#include "experts.def"
#undef EXPERT
    };
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        experts[i] = (expert_field)EI_INIT;
    }
    expert_register_field_array(expert_register_protocol(protocol), infos, EXPERT_COUNT);
}

void experts_open(void)
{
    expert_tap = find_tap_id("expert");
}

bool experts_have(const struct observation *o, bool tree)
{
    if (o->remarks & louder) {
        return true;
    }
    return (o->steps != 0 || (o->remarks & chats)) && (tree || have_tap_listener(expert_tap));
}

/* " after 1.000 s, try 2" */
static void add_try(wmem_strbuf_t *text, const struct view *view)
{
    const struct observation *o = view->observation;
    if (o->timer_interval != NO_TIME) {
        wmem_strbuf_append_printf(text, " %.3f s after the last try", (double)o->timer_interval / 1e9);
    }
    if (o->timer_count != 0) {
        wmem_strbuf_append_printf(text, ", repeat %u in a row", o->timer_count);
    }
    if (o->repeat_of != 0) {
        wmem_strbuf_append_printf(text, " (first in frame %u)", o->repeat_of);
    }
}

static void tell_repeat(wmem_strbuf_t *text, const struct view *view, enum expert expert)
{
    const struct segment *s = view->segment;
    uint32_t seq = shown_seq(view, s->seq);
    if (expert == EXPERT_syn_retransmitted) {
        wmem_strbuf_append_printf(text, "The %s sends SYN %u again", view->sender, seq);
        add_try(text, view);
        wmem_strbuf_append_printf(text,
                                  ": no SYN-ACK reached it. Likely the SYN or its answer was lost, filtered, "
                                  "or the %s's backlog is full; check whether the SYN arrives there",
                                  view->peer);
    } else if (expert == EXPERT_synack_retransmitted) {
        wmem_strbuf_append_printf(text, "The %s sends SYN-ACK %u again", view->sender, seq);
        add_try(text, view);
        wmem_strbuf_append_printf(text,
                                  ": no ACK %u reached it. Likely the SYN-ACK or the third step was lost, or "
                                  "the %s's accept queue is full",
                                  seq + 1, view->sender);
    } else {
        uint32_t fin = shown_seq(view, fin_number(s));
        wmem_strbuf_append_printf(text, "The %s sends FIN %u again", view->sender, fin);
        add_try(text, view);
        wmem_strbuf_append_printf(
            text, ": no ACK %u reached it. Likely the FIN or its ACK was lost, or the %s is gone", fin + 1,
            view->peer);
    }
}

static void tell_open(wmem_strbuf_t *text, const struct view *view, enum expert expert)
{
    const struct segment *s = view->segment;
    uint32_t seq = shown_seq(view, s->seq);
    switch (expert) {
    case EXPERT_simultaneous_open:
        wmem_strbuf_append_printf(text,
                                  "Simultaneous open: the %s's SYN %u crosses the %s's; each end's SYN-ACK "
                                  "completes the other's handshake, there is no step 3 (RFC 9293 3.5)",
                                  view->sender, seq, view->peer);
        break;
    case EXPERT_fast_open:
        wmem_strbuf_append_printf(
            text,
            "%u bytes of data in the SYN, with the Fast Open option (RFC 7413): the answer "
            "is ack %u if the %s takes them, else ack %u",
            s->data, seq + 1 + s->data, view->peer, seq + 1);
        break;
    case EXPERT_syn_data:
        wmem_strbuf_append_printf(
            text,
            "%u bytes of data in the SYN, without the Fast Open option: legal (RFC 9293 "
            "3.5), but unusual; many hosts drop them and let them be sent again",
            s->data);
        break;
    case EXPERT_time_wait_reuse:
        wmem_strbuf_append_printf(
            text, "SYN %u reuses addresses and ports that are still in TIME-WAIT: %s", seq,
            view->observation->remarks & REMARK_TIME_WAIT_REUSE_ALLOWED
                ? "allowed, its number or timestamp is higher (RFC 1122 4.2.2.13, RFC 6191)"
                : "not allowed, neither number nor timestamp is higher (RFC 1122 4.2.2.13, RFC 6191); the "
                  "end in "
                  "TIME-WAIT may ignore it");
        break;
    case EXPERT_syn_in_connection:
        wmem_strbuf_append_printf(
            text,
            "SYN %u inside a connection that is not closed: likely the %s restarted and "
            "uses the port again; the %s has to answer with a challenge ACK (RFC 5961 4)",
            seq, view->sender, view->peer);
        break;
    default:
        wmem_strbuf_append_printf(
            text, "The capture begins in the middle of this connection: states are assumed, and "
                  "nothing that needs the handshake is judged");
        break;
    }
}

static void tell_close(wmem_strbuf_t *text, const struct view *view, enum expert expert)
{
    const struct segment *s = view->segment;
    uint32_t seq = shown_seq(view, s->seq), ack = shown_ack(view, s->ack);
    switch (expert) {
    case EXPERT_simultaneous_close:
        wmem_strbuf_append_printf(text,
                                  "Simultaneous close: the %s's FIN %u was sent before the %s's FIN arrived; "
                                  "both pass through CLOSING (RFC 9293 3.6)",
                                  view->sender, shown_seq(view, fin_number(s)), view->peer);
        break;
    case EXPERT_half_closed:
        wmem_strbuf_append_printf(
            text,
            "Half-closed: the %s still sends data (%u bytes from %u) after the %s's FIN; "
            "legal, for a FIN closes one direction only (RFC 9293 3.6)",
            view->sender, s->data, seq, view->peer);
        break;
    case EXPERT_challenge_ack:
        wmem_strbuf_append_printf(
            text,
            "Challenge ACK %u (RFC 5961): the %s got a segment that it can't accept and tells "
            "what it expects; a peer without the connection answers with RST %u",
            ack, view->sender, ack);
        break;
    case EXPERT_time_wait_assassination:
        wmem_strbuf_append_printf(
            text,
            "RST %u ends the TIME-WAIT of the %s early (RFC 1337): old duplicates may now reach "
            "a new connection on the same ports; some hosts ignore such a RST",
            seq, view->peer);
        break;
    case EXPERT_data_after_fin:
        wmem_strbuf_append_printf(
            text,
            "The %s sends %u bytes from %u, behind its own FIN, which promised that no more "
            "would come (RFC 9293 3.6). Likely a broken sender or a device that injects",
            view->sender, s->data, seq);
        break;
    default:
        wmem_strbuf_append_printf(
            text,
            "Segment %u of the %s after the connection was reset. Likely the RST was forged or "
            "lost on the way; check whether it came from the end that it names",
            seq, view->sender);
        break;
    }
}

static void tell(wmem_strbuf_t *text, const struct view *view, enum expert expert)
{
    switch (expert) {
    case EXPERT_step: explain_step(text, view); break;
    case EXPERT_syn_retransmitted:
    case EXPERT_synack_retransmitted:
    case EXPERT_fin_retransmitted: tell_repeat(text, view, expert); break;
    case EXPERT_simultaneous_open:
    case EXPERT_joined_late:
    case EXPERT_fast_open:
    case EXPERT_syn_data:
    case EXPERT_time_wait_reuse:
    case EXPERT_syn_in_connection: tell_open(text, view, expert); break;
    case EXPERT_seq_invalid: explain_seq(text, view); break;
    case EXPERT_ack_invalid: explain_ack(text, view); break;
    case EXPERT_synack_rejected:
    case EXPERT_reset_stale:
    case EXPERT_reset_invalid: explain_reset(text, view); break;
    default: tell_close(text, view, expert); break;
    }
}

void experts_add(const struct view *view, packet_info *pinfo, proto_item *item)
{
    const struct observation *o = view->observation;
    bool chat = item != NULL || have_tap_listener(expert_tap);
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        bool called = rows[i].remark ? o->remarks & rows[i].remark : o->steps != 0;
        if (called && (chat || !rows[i].chat)) {
            wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, "");
            tell(text, view, (enum expert)i);
            expert_add_info_format(pinfo, item, &experts[i], "%s", wmem_strbuf_get_str(text));
        }
    }
}
