/* text_ctx.h - one segment as the texts about it need it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TEXT_CTX_H
#define TCPFSM_WIRESHARK_TEXT_CTX_H

#include "summary/timeout_finding.h"
#include "observe.h"
#include "tcp_dissector.h"
#include "words/text.h"

struct text_ctx {
    const struct segment *segment;
    const struct observation *observation;
    const char *sender; /* "client" */
    const char *peer;
    struct bases bases;
    const struct summary *summary; /* of the connection, or NULL if nobody asked for it */
    struct reported reported;
    int64_t now;                       /* as of when: the end of the capture, or this segment */
    const struct rejection *rejection; /* what it shows of earlier segments */
    const struct crossing *crossing;   /* what it shows of two capture points, or NULL */
    const struct testimony *received;  /* what its receiver made of it, or NULL */
    bool final;                        /* the first pass is over: all is known that there is */
};

/* `numbers`: some will be displayed, so find out from where relative ones count. Without a summary. */
struct text_ctx text_ctx_make(const struct tcp_layer *layer, packet_info *pinfo, bool numbers);

/* Numbers as tcp.seq and tcp.ack are displayed. */
uint32_t shown_seq(const struct text_ctx *ctx, seq_t raw); /* a number of the sender */
uint32_t shown_ack(const struct text_ctx *ctx, seq_t raw); /* a number of the peer */

/* Appends `words`, in which each name in braces is replaced: {sender} {peer} {seq} {seq+1} {ack} {ack-1}
 * {bytes} {last} (the last byte of data) {seq+1+bytes} {fin} {fin+1}; numbers as they are displayed. */
void text_write(struct text *text, const struct text_ctx *ctx, const char *words);

/* Appends `words`, in which each name in braces is replaced by what `put` appends for it. */
typedef void (*template_put)(struct text *text, const char *name, size_t length, const void *data);

void template_write(struct text *text, const char *words, template_put put_name, const void *data);

#endif
