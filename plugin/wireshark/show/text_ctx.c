/* text_ctx.c - one segment as the texts about it need it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/text_ctx.h"

#include "findings/hindsight.h"
#include "words/words.h"

#include <string.h>

struct text_ctx text_ctx_make(const struct tcp_layer *layer, packet_info *pinfo, bool numbers)
{
    const struct observation *observation = &layer->record.observation;
    bool final = PINFO_FD_VISITED(pinfo);
    return (struct text_ctx){
        .segment = &layer->segment,
        .observation = observation,
        .sender = role_name(observation->sender_role),
        .peer = role_name(other_role(observation->sender_role)),
        .bases = numbers ? stream_bases(layer, pinfo) : (struct bases){0, 0},
        .reported = layer->reported,
        .now = final ? hindsight_end() : layer->segment.time,
        .final = final,
        .rejection = &layer->rejection,
        .received = &layer->received,
    };
}

uint32_t shown_seq(const struct text_ctx *ctx, seq_t raw)
{
    return raw.n - ctx->bases.seq;
}

uint32_t shown_ack(const struct text_ctx *ctx, seq_t raw)
{
    return raw.n - ctx->bases.ack;
}

/* What stands in braces in texts about a segment. */
static void put(wmem_strbuf_t *text, const char *name, const void *data)
{
    const struct text_ctx *ctx = (const struct text_ctx *)data;
    const struct segment *segment = ctx->segment;
    uint32_t seq = shown_seq(ctx, segment->seq), ack = shown_ack(ctx, segment->ack);
    uint32_t fin = shown_seq(ctx, seq_sub(segment_end(segment), 1)); /* the number that a FIN takes */
    const struct {
        const char *name;
        uint32_t number;
    } numbers[] = {
        {"seq", seq},
        {"seq+1", seq + 1},
        {"ack", ack},
        {"ack-1", ack - 1},
        {"bytes", segment->data},
        {"last", seq + segment->data - 1},
        {"seq+1+bytes", seq + 1 + segment->data},
        {"fin", fin},
        {"fin+1", fin + 1},
    };
    for (size_t i = 0; i < array_length(numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            wmem_strbuf_append_printf(text, "%u", numbers[i].number);
            return;
        }
    }
    bool sender = strcmp(name, "sender") == 0;
    ws_assert(sender || strcmp(name, "peer") == 0);
    wmem_strbuf_append(text, sender ? ctx->sender : ctx->peer);
}

void template_write(wmem_strbuf_t *text, const char *words, template_put put_name, const void *data)
{
    char name[16];
    const char *brace;
    while ((brace = strchr(words, '{')) != NULL) {
        const char *end = strchr(brace, '}');
        wmem_strbuf_append_len(text, words, (size_t)(brace - words));
        size_t length = MIN(sizeof name, (size_t)(end - brace)) - 1;
        memcpy(name, brace + 1, length);
        name[length] = '\0';
        put_name(text, name, data);
        words = end + 1;
    }
    wmem_strbuf_append(text, words);
}

void text_write(wmem_strbuf_t *text, const struct text_ctx *ctx, const char *words)
{
    template_write(text, words, put, ctx);
}
