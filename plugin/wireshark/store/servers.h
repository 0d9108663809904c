/* servers.h - which servers have unfinished or idle connections, and how many?
 *
 * A server is an address and a port. Only those are listed here that had such a connection (server_load.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVERS_H
#define TCPFSM_WIRESHARK_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crowd { CROWD_EMBRYONIC, CROWD_IDLE, CROWD_COUNT };

struct tally {
    uint32_t count : 30; /* connections now */
    uint32_t told : 1;   /* that they were too many */
    uint32_t marked : 1; /* `passer` is marked */
    uint32_t passer;     /* the connection with which they became too many; meaningful while they are */
    uint32_t frame;      /* in which the one began to wait that was counted last */
};

struct server {
    uint32_t example : 31; /* a connection of its, that tells its address and port: */
    uint32_t side : 1;     /* the end of the tuple that is the server */
    struct tally tally[CROWD_COUNT];
};

void servers_open(void);
void servers_close(void);

/* The server that is the end `side` of a connection; NULL: not listed. */
struct server *servers_find(uint32_t connection, unsigned side);

/* The same, listed if need be; NULL without memory. */
struct server *servers_get(uint32_t connection, unsigned side);

/* They are numbered from 0. */
struct server *servers_at(uint32_t number);
uint32_t servers_count(void);

size_t servers_bytes(void);

#endif
