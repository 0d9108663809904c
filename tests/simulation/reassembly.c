/* reassembly.c - what arrived out of order waits until the numbers before it are here
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

static void remove_piece(struct tcp *t, unsigned at)
{
    t->pieces--;
    for (; at < t->pieces; at++) {
        t->piece[at] = t->piece[at + 1];
    }
}

/* The newest piece stands first, as RFC 2018 section 4 wants it reported. */
static void keep(struct tcp *t, struct piece piece)
{
    for (unsigned i = 0; i < t->pieces;) {
        struct piece *other = &t->piece[i];
        if (seq_after(piece.from, other->to) || seq_before(piece.to, other->from)) {
            i++;
            continue;
        }
        piece.from = seq_before(other->from, piece.from) ? other->from : piece.from;
        piece.to = seq_max(piece.to, other->to);
        remove_piece(t, i);
    }
    if (t->pieces == PIECES_MAX) {
        t->pieces--;
    }
    for (unsigned i = t->pieces++; i > 0; i--) {
        t->piece[i] = t->piece[i - 1];
    }
    t->piece[0] = piece;
}

static void receive_up_to(struct tcp *t, seq_t to)
{
    uint32_t count = (uint32_t)seq_diff(to, t->rcv_nxt);
    t->rcv_nxt = to;
    t->unread += count;
    if (t->reads) {
        t->unread = 0;
    }
}

void tcp_take_data(struct tcp *t, seq_t from, seq_t to)
{
    if (!seq_before(from, to)) {
        return;
    }
    if (seq_after(from, t->rcv_nxt)) {
        keep(t, (struct piece){from, to});
        return;
    }
    receive_up_to(t, to);
    for (unsigned i = 0; i < t->pieces;) {
        if (seq_after(t->piece[i].from, t->rcv_nxt)) {
            i++;
            continue;
        }
        if (seq_after(t->piece[i].to, t->rcv_nxt)) {
            receive_up_to(t, t->piece[i].to);
        }
        remove_piece(t, i);
        i = 0;
    }
}
