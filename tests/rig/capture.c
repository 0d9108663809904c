/* capture.c - scenarios written out as a capture file
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

bool capture_begin(FILE *stream)
{
    const uint32_t header[] = {0xa1b23c4d, 2 | 4u << 16, 0, 0, 262144, 1};

    return fwrite(header, sizeof header, 1, stream) == 1;
}

static bool put_record(FILE *stream, int64_t time, uint32_t captured, uint32_t length)
{
    const uint32_t record[] = {(uint32_t)(time / 1000000000), (uint32_t)(time % 1000000000), captured,
                               length};

    return fwrite(record, sizeof record, 1, stream) == 1;
}

bool capture_scenario(FILE *stream, const struct scenario *scenario, const struct numbering *numbering,
                      int64_t time)
{
    for (unsigned i = 0; i < scenario->count; i++) {
        const struct sending *sending = &scenario->line[i].sending;
        int64_t at = time + sending->time;
        struct header header;
        uint8_t frame[FRAME_MAX];
        uint32_t length, captured;

        if (sending->quoted)
            quote_build(&header, scenario, &scenario->line[sending->quoted - 1].sending, numbering);
        else
            header_build(&header, scenario, sending, numbering);
        captured = (uint32_t)frame_build(frame, &length, &header, scenario, sending, numbering);
        if (!put_record(stream, at, captured, length) || fwrite(frame, captured, 1, stream) != 1)
            return false;
    }
    return true;
}
