#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration profile: are its files valid, and does each filter find what its name says?

Asked of all sample captures at once, moved in time so that they end at the same moment, and as if the capture
had gone on for a while. What is in them is known from tests/kernel: outcomes.txt and hindsight_test.py.
"""
import itertools
import os
import re

import shark
from collection import Collection
from hindsight_test import AT_THE_END, ON_SEGMENTS, REJECTED, expected_outcomes, stem

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROFILE = os.path.join(ROOT, "profile", "tcpfsm")
FILES = ["colorfilters", "dfilter_buttons", "dfilter_macros", "dmacros", "preferences", "recent"]
LATER, TOLD_LATER = AT_THE_END["a minute and a half later"]
CLOSE = "close-by-client"

# Of each button: the outcomes of the connections of which it finds all segments, and the expert infos that it
# finds. Together they tell exactly the captures in which it finds something.
BY_HINDSIGHT = {
    "Connections//Closed": (["closed"], []),
    "Connections//Desynchronized": (["desynchronized"], ["desynchronized"]),
    "Unfinished opens//All": (["unanswered", "embryonic", "refused", "unreachable", "handshake-reset"],
                              ["unanswered", "embryonic", "refused", "unreachable", "backlog_overflow"]),
    "Unfinished opens//Unanswered": (["unanswered"], ["unanswered"]),
    "Unfinished opens//Half-open (embryonic)": (["embryonic"], ["embryonic"]),
    "Unfinished opens//Refused": (["refused"], ["refused"]),
    "Unfinished opens//Unreachable": (["unreachable"], ["unreachable"]),
    "Unfinished opens//Reset in the handshake": (["handshake-reset"], []),
    "Unfinished opens//Backlog overflow": ([], ["backlog_overflow"]),
    "Stuck closes//All": ([], ["close_wait_stuck", "fin_wait_2_stuck", "fin_unacknowledged",
                               "last_ack_missing"]),
    "Stuck closes//CLOSE-WAIT": ([], ["close_wait_stuck"]),
    "Stuck closes//FIN-WAIT-2": ([], ["fin_wait_2_stuck"]),
    "Stuck closes//FIN unacknowledged": ([], ["fin_unacknowledged"]),
    "Stuck closes//LAST-ACK": ([], ["last_ack_missing"]),
    "Stuck closes//Not closed at the capture's end": (["half-closed", "closing"], []),
    "Invalid numbers": ([], ["seq_invalid", "ack_invalid", "reset_invalid", "data_after_fin"]),
    "Warnings": ([], ["unanswered", "embryonic", "backlog_overflow", "fin_unacknowledged", "close_wait_stuck",
                      "peer_silent", "desynchronized", "many_embryonic", "many_idle", "many_unanswered",
                      "seq_invalid", "ack_invalid", "reset_invalid", "data_after_fin", "data_after_reset"]),
}
# Of each of the others: frames of captures, and all that it finds there.
IN_CAPTURES = {
    "Handshakes": {CLOSE: [1, 2, 3], "open-unanswered": [1, 2, 3, 4, 5, 6], "partial-joined-late": []},
    "Teardowns": {CLOSE: [8, 9, 10, 11], "open-refused": [], "partial-still-open": []},
    "State changes": {CLOSE: [1, 2, 3, 8, 9, 10, 11]},
    "Connections//Established": {CLOSE: [3, 4, 5, 6, 7], "open-refused": []},
    "Connections//Still open": {CLOSE: [], "idle-never-used": [1, 2, 3], "silent-peer": []},
}
# Those that ask for the selected packet, which only the graphical Wireshark has.
OF_THE_SELECTED = ["Connections//This connection", "Connections//This server", "Connections//This client"]
# Of each button for resets: exactly the captures in which it finds one.
RESETS = {
    "Refused": ["open-old-duplicate-syn.client", "open-old-duplicate-syn.server", "open-refused",
                "open-rejected-syn-ack"],
    "Not accepted": ["open-backlog-overflow-aborted", "open-reset-by-firewall", "open-syn-cookie-rejected"],
    "Abort by the application": ["forged-reset-exact", "open-aborted-while-simultaneous",
                                 "partial-flags-only", "reset-by-linger", "reset-lost-then-reused.client",
                                 "reset-overtakes-data.client", "reset-overtakes-data.server",
                                 "reset-unread-data", "reset-unsent-data", "reset-without-ack"],
    "Connection lost": ["desynchronized-data.client", "desynchronized-data.server",
                        "desynchronized-new-syn.client", "desynchronized-new-syn.server",
                        "forged-reset-exact", "keepalive-meets-reset", "reset-lost-then-reused.client",
                        "reset-lost-then-reused.server", "reset-overtakes-data.client",
                        "reset-overtakes-data.server", "teardown-last-ack-lost-then-reused.client",
                        "teardown-last-ack-lost-then-reused.server"],
    "Gave up": ["keepalive-unanswered"],
    "After close": ["partial-flags-only", "reset-data-after-close", "time-wait-assassination.client",
                    "time-wait-assassination.server"],
    "Without effect": ["forged-reset-out-of-window", "reset-stale.client", "reset-stale.server"],
    "Cause can't be told": ["forged-reset-in-window"],
}
# Of each coloring rule: some frames that it has to colour.
COLOURED = {
    "Invalid numbers": [("forged-data-out-of-window", 8), ("forged-ack-beyond-sent", 8),
                        ("forged-reset-in-window", 8)],
    "Refused or unreachable": [("open-refused", 2), ("open-unreachable", 2), ("open-rejected-syn-ack", 3)],
    "Reset: abort by the application": [("reset-by-linger", 6), ("reset-unsent-data", 11)],
    "Reset: connection lost, or gave up": [("keepalive-meets-reset", 9), ("keepalive-unanswered", 10)],
    "Reset: after close, stale, or cause unknown": [("reset-stale.client", 9)],
    "Warnings": [("close-wait-server-never-closes", 8), ("open-unanswered", 1), ("silent-peer", 6)],
    "Steps repeated": [("open-unanswered", 2), ("open-lost-third-ack.client", 4)],
    "Teardown": [(CLOSE, 8), (CLOSE, 9), (CLOSE, 10), (CLOSE, 11)],
    "Handshake": [(CLOSE, 1), (CLOSE, 2), (CLOSE, 3)],
    "": [(CLOSE, 4), (CLOSE, 7)],
}

# Of each of the plugin's columns: what may not be cut off.
WHOLE = {
    "connection": ["12345"],
    "step.str": ["2/3 SYN-ACK", "2+3/4 FIN"],
    "client.state.str": ["SYN-RECEIVED", "ESTABLISHED"],
    "server.state.str": ["SYN-RECEIVED", "ESTABLISHED"],
    "seq.verdict.str": ["retransmission", "out-of-window"],
    "ack.verdict.str": ["not-captured", "beyond-sent"],
    "connection.outcome.str": ["half-closed", "desynchronized", "handshake-reset"],
}

# What the colour-blind see of linear red, green, blue: without red, green, blue cones (Machado, Oliveira and
# Fernandes 2009, severity 1).
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
                   (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                     (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
                   (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))     # sRGB
WHITE = (0.9505, 1.0, 1.089)
LEAST_CONTRAST = 4.5        # WCAG 2.1, 1.4.3
LEAST_DIFFERENCE = 10       # CIE 1976; 2.3 is just noticeable


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def linear(colour):
    """Red, green, blue of 0 to 65535 as amounts of light."""
    shares = [part / 65535 for part in colour]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]


def contrast(one, other):
    light = sorted(times(XYZ, linear(colour))[1] + 0.05 for colour in (one, other))
    return light[1] / light[0]


def lab(colour, eye):
    """CIE L*a*b* of a colour as it is seen."""
    seen = [min(max(part, 0), 1) for part in times(eye, linear(colour))]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
               for part in (value / white for value, white in zip(times(XYZ, seen), WHITE)))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other, eye):
    return sum((a - b) ** 2 for a, b in zip(lab(one, eye), lab(other, eye))) ** 0.5


def lines(name):
    """The lines of a file of the profile that aren't comments."""
    with open(os.path.join(PROFILE, name), encoding="utf-8") as file:
        return [line for line in file.read().splitlines() if line and not line.startswith("#")]


def table(name):
    """The rows of one of Wireshark's tables: quoted texts with \\xNN in them."""
    return [[re.sub(r"\\x(..)", lambda code: chr(int(code[1], 16)), text)
             for text in re.findall(r'"([^"]*)"', line)] for line in lines(name)]


def rules():
    """(name, filter, background, foreground) of each coloring rule."""
    number = r"\[(\d+),(\d+),(\d+)\]"
    found = [re.fullmatch("@([^@]+)@([^@]+)@" + number + number, line) for line in lines("colorfilters")]
    return [(rule[1], rule[2], tuple(map(int, rule.groups()[2:5])), tuple(map(int, rule.groups()[5:])))
            for rule in found]


def warnings():
    """The expert infos that are warnings."""
    with open(os.path.join(ROOT, "plugin", "wireshark", "findings", "experts.def"), encoding="utf-8") as file:
        return set(re.findall(r"^EXPERT\(.*?, (\w+), PI_WARN,", file.read(), re.M))


class ProfileTest(shark.SharkTest):
    @classmethod
    def setUpClass(cls):
        world = shark.world()
        for name in FILES:
            with open(os.path.join(PROFILE, name), encoding="utf-8") as file:
                world.file("home/.config/wireshark/profiles/tcpfsm/" + name, file.read())
        samples = sorted(name for name in os.listdir(shark.SAMPLES) if name.endswith(".pcapng"))
        cls.names = [stem(name) for name in samples]
        cls.path = os.path.join(world.folder, "together.pcap")
        cls.collection = Collection([os.path.join(shark.SAMPLES, name) for name in samples], cls.path, True)
        cls.close = os.path.join(world.folder, "close.pcap")
        Collection([os.path.join(shark.SAMPLES, CLOSE + ".pcapng")], cls.close)
        cls.outcomes = expected_outcomes(cls.names)
        world.open_to_all()

    def profile(self, *options, capture=None):
        """What tshark with the profile says; it may not complain about any of the files."""
        return self.tshark(capture or self.path, "-C", "tcpfsm", *LATER, *options)

    def place(self, frame):
        capture, number = self.collection.place(frame)
        return self.names[capture], number

    def found(self, display_filter):
        """(capture, frame in it) that a display filter finds."""
        output = self.profile("-Y", display_filter, "-T", "fields", "-e", "frame.number")
        return {self.place(frame) for frame in output.split()}

    def buttons(self):
        return {label: display_filter for _, label, display_filter, _ in table("dfilter_buttons")}

    # -- the files -----------------------------------------------------------------------------------------
    def test_files(self):
        """Nothing of somebody's own is in it, such as the folder last used."""
        self.assertEqual(sorted(os.listdir(PROFILE)), FILES)
        self.assertEqual([line for line in lines("recent") if not line.startswith("\t")], ["column.width:"])

    def test_both_macro_files(self):
        later = [list(re.fullmatch(r'"(\w+)" (.+)', line).groups()) for line in lines("dmacros")]
        self.assertEqual(table("dfilter_macros"), later)

    def test_columns(self):
        titles = [row[0] for row in table("preferences") if row]
        output = self.profile("-T", "tabs", capture=self.close)
        # tshark puts an arrow between the addresses.
        shown = [line.replace("\t→", "").split("\t") for line in output.splitlines()]
        self.assertEqual(titles, ["No.", "Time", "Conn.", "Source", "Port", "Destination", "Port", "Step",
                                  "Client", "Server", "Seq", "Ack", "Outcome", "Info"])
        self.assertEqual([part.strip() for part in shown[9][:13]],
                         ["10", shown[9][1].strip(), "0", "192.0.2.2", "7777", "192.0.2.1", "50000",
                          "3/4 FIN", "TIME-WAIT", "LAST-ACK", "in-order", "of-fin", "closed"])
        self.assertIn("[FIN, ACK]", shown[9][13])
        self.assertEqual({len(line) for line in shown}, {len(titles)})
        self.assertEqual(shown[3][7].strip(), "")       # data: no step

    def test_widths(self):
        """Each column has one, wide enough for what is usual in it, in a font of nine pixels a letter."""
        columns = [row[1].removesuffix(":0:R") for row in table("preferences") if row]
        widths = dict(re.findall(r'(%[\w:.]+)"?, (\d+)', "\n".join(lines("recent"))))
        self.assertEqual(list(widths), list(dict.fromkeys(columns)))
        for field, texts in WHOLE.items():
            for text in texts:
                self.assertGreaterEqual(int(widths["%Cus:tcpfsm." + field]), 9 * len(text) + 8, text)

    # -- buttons -------------------------------------------------------------------------------------------
    def test_each_button_is_known_here(self):
        known = [*OF_THE_SELECTED, *IN_CAPTURES, *BY_HINDSIGHT, "Resets//All"]
        known += ["Resets//" + name for name in RESETS]
        self.assertEqual(sorted(row[1] for row in table("dfilter_buttons")), sorted(known))
        self.assertEqual({(row[0], len(row)) for row in table("dfilter_buttons")}, {("TRUE", 4)})

    def test_buttons_by_hindsight(self):
        for label, (outcomes, experts) in BY_HINDSIGHT.items():
            with self.subTest(label):
                found = self.found(self.buttons()[label])
                told = {(capture, frame) for kind in (ON_SEGMENTS, REJECTED, TOLD_LATER)
                        for name in experts
                        for capture, frames in kind.get(name, {}).items() for frame in frames}
                captures = {capture for (capture, _), answer in self.outcomes.items()
                            if answer[0] in outcomes}
                self.assertEqual(told - found, set())
                self.assertEqual({capture for capture, _ in found},
                                 captures | {capture for capture, _ in told})
                if not outcomes:
                    self.assertEqual(found, told)

    def test_buttons_in_captures(self):
        for label, captures in IN_CAPTURES.items():
            found = self.found(self.buttons()[label])
            for capture, frames in captures.items():
                with self.subTest(label, capture=capture):
                    self.assertEqual(sorted(frame for name, frame in found if name == capture), frames)

    def test_buttons_of_the_selected_packet(self):
        """tshark has none; that they are valid filters is all that it can say."""
        for label in OF_THE_SELECTED:
            self.assertEqual(self.found(self.buttons()[label]), set(), label)

    def test_resets(self):
        """Each RST is found by exactly one button, and by the one for all."""
        found = {name: self.found(self.buttons()["Resets//" + name]) for name in ["All", *RESETS]}
        for name, captures in RESETS.items():
            self.assertEqual(sorted({capture for capture, _ in found[name]}), captures, name)
        several = found.pop("All")
        self.assertEqual(several, set().union(*found.values()))
        self.assertEqual(len(several), sum(map(len, found.values())))
        self.assertEqual(several, self.found("tcp.flags.reset == 1 && !icmp && !icmpv6"))

    def test_warnings(self):
        for display_filter in self.buttons()["Warnings"], dict(rule[:2] for rule in rules())["Warnings"]:
            parts = display_filter.split(" || ")
            self.assertEqual(len(parts), len(set(parts)))
            self.assertEqual({part.removeprefix("tcpfsm.expert.") for part in parts}, warnings())

    # -- macros --------------------------------------------------------------------------------------------
    def test_macros(self):
        for use, frames in (("${tcpfsm_conn:0}", list(range(1, 12))), ("${tcpfsm_conn:1}", []),
                            ("${tcpfsm_server:7777}", list(range(1, 12))), ("${tcpfsm_server:50000}", []),
                            ("${tcpfsm_in:CLOSE-WAIT}", [8, 9]), ("${tcpfsm_in:LISTEN}", []),
                            ("${tcpfsm_move:ESTABLISHED;CLOSE-WAIT}", [8]),
                            ("${tcpfsm_move:CLOSE-WAIT;LAST-ACK}", [10]),
                            ("${tcpfsm_owes:SYN-ACK}", [1]), ("${tcpfsm_owes:ACK of the SYN-ACK}", [2]),
                            ("${tcpfsm_slow:0.010}", list(range(1, 12))), ("${tcpfsm_slow:0.011}", []),
                            ("${tcpfsm_conn:0} && !${tcpfsm_in:ESTABLISHED}", [1, 8, 9, 10, 11])):
            with self.subTest(use):
                output = self.profile("-Y", use, "-T", "fields", "-e", "frame.number", capture=self.close)
                self.assertEqual([int(frame) for frame in output.split()], frames)
        used = {name for name, _ in table("dfilter_macros")}
        self.assertEqual(used, {"tcpfsm_conn", "tcpfsm_in", "tcpfsm_move", "tcpfsm_owes", "tcpfsm_server",
                                "tcpfsm_slow", "tcpfsm_this_client", "tcpfsm_this_server"})

    # -- colours -------------------------------------------------------------------------------------------
    def test_coloring_rules(self):
        """The first rule whose filter finds a frame colours it; others aren't coloured."""
        output = self.profile("--color", "-T", "fields", "-e", "frame.number", "-e",
                              "frame.coloring_rule.name")
        coloured = {self.place(number): name for number, name in
                    (line.split("\t") for line in output.splitlines())}
        expected = dict.fromkeys(coloured, "")
        for name, display_filter, _, _ in reversed(rules()):
            expected.update(dict.fromkeys(self.found(display_filter), name))
        self.assertEqual(coloured, expected)
        self.assertEqual(set(coloured.values()), set(COLOURED))
        for name, frames in COLOURED.items():
            self.assertEqual({coloured[frame] for frame in frames}, {name})

    def test_contrast(self):
        for name, _, background, foreground in rules():
            self.assertGreaterEqual(contrast(background, foreground), LEAST_CONTRAST, name)
        self.assertAlmostEqual(contrast((0, 0, 0), (65535,) * 3), 21, 1)
        self.assertAlmostEqual(contrast((0x7777,) * 3, (65535,) * 3), 4.48, 2)

    def test_told_apart(self):
        """No two rules have backgrounds that somebody may take for the same."""
        for (name, _, one, _), (other, _, two, _) in itertools.combinations(rules(), 2):
            for eye, matrix in EYES.items():
                self.assertGreater(difference(one, two, matrix), LEAST_DIFFERENCE, (name, other, eye))


if __name__ == "__main__":
    shark.main()
