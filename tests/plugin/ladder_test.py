#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: ladder_test.py [--update]

The ladders of `-z tcpfsm,ladder`: those of some sample captures are compared to goldens/ladder, which
--update writes anew; these show everything that a ladder can. All samples, in one capture, say what the
fields say.
"""
import os
import re
import shlex
import sys

import contract
import packets
import shark
from talk import Talk

GOLDENS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens", "ladder")
QUIET_TAIL = "tcpfsm.quiet_tail:90"
LADDER = "tcpfsm,ladder"
WIDTH = 100                         # of a pipe
RUNGS_MAX, STEPS_MAX = 2000, 2100   # as in rungs.c
PLAIN = str.maketrans("│├┤┊─═►◄╳✗", "|||:-=><xX")
NOTHING = "No ladder: no TCP segment passes the filter and the options\n"
LATE = 25001                        # a connection of many that look alike
ALL = "tcp"                         # a filter: without, the most troubled are drawn
STATE = r"[A-Z0-9-]+[?]?"
ARROW = re.compile(r"^ *(?P<frame>\d+) +(?P<seconds>\d+\.\d{6}) *(?P<client>%s|) [│├](?P<label>.*)[│┤]"
                   r"(?: (?P<server>%s))?$" % (STATE, STATE))
STATES = re.compile(r"^ *(?P<client>%s) │ +│ (?P<server>%s)$" % (STATE, STATE))     # before the first arrow
NUMBERS = re.compile(r" seq=(?P<seq>\d+)✗?(?: ack=(?P<ack>\d+)✗?)?(?: len=(?P<len>\d+))? ")
CLIENT, SERVER = ("192.0.2.1", 50000), ("192.0.2.2", 7777)

# What a ladder is made of: each of these is found in a golden.
ELEMENTS = [
    # The heading: which connection it is, what became of it, how it was opened and closed, who the ends are.
    r"^Connection \d+ \(tcp\.stream \d+\): ", r", on the addresses and ports of connection \d+ after ",
    *(": %s(,|$)" % outcome for outcome in (
        "closed", "unanswered", "refused", "unreachable", "embryonic", "handshake-reset", "half-closed",
        "closing", "reset", "desynchronized", "partial", "silent", "replaced", "open")),
    *("^%s; " % opening for opening in (
        "opened three-way", "opened simultaneously", "opened with Fast Open", "opening not captured")),
    *("; %s; " % closing for closing in (
        "no FIN or RST", "one FIN only", "closed four-way", "closed in three segments",
        "closed simultaneously", "closed by reset", "FIN then reset")),
    *("; %s; " % closer for closer in (
        "closed first by client", "closed first by server", "closed by both at once")), "history [A-Za-z]",
    "^frame   seconds   .* client  +server$", " client~ +server~$", r" 192\.0\.2\.1:\d+ ",
    r" \[2001:db8::1\]:\d+ ",
    # States, how sure they are, how long they last.
    *(r"\b%s\?? [│├]|[│┤] %s\??$" % (state, state) for state in (
        "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
        "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT", "UNKNOWN")),
    r"[A-Z]\? [│├]", r"[│┤] [A-Z]+\?$", r"│ \d+ us$", r"^ +\d\.\d ms │", r"^ +\d\d ms │",
    r"[│┊] \d+\.\d s$",
    # Arrows: direction, loss, steps, kinds of segments, numbers.
    "├─.*─►│", "│◄─.*─┤", "├─.*─╳ +│", "│ +╳─.*─┤", r"seq=\d+✗", r"ack=\d+✗", r" len=\d+ ",
    *(r"\[%s\] " % step for step in ("1/3", "2/3", "3/3", "1/4", "2/4", "3/4", "4/4", r"2\+3/4")),
    r"\[\d/3\] \[\S+/4\]",
    *(r"[─\]] %s seq=\d" % kind for kind in ("SYN", "SYN-ACK", "FIN", "RST", "data", "ACK")),
    # Several segments as one arrow.
    r"│◄═+ \d+ segments ═.* bytes ═►│", r"│═+ \d+ segments ═.*►│", r"│◄═+ \d+ segments ═+►│",
    r" \d,\d{3} bytes ",
    # Time that passes.
    r"┊ +~ \d+\.\d s ~ +┊", r"┊ +~ \d+\.\d s, \w+ owes an? [^~]* since frame \d+ ~", "owes an? .* and an? ",
    "client owes ", "server owes ", "│ +the capture ends +│",
    # What is found on a segment.
    r"repeats frame \d", "retransmission 1, after", "keepalive 1", "persist 1", "2MSL begins ",
    "2MSL restarts", r"gap: \d+ is missing", "captured twice", r"frame \d+ was lost",
    "the segments crossed: ", "likely cause: ", "cause unknown", "│ .*window 0",
    "window open again", r"seq is invalid \([a-z-]+\), expected \d",
    r"ack is invalid \([a-z-]+\), expected \d",
    "│ +! ",
    "; ",
    # What its own segments don't tell.
    "ICMP error: unreachable", "no longer open at the client: see connection",
    "a new SYN replaces this connection",
]


def sample(name):
    """A copy that whoever runs tshark may read."""
    path = os.path.join(shark.world().captures, "ladder-" + name + ".pcapng")
    if not os.path.exists(path):
        with open(os.path.join(shark.SAMPLES, name + ".pcapng"), "rb") as file:
            content = file.read()
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o644)
    return path


def segment(sender, seq, ack, flags, data=b""):
    (source, port), (destination, other) = (CLIENT, SERVER) if sender == "client" else (SERVER, CLIENT)
    header = packets.tcp(source, destination, (port, other), seq, ack, flags, data)
    return packets.ethernet(packets.ipv4(source, destination, header, identity=seq))


def opening():
    return [segment("client", 1000, 0, "S"), segment("server", 5000, 1001, "SA"),
            segment("client", 1001, 5001, "A")]


def timed(frames, step=0.001):
    return [(number * step, frame) for number, frame in enumerate(frames)]


class LadderTest(shark.SharkTest):
    _ladders = {}

    def ladder(self, capture, *options, rule="", **environment):
        """What it prints; `environment` for tshark. The same question is asked once only."""
        question = (capture, options, rule, *environment.items())
        if question not in self._ladders:
            self._ladders[question] = self.print_ladder(capture, options, rule, environment)
        return self._ladders[question]

    def print_ladder(self, capture, options, rule, environment):
        path = shark.world().paths.get(capture, capture)
        settings = ["%s=%s" % pair for pair in environment.items()]
        command = ["env", *settings, shark.TSHARK, "-n", "-q", "-r", path, *options,
                   "-z", LADDER + ("," + rule if rule else "")]
        status, text, complaint = shark.world().run(command)
        self.assertEqual((status, complaint), (0, ""), " ".join(command))
        return text

    def golden(self, name):
        """Those of a server with many connections are all alike."""
        rule = "tcpfsm.connection < 2" if "many" in name else ""
        return self.ladder(sample(name), "-o", QUIET_TAIL, rule=rule)

    def check_width(self, text, width):
        for line in text.split("\n"):
            self.assertLessEqual(len(line), width, line)
            self.assertEqual(line, line.rstrip())


class Goldens(LadderTest):
    maxDiff = None

    def goldens(self):
        """Name of the sample to text."""
        found = {}
        for name in sorted(os.listdir(GOLDENS)):
            with open(os.path.join(GOLDENS, name), encoding="utf-8") as file:
                found[name.removesuffix(".txt")] = file.read()
        return found

    def test_sample_captures(self):
        for name, text in self.goldens().items():
            with self.subTest(capture=name):
                self.assertEqual(self.golden(name), text)

    def test_show_everything(self):
        """A new element wants a golden that shows it: make an empty file, named as a sample; --update."""
        whole = "\n".join(self.goldens().values())
        for element in ELEMENTS:
            self.assertRegex(whole, re.compile(element, re.MULTILINE))

    def update(self):
        for name in self.goldens():
            with open(os.path.join(GOLDENS, name + ".txt"), "w", encoding="utf-8") as file:
                file.write(self.golden(name))


class Passes(LadderTest):
    def test_two_passes(self):
        for name in ("everything", "samples"):      # with a quiet tail: statistics_test.py
            for rule in ("", ALL):
                with self.subTest(capture=name, rule=rule):
                    self.assertEqual(self.ladder(name, "-2", rule=rule), self.ladder(name, rule=rule))

    def test_behind_the_packet_list(self):
        path = sample("close-by-client")
        text = self.tshark(path, "-z", LADDER)
        self.assertEqual(text, self.tshark(path) + self.ladder(path))

    def test_two_ladders(self):
        path = sample("close-by-client")
        twice = self.tshark(path, "-q", "-z", LADDER, "-z", LADDER + ",tcp.flags.fin == 1")
        self.assertEqual(sorted(twice.splitlines()), sorted(
            (self.ladder(path) + self.ladder(path, rule="tcp.flags.fin == 1")).splitlines()))

    def test_session_reset(self):
        """With -M, what was seen until a reset is a capture of its own."""
        fin = segment("client", 1001, 5001, "FA")
        first, second = opening(), opening() + [fin]
        capture = shark.world().capture("ladder-two-files", timed(first + second))
        options = ["-n", "-q", "-r", capture, "-M", str(len(first)), "-z", LADDER]
        status, text, _ = shark.world().run([shark.TSHARK, *options])
        self.assertEqual(status, 0)
        self.assertEqual(re.findall(r"^Connection \d+", text, re.MULTILINE), ["Connection 0"] * 3)
        self.assertEqual(len(re.findall(r"\[1/3\] SYN ", text)), 2)
        self.assertEqual(len(re.findall(r"\[1/4\] FIN ", text)), 1)
        self.assertNotIn("✗", text.replace("✗ invalid", ""))


class Filters(LadderTest):
    def test_some(self):
        text = self.ladder(sample("close-by-client"), rule="tcp.flags.fin == 1")
        frames = [match.group("frame") for match in map(ARROW.match, text.splitlines()) if match]
        self.assertEqual(frames, ["8", "10"])
        self.assertIn(" [1/4] FIN seq=10 ack=8 ", text)     # counted from the SYN, though that isn't shown
        self.assertIn("later segments are not shown", text)

    def test_one_of_several_connections(self):
        path = sample("time-wait-reuse-by-client")
        whole = self.ladder(path)
        part = self.ladder(path, rule="tcpfsm.connection == 1")
        self.assertTrue(part.startswith("Connection 1 "))
        self.assertTrue(whole.endswith(part))
        self.assertLess(whole.index("Connection 0 "), whole.index("Connection 1 "))

    def test_none(self):
        self.assertEqual(self.ladder(sample("close-by-client"), rule="tcp.port == 1"), NOTHING)

    def test_empty_capture(self):
        self.assertEqual(self.ladder(shark.world().capture("ladder-empty", [])), NOTHING)

    def test_analysis_off(self):
        """The capture is not to blame."""
        for options, reason in ((["-o", "tcpfsm.analyze:FALSE"],
                                 "the analysis is off (preference tcpfsm.analyze)"),
                                (["--disable-protocol", "tcpfsm"], "the protocol TCPFSM is disabled")):
            self.assertEqual(self.ladder(sample("close-by-client"), *options), "No ladder: %s\n" % reason)

    def check_refused(self, argument, complaint):
        command = [shark.TSHARK, "-n", "-q", "-r", sample("close-by-client"), "-z", argument]
        status, text, stderr = shark.world().run(command)
        self.assertNotEqual(status, 0)
        self.assertEqual(text, "")
        self.assertIn(complaint, stderr)

    def test_bad_filter(self):
        self.check_refused(LADDER + ",tcp.nosuch == 1", "tcp.nosuch")

    def test_bad_argument(self):
        self.check_refused(LADDER + "s", LADDER + "s")


class MostTroubled(LadderTest):
    """Without a filter, or with limit=: in the order of the table of connections."""
    REST = re.compile(r"^(\d+) more connections are not drawn \(limit=(\d+)\)\. To see them, "
                      r"set a higher limit= or use a filter "
                      r"\(the next one: tcpfsm\.connection == (\d+)\)\.$", re.MULTILINE)

    def drawn(self, text):
        return re.findall(r"^Connection (\d+)", text, re.MULTILINE)

    def listed(self, capture, options=""):
        text = self.tshark(capture, "-q", "-z", "tcpfsm,connections" + options)
        return re.findall(r"^ *(\d+) \|", text.split("\nTotals")[0], re.MULTILINE)

    def check(self, capture, limit, options, *table_options):
        expected = self.listed(capture, *table_options)
        if len(expected) <= limit:      # all: one after another
            expected.sort(key=int)
        for passes in ((), ("-2",)):
            text = self.ladder(capture, *passes, rule=options)
            self.assertEqual(self.drawn(text), expected[:limit])
            rest = self.REST.findall(text)
            left = len(expected) - limit
            self.assertEqual(rest, [(str(left), str(limit), expected[limit])] if left > 0 else [])

    def test_unasked(self):
        for capture in ("everything", "samples", "unfinished"):
            self.check(capture, 20, "")

    def test_limit(self):
        for limit in (1, 30, 100000):
            self.check("everything", limit, "limit=%d" % limit)

    def test_options(self):
        for options in ("outcome=half-closed", "server=10.0.0.2:80"):
            self.check("everything", 20, options, "," + options)
            self.check("everything", 2, options + ",limit=2", "," + options)

    def test_filter(self):
        """All that pass, by number; with a limit the most troubled of them."""
        text = self.ladder("everything", rule="tcp.port == 80")
        self.assertGreater(len(self.drawn(text)), 20)
        self.assertEqual(self.drawn(text), sorted(self.drawn(text), key=int))
        self.assertEqual(self.REST.findall(text), [])
        self.check("everything", 3, "limit=3,tcp.port == 80", ",tcp.port == 80")

    def test_nothing_chosen(self):
        self.assertEqual(self.ladder(sample("close-by-client"), rule="outcome=silent"), NOTHING)

    def test_wrong_options(self):
        Filters.check_refused(self, LADDER + ",limit=none", "limit=none is not valid")
        Filters.check_refused(self, LADDER + ",size=3", "there is no option size=")

    def many(self, name, count, closing):
        """More connections than are kept: one that is stuck early, thousands that close or stay open; one of
        the latter is stuck late."""
        stuck = Talk(1000, isn=(1, 1)).open().c("FA").s("A", after=0.001)
        frames = list(stuck.frames)
        begun = []
        for number in range(count):
            talk = Talk(1024 + number % 60000, service=81 + number // 60000, start=100 + number / 1000)
            begun.append(talk.open())
            if closing and number % 2:
                talk.c("FA").s("FA").c("A")
        begun[LATE - 1].wait(120).c("FA").s("A")
        frames += [frame for talk in begun for frame in talk.frames]
        frames.append((600, packets.ethernet(packets.udp("10.0.0.3", "10.0.0.4", (5000, 5000), b"on"))))
        return shark.world().capture(name, sorted(frames, key=lambda frame: frame[0]))

    def test_most_make_room(self):
        path = self.many("ladder-many", 26000, True)
        text = self.ladder(path)
        self.assertEqual(text, self.ladder(path, "-2"))
        self.assertEqual(self.drawn(text)[:2], ["0", str(LATE)])
        self.assertEqual(len(self.drawn(text)), 20)

    def test_lost_in_one_pass(self):
        """A connection that looked well when there was no more room; two passes know better."""
        path = self.many("ladder-many-open", 40000, False)
        once, twice = self.ladder(path), self.ladder(path, "-2")
        self.assertEqual(self.drawn(twice)[:2], ["0", str(LATE)])
        self.assertEqual(self.drawn(once), [number for number in self.drawn(twice) if number != str(LATE)])
        complaint = "1 of the most troubled connections could not be kept in one pass. "
        self.assertIn(complaint, once)
        self.assertNotIn(complaint, twice)


class Shapes(LadderTest):
    def test_widths(self):
        connections = self.ladder("samples", rule=ALL).count("\nConnection ")
        self.assertGreater(connections, 100)
        for columns, width in ((20, 60), (72, 72), (95, 95), (999, 132)):
            with self.subTest(columns=columns):
                text = self.ladder("samples", "-o", QUIET_TAIL, rule=ALL, COLUMNS=columns)
                self.check_width(text, width)
                self.assertEqual(text.count("\nConnection "), connections)

    def test_width_of_a_pipe(self):
        path = sample("close-by-client")
        for columns in ("", "0", "wide"):
            self.assertEqual(self.ladder(path, COLUMNS=columns), self.ladder(path, COLUMNS=WIDTH))

    def test_width_of_a_terminal(self):
        try:
            os.close(os.openpty()[0])
        except OSError:
            self.skipTest("no pseudo-terminal here")
        path = sample("close-by-client")
        command = "stty cols 84; exec " + shlex.join([shark.TSHARK, "-n", "-q", "-r", path, "-z", LADDER])
        status, text, _ = shark.world().run(["env", "SHELL=/bin/sh", "script", "-qec", command, "/dev/null"])
        self.assertEqual(status, 0)
        self.assertEqual(text.replace("\r\n", "\n"), self.ladder(path, COLUMNS=84))

    def test_lifelines_are_straight(self):
        """Both lines of each arrow stand where those of the connection's other lines do."""
        for columns in (72, WIDTH):
            text = self.ladder("samples", "-o", QUIET_TAIL, rule=ALL, COLUMNS=columns)
            for ladder in re.split(r"^Connection ", text, flags=re.MULTILINE)[1:]:
                columns_seen = {tuple(match.start() for match in re.finditer("[│├┤┊]", line))
                                for line in ladder.splitlines() if re.search("[│├┤┊]", line)}
                self.assertEqual(len(columns_seen), 1, ladder)
                self.assertEqual(len(columns_seen.pop()), 2, ladder)

    def test_plain_ascii(self):
        text = self.ladder("samples", "-o", QUIET_TAIL, rule=ALL, COLUMNS=WIDTH)
        plain = self.ladder("samples", "-o", QUIET_TAIL, rule=ALL, COLUMNS=WIDTH, LC_ALL="C")
        self.assertTrue(plain.isascii())
        self.assertFalse(text.isascii())
        self.assertEqual(plain, text.translate(PLAIN))


class Agreement(LadderTest):
    """A ladder says what the fields say."""
    FIELDS = ["frame.time_epoch", "tcp.seq", "tcp.ack", "tcp.len", "tcpfsm.handshake.step",
              "tcpfsm.teardown.step", "tcpfsm.client.state.str", "tcpfsm.client.basis",
              "tcpfsm.server.state.str", "tcpfsm.server.basis"]

    def check_label(self, row, label):
        values = dict(zip(self.FIELDS, row))
        numbers = NUMBERS.search(label)
        # Of two SYNs on one stream the stock dissector counts from the newer, whatever answers the older.
        counted_anew = any(int(values[name][0]) >= 1 << 31 for name in ("tcp.seq", "tcp.ack"))
        if not counted_anew:
            self.assertEqual(numbers.group("seq"), values["tcp.seq"][0])
        if numbers.group("ack") and not counted_anew:
            self.assertEqual(numbers.group("ack"), values["tcp.ack"][0])
        self.assertEqual(numbers.group("len") or "0", values["tcp.len"][0])
        steps = re.findall(r"\[([0-9+]+)/([34])\]", label)
        self.assertEqual({of: told.split("+") for told, of in steps},
                         {of: values[field] for of, field in (("3", self.FIELDS[4]), ("4", self.FIELDS[5]))
                          if values[field]})

    def test_samples(self):
        rows = self.rows("samples", self.FIELDS)
        arrows, shown, start = 0, {}, None
        for line in self.ladder("samples", rule=ALL).splitlines():
            if line.startswith("Connection "):
                shown, start = {}, None
            first = STATES.match(line)
            if first:
                shown.update(first.groupdict())
            match = ARROW.match(line)
            if not match or "ICMP" in line:
                continue
            row = rows[int(match.group("frame")) - 1]
            with self.subTest(line=line):
                start = start if start is not None else float(row[0][0]) - float(match.group("seconds"))
                self.assertAlmostEqual(float(row[0][0]) - start, float(match.group("seconds")), places=5)
                shown["client"] = match.group("client") or shown["client"]
                shown["server"] = match.group("server") or shown["server"]
                self.assertEqual(shown["client"], row[6][0] + contract.MARKS[row[7][0]])
                self.assertEqual(shown["server"], row[8][0] + contract.MARKS[row[9][0]])
                if "═" not in line:
                    self.check_label(row, match.group("label"))
                    arrows += 1
        self.assertGreater(arrows, 700)


class Stories(LadderTest):
    """What each ladder has to tell, in its place."""

    def check_order(self, text, *parts):
        position = 0
        for part in parts:
            found = text.find(part, position)
            self.assertGreaterEqual(found, 0, "%r is not in\n%s" % (part, text[position:]))
            position = found + len(part)

    def test_the_stuck_close_wait(self):
        text = self.ladder(sample("close-wait-server-never-closes"), "-o", "tcpfsm.quiet_tail:173")
        self.check_order(text, "half-closed", "[1/4] FIN seq=10 ack=8", "►│ CLOSE-WAIT?",
                         "! stuck in CLOSE-WAIT: no FIN sent", "FIN-WAIT-2?", "[2/4] ACK seq=8 ack=11",
                         "CLOSE-WAIT", "173 s", "~ 173 s, server owes a FIN since frame 8 ~", "173 s",
                         "the capture ends")

    def test_the_textbook(self):
        text = self.ladder(sample("close-by-client"))
        self.check_order(text, "CLOSED", "LISTEN", "[1/3] SYN seq=0", "[2/3] SYN-ACK seq=0 ack=1",
                         "[3/3] ACK seq=1 ack=1", "[1/4] FIN seq=10", "[2/4] ACK seq=8 ack=11",
                         "TIME-WAIT?", "[3/4] FIN seq=8 ack=11", "LAST-ACK", "2MSL begins", "TIME-WAIT",
                         "[4/4] ACK seq=11 ack=9", "CLOSED?")

    def test_lost_third_step(self):
        text = self.ladder(sample("open-lost-third-ack.client"))
        self.check_order(text, "[3/3] ACK seq=1 ack=1 ────────╳      │ ESTABLISHED?", "~ 1.0 s",
                         "[2/3] SYN-ACK seq=0 ack=1", "SYN-RECEIVED", "repeats frame 2",
                         "retransmission 1, after 1.0 s", "frame 3 was lost", "repeats frame 3")

    def test_invalid_number(self):
        text = self.ladder(sample("forged-data-after-fin"))
        self.check_order(text, "data seq=11✗ ack=8 len=7", "seq is invalid (after-fin), expected 11",
                         "! data after the sender's own FIN")

    def test_odd_flags(self):
        flags = {"SF": "SYN-FIN", "SR": "SYN-RST", "FR": "FIN-RST", "SFR": "SYN-FIN-RST", "": "no flags"}
        malformed = bytearray(segment("client", 1001, 5001, "A"))
        malformed[14 + 20 + 12] = 0     # the length of the TCP header
        frames = opening() + [bytes(malformed)] + [segment("client", 1001, 0, odd) for odd in flags]
        text = self.ladder(shark.world().capture("ladder-odd-flags", timed(frames)))
        for kind in flags.values():
            self.assertRegex(text, r"[─\]] %s seq=\d ─" % kind)
        self.assertIn("─ header cut off or malformed ─", text)

    def test_unreachable(self):
        text = self.ladder(sample("open-unreachable"))
        self.check_order(text, "[1/3] SYN seq=0", "    2  0.024067 ", "ICMP error: unreachable")

    def test_resets(self):
        self.check_order(self.ladder(sample("reset-unread-data")), "RST seq=1 ack=12",
                         "likely cause: abort by the application")
        self.check_order(self.ladder(sample("open-refused")), "RST seq=1 ack=1", "likely cause: refused")


class Bounds(LadderTest):
    def test_bulk_is_folded(self):
        count, size = 6000, 1000
        frames = opening()
        for number in range(count):
            seq = 1001 + number * size
            frames += [segment("client", seq, 5001, "A", bytes(size)),
                       segment("server", 5001, seq + size, "A")]
        end = 1001 + count * size
        frames += [segment("client", end, 5001, "FA"), segment("server", 5001, end + 1, "FA"),
                   segment("client", end + 1, 5002, "A")]
        path = shark.world().capture("ladder-bulk", timed(frames))
        text = self.ladder(path)
        self.assertLess(len(text.splitlines()), 40)
        drawn = len([line for line in text.splitlines() if ARROW.match(line) and "═" not in line])
        bundles = re.findall(r"│◄═+ ([\d,]+) segments in 12.0 s ═* ([\d,]+) bytes ═►│", text)
        self.assertEqual(len(bundles), 1, text)
        segments, volume = (int(number.replace(",", "")) for number in bundles[0])
        self.assertEqual(segments + drawn, len(frames))
        self.assertEqual(volume + size * text.count(" len=%d " % size), count * size)
        self.check_width(self.ladder(path, COLUMNS=60), 60)

    def test_remarkable_segments_are_folded_when_they_are_too_many(self):
        count = 5000
        frames = opening()
        frames += [segment("client", 1001 + 10 * number, 5001, "A", bytes(5)) for number in range(count)]
        frames += [segment("client", 1001 + 10 * count, 5001, "FA")]
        text = self.ladder(shark.world().capture("ladder-gaps", timed(frames)))
        arrows = [line for line in text.splitlines() if ARROW.match(line)]
        self.assertGreater(len(arrows), RUNGS_MAX - 10)
        self.assertLessEqual(len(arrows), STEPS_MAX)
        self.assertIn("too many segments to draw: folded", text)
        self.assertIn("FIN seq=%d" % (1 + 10 * count), text)


def main():
    if sys.argv[1:] == ["--update"]:
        Goldens().update()
    else:
        shark.main()


if __name__ == "__main__":
    main()
