/* experts.h - expert infos of one segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_EXPERTS_H
#define TCPFSM_WIRESHARK_EXPERTS_H

#include "show/text_ctx.h"

/* In the order of experts.def: chats, notes, warnings. A set has bit n for enum expert n. */
enum expert {
#define EXPERT(when, name, severity, tells) EXPERT_##name,
#include "findings/experts.def"
    EXPERT_COUNT
};

/* As in tcpfsm.expert.<name>, what Wireshark shows without a segment, and PI_CHAT, PI_NOTE or PI_WARN. */
const char *expert_name(enum expert expert);
const char *expert_summary(enum expert expert);
int expert_severity(enum expert expert);

/* Those that the observation and what is reported call for. */
uint64_t experts_called(const struct observation *observation, struct reported reported);

/* What it tells of, if that takes time; else TIMEOUT_FINDING_COUNT. */
enum timeout_finding expert_timeout_finding(enum expert expert);

void experts_register(int protocol);
void experts_open(void); /* for each capture file, for Wireshark's expert tap comes after all protocols */

/* Once all has been read, what is known with hindsight: Wireshark's expert light shows the highest severity
 * that was ever said, and would show it only once its segment is looked at. */
void experts_light(struct reported total);

/* Whether there is a note or a warning: they are said whether there is a tree or not. */
bool experts_have(const struct observation *observation, struct reported reported);

/* Whether there is one, or a chat that anybody may read, on that tree or without one. Each step is a chat; if
 * it were said to nobody, it would cost as much as all the rest of its segment. */
bool experts_are_read(const struct observation *observation, struct reported reported,
                      const packet_info *pinfo, proto_tree *tree);

/* Would anybody read one, on that tree or without one? */
bool experts_are_asked(const packet_info *pinfo, proto_tree *tree);

/* Adds them to `item`, the protocol's item, or to none. */
void experts_add(const struct text_ctx *ctx, packet_info *pinfo, proto_item *item);

/* The one that stands on an ICMP packet. `syn`: the serial number of the SYN that it answers. */
void experts_add_unreachable(packet_info *pinfo, proto_item *item, const char *reason, uint32_t syn);

#endif
