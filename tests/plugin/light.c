/* light.c - a plugin that pretends to be Wireshark's window, and says on stderr which severity its expert
 * light would show once all has been read
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"

#include <epan/expert.h>
#include <stdio.h>

/* What compat.h has no need of, of the header that 4.2 can't include. */
#if WIRESHARK_IS_AT_LEAST(4, 1) && !WIRESHARK_IS_AT_LEAST(4, 3)
enum { PLUGIN_IF_GET_WS_INFO = 4 };
WS_DLL_PUBLIC void plugin_if_register_gui_cb(int question, void (*answer)(GHashTable *asked));
#endif

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

static void tell_window(GHashTable *asked)
{
    ws_info_t *window = (ws_info_t *)g_hash_table_lookup(asked, "ws_info");
    window->ws_info_supported = TRUE;
}

static void tell_light(void)
{
    fprintf(stderr, "light %d\n", expert_get_highest_severity());
}

static void register_nothing(void)
{
}

/* What is registered first is called last. */
void plugin_register(void)
{
    static proto_plugin plugin = {.register_protoinfo = register_nothing,
                                  .register_handoff = register_nothing};
    register_postseq_cleanup_routine(tell_light);
    plugin_if_register_gui_cb(PLUGIN_IF_GET_WS_INFO, tell_window);
    proto_register_plugin(&plugin);
}
