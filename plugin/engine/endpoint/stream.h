/* stream.h - the numbers of one direction: where it began, what is acknowledged, what may be sent
 *
 * Read RFC 9293 section 3.3.1 (send and receive sequence variables), RFC 7323 (window scale,
 * timestamps), RFC 5961 section 5 (MAX.SND.WND).
 *
 *         una          nxt (sent.h)     the peer's right
 *    ------|------------|----------------|------------
 *    acknow-   under way    may be sent      forbidden
 *    ledged
 *
 * What can't be known: what was sent and acknowledged beside the capture. It counts as soon as the
 * sender goes on from there, or the same number is acknowledged again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_STREAM_H
#define TCPFSM_ENGINE_STREAM_H

#include "endpoint/sent.h"
#include "wire/segment.h"

enum {
    SCALE_NONE = 15,      /* no window scale option */
    ACKS_SEEN_MANY = 3,   /* of acks_seen: more than two */
    UNSCALED_MAX = 65535, /* the largest window without a scale */
    PADDING_MAX = 6, /* bytes behind two headers of 20 in the shortest Ethernet frame, 46 bytes of payload */
};

/* Written by stream.c alone. Of the end that sends this stream, but for the windows and ACKs, which
 * it sends with it and which are of its peer's stream. */
struct stream {
    seq_t isn; /* with isn_known */
    seq_t una; /* SND.UNA: highest ACK that the peer sent; with una_known */
    seq_t
        acked_unseen; /* with has_acked_unseen: beyond nxt; acknowledged, or this end's RST came from there */
    seq_t rewritten_end;    /* with suspect_rewrite: where a segment ends that was judged invalid */
    seq_t other_isn;        /* with has_other_isn: of another SYN-ACK than isn is of */
    seq_t fin_acked_at;     /* the peer's SND.NXT when it acknowledged this end's FIN */
    seq_t right;            /* highest right edge offered: RCV.NXT + RCV.WND; with right_known */
    seq_t sack_edge;        /* with has_sack_edge: the highest right edge that its last ACK reported */
    seq_t last_ack;         /* the last SEG.ACK sent, be it acceptable or not; with acks_seen > 0 */
    uint32_t ts_recent;     /* TS.Recent of the peer (RFC 7323): last TSval in order; with ts_known */
    uint16_t window;        /* as last offered, not scaled; with acks_seen > 0, or syn_sent */
    uint16_t max_window;    /* the largest offered, not scaled: MAX.SND.WND of the peer; 0: none */
    unsigned scale : 4;     /* shift count of its windows, or SCALE_NONE */
    unsigned fin_data : 3;  /* bytes in front of its FIN that may be padding: at most PADDING_MAX */
    unsigned acks_seen : 2; /* different SEG.ACKs sent: ACKS_SEEN_MANY also if some were not captured */
    bool isn_known : 1;
    bool isn_far : 1; /* so much was sent that isn says nothing on order any more */
    bool una_known : 1;
    bool right_known : 1;
    bool ts_known : 1;
    bool has_acked_unseen : 1;
    bool has_other_isn : 1;
    bool other_isn_used : 1; /* after the handshake: the peer or this end goes on from there, too */
    bool suspect_rewrite : 1;
    bool rewritten : 1;     /* judged wrongly: its numbers are rewritten on the way */
    bool options_known : 1; /* of its SYN */
    bool syn_sent : 1;      /* its SYN (or SYN-ACK) was captured */
    bool syn_ack_sent : 1;  /* and one was a SYN-ACK */
    bool fin_sent : 1;      /* its FIN was captured and acceptable; nxt is behind it */
    bool syn_with_fin : 1;  /* its SYN carried a FIN, which who refuses it counts */
    bool probe_byte : 1;    /* a window probe carried the byte at nxt */
    bool offers_more : 1;   /* max_window is not that of its SYN alone */
    bool has_sack_edge : 1;
    bool spoke : 1;  /* it sent more than SYNs, SYN-ACKs and RSTs */
    bool padded : 1; /* bytes behind its FIN that the peer denied: padding */
};

/* What an acknowledgment raised. */
enum raised { RAISED_NOTHING, RAISED_PART, RAISED_ALL };

/* Is `syn` what the segments captured so far came behind? */
bool stream_begins_with(const struct stream *stream, const struct sent *sent, const struct segment *syn);

/* A SYN or SYN-ACK, the first or with another ISN than before. */
void stream_open(struct stream *stream, struct sent *sent, const struct segment *syn);

/* A SYN-ACK with another ISN when the handshake is over: its numbers stand beside, and none is accused. */
void stream_set_aside(struct stream *stream, const struct segment *syn_ack);

/* The other ISN is in use. */
void stream_use_other_isn(struct stream *stream);

/* The first segment that is known of the stream. */
void stream_begin(struct stream *stream, struct sent *sent, const struct segment *segment);

/* An acceptable segment with numbers of its own. */
void stream_extend(struct stream *stream, struct sent *sent, const struct segment *segment);

/* Its numbers have moved on by a segment: what do they leave behind? */
void stream_settle(struct stream *stream, const struct sent *sent);

/* TS.Recent. */
void stream_take_timestamp(struct stream *stream, const struct segment *segment);

/* A probe of the peer's closed window carried a byte. */
void stream_take_probe_byte(struct stream *stream);

/* The number, beyond SND.NXT, was acknowledged, or a RST came from there. */
void stream_claim(struct stream *stream, seq_t number);

/* The number that was claimed is acknowledged again: it counts. */
void stream_drop_claim(struct stream *stream);

/* The stream goes on from the number that was claimed: it had come that far. */
void stream_redeem(struct stream *stream, struct sent *sent);

/* A segment up to `end` was judged invalid; if its receiver acknowledges it, it was not. */
void stream_suspect(struct stream *stream, seq_t end);

/* Its receiver acknowledged it: the numbers are rewritten on the way, and it goes on from there. */
void stream_vindicate(struct stream *stream, struct sent *sent);

/* Of several SYN-ACKs, that one counts whose ISN + 1 is `number`. */
void stream_choose_isn(struct stream *stream, struct sent *sent, seq_t number);

/* The peer acknowledged up to `ack`. */
enum raised stream_acknowledged(struct stream *stream, struct sent *sent, seq_t ack);

/* The same, and nothing is known of the stream but this. */
void stream_learn_una(struct stream *stream, seq_t ack);

/* The same by a SYN-ACK: the SYN was not captured. */
void stream_learn_isn(struct stream *stream, struct sent *sent, seq_t ack);

/* Its FIN, which is sent just now or before, is captured; `data` bytes with it may be padding. */
void stream_close(struct stream *stream, uint32_t data);

/* They are: the peer acknowledged its FIN in front of them. */
void stream_unpad(struct stream *stream, struct sent *sent);

/* Its FIN was acknowledged while the peer's SND.NXT was `at`. */
void stream_fin_acknowledged(struct stream *stream, seq_t at);

/* The peer acknowledged the FIN and nothing behind it. */
void stream_deny_padding(struct stream *stream);

/* It sent this SEG.ACK. `whole`: none before was missed. */
void stream_send_ack(struct stream *stream, seq_t ack, bool whole);

/* With that it reported which blocks arrived behind a hole. */
void stream_send_sack(struct stream *stream, const struct segment *segment);

/* It sent an acceptable segment that is no SYN and no RST. */
void stream_speak(struct stream *stream);

/* It offered a window: the last one, the largest, and up to where the peer may send. */
void stream_offer(struct stream *stream, uint16_t window);
void stream_offer_largest(struct stream *stream, const struct segment *segment);
void stream_offer_right(struct stream *stream, seq_t right);

/* Nothing is known. */
void stream_forget(struct stream *stream);

/* A new SYN finds the end of the connection before, with all its numbers. */
void stream_inherit(struct stream *stream, const struct stream *old);

/* Does SEG.ACK acknowledge the other SYN-ACK's ISN? */
static inline bool stream_is_other_isn(const struct stream *stream, seq_t number)
{
    return stream->has_other_isn && seq_equal(number, seq_add(stream->other_isn, 1));
}

/* Before all that this end ever sent? Only an ISN tells. */
static inline bool stream_is_before_isn(const struct stream *stream, seq_t number)
{
    return stream->syn_sent && !stream->has_other_isn && !stream->isn_far && seq_before(number, stream->isn);
}

/* Does SEG.ACK acknowledge its FIN, if what came in front of that was padding? */
static inline bool stream_is_padded_fin(const struct stream *stream, const struct sent *sent, seq_t number)
{
    return stream->fin_data > 0 && sent->gaps == 0 &&
           seq_equal(number, seq_sub(sent->nxt, stream->fin_data)) && stream->una_known &&
           seq_before(stream->una, number);
}

/* The first thing that isn't as it has to be, or NULL. */
const char *stream_check(const struct stream *stream, const struct sent *sent);

#endif
