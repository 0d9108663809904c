/* waits.h - who waits in vain, and for what? (private to the engine)
 *
 * Each question is answered for one moment: has anybody waited for long enough by then, and would still wait
 * if nothing else came?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_WAITS_H
#define TCPFSM_ENGINE_WAITS_H

#include "summary/timeout_finding.h"
#include "summary/update.h"

/* The moment. Times are those of the summary, or NEVER. */
struct wait {
    const struct timeouts *timeouts;
    int64_t now;
    int64_t end;   /* of all waiting */
    int64_t start; /* of the summary */
};

/* Is it still going on, and can nothing that was not captured explain the silence? */
bool waits_can_tell(const struct summary *s);

/* Whoever tried in vain gave up: its RST is no answer. */
bool waits_given_up(const struct summary *s);

/* The handshake is not complete, however young it is; complete, and nothing was sent since. */
bool waits_are_embryonic(const struct summary *s);
bool waits_are_idle(const struct summary *s);

/* Whether somebody waits in vain for a SYN-ACK, a step 3, a first byte. */
bool waits_for_syn_ack(const struct summary *s, const struct wait *w);
bool waits_for_third_step(const struct summary *s, const struct wait *w);
bool waits_for_data(const struct summary *s, const struct wait *w);

/* The server sent its SYN-ACK again before the handshake timed out. */
bool waits_with_repeats(const struct summary *s, const struct wait *w);

/* The end in CLOSE-WAIT owes its FIN and does nothing else; its peer's window is open. */
bool waits_for_fin(const struct summary *s, int64_t timeout, const struct wait *w);

/* And the closer itself still sends. */
bool waits_and_sends(const struct summary *s);

/* Who waits in vain for the ACK of its FIN, who for the last ACK, who for any answer; or NULL. */
const struct summary_end *waits_for_ack_of_fin(const struct summary *s, const struct wait *w);
const struct summary_end *waits_for_last_ack(const struct summary *s, const struct wait *w);
const struct summary_end *waits_for_answer(const struct summary *s, const struct wait *w);

#endif
