/* numbers.c - one segment as the texts about it need it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/numbers.h"

#include "findings/hindsight.h"
#include "show/words.h"

#include <string.h>

struct view view_make(const struct sighting *sighting, packet_info *pinfo, bool numbers)
{
    const struct observation *observation = &sighting->record.observation;
    bool final = PINFO_FD_VISITED(pinfo);
    return (struct view){
        .segment = &sighting->segment,
        .observation = observation,
        .sender = role_name(observation->sender_role),
        .peer = role_name(other_role(observation->sender_role)),
        .bases = numbers ? stream_bases(sighting, pinfo) : (struct bases){0, 0},
        .timeout_findings = sighting->timeout_findings,
        .now = final ? hindsight_end() : sighting->segment.time,
        .final = final,
        .rejection = &sighting->rejection,
        .received = &sighting->received,
    };
}

uint32_t shown_seq(const struct view *view, seq_t raw)
{
    return raw.n - view->bases.seq;
}

uint32_t shown_ack(const struct view *view, seq_t raw)
{
    return raw.n - view->bases.ack;
}

static uint32_t number_named(const struct view *view, const char *name)
{
    const struct segment *segment = view->segment;
    uint32_t seq = shown_seq(view, segment->seq), ack = shown_ack(view, segment->ack);
    uint32_t fin = shown_seq(view, fin_number(segment));
    const struct {
        const char *name;
        uint32_t number;
    } numbers[] = {
        {"seq}", seq},
        {"seq+1}", seq + 1},
        {"ack}", ack},
        {"ack-1}", ack - 1},
        {"bytes}", segment->data},
        {"last}", seq + segment->data - 1},
        {"seq+1+bytes}", seq + 1 + segment->data},
        {"fin}", fin},
        {"fin+1}", fin + 1},
    };
    for (size_t i = 0; i < array_length(numbers); i++) {
        if (strncmp(name, numbers[i].name, strlen(numbers[i].name)) == 0) {
            return numbers[i].number;
        }
    }
    ws_assert_not_reached(); /* the words are ours */
}

void view_write(wmem_strbuf_t *text, const struct view *view, const char *words)
{
    const char *brace;
    while ((brace = strchr(words, '{')) != NULL) {
        wmem_strbuf_append_len(text, words, (size_t)(brace - words));
        const char *name = brace + 1;
        if (strncmp(name, "sender}", strlen("sender}")) == 0) {
            wmem_strbuf_append(text, view->sender);
        } else if (strncmp(name, "peer}", strlen("peer}")) == 0) {
            wmem_strbuf_append(text, view->peer);
        } else {
            wmem_strbuf_append_printf(text, "%u", number_named(view, name));
        }
        words = strchr(name, '}') + 1;
    }
    wmem_strbuf_append(text, words);
}

seq_t fin_number(const struct segment *segment)
{
    return seq_sub(segment_end(segment), 1);
}
