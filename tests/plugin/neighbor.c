/* neighbor.c - another plugin that stands in front of TCP in ip.proto, as tcpfsm does
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/ipproto.h>
#include <epan/packet.h>
#include <ws_version.h>

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

static int field_length = -1;
static dissector_handle_t chain, next;

static int neighbor_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    proto_item *item = proto_tree_add_uint(tree, field_length, tvb, 0, 0, tvb_reported_length(tvb));
    proto_item_set_generated(item);
    return call_dissector_only(next, tvb, pinfo, tree, data);
}

static void register_protocol(void)
{
    static hf_register_info fields[] = {
        {&field_length, {"Length", "neighbor.length", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    };
    int protocol = proto_register_protocol("Neighbor", "Neighbor", "neighbor");
    int in_front = proto_register_protocol_in_name_only("TCP behind Neighbor", "TCP (neighbor)",
                                                        "neighbor.tcp", proto_get_id_by_filter_name("tcp"),
                                                        FT_PROTOCOL);
    proto_register_field_array(protocol, fields, array_length(fields));
    chain = register_dissector("neighbor.tcp", neighbor_dissect, in_front);
}

static void register_handoff(void)
{
    next = dissector_get_uint_handle(find_dissector_table("ip.proto"), IP_PROTO_TCP);
    dissector_add_uint("ip.proto", IP_PROTO_TCP, chain);
}

void plugin_register(void)
{
    static proto_plugin plugin = {.register_protoinfo = register_protocol,
                                  .register_handoff = register_handoff};
    proto_register_plugin(&plugin);
}
