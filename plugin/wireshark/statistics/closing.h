/* closing.h - who wants to know that a capture file is about to close?
 *
 * Statistics may outlive the file (`tshark -M`, the dialogs of the GUI), summaries
 * and records don't.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CLOSING_H
#define TCPFSM_WIRESHARK_CLOSING_H

typedef void (*closing_callback)(void *data);

void closing_watch(closing_callback callback, void *data);
void closing_unwatch(closing_callback callback, void *data);

/* Calls them all, in the order of watching, while everything is still there. */
void closing_tell(void);

#endif
