/* facts.c - see facts.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine/facts.h"

enum event fact_event(enum fact fact, bool passive)
{
    static const enum event events[FACT_COUNT] = {
        [FACT_SYN] = RCV_SYN,          [FACT_SYN_ACK] = RCV_SYN_ACK,       [FACT_ACK_OF_SYN] = RCV_ACK_OF_SYN,
        [FACT_FIN] = RCV_FIN,          [FACT_ACK_OF_FIN] = RCV_ACK_OF_FIN, [FACT_RST] = RCV_RST,
        [FACT_EXPIRED] = TIMEOUT_2MSL, [FACT_RST_SENT] = SND_RST,
    };
    return fact == FACT_RST && passive ? RCV_RST_LISTENER : events[fact];
}

enum state facts_follow(enum state proven, uint8_t facts, bool passive)
{
    enum state state = proven;
    for (unsigned fact = 0, rest = facts; rest != 0; fact++, rest >>= 1) {
        if (rest & 1u) {
            state = fsm_step(state, fact_event((enum fact)fact, passive)).next;
        }
    }
    return state;
}
