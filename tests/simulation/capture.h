/* capture.h - what passed the observer, with the truth beside it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_CAPTURE_H
#define TCPFSM_SIMULATION_CAPTURE_H

#include "tcp.h"

enum { FRAMES_MAX = 6000 };

/* With nothing in flight, nothing outstanding and nothing unheard of, the true states are what the
 * observer should show. */
struct quiet {
    bool is;
    enum state state[2];
};

struct frame {
    struct packet packet;
    struct quiet after;
    uint8_t point;     /* which of two observers saw it: 0 near to end 0, 1 near to end 1 */
    bool forged;       /* a device between them made it */
    bool lost;         /* between them, behind this one */
    uint32_t departed; /* number of the frame that shows it where it had departed; 0: none does */
    uint32_t arrived;  /* of the first that shows it where it arrived */
};

struct capture {
    unsigned count;
    bool two_points;    /* chosen before: there are two observers, else one */
    unsigned forgeries; /* chosen before: how many segments a device between them makes at most */
    int64_t time_wait;  /* of both hosts */
    bool hasty;         /* openings of two connections may be on the way at once: states are ambiguous */
    seq_t base[2];      /* the first number that each end used, to print by */
    struct biography biographies[2][LIVES_MAX];
    struct frame frame[FRAMES_MAX];
};

/* Prints it in the notation of tests/scenarios. */
void capture_print(const struct capture *capture);

#endif
