#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: screenshots.py FOLDER

Writes the pictures of the README into the folder, from the sample captures and with the profile of this tree.
"""
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "plugin"))

import accessible                           # noqa: E402
import desktop                              # noqa: E402
import shark                                # noqa: E402
import collection                           # noqa: E402
from wireshark import (EXPERTS, FLOW, PART, SERVICES, TABLE, TIMELINE, TREE,        # noqa: E402
                       Wireshark, add_profile)

# One after the other, captures that tell different stories.
STORIES = ["close-by-client", "close-wait-server-never-closes", "open-refused", "open-lost-syn.client",
           "open-unanswered", "desynchronized-data.client", "forged-reset-in-window"]
STUCK = "19"            # the frame of these that asks the server to close
PAUSE = 2 * 10**9       # between them, in nanoseconds

# What the user would set up by hand: a large packet list, no bytes.
RECENT = "gui.byte_view_show: FALSE\ngui.geometry_main_upper_pane: 480\n"


class OneAfterTheOther:
    """Packets of captures, moved in time so that each begins when the one before has ended."""

    def __init__(self):
        self.end = 0

    def __call__(self, path):
        packets = list(collection.packets(path))
        move = self.end - packets[0][0]
        self.end = packets[-1][0] + move + PAUSE
        return [(time + move, wire, frame) for time, wire, frame in packets]


class Studio:
    def __init__(self, folder):
        self.folder = folder
        self.world = shark.world()
        add_profile(self.world, RECENT)
        self.desktop = desktop.Desktop(self.world.folder, self.world.home)
        accessible.connect()
        self.stories = self.capture("stories.pcap", STORIES)

    def capture(self, name, samples):
        path = os.path.join(self.world.captures, name)
        samples = [os.path.join(shark.SAMPLES, sample + ".pcapng") for sample in samples]
        collection.Collection(samples, path, read=OneAfterTheOther())
        os.chmod(path, 0o644)
        return path

    def wireshark(self, capture, *options):
        return Wireshark(self.desktop, self.world.with_plugin, capture, "-C", "tcpfsm",
                         "-o", "tcpfsm.quiet_tail:73", *options)

    def path(self, name):
        return os.path.join(self.folder, name + ".png")

    def packet_list(self):
        gui = self.wireshark(self.stories, "-g", STUCK)
        gui.expand(PART)
        gui.picture(gui.main, self.path("packet-list"))
        gui.quit()

    def packet_details(self):
        """All that is said of a packet, so without the packet list."""
        gui = self.wireshark(self.stories, "-g", STUCK)
        gui.expand(PART)
        gui.menu("View", "Packet List").press()
        gui.resize(gui.main, 1250, desktop.HEIGHT)
        left, top, width, _ = gui.details.place()
        _, last, _, height = gui.details.cell(gui.details.row_count() - 1, 0).place()
        gui.picture(gui.main, self.path("packet-details"), (left, top, width, last + height - top))
        gui.quit()

    def expert_information(self):
        """With the sentences of the warnings and notes."""
        gui = self.wireshark(self.stories)
        dialog = gui.open(*EXPERTS)
        gui.resize(dialog, 1700, 520)
        dialog.wait("check box", "Group by summary").press()
        table = dialog.wait("tree")
        desktop.until(lambda: table.cell(0, 1).name == "", "another grouping")
        for row in range(table.row_count() - 1, -1, -1):
            if table.cell(row, 0).name != "Chat" and table.cell(row, 3).name == "TCPFSM":
                count = table.row_count()
                gui.click(table.cell(row, 0))
                gui.key("Right")
                desktop.until(lambda count=count: table.row_count() > count, "packets")
        gui.widen(table, 1)
        gui.picture(dialog, self.path("expert-information"))
        gui.quit()

    def connections(self):
        gui = self.wireshark(self.stories)
        dialog = gui.open(*TABLE)
        gui.resize(dialog, 1760, 430)
        gui.picture(dialog, self.path("connections"))
        gui.quit()

    def services(self):
        gui = self.wireshark(self.stories)
        dialog = gui.open(*SERVICES)
        gui.resize(dialog, 1760, 330)
        gui.picture(dialog, self.path("services"))
        gui.quit()

    def timeline(self):
        gui = self.wireshark(self.stories)
        dialog = gui.open(*TIMELINE)
        gui.resize(dialog, 1400, 480)
        gui.picture(dialog, self.path("timeline"))
        gui.quit()

    def counts(self):
        gui = self.wireshark(self.stories)
        dialog = gui.open(*TREE)
        gui.resize(dialog, 900, 900)
        gui.picture(dialog, self.path("counts"))
        gui.quit()

    def flow_graph(self):
        """The stock Flow Graph, which shows the Info column, as it opens."""
        gui = self.wireshark(self.capture("story.pcap", STORIES[:1]), "-o", "tcpfsm.info_column:TRUE")
        dialog = gui.open(*FLOW)
        gui.resize(dialog, 1400, 500)
        gui.picture(dialog, self.path("flow-graph"))
        gui.quit()


PICTURES = [Studio.packet_list, Studio.packet_details, Studio.expert_information, Studio.connections,
            Studio.services, Studio.timeline, Studio.counts, Studio.flow_graph]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    studio = Studio(sys.argv[1])
    for picture in PICTURES:
        picture(studio)
    studio.desktop.stop()


if __name__ == "__main__":
    main()
