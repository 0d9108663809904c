/* filters_of_frames.c - preload it into tshark: prints the plugin's conversation filters of each frame
 *
 * The GUI asks for them when a packet is selected, with its dissection at hand; here
 * that is before the dissection is dropped. Lines to stdout: "<name>: <filter>".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE /* RTLD_NEXT */

#include "compat.h"

#include <dlfcn.h>
#include <epan/conversation_filter.h>
#include <epan/epan_dissect.h>
#include <stdio.h>
#include <string.h>

#if WIRESHARK_IS_AT_LEAST(4, 1)
#define REGISTERED , filter->user_data
#else
#define REGISTERED
#endif

static void print_filters(packet_info *pinfo)
{
    for (GList *link = packet_conv_filter_list; link != NULL; link = link->next) {
        const conversation_filter_t *filter = (const conversation_filter_t *)link->data;
        if (strcmp(filter->proto_name, "tcpfsm") == 0) {
            char *text = filter->is_filter_valid(pinfo REGISTERED)
                             ? filter->build_filter_string(pinfo REGISTERED)
                             : NULL;
            printf("%s: %s\n", filter->display_name, text != NULL ? text : "");
            g_free(text);
        }
    }
}

/* Stands before Wireshark's own: what was dissected is still there. */
WS_DLL_PUBLIC_DEF void epan_dissect_reset(epan_dissect_t *edt)
{
    void (*reset)(epan_dissect_t *);
    *(void **)&reset = dlsym(RTLD_NEXT, "epan_dissect_reset");
    print_filters(&edt->pi);
    reset(edt);
}
