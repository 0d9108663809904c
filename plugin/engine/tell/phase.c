/* phase.c - see phase.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tell/phase.h"

enum phase phase_of(const struct seg_ctx *ctx, const struct judgment *j, enum state sender, enum state peer,
                    bool first)
{
    const struct dialogue *d = &ctx->c->dialogue;
    if (j->rst_counts && !(state_is_closed(sender) && state_is_closed(peer) && d->complete)) {
        return PHASE_RESET;
    }
    if (j->step.steps & STEPS_OF_HANDSHAKE) {
        return PHASE_HANDSHAKE;
    }
    /* TIME-WAIT counts as closed, except for the answer to a repeated FIN. */
    bool answers_fin = j->step.repeat && (j->step.steps & STEPS_OF_TEARDOWN);
    bool sender_gone = answers_fin ? state_is_closed(sender) : state_is_gone(sender);
    bool peer_gone = answers_fin ? state_is_closed(peer) : state_is_gone(peer);
    bool gone = sender_gone && peer_gone;
    if ((j->step.steps & STEPS_OF_TEARDOWN) && !gone) {
        return PHASE_TEARDOWN;
    }
    if (gone && !first) {
        return PHASE_CLOSED;
    }
    if (state_is_opening(sender) || state_is_opening(peer)) {
        return PHASE_HANDSHAKE;
    }
    if (d->steps & STEPS_OF_TEARDOWN) {
        return PHASE_TEARDOWN;
    }
    return sender == UNKNOWN || peer == UNKNOWN ? PHASE_UNKNOWN : PHASE_ESTABLISHED;
}
