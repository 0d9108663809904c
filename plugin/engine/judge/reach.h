/* reach.h - how far may a number lie from what was captured?
 *
 * Read RFC 9293 section 3.10.7.4, RFC 5961 section 5.
 *
 * What can't be known: windows that were offered beside the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_REACH_H
#define TCPFSM_ENGINE_REACH_H

#include "seg_ctx.h"

/* MAX.SND.WND of the peer of `offerer`, in bytes. */
uint32_t reach_max_window(const struct connection *connection, const struct end *offerer);

/* The right edge that `offerer` gave to `stream`, its peer's; false if none is known. */
bool reach_right_edge(const struct end *offerer, const struct end *stream, seq_t *right);

/* Does `number` lie so far beyond `right`, the highest right edge that `offerer` was seen to offer, that
 * not even packets missing from the capture explain it? */
bool reach_is_beyond(const struct seg_ctx *ctx, const struct end *offerer, seq_t right, seq_t number);

/* Does it acknowledge what was not captured of its peer, though no more than may be missing? Then the
 * capture lacks segments, and what its sender sent meanwhile may be among them. */
bool reach_acks_unseen(const struct seg_ctx *ctx);

/* Likewise: does it follow what was not captured of its sender? */
bool reach_follows_unseen(const struct seg_ctx *ctx);

/* An ACK below `lowest`: may the windows have moved so far while packets stood in disorder at the
 * observer? */
bool reach_may_be_disorder(const struct seg_ctx *ctx, seq_t lowest, seq_t number);

/* Was the opening SYN captured? Without it there may have been other SYN-ACKs than those captured. */
bool reach_opening_is_known(const struct connection *connection);

#endif
