#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin in the graphical Wireshark: what it shows is what tshark says, and nothing crashes or complains.

Wireshark reads all sample captures, moved in time so that they end together, with the profile of this tree.
It is driven on a screen in memory and read as a screen reader does. Ends with 77 if what that needs isn't
there.
"""
import collections
import concurrent.futures
import csv
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "plugin"))

SKIPPED = 77
try:
    import accessible
except (ImportError, ValueError) as error:
    print("skipped:", error)
    sys.exit(SKIPPED)

import desktop                              # noqa: E402
from accessible import steady               # noqa: E402
import shark                                # noqa: E402
from collection import Collection           # noqa: E402
from wireshark import (EXPERTS, FLOW, PART, PROFILE, SERVICES, TABLE, TABLES, TIMELINE, TREE,  # noqa: E402
                       Wireshark, add_profile)

OPTIONS = ["-o", "tcpfsm.quiet_tail:90"]    # so that there are warnings of all kinds
SEVERITIES = {"Warns": "Warning", "Notes": "Note", "Chats": "Chat"}     # tshark's words, those of the dialog
ENDS = ["tcpfsm.connection", "tcp.srcport", "ip.src", "tcp.dstport", "ip.dst"]
CONVERSATIONS = ["TCP connection (tcpfsm)", "TCP connection, all incarnations"]


def profile_lines(name):
    """The lines of a list of the profile, each a list of values."""
    with open(os.path.join(PROFILE, name), encoding="utf-8") as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    return [[re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code.group(1), 16)), value) for value in line]
            for line in csv.reader(lines)]


def buttons():
    """(group or "", place in it, label, filter) of each button."""
    found, places = [], collections.Counter()
    for _, name, text, _ in profile_lines("dfilter_buttons"):
        group, _, label = name.rpartition("//")
        found.append((group, places[group], label, text))
        places[group] += 1
    return found


class Gui(shark.SharkTest):
    @classmethod
    def setUpClass(cls):
        world = shark.world()
        samples = sorted(os.path.join(shark.SAMPLES, name) for name in os.listdir(shark.SAMPLES)
                         if name.endswith(".pcapng"))
        cls.capture = os.path.join(world.captures, "ending-together.pcap")
        cls.packets = len(Collection(samples, cls.capture, end_together=True).places)
        os.chmod(cls.capture, 0o644)
        cls.recent = add_profile(world)
        cls.desktop = desktop.Desktop(world.folder, world.home)
        cls.addClassCleanup(cls.desktop.stop)
        accessible.connect()

    def setUp(self):
        self.gui = Wireshark(self.desktop, shark.world().with_plugin, self.capture, "-C", "tcpfsm", *OPTIONS)
        self.settles(self.gui.displayed, self.packets)

    def tearDown(self):
        """Nothing complained, and the end is a regular one."""
        status = self.gui.quit()
        self.assertEqual((self.gui.complaints(), status), ([], 0))

    def settles(self, get, expected):
        """What the window shows becomes what is expected."""
        try:
            desktop.until(lambda: get() == expected, "")
        except TimeoutError:
            self.assertEqual(get(), expected)

    def said(self, *options):
        return self.tshark(self.capture, "-2", *OPTIONS, *options)

    # --- the main window

    def count(self, text):
        return len(self.said("-Y", text, "-T", "fields", "-e", "frame.number").splitlines())

    def test_filter_buttons(self):
        """Each shows as many packets as tshark finds, and some."""
        pressed = [button for button in buttons() if "${" not in button[3]]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(self.count, [text for *_, text in pressed]))
        self.assertGreater(len(counts), 1)
        for (group, place, label, text), count in zip(pressed, counts):
            with self.subTest(group=group, label=label):
                self.assertTrue(0 < count < self.packets, count)
                self.gui.filter_button(group, label, place)
                self.settles(self.gui.filter_entry.text, text)
                self.settles(self.gui.displayed, count)
                self.gui.apply("")
                self.settles(self.gui.displayed, self.packets)

    def test_buttons_of_the_selected_packet(self):
        """Of a client's packet and of a server's: its connection, all of its server, all of its client."""
        ends = ["-T", "fields", *(part for name in ENDS for part in ("-e", name))]
        crowd = self.said("-Y", "tcpfsm.expert.many_idle", *ends).splitlines()[0].split("\t")[2]
        for role in ("1", "2"):
            chosen = "tcpfsm.sender.role == %s && ip.addr == %s" % (role, crowd)
            connection, *told = self.said("-Y", chosen, *ends).splitlines()[0].split("\t")
            source, destination = told[:2], told[2:]
            client, server = (source, destination) if role == "1" else (destination, source)
            self.check_selected(chosen, {
                "This connection": "tcpfsm.connection == " + connection,
                "This server": "tcpfsm && ip.addr == %s && tcp.port == %s" % (server[1], server[0]),
                "This client": "tcpfsm && ip.addr == " + client[1]})

    def check_selected(self, chosen, meant):
        """Of the first packet that this finds, each of these buttons finds as many as it should."""
        for group, place, label, text in buttons():
            if "${" in text:
                with self.subTest(label, chosen=chosen):
                    self.gui.apply(chosen)
                    self.settles(self.gui.displayed, self.count(chosen))
                    self.gui.select_first()
                    self.gui.filter_button(group, label, place)
                    self.settles(self.gui.displayed, self.count(meant.pop(label)))
        self.assertEqual(meant, {})

    def test_packet_list(self):
        """The columns of the profile have what tshark has in them."""
        self.gui.apply("tcpfsm.step && frame.number <= 60")
        said = self.said("-C", "tcpfsm", "-T", "tabs", "-Y", "tcpfsm.step && frame.number <= 60")
        # tshark draws an arrow from the source to the destination.
        rows = [[text.strip() for text in line.split("\t") if text != "→"] for line in said.splitlines()]
        self.settles(self.gui.displayed, len(rows))
        self.settles(self.gui.packet_list.rows, rows)

    def test_widths(self):
        """Of the columns: those of the profile, on the screen and in what Wireshark keeps at its end."""
        wanted = [int(width) for width in re.findall(r", (\d+)", "".join(
            line for line in open(os.path.join(PROFILE, "recent"), encoding="utf-8")))]
        self.settles(lambda: steady(lambda: [header.place()[2] for header in
                                             self.gui.headers(self.gui.packet_list)][:-1]), wanted[:-1])
        self.assertEqual(self.gui.quit(), 0)
        with open(self.recent, encoding="utf-8") as file:
            kept = file.read().partition("column.width:")[2].partition("\n\n")[0]
        self.assertEqual([int(width) for width in re.findall(r", (\d+)", kept)], wanted)

    def test_light(self):
        """It says what the dialog says, although no packet with a warning was looked at."""
        self.settles(lambda: "WARNING" in self.gui.light().upper(), True)

    def test_order_of_details(self):
        """The explanation first, then findings, what is due, states; what is closed comes last."""
        self.gui.apply("tcpfsm.expert.close_wait_stuck")
        self.settles(self.gui.displayed, self.count("tcpfsm.expert.close_wait_stuck"))
        self.gui.select_first()
        last = self.gui.details.cell(self.gui.details.row_count() - 1, 0)
        self.gui.click(last)
        self.gui.key("Right")
        starts = [PART, "[Explanation: ", "[Expert Info (Warning", "[Step: ", "[Expected next from ",
                  "[Client state: ", "[Server state: ", "[Numbers: ", "[Sender and peer: ", "[Connection "]

        def places():
            lines = self.gui.lines()
            return [next((n for n, line in enumerate(lines) if line.startswith(start)), -1)
                    for start in starts]
        desktop.until(lambda: -1 not in places(), "lines that begin with %s" % starts)
        self.assertEqual(places(), sorted(places()))
        self.assertLess(len(self.gui.lines()), 25)      # the rest is closed

    def test_details(self):
        """The plugin's part opens, and its lines are those of tshark."""
        self.gui.apply("tcpfsm.expert.close_wait_stuck")
        found = self.said("-Y", "tcpfsm.expert.close_wait_stuck", "-O", "tcpfsm").split("\n\n")
        self.settles(self.gui.displayed, len(found) - 1)
        self.gui.select_first()
        lines = [line.strip() for line in found[0].splitlines()]
        start = next(number for number, line in enumerate(lines) if line.startswith(PART))
        self.assertEqual(self.gui.expand(PART), lines[start:])

    def test_conversation_filters(self):
        """Of a packet in the middle of a connection: they find the rest of it."""
        said = self.said("-Y", "tcpfsm.expert.close_wait_stuck", "-T", "fields", "-e", "tcpfsm.connection")
        for entry in CONVERSATIONS:
            self.gui.apply("tcpfsm.expert.close_wait_stuck")
            self.settles(self.gui.displayed, len(said.splitlines()))
            self.gui.select_first()
            self.gui.menu("Analyze", "Conversation Filter", entry).press()
            self.settles(self.gui.displayed, self.count("tcpfsm.connection == " + said.splitlines()[0]))

    # --- dialogs

    def experts(self, dialog):
        """How often each severity of the plugin's expert infos stands in the dialog."""
        counts = dict.fromkeys(SEVERITIES.values(), 0)
        for severity, _, _, protocol, count in dialog.wait("tree").rows():
            if protocol == "TCPFSM":
                counts[severity] += int(count)
        return counts

    def test_expert_information(self):
        said = {}
        for part in self.said("-q", "-z", "expert").split("\n\n"):
            word = part.split("(")[0].strip()
            if word in SEVERITIES:
                lines = re.findall(r"(?m)^ +(\d+) +\S+ +TCPFSM ", part)
                said[SEVERITIES[word]] = sum(int(count) for count in lines)
        self.assertGreater(said["Warning"], 10)
        dialog = self.gui.open(*EXPERTS)
        self.settles(lambda: self.experts(dialog), said)

    def is_flow(self, dialog):
        return any(label.name.strip().endswith(" %d item(s)" % self.packets) for label in dialog.all("label"))

    def test_flow_graph(self):
        """Draws all packets."""
        dialog = self.gui.open(*FLOW)
        self.settles(lambda: self.is_flow(dialog), True)

    def test_tree(self):
        """The same items in the same numbers as in tshark; some stand in several places."""
        said = re.findall(r"(?m)^ *(\S.*?) {2,}(\d+) ", self.said("-q", "-z", "tcpfsm,tree"))
        self.assertGreater(len(said), 50)
        dialog = self.gui.open(*TREE)
        said = collections.Counter(said)

        def shown():
            return collections.Counter(tuple(row[:2]) for row in dialog.wait("tree").rows())
        # Newer versions open the upper levels only.
        desktop.until(lambda: sum(shown().values()) > 50 and not shown() - said, "what tshark says")
        if shark.world().version < (4, 4):
            self.assertEqual(shown(), said)

    def connection_rows(self, tree):
        """Of both tables, as tshark prints them; the columns for the eye alone are checked."""
        tables = {}
        for row in tree.rows():
            if not row[1]:
                table = tables.setdefault(row[0].split()[0], [])
                continue
            table.append(row[1:-1])
            number = int(row[0])
            if len(tables) == 1:
                self.assertEqual((number, row[-1]), (len(table), "tcpfsm.connection == " + row[1]))
                table[-1][1] = row[2].replace("-1", "")
                for column in (6, 18, 19):
                    table[-1][column - 1] = "%.3f" % float(row[column])
        return tables

    def test_connections(self):
        """The most troubled first, as in tshark."""
        said = {}
        for line in self.said("-q", "-z", "tcpfsm,connections").splitlines()[5:]:
            if "|" in line:
                table.append([cell.strip() for cell in line.split("|")[:-1]])
            else:
                table = said.setdefault(line.split()[0], [])
        said.popitem()      # the line below
        self.assertGreater(len(said["TCP"]), 100)
        dialog = self.gui.open(*TABLE)
        self.settles(lambda: dialog.wait("tree").row_count(), sum(map(len, said.values())) + 2)
        self.settles(lambda: self.connection_rows(dialog.wait("tree")), said)

    def test_services(self):
        """The most troubled first, as in tshark; then all of them together."""
        said = self.said("-q", "-z", "tcpfsm,services").splitlines()[2:-1]
        services = {row[0]: row[1:4] for row in ([cell.strip() for cell in line.split("|")] for line in said)}
        dialog = self.gui.open(*SERVICES)
        self.settles(lambda: dialog.wait("tree").row_count(), len(services) + 3)
        part, *rows, total, sums = dialog.wait("tree").rows()
        self.assertEqual((part[0], total[0]), ("Services", "Total"))
        self.assertEqual([row[0] for row in rows], [str(rank) for rank in range(1, len(rows) + 1)])
        self.assertEqual({row[1]: row[2:5] for row in rows}, services)
        self.assertEqual([int(row[4]) for row in rows], sorted((int(row[4]) for row in rows), reverse=True))
        self.assertEqual(int(sums[2]), sum(int(row[2]) for row in rows))

    def headings(self, dialog):
        return [header.name for header in self.gui.headers(dialog.wait("tree"))]

    def open_recent(self, capture, packets):
        self.gui.menu("File", "Open Recent", capture).press()
        self.settles(self.gui.displayed, packets)

    def open_another(self, word, *way):
        """A dialog although there are such already; the newest is the last one."""
        count = len(self.gui.dialogs(word))
        self.gui.menu(*way).press()
        desktop.until(lambda: len(self.gui.dialogs(word)) > count, "another dialog " + word)
        return self.gui.dialogs(word)[-1]

    def check_columns(self, points):
        """New dialogs have the columns of two points if the capture has these; how many rows each of them
        has."""
        counts = []
        for (word, *way), last in ((TABLE, "Filter"), (SERVICES, "Display filter")):
            dialog = self.open_another(word, *way)
            headings = self.headings(dialog)
            self.assertEqual(headings[headings.index(last) + 1:], points[word] if points else [])
            desktop.until(lambda dialog=dialog: dialog.wait("tree").row_count() > 2, "rows")
            counts.append(dialog.wait("tree").row_count())
        return counts

    def test_columns_of_two_points(self):
        """They come and go with the file, whichever dialogs are still there of others."""
        self.assertEqual(self.gui.quit(), 0)
        capture = shark.world().paths["two-points"]
        text = self.tshark(capture, "-2", "-q", "-z", "tcpfsm,connections")
        points = {"List": [name.strip() for name in text.splitlines()[4].split("|")[19:-1]],
                  "Services": ["At two points", "Lost, client to server", "Lost, server to client"]}
        packets = len(self.rows(capture, ["frame.number"]))
        self.gui = Wireshark(self.desktop, shark.world().with_plugin, capture, "-C", "tcpfsm", *OPTIONS)
        self.check_columns(points)
        rows = [row[-6:] for row in self.gui.dialogs("List")[0].wait("tree").rows() if row[1]]
        said = [[cell.strip() for cell in line.split("|")[19:-1]] for line in text.splitlines()[5:]
                if "|" in line]
        self.assertEqual([row[:4] + ["%.3f" % float(cell) if cell else "" for cell in row[4:]]
                          for row in rows], said)
        self.open_recent(self.capture, self.packets)
        self.check_columns(None)
        self.open_recent(capture, packets)
        self.check_columns(points)

    def test_dialogs_without_a_file(self):
        """Those that were there before the file of two points have its columns from the next look on."""
        if shark.world().version >= (4, 6):
            self.skipTest("once a file is opened, the window's readers find the dialog's parts no more")
        capture = shark.world().paths["two-points"]
        packets = len(self.rows(capture, ["frame.number"]))
        self.assertEqual(self.gui.quit(), 0)
        self.gui = Wireshark(self.desktop, shark.world().with_plugin, capture, "-C", "tcpfsm", *OPTIONS)
        self.settles(self.gui.displayed, packets)
        counts = [self.open_another(*way).wait("tree").row_count for way in (TABLE, SERVICES)]
        counts = [desktop.until(count, "rows") for count in counts]
        self.open_recent(self.capture, self.packets)
        self.gui.menu("File", "Close").press()
        self.settles(self.gui.displayed, None)
        early = [self.open_another(*way) for way in (TABLE, SERVICES)]
        self.open_recent(capture, packets)
        for dialog, last, count in zip(early, ("Filter", "Display filter"), counts):
            self.assertEqual(self.headings(dialog)[-1], last)
            dialog.push("push button", "Apply")
            self.settles(dialog.wait("tree").row_count, count)
            dialog.push("push button", "Copy")

    def timeline(self, seconds, text):
        """What tshark says, as the dialog shows it."""
        lines = self.said("-q", "-z", "tcpfsm,timeline,%s%s" % (seconds, text)).splitlines()[1:]
        rows = [line.split(",") for line in lines]
        return [["%.6f" % float(row[0]), *row[1:]] for row in rows]

    def test_timeline(self):
        """About 50 rows; a filter chooses connections, whichever of their segments passes."""
        dialog = self.gui.open(*TIMELINE)
        tree = dialog.wait("tree")
        desktop.until(tree.row_count, "rows")
        rows = tree.rows()
        self.assertTrue(20 <= len(rows) <= 51, len(rows))
        seconds = rows[1][0]
        self.assertEqual(rows, self.timeline(seconds, ""))
        text = "tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.dstport == 7777"
        expected = self.timeline(seconds, "," + text)
        self.assertNotIn(expected, ([], rows))
        dialog.wait("text").fill(text)
        dialog.push("push button", "Apply")
        self.settles(tree.rows, expected)

    def test_sorting(self):
        """By each column, up and down: no row is lost, and nothing crashes."""
        for dialog in (self.gui.open(*table) for table in TABLES):
            self.gui.resize(dialog, 1800, 700)
            table = dialog.wait("tree")
            desktop.until(table.row_count, "rows")
            count = table.row_count()
            places = [header.place() for header in self.gui.headers(table)]     # made anew by sorting
            for left, top, width, height in 2 * places:
                if left + width < 1750:
                    self.gui.click_at(left + width // 2, top + height // 2)
            self.settles(table.row_count, count)
            self.gui.close(dialog)

    def test_reopen(self):
        """Dialogs stay open while their file is closed, opened again, filtered and read again."""
        count = self.count("tcpfsm.step")
        dialogs = [self.gui.open(*dialog) for dialog in (EXPERTS, FLOW, TREE, *TABLES)]
        self.settles(lambda: self.is_flow(dialogs[1]), True)
        self.gui.menu("File", "Close").press()
        self.settles(self.gui.displayed, None)
        self.gui.menu("File", "Open Recent", self.capture).press()
        self.settles(self.gui.displayed, self.packets)
        self.gui.apply("tcpfsm.step")
        self.settles(self.gui.displayed, count)
        self.gui.menu("View", "Reload").press()
        self.settles(self.gui.displayed, count)
        for dialog in dialogs:
            self.gui.close(dialog)
        for dialog in TREE, *TABLES:
            rows = self.gui.open(*dialog).wait("tree")
            desktop.until(rows.row_count, "rows")


def main():
    try:
        desktop.check_tools()
    except desktop.Missing as missing:
        print("skipped: not installed:", missing)
        sys.exit(SKIPPED)
    shark.main()


if __name__ == "__main__":
    main()
