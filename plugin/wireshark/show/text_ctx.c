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
        .crossing = &layer->crossing,
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

static bool is_name(const char *name, const char *part, size_t length)
{
    return *name == *part && strncmp(name, part, length) == 0 && name[length] == '\0';
}

/* What stands in braces in texts about a segment. */
static void put(struct text *text, const char *name, size_t length, const void *data)
{
    const struct text_ctx *ctx = (const struct text_ctx *)data;
    const struct segment *segment = ctx->segment;
    uint32_t seq = shown_seq(ctx, segment->seq), ack = shown_ack(ctx, segment->ack);
    uint32_t fin = shown_seq(ctx, seq_sub(segment_end(segment), 1)); /* the number that a FIN takes */
    const struct {
        const char *name;
        const char *word; /* or, if that is NULL: */
        uint32_t number;
    } values[] = {
        {"sender", ctx->sender, 0},
        {"peer", ctx->peer, 0},
        {"seq", NULL, seq},
        {"seq+1", NULL, seq + 1},
        {"ack", NULL, ack},
        {"ack-1", NULL, ack - 1},
        {"bytes", NULL, segment->data},
        {"last", NULL, seq + segment->data - 1},
        {"seq+1+bytes", NULL, seq + 1 + segment->data},
        {"fin", NULL, fin},
        {"fin+1", NULL, fin + 1},
    };
    size_t i = 0;
    while (!is_name(values[i].name, name, length)) {
        ws_assert(i + 1 < array_length(values));
        i++;
    }
    if (values[i].word != NULL) {
        text_add(text, values[i].word);
    } else {
        text_add_number(text, values[i].number);
    }
}

void template_write(struct text *text, const char *words, template_put put_name, const void *data)
{
    const char *brace;
    while ((brace = strchr(words, '{')) != NULL) {
        const char *end = strchr(brace, '}');
        text_add_part(text, words, (size_t)(brace - words));
        put_name(text, brace + 1, (size_t)(end - brace - 1), data);
        words = end + 1;
    }
    text_add(text, words);
}

void text_write(struct text *text, const struct text_ctx *ctx, const char *words)
{
    template_write(text, words, put, ctx);
}
