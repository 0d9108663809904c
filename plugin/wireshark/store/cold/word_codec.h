/* word_codec.h - how is memory kept that is like other memory, or says the same more than once?
 *
 * Memory is taken as words of 4 bytes, eight to a group. A group is a byte that
 * tells which of its words are other ones than in the memory that it is like, then
 * these words; a zero byte stands for a run of groups without any, whose number
 * follows. A word is a byte, of which the two highest bits tell what it is:
 *
 *     SAME      one of the first 64 different of these words, by its number; the first is 0
 *     NEAR      such a word, and a signed byte follows that is added to it
 *     CLOSE     such a word, and two signed bytes follow that are added to it
 *     LITERAL   a number of bytes, which follow, low ones first; or the upper half
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_WORD_CODEC_H
#define TCPFSM_WIRESHARK_WORD_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WORD_CODEC_GROUP = 32, /* bytes that sizes are multiples of */
    WORD_CODEC_GROUP_MAX = 1 + 8 * 5,
};

/* The most that `size` bytes can become. */
#define WORD_CODEC_MAX(size) ((size) / WORD_CODEC_GROUP * WORD_CODEC_GROUP_MAX)

/* Packs `size` bytes as they differ from those of `like`; returns how many were written to `packed`, which
 * has room for WORD_CODEC_MAX(size). */
size_t word_codec_pack(uint8_t *packed, const void *memory, const void *like, size_t size);

/* Unpacks the first `size` bytes of what was packed: `memory` holds those that it was like. Never reads
 * behind `length`. False if that was not packed by word_codec_pack(), or is shorter; then some of `memory` is
 * as it was. */
bool word_codec_unpack(void *memory, size_t size, const uint8_t *packed, size_t length);

#endif
