/* plugin.c - what Wireshark's loader looks for
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "findings/experts.h"
#include "show/fields.h"
#include "observe.h"
#include "preferences.h"
#include "show/show.h"
#include "statistics/statistics.h"
#include "tcp_dissector.h"

WS_DLL_PUBLIC_DEF const char plugin_version[] = TCPFSM_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

COMPAT_PLUGIN_DESCRIBE

WS_DLL_PUBLIC void plugin_register(void);

static void register_protocol(void)
{
    int protocol = proto_register_protocol("TCP Connection State", "TCPFSM", "tcpfsm");
    fields_register(protocol);
    experts_register(protocol);
    preferences_register(protocol);
    show_register(protocol);
    observe_register(protocol);
}

static void register_handoff(void)
{
    tcp_dissector_handoff();
    observe_handoff();
    statistics_handoff();
}

void plugin_register(void)
{
    static proto_plugin plugin = {.register_protoinfo = register_protocol,
                                  .register_handoff = register_handoff};
    proto_register_plugin(&plugin);
}
