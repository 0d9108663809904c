/* numbers.c - one segment as the texts about it need it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "numbers.h"

struct view view_make(const struct sighting *sighting, packet_info *pinfo)
{
    const struct observation *observation = &sighting->record.observation;
    bool client = observation->sender_role == ROLE_CLIENT;
    return (struct view){
        .segment = &sighting->segment,
        .observation = observation,
        .sender = client ? "client" : "server",
        .peer = client ? "server" : "client",
        .bases = stream_bases(sighting, pinfo),
    };
}

uint32_t shown_seq(const struct view *view, seq_t raw)
{
    return raw.n - view->bases.seq;
}

uint32_t shown_ack(const struct view *view, seq_t raw)
{
    return raw.n - view->bases.ack;
}

seq_t fin_number(const struct segment *segment)
{
    return seq_sub(segment_end(segment), 1);
}

const struct observed_end *client_of(const struct observation *observation)
{
    return observation->sender_role == ROLE_CLIENT ? &observation->sender : &observation->peer;
}

const struct observed_end *server_of(const struct observation *observation)
{
    return observation->sender_role == ROLE_CLIENT ? &observation->peer : &observation->sender;
}
