# SPDX-License-Identifier: GPL-2.0-or-later
"""The graphical Wireshark, driven on a desktop of its own."""
import os
import re
import shutil
import signal
import subprocess

import accessible
from desktop import HEIGHT, SECONDS, WIDTH, until

# What the console may say. Whatever else is written there is a complaint.
HARMLESS = [
    r"nl80211 not found\.",     # libnl, on a machine without wireless: Wireshark asks for it at each start
    # Qt 5, asked by a library for what has gone meanwhile; Qt 6, for that, or for more than it knows.
    r".* AtSpiAdaptor: Accessible invalid: .*",
    r".* AtSpiAdaptor::\S+ does not implement .*",
    r".* Could not find accessible on path: .*",
    r".* Invalid index for tableInterface GetAccessibleAt .*",
]

# What else would change from machine to machine, or look for the outer world.
PREFERENCES = ["gui.update.enabled:FALSE", "gui.qt.font_name:DejaVu Sans Mono,10"]

SIZE = 1600, 1000       # of the main window
GEOMETRY = "gui.geometry_main_x: 0\ngui.geometry_main_y: 0\ngui.geometry_main_width: %d\n" \
    "gui.geometry_main_height: %d\n" % SIZE


PROFILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "profile", "tcpfsm")
PART = "[TCP Connection State: "        # how the plugin's part of the packet details begins

# Of each dialog a word of its title and the way to it through the menu.
EXPERTS = "Expert Information", "Analyze", "Expert Information"
FLOW = "Flow", "Statistics", "Flow Graph"
TREE = "State Counts", "Statistics", "TCP Connections: State Counts"
TABLE = "List", "Statistics", "TCP Connections: List"
SERVICES = "Services", "Statistics", "TCP Connections: Services"
TIMELINE = "Timeline", "Statistics", "TCP Connections: Timeline"
TABLES = TABLE, SERVICES, TIMELINE


def add_profile(world, recent=""):
    """The profile of this tree is among those that Wireshark and tshark know in this world, with the user's
    recent settings beside its own; the file of these."""
    settings = os.path.join(world.home, ".config", "wireshark")
    profile = os.path.join(settings, "profiles", "tcpfsm")
    shutil.copytree(PROFILE, profile)
    file = os.path.join(profile, "recent")
    with open(file, "a", encoding="utf-8") as settled:
        settled.write(recent)
    world.file(os.path.join(settings, "recent_common"), GEOMETRY)
    return file


class Wireshark:
    """One run of it, from its start with a capture to its end."""

    _runs = 0

    def __init__(self, desktop, plugins, capture, *options):
        Wireshark._runs += 1
        self.desktop = desktop
        self.log = "wireshark-%d.log" % Wireshark._runs
        desktop.environment["WIRESHARK_PLUGIN_DIR"] = plugins
        preferences = [part for preference in PREFERENCES for part in ("-o", preference)]
        self.process = desktop.start(["wireshark", "-n", "-r", capture, *preferences, *options], self.log,
                                     stdout=subprocess.DEVNULL)
        self.application = until(self.find_application, "wireshark on the accessibility bus")
        self.main = self.application.wait("frame")
        self.filter_bar = self.main.wait("tool bar", "Display Filter Toolbar")
        self.filter_entry = self.filter_bar.wait("text")
        self.packet_list = self.main.wait("tree", "Packet list")
        self.details = self.main.wait("tree", "Packet details")
        self.status = until(self.find_status, "packets in the status bar")
        self.resize(self.main, *SIZE)

    def find_application(self):
        if self.process.poll() is not None:
            raise RuntimeError("wireshark ended: %s" % self.desktop.log(self.log))
        for application in accessible.applications():
            if application.accessible.get_process_id() == self.process.pid:
                return application
        return None

    def complaints(self):
        return [line for line in self.desktop.log(self.log).splitlines()
                if line.strip() and not any(re.fullmatch(known, line.strip()) for known in HARMLESS)]

    # --- the main window

    def find_status(self):
        """Where the status bar says how many packets there are."""
        labels = self.main.wait("status bar").all("label")
        return next((label for label in labels if re.match("Packets: [1-9]", label.name)), None)

    def displayed(self):
        """How many packets are displayed; None if there is no capture. Later versions tell all of them only,
        unless there is a filter."""
        text = self.status.name
        found = re.search(r"Displayed: (\d+)", text) or re.search(r"Packets: (\d+)", text)
        return int(found[1]) if found else None

    def light(self):
        """What the expert light at the left of the status bar says."""
        buttons = self.main.wait("status bar").all("push button")
        texts = [button.accessible.get_description() or button.name for button in buttons]
        return next((text for text in texts if "expert" in text), "")

    def select_first(self):
        """Selects the first packet displayed; its details are there."""
        until(lambda: accessible.steady(lambda: self.click(self.packet_list.cell(0, 0)) is None),
              "first packet")
        self.key("Home")
        until(self.details.row_count, "details")

    def lines(self):
        """The lines of the packet details."""
        return [row[0] for row in self.details.rows()]

    def expand(self, start):
        """Opens the line of the details that starts so and is the last, and what is below it; these lines."""
        def is_open():
            last = self.details.cell(self.details.row_count() - 1, 0)
            if last.name.startswith(start):
                self.click(last)
                self.key("shift+Right")
            return not last.name.startswith(start) and any(line.startswith(start) for line in self.lines())
        until(is_open, "lines below %s" % start)
        lines = self.lines()
        return lines[next(number for number, line in enumerate(lines) if line.startswith(start)):]

    def filter_button(self, group, label, place):
        """Presses the button, or that entry of the group's menu. Newer versions of Qt show the entries of a
        menu to nobody; so it is driven by its keys."""
        button = self.filter_bar.wait("push button", group or label)
        if not group:
            button.press()
            return
        self.click(button)
        for _ in range(place + 1):
            self.key("Down")
        self.key("Return")

    def apply(self, text):
        self.filter_entry.fill(text)
        self.filter_entry.children()[-1].press()

    def menu(self, *path):
        entry = self.main.wait("menu bar")
        for name in path:
            entry = entry.wait("menu item", name)
        return entry

    # --- dialogs

    def dialogs(self, word):
        return [window for window in self.application.children()
                if word in window.name and window.role != "frame" and window.is_showing()]

    def open(self, word, *path):
        """The dialog with this word in its title that this menu entry opens."""
        self.menu(*path).press()
        return until(lambda: self.dialogs(word), "dialog " + word)[0]

    def close(self, dialog):
        dialog.wait("push button", "Close").press()

    # --- what only the X server can do

    def window(self, widget):
        """The X window of a frame or dialog; it may come a moment later than its widget."""
        title = "^%s$" % re.escape(widget.name)
        found = self.desktop.tool("xdotool", "search", "--sync", "--all", "--onlyvisible",
                                  "--pid", str(self.process.pid), "--name", title).split()
        if len(found) != 1:
            raise RuntimeError("%d windows %r" % (len(found), widget.name))
        return found[0]

    def resize(self, widget, width, height):
        window = self.window(widget)
        self.desktop.tool("xdotool", "windowmove", window, "0", "0",
                          "windowsize", window, str(width), str(height))
        until(lambda: widget.place() == (0, 0, width, height), "%r in its size" % widget.name)

    def key(self, name):
        self.desktop.tool("xdotool", "key", name)

    def click(self, widget, times=1, left=50):
        """Clicks that far from the left of a widget, but within it."""
        x, y, width, height = widget.place()
        self.click_at(x + min(left, width - 1), y + height // 2, times)

    def click_at(self, x, y, times=1):
        self.desktop.tool("xdotool", "mousemove", str(x), str(y), "click", "--repeat", str(times), "1")

    def headers(self, table):
        return [child for child in table.children() if child.role == "table column header"]

    def widen(self, table, column):
        """Makes a column as wide as its texts: the border to the next one is clicked twice."""
        self.click(self.headers(table)[column + 1], times=2, left=0)

    def picture(self, window, path, box=None):
        """Of a window, or of what is at (left, top, width, height) in it; the mouse is out of the way."""
        self.desktop.tool("xdotool", "windowraise", self.window(window), "mousemove", str(WIDTH), str(HEIGHT))
        self.desktop.picture(path, box or window.place())

    def quit(self):
        """Leaves by the menu, unless it has ended already; the exit status."""
        if self.process.poll() is None:
            self.menu("File", "Quit").press()
        try:
            return self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            raise
