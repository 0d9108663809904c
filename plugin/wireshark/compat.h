/* compat.h - the one place that knows versions of Wireshark
 *
 * Written against 4.0, 4.2, 4.4 and 4.6; no other file asks for a version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_COMPAT_H
#define TCPFSM_WIRESHARK_COMPAT_H

#include <epan/conversation.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <stdlib.h>
#include <string.h>
#include <ws_version.h>

#define WIRESHARK_IS_AT_LEAST(major, minor) \
    (WIRESHARK_VERSION_MAJOR > (major) ||   \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* What a boolean preference points to: 4 bytes before 4.4, 1 byte since. */
#if WIRESHARK_IS_AT_LEAST(4, 3)
typedef bool preference_bool;
#else
typedef gboolean preference_bool;
#endif

/* The conversation that TCP found for the addresses and ports that `pinfo` holds now, or NULL. */
static inline conversation_t *compat_find_conversation(packet_info *pinfo)
{
#if WIRESHARK_IS_AT_LEAST(4, 5)
    return find_conversation_strat(pinfo, CONVERSATION_TCP, 0, false);
#elif WIRESHARK_IS_AT_LEAST(4, 3)
    return find_conversation_strat(pinfo, CONVERSATION_TCP, 0);
#else
    return find_conversation(pinfo->num, &pinfo->src, &pinfo->dst, CONVERSATION_TCP, pinfo->srcport,
                             pinfo->destport, 0);
#endif
}

/* Whether a SYN-ACK may open a stream, too. */
static inline bool compat_syn_ack_opens_stream(void)
{
    return WIRESHARK_IS_AT_LEAST(4, 3);
}

/* Whether a SYN-ACK with another number changes where the relative numbers of its stream count from. */
static inline bool compat_syn_ack_moves_base(void)
{
    return !WIRESHARK_IS_AT_LEAST(4, 3);
}

/* Whether TCP leaves the numbers of a segment absolute whose length it can't tell: a first IP fragment. */
static inline bool compat_fragments_stay_absolute(void)
{
    return !WIRESHARK_IS_AT_LEAST(4, 3);
}

/* Whether streams are told apart by more than addresses and ports (interface, VLAN, MAC), so that each
 * segment may belong to another one. */
static inline bool compat_streams_are_deinterlaced(void)
{
#if WIRESHARK_IS_AT_LEAST(4, 3)
    return prefs.conversation_deinterlacing_key > 0;
#else
    return false;
#endif
}

/* Gives an item that has no label yet the label `name` and `rest`, together below ITEM_LABEL_LENGTH bytes.
 * Until 4.2 the tree of `tshark -T fields` is as visible as that of -V, though nobody sees its labels: there
 * printf would be a fifth of what the tree of a segment costs. Newer ones make a label only to show it. */
static inline void compat_label(proto_item *item, const char *name, const char *rest)
{
#if WIRESHARK_IS_AT_LEAST(4, 3)
    proto_item_set_text(item, "%s%s", name, rest);
#else
    size_t length = strlen(name);
    item_label_t *label = wmem_new(PNODE_POOL(item), item_label_t);
    memcpy(label->representation, name, length);
    memcpy(label->representation + length, rest, strlen(rest) + 1);
    PITEM_FINFO(item)->rep = label;
#endif
}

/* Where the newest expert info of `item` has its own fields: since 4.2 that is what expert_add_info()
 * returns. On a tree that nobody sees, and where nobody refers to expert infos, `item` itself. */
static inline proto_tree *compat_expert_tree(proto_item *item)
{
    static int expert = -1;
    expert = expert < 0 ? proto_get_id_by_filter_name("_ws.expert") : expert;
    proto_item *last = item != NULL ? item->last_child : NULL;
    bool is_expert = last != NULL && last->finfo != NULL && last->finfo->hfinfo->id == expert;
    return proto_item_get_subtree(is_expert ? last : item);
}

/* Whether this is Wireshark itself, with its window. 4.2's packages lack a header that plugin_if.h needs. */
#if WIRESHARK_IS_AT_LEAST(4, 1) && !WIRESHARK_IS_AT_LEAST(4, 3)
typedef struct {
    gboolean ws_info_supported; /* the first member */
} ws_info_t;
WS_DLL_PUBLIC void plugin_if_get_ws_info(ws_info_t **window);
#else
#include <epan/plugin_if.h>
#endif
static inline bool compat_has_window(void)
{
    ws_info_t *window = NULL;
    plugin_if_get_ws_info(&window);
    return window->ws_info_supported;
}

/* The init function of a -z: since 4.6 it says whether its argument was right, before it had to exit. */
#if WIRESHARK_IS_AT_LEAST(4, 5)
typedef bool compat_stat_init;
#define COMPAT_STAT_INIT_RETURN(succeeds) return (succeeds)
#else
typedef void compat_stat_init;
#define COMPAT_STAT_INIT_RETURN(succeeds) \
    do {                                  \
        if (!(succeeds)) {                \
            exit(1);                      \
        }                                 \
        return;                           \
    } while (0)
#endif

/* What makes a filter of a packet's conversation: since 4.2 it gets what was registered with it, too. */
#if WIRESHARK_IS_AT_LEAST(4, 3)
typedef bool compat_filter_valid;
#else
typedef gboolean compat_filter_valid;
#endif
#if WIRESHARK_IS_AT_LEAST(4, 1)
#define COMPAT_FILTER_ARGUMENTS packet_info *pinfo, void *registered _U_
#define COMPAT_FILTER_REGISTERED , NULL
#else
#define COMPAT_FILTER_ARGUMENTS packet_info *pinfo
#define COMPAT_FILTER_REGISTERED
#endif

/* Since 4.4 a plugin says what it is; the loader only looks it up. */
#if WIRESHARK_IS_AT_LEAST(4, 3)
#include <wsutil/plugins.h>
#define COMPAT_PLUGIN_DESCRIBE                    \
    WS_DLL_PUBLIC uint32_t plugin_describe(void); \
    uint32_t plugin_describe(void)                \
    {                                             \
        return WS_PLUGIN_DESC_DISSECTOR;          \
    }
#else
#define COMPAT_PLUGIN_DESCRIBE
#endif

#endif
