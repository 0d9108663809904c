/* replay.c - runs a fuzz target without libFuzzer: replay FOLDER ROUNDS LENGTH
 *
 * Each file of the folder is an input, and so are ROUNDS others made of it, at most LENGTH bytes long: the
 * same at each run.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_MAX = 4096, CHANGES_MAX = 8, INPUTS_MAX = 4096, NAME_SIZE = 80 };

static char names[INPUTS_MAX][NAME_SIZE];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next(uint32_t *state) /* xorshift */
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static size_t changed(uint8_t *data, size_t size, size_t max, uint32_t *state)
{
    uint32_t changes = 1 + next(state) % CHANGES_MAX;

    for (; size > 0 && changes > 0; changes--) {
        size_t at = next(state) % size;
        size_t length = 1 + next(state) % 16;

        switch (next(state) % 3) {
        case 0: data[at] = (uint8_t)next(state); break;
        case 1: /* a piece goes */
            length = at + length > size ? size - at : length;
            memmove(data + at, data + at + length, size - at - length);
            size -= length;
            break;
        default: /* a piece comes twice */
            if (size + length <= max && at + length <= size) {
                memmove(data + at + length, data + at, size - at);
                size += length;
            }
        }
    }
    return size;
}

static int replay(const char *folder, const char *name, unsigned long rounds, size_t max)
{
    static uint8_t seed[LENGTH_MAX], data[LENGTH_MAX];
    char path[4096];
    uint32_t state = 2463534242u;
    FILE *stream;
    size_t size;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    stream = fopen(path, "rb");
    if (!stream)
        return 1;
    size = fread(seed, 1, max, stream);
    fclose(stream);
    LLVMFuzzerTestOneInput(seed, size);
    for (; rounds > 0; rounds--) {
        memcpy(data, seed, size);
        LLVMFuzzerTestOneInput(data, changed(data, size, max, &state));
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* How many inputs there are, in the order of their names; 0: none, or more than there is room for. */
static unsigned list_inputs(const char *folder)
{
    DIR *stream = opendir(folder);
    unsigned count = 0;

    if (!stream)
        return 0;
    for (struct dirent *entry; (entry = readdir(stream));) {
        size_t size = strlen(entry->d_name) + 1;

        if (entry->d_name[0] == '.')
            continue;
        if (count == INPUTS_MAX || size > NAME_SIZE) {
            count = 0;
            break;
        }
        memcpy(names[count++], entry->d_name, size);
    }
    closedir(stream);
    qsort(names, count, NAME_SIZE, by_name);
    return count;
}

int main(int argc, char **argv)
{
    unsigned long rounds, max;
    unsigned count;
    int failed = 0;

    if (argc != 4)
        return 2;
    rounds = strtoul(argv[2], NULL, 10);
    max = strtoul(argv[3], NULL, 10);
    count = list_inputs(argv[1]);
    if (count == 0 || max > LENGTH_MAX)
        return 2;
    for (unsigned i = 0; i < count; i++)
        failed |= replay(argv[1], names[i], rounds, max);
    return failed;
}
