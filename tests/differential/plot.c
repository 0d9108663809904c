/* plot.c - which bytes make a story worth telling?
 *
 * Random bytes hardly ever make a handshake. So most stories are those of the fuzzer's seeds, cut and
 * joined and with some bytes changed, or choices of which most are sensible.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot.h"

#include <stdio.h>
#include <string.h>

/* The bytes of a choice, see story.h. */
enum { WHERE, FLAGS, SEQ_OFF, ACK_OFF, LENGTH, TIME, ODDITIES, WINDOW };

bool seeds_read(struct seeds *seeds, const char *path)
{
    FILE *stream = fopen(path, "rb");
    struct seed *seed = &seeds->seed[seeds->count];

    if (!stream || seeds->count == SEEDS_MAX) {
        perror(path);
        return false;
    }
    fgetc(stream); /* of the fuzz target, not of the story */
    seed->size = fread(seed->bytes, 1, PLOT_MAX, stream) / CHOICE * CHOICE;
    seeds->count += seed->size > 0;
    return fclose(stream) == 0;
}

static bool one_in(struct chance *chance, unsigned many)
{
    return chance_below(chance, many) == 0;
}

static uint8_t one_of(struct chance *chance, const char *list, size_t size)
{
    return (uint8_t)list[chance_below(chance, (unsigned)size)];
}

#define ONE_OF(chance, list) one_of(chance, list, sizeof(list) - 1)

static void choose_sensibly(uint8_t *choice, struct chance *chance)
{
    uint8_t from = (uint8_t)chance_below(chance, 2);
    uint8_t seq = one_in(chance, 6) ? (uint8_t)chance_below(chance, 8) : 0;
    uint8_t ack = one_in(chance, 6) ? (uint8_t)chance_below(chance, 8) : 0;
    uint8_t again = one_in(chance, 8) ? 0x80 : 0;

    choice[WHERE] = (uint8_t)(from | seq << 1 | ack << 4 | again);
    choice[FLAGS] = ONE_OF(chance, "\x10\x10\x10\x18\x18\x10\x11\x11\x11\x12\x02\x04\x14\xc2\x01");
    choice[SEQ_OFF] = one_in(chance, 5) ? (uint8_t)(chance_below(chance, 5) - 2) : 0;
    choice[ACK_OFF] = one_in(chance, 5) ? (uint8_t)(chance_below(chance, 5) - 2) : 0;
    choice[LENGTH] = ONE_OF(chance, "\x00\x00\x00\x03\x05\x06\x07\x08");
    choice[TIME] = ONE_OF(chance, "\x00\x01\x02\x03\x03\x03\x04\x05\x06\x07\x08");
    choice[ODDITIES] = one_in(chance, 4) ? (uint8_t)(1u << chance_below(chance, 8)) : 0;
    choice[WINDOW] = one_in(chance, 4) ? (uint8_t)chance_next(chance) : 3;
}

static void choose_anything(uint8_t *choice, struct chance *chance)
{
    uint64_t bytes = chance_next(chance);

    memcpy(choice, &bytes, CHOICE);
}

static size_t append(uint8_t *plot, size_t size, const uint8_t *bytes, size_t count)
{
    if (count > PLOT_MAX - size)
        count = PLOT_MAX - size;
    memcpy(plot + size, bytes, count);
    return size + count;
}

/* Pieces of seeds, one behind the other; the first one mostly from its beginning. */
static size_t join_seeds(uint8_t *plot, const struct seeds *seeds, struct chance *chance)
{
    size_t size = 0;
    unsigned pieces = 1 + chance_below(chance, 4);

    for (unsigned i = 0; i < pieces; i++) {
        const struct seed *seed = &seeds->seed[chance_below(chance, seeds->count)];
        unsigned choices = (unsigned)(seed->size / CHOICE);
        unsigned first = i == 0 && !one_in(chance, 8) ? 0 : chance_below(chance, choices);
        unsigned count = one_in(chance, 3) ? choices - first : 1 + chance_below(chance, choices - first);

        size = append(plot, size, seed->bytes + CHOICE * first, (size_t)CHOICE * count);
    }
    return size;
}

static size_t insert(uint8_t *plot, size_t size, size_t at, const uint8_t *choice)
{
    if (size + CHOICE > PLOT_MAX)
        return size;
    memmove(plot + at + CHOICE, plot + at, size - at);
    memcpy(plot + at, choice, CHOICE);
    return size + CHOICE;
}

static size_t take_out(uint8_t *plot, size_t size, size_t at)
{
    memmove(plot + at, plot + at + CHOICE, size - at - CHOICE);
    return size - CHOICE;
}

/* Changes one thing: a byte, a bit, or a whole segment, which comes, goes, or moves. */
static size_t change(uint8_t *plot, size_t size, struct chance *chance)
{
    size_t at = (size_t)CHOICE * chance_below(chance, (unsigned)(size / CHOICE));
    uint8_t *byte = plot + at + chance_below(chance, CHOICE);
    uint8_t choice[CHOICE];

    switch (chance_below(chance, 7)) {
    case 0: *byte = (uint8_t)chance_next(chance); return size;
    case 1: *byte = (uint8_t)(*byte ^ 1u << chance_below(chance, 8)); return size;
    case 2: choose_sensibly(plot + at, chance); return size;
    case 3: choose_sensibly(choice, chance); return insert(plot, size, at, choice);
    case 4: return size > CHOICE ? take_out(plot, size, at) : size;
    case 5: plot[at + TIME] = (uint8_t)chance_below(chance, 9); return size;
    default:
        memcpy(choice, plot + at, CHOICE);
        size = take_out(plot, size, at);
        return insert(plot, size, (size_t)CHOICE * chance_below(chance, (unsigned)(size / CHOICE) + 1),
                      choice);
    }
}

size_t plot_make(uint8_t *plot, const struct seeds *seeds, struct chance *chance)
{
    unsigned kind = chance_below(chance, 8);
    unsigned choices = 1 + chance_below(chance, SEGMENTS_MAX);
    size_t size = kind < 4 || one_in(chance, 2) ? join_seeds(plot, seeds, chance) : 0;

    if (kind < 4) { /* a story by hand, changed */
        for (unsigned changes = chance_below(chance, 9); changes > 0; changes--)
            size = change(plot, size, chance);
        return size;
    }
    for (; size / CHOICE < choices; size += CHOICE)
        if (kind < 7)
            choose_sensibly(plot + size, chance);
        else
            choose_anything(plot + size, chance);
    return size;
}

/* Options one behind the other, most of them as they should be. */
static size_t add_options(uint8_t *header, size_t size, struct chance *chance)
{
    static const uint8_t known[][3] = {{0, 1, 0},   {1, 1, 0},   {2, 4, 0},      {3, 3, 0},
                                       {4, 2, 0},   {5, 10, 0},  {5, 18, 0},     {5, 26, 0},
                                       {8, 10, 0},  {34, 2, 0},  {34, 10, 0},    {30, 12, 0},
                                       {19, 18, 0}, {29, 16, 0}, {254, 6, 0xf9}, {253, 8, 0xf9}};
    unsigned options = chance_below(chance, 6);

    for (unsigned i = 0; i < options; i++) {
        const uint8_t *option = known[chance_below(chance, sizeof known / sizeof *known)];
        size_t count = option[1] > 1 && one_in(chance, 6) ? 2 + chance_below(chance, 30) : option[1];

        if (size + count > 60)
            break;
        for (size_t at = 0; at < count; at++)
            header[size + at] = (uint8_t)chance_next(chance);
        header[size] = one_in(chance, 16) ? (uint8_t)chance_next(chance) : option[0];
        if (count > 1)
            header[size + 1] = one_in(chance, 16) ? (uint8_t)chance_next(chance) : (uint8_t)count;
        if (option[2] && count > 3) {
            header[size + 2] = option[2];
            header[size + 3] = 0x89;
        }
        size += count;
    }
    return size;
}

size_t plot_header(uint8_t *header, uint32_t *length, struct chance *chance)
{
    size_t size = 20;

    for (size_t i = 0; i < 60; i++)
        header[i] = i < size ? (uint8_t)chance_next(chance) : 0;
    size = (add_options(header, size, chance) + 3) / 4 * 4;
    header[12] = (uint8_t)(size / 4 << 4 | (header[12] & 0x0f));
    if (one_in(chance, 16))
        header[12] = (uint8_t)chance_next(chance);
    *length = (uint32_t)size + chance_below(chance, 1500);
    if (one_in(chance, 8))
        *length = one_in(chance, 2) ? SEGMENT_LENGTH_UNKNOWN : chance_below(chance, 70);
    return one_in(chance, 4) ? chance_below(chance, (unsigned)size + 1) : size;
}
