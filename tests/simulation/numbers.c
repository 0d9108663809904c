/* numbers.c - are seq.expected and ack.expected what the captured segments add up to?
 *
 * Every piece that was captured is kept, which the engine can't afford.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"

#include <stdio.h>
#include <string.h>

enum { CONNECTIONS_KEPT = 256, PIECES_KEPT = 64, PIECES_OF_ENGINE = 2 };

struct stream {
    bool known, given_up; /* given_up: segments of two connections got mixed, or too many pieces */
    uint32_t life;
    seq_t edge, nxt;
    struct piece piece[PIECES_KEPT]; /* beyond edge */
    unsigned pieces;
    bool blurred; /* more gaps than the engine tells apart, until all are closed */
    bool probe_byte;
    bool probed; /* a probe's byte: whether it counts as sent is up to the receiver */
};

static void raise_edge(struct stream *s, seq_t edge)
{
    s->edge = seq_max(s->edge, edge);
    for (unsigned i = 0; i < s->pieces;) {
        if (seq_after(s->piece[i].from, s->edge)) {
            i++;
            continue;
        }
        s->edge = seq_max(s->edge, s->piece[i].to);
        s->piece[i] = s->piece[--s->pieces];
        i = 0;
    }
}

static void add_piece(struct stream *s, seq_t from, seq_t to)
{
    struct piece piece = {from, to};
    for (unsigned i = 0; i < s->pieces;) {
        if (seq_after(piece.from, s->piece[i].to) || seq_before(piece.to, s->piece[i].from)) {
            i++;
            continue;
        }
        piece.from = seq_before(s->piece[i].from, piece.from) ? s->piece[i].from : piece.from;
        piece.to = seq_max(piece.to, s->piece[i].to);
        s->piece[i] = s->piece[--s->pieces];
        i = 0;
    }
    if (s->pieces == PIECES_KEPT) {
        s->given_up = true;
        return;
    }
    s->piece[s->pieces++] = piece;
    s->blurred = s->blurred || s->pieces > PIECES_OF_ENGINE;
}

static void sent(struct stream *s, const struct packet *packet, bool window_closed)
{
    const struct segment *seg = &packet->seg;
    if (packet->probe) {
        s->probe_byte = s->probe_byte || seg->data > 0;
        s->probed = s->probed || seg->data > 0;
        /* It looks like data if the window opened in the meantime. */
        s->given_up = s->given_up || (seg->data > 0 && !window_closed);
        return;
    }
    s->given_up = s->given_up || (window_closed && seg->data == 1); /* it looks like a probe */
    if (!s->known) {
        s->known = true;
        s->life = packet->life;
        s->edge = s->nxt = seg->seq;
    }
    s->given_up = s->given_up || s->life != packet->life;
    if (segment_length(seg) > 0 || seq_after(seg->seq, s->nxt)) {
        s->nxt = seq_max(s->nxt, segment_end(seg));
        if (seq_after(seg->seq, s->edge)) {
            add_piece(s, seg->seq, segment_end(seg));
        } else {
            raise_edge(s, segment_end(seg));
        }
    }
}

static void acknowledged(struct stream *s, seq_t ack)
{
    if (!s->known) {
        return;
    }
    if (s->probe_byte && seq_equal(ack, seq_add(s->nxt, 1))) {
        s->nxt = ack;
        s->probe_byte = false;
    }
    if (!seq_after(ack, s->nxt)) {
        raise_edge(s, ack);
    }
    s->blurred = s->blurred && !seq_equal(ack, s->nxt);
}

static struct breach differ(unsigned frame, const char *what, seq_t expected, seq_t shown, seq_t base)
{
    struct breach breach = {.frame = (int)frame};
    snprintf(breach.why, sizeof breach.why, "%s is %u, shown as %u", what, expected.n - base.n,
             shown.n - base.n);
    return breach;
}

/* The sender's own count, as long as all that it sent was captured in order. */
static bool check_orders(const struct packet *packet, uint32_t *order, bool *consecutive)
{
    *consecutive = *consecutive && packet->order == *order + 1;
    *order = packet->order;
    return *consecutive && packet->life != 0 && !packet->probe;
}

struct breach check_numbers(const struct capture *capture, const struct reading *reading)
{
    static struct stream streams[CONNECTIONS_KEPT][2];
    uint32_t order[2] = {0, 0}, window[2] = {0, 0};
    bool consecutive[2] = {true, true};
    memset(streams, 0, sizeof streams);
    for (unsigned i = 0; i < capture->count; i++) {
        const struct packet *packet = &capture->frame[i].packet;
        const struct observation *o = &reading->o[i];
        unsigned from = packet->seg.from;
        if (o->connection >= CONNECTIONS_KEPT) {
            break;
        }
        struct stream *own = &streams[o->connection][from], *peers = &streams[o->connection][!from];
        bool in_order = check_orders(packet, &order[from], &consecutive[from]);
        bool clear = own->known && !own->given_up && own->life == packet->life;
        if (o->has_seq_expected && clear && !seq_equal(o->seq_expected, own->nxt)) {
            return differ(i, "what the captured segments of the sender add up to", own->nxt, o->seq_expected,
                          capture->base[from]);
        }
        if (o->has_seq_expected && clear && in_order && !own->probed &&
            !seq_equal(o->seq_expected, packet->nxt_before)) {
            return differ(i, "SND.NXT of the sender", packet->nxt_before, o->seq_expected,
                          capture->base[from]);
        }
        bool edge_clear = peers->known && !peers->given_up && !peers->blurred;
        if (o->has_ack_expected && edge_clear && !seq_equal(o->ack_expected, peers->edge)) {
            return differ(i, "the left edge of the peer's stream", peers->edge, o->ack_expected,
                          capture->base[!from]);
        }
        bool rst = packet->seg.flags & FLAG_RST;
        if (!rst) {
            sent(own, packet, window[!from] == 0);
            window[from] = packet->seg.window;
        }
        if (!rst && (packet->seg.flags & FLAG_ACK)) {
            acknowledged(peers, packet->seg.ack);
        }
    }
    return (struct breach){.frame = NO_BREACH};
}
