/* loads.h - how many connections wait at a server, or for a client? (private to server_load.c)
 *
 * A server is an address and a port, a client an address. They are looked for by a connection of theirs, and
 * the side of it (0 or 1, as segments call `from`) that is the client.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LOADS_H
#define TCPFSM_WIRESHARK_LOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum load_kind {
    LOAD_EMBRYONIC,  /* of a server: handshakes that aren't complete, SYNs that aren't answered */
    LOAD_IDLE,       /* of a server: connections that never carried a byte */
    LOAD_UNANSWERED, /* of a client: addresses and ports that don't answer its SYNs */
    LOAD_KINDS,
    LOADS_OF_SERVER = LOAD_UNANSWERED /* those before it */
};

struct load {
    uint32_t count : 31;   /* now */
    uint32_t reported : 1; /* that they were too many */
    uint32_t passer;       /* the connection with which they became too many; meaningful while they are */
    uint32_t frame;        /* in which the one began to wait that was counted last */
    uint32_t kept;         /* of a client: how many more have a warning of their own nevertheless */
};

void loads_open(void);
void loads_close(void);

/* That of the connection; NULL: there is none yet, or no memory. It stays where it is. */
struct load *loads_find(enum load_kind kind, uint32_t number, unsigned client_from);
struct load *loads_get(enum load_kind kind, uint32_t number, unsigned client_from); /* makes it, if need be */

/* The set of client, server address and port. Add: false if it has them already. */
bool loads_pair_add(uint32_t number, unsigned client_from);
void loads_pair_remove(uint32_t number, unsigned client_from);
void loads_pairs_forget(void); /* all of them */

void loads_each(enum load_kind kind, void (*visit)(const struct load *load, enum load_kind kind));

size_t loads_bytes(void);

#endif
