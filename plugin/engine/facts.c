/* facts.c - see facts.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "facts.h"

enum arrival_slot facts_slot(enum fact fact)
{
    return fact == FACT_ACK_OF_SYN || fact == FACT_ACK_OF_FIN ? SLOT_ACK : SLOT_FLAG;
}

/* Who opened passively listens again after a RST (RFC 9293 3.10.7.4). */
static bool opened_passively(const struct connection *c, const struct end *end)
{
    return end != &c->end[c->client] && !c->simultaneous;
}

enum event facts_event(const struct connection *c, const struct end *end, enum fact fact)
{
    static const enum event events[FACT_COUNT] = {
        [FACT_SYN] = RCV_SYN,          [FACT_SYN_ACK] = RCV_SYN_ACK,       [FACT_ACK_OF_SYN] = RCV_ACK_OF_SYN,
        [FACT_FIN] = RCV_FIN,          [FACT_ACK_OF_FIN] = RCV_ACK_OF_FIN, [FACT_RST] = RCV_RST,
        [FACT_EXPIRED] = TIMEOUT_2MSL, [FACT_RST_SENT] = SND_RST,
    };
    return fact == FACT_RST && opened_passively(c, end) ? RCV_RST_LISTENER : events[fact];
}

enum state facts_state(const struct view *v, const struct end *end, uint8_t except)
{
    enum state state = (enum state)end->held;
    unsigned facts = end->pending & (uint8_t)~except;
    for (unsigned fact = 0; facts != 0; fact++, facts >>= 1) {
        if (facts & 1u) {
            state = fsm_step(state, facts_event(v->c, end, (enum fact)fact)).next;
        }
    }
    return state;
}

void facts_expire(const struct view *v, struct end *end, int64_t time_wait)
{
    struct observed_end *seen = end == v->sender ? &v->o->sender : &v->o->peer;
    if (end->shown == TIME_WAIT && end->since != NO_TIME && v->seg->time - end->since > time_wait) {
        end->pending |= FACT(FACT_EXPIRED);
        end->assumed = true;
        seen->rule = fsm_step(TIME_WAIT, TIMEOUT_2MSL).rule;
    }
}

bool facts_ack_covers_syn(const struct view *v)
{
    const struct end *p = v->peer;
    if (!v->ack || !p->isn_known) {
        return false;
    }
    switch (v->o->ack_verdict) {
    case ACK_HANDSHAKE:
    case ACK_CURRENT:
    case ACK_PARTIAL:
    case ACK_DUPLICATE:
    case ACK_OF_FIN:
    case ACK_OLD: return p->isn_far || p->alternative || seq_after(v->seg->ack, p->isn);
    case ACK_NOT_CAPTURED: return v->c->complete || v->sender->syn_acks;
    case ACK_NOT_JUDGED: return v->syn_ack; /* the first that is known of the peer */
    default: return false;
    }
}

bool facts_may_be_fast_open(const struct view *v)
{
    return v->c->fast_open && v->seg->data > 0 && v->peer->syn_sent && !v->c->complete;
}
