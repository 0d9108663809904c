/* capture.c - a capture in the notation of tests/scenarios
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include <stdio.h>

static void print_flags(unsigned flags)
{
    static const struct {
        unsigned flag;
        char letter;
    } letters[] = {{FLAG_SYN, 'S'}, {FLAG_FIN, 'F'}, {FLAG_RST, 'R'}, {FLAG_PSH, 'P'}, {FLAG_ACK, 'A'}};
    for (unsigned i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (flags & letters[i].flag) {
            putchar(letters[i].letter);
        }
    }
}

static void print_options(const struct segment *seg, seq_t base)
{
    if (seg->mss) {
        printf(" mss %u", seg->mss);
    }
    if (seg->has_scale) {
        printf(" ws %u", seg->scale);
    }
    if (seg->sack_permitted) {
        printf(" sackok");
    }
    if (seg->has_timestamps) {
        printf(" ts %u/%u", seg->tsval, seg->tsecr);
    }
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        printf(" sack %u-%u", seg->sack[i].left.n - base.n, seg->sack[i].right.n - base.n);
    }
    if (!seg->options_known) {
        printf(" cut 20");
    }
    if (!seg->length_known) {
        printf(" frag");
    }
}

void capture_print(const struct capture *capture)
{
    printf("time_wait %u\n", (unsigned)(capture->time_wait / SECOND));
    for (unsigned i = 0; i < capture->count; i++) {
        const struct segment *seg = &capture->frame[i].packet.seg;
        int64_t us = (seg->time - capture->frame[0].packet.seg.time) / 1000;
        printf("%u.%06u %c ", (unsigned)(us / 1000000), (unsigned)(us % 1000000), seg->from ? '<' : '>');
        print_flags(seg->flags);
        printf(" %u", seg->seq.n - capture->base[seg->from].n);
        if (seg->data) {
            printf("+%u", seg->data);
        }
        if (seg->flags & FLAG_ACK) {
            printf(" ack %u", seg->ack.n - capture->base[!seg->from].n);
        }
        printf(" win %u", seg->window);
        print_options(seg, capture->base[!seg->from]);
        printf(" id %u", seg->ip_id);
        if (seg->path) {
            printf(" path %u", seg->path);
        }
        putchar('\n');
    }
}
