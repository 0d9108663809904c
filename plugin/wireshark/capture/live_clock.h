/* live_clock.h - until when does a capture show that nothing came, while it is running?
 *
 * A file ends with its newest packet; a capture that is running goes on. Wireshark doesn't tell plugins which
 * of both it reads, but packets do: one that was captured after we had begun to read, and is read at once,
 * comes from a capture that is running.
 *
 * All times in ns since the epoch; `now` is what the machine's clock says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LIVE_CLOCK_H
#define TCPFSM_WIRESHARK_LIVE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

void live_clock_open(int64_t now);

/* Is that packet newer than the opening, so that live_clock_hear() wants to know of it? Never in a file. */
extern int64_t live_clock_opened;

static inline bool live_clock_asks(int64_t time)
{
    return time >= live_clock_opened;
}

void live_clock_hear(int64_t time, int64_t now);

/* The capture has ended, unless a file has. (tshark tells nobody: it draws its statistics then.) */
void live_clock_stop(int64_t now);

/* Does, or did, a capture run beyond its newest packet? Only then there is a reason to look at the clock. */
extern bool live_clock_runs;

/* Until when it shows that nothing came after its newest packet. */
int64_t live_clock_until(int64_t newest, int64_t now);

#endif
