/* parsing.h - reading headers, with each input at the very end of a mapped page
 *
 * Behind the input lies a page without access: a read of one byte too many
 * ends the test with a fault.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_PARSING_H
#define TCPFSM_TESTS_UNIT_PARSING_H

#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "check.h"
#include "wire/segment.h"

#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

static uint8_t *page_end; /* the first byte without access */
static size_t page_size;

/* Two pages, of which the second has no access; NULL: the system has none. */
#ifdef _WIN32
static inline uint8_t *two_pages(void)
{
    DWORD before;
    page_size = 4096;

    uint8_t *pages = VirtualAlloc(NULL, 2 * page_size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    return pages && VirtualProtect(pages + page_size, page_size, PAGE_NOACCESS, &before) ? pages : NULL;
}
#else
static inline uint8_t *two_pages(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);

    uint8_t *pages = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages != MAP_FAILED && mprotect(pages + page_size, page_size, PROT_NONE) == 0 ? pages : NULL;
}
#endif

static inline void map_pages(void)
{
    uint8_t *pages = two_pages();

    if (!pages) {
        perror("a page without access");
        exit(1);
    }
    page_end = pages + page_size;
}

/* Parses `captured` bytes that end where access ends. */
static inline struct segment parse(const uint8_t *bytes, size_t captured, uint32_t length)
{
    struct segment segment;

    memset(&segment, 0xff, sizeof segment);
    if (captured > 0)
        memcpy(page_end - captured, bytes, captured);

    bool usable = segment_parse(&segment, page_end - captured, captured, length);

    CHECK_EQUAL(usable, segment.usable);
    return segment;
}

/* Port 0x1234 to 80, SEQ 0xfffffff0, ACK 0x01020304, window 0xabcd; then the options. */
struct packet {
    uint8_t bytes[SEGMENT_HEADER_MAX];
    unsigned size;
};

static inline struct packet packet_with(unsigned flags, const uint8_t *options, unsigned options_size)
{
    struct packet packet = {
        {0x12, 0x34, 0, 80, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4, 0, 0, 0xab, 0xcd, 0, 0, 0, 0}, 20};

    packet.size += options_size;
    packet.bytes[12] = (uint8_t)(packet.size / 4 << 4 | (flags >> 8 & 1));
    packet.bytes[13] = (uint8_t)flags;
    if (options_size > 0)
        memcpy(packet.bytes + 20, options, options_size);
    return packet;
}

static inline struct segment parse_packet(unsigned flags, const uint8_t *options, unsigned options_size)
{
    struct packet packet = packet_with(flags, options, options_size);

    return parse(packet.bytes, packet.size, packet.size);
}

#define PARSE_OPTIONS(flags, ...) \
    parse_packet((flags), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

#endif
