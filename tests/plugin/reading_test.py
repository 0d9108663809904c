#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages that teach reading: every command line in them runs and prints what the page shows, every sample
capture occurs, and the languages say the same of the same captures. The same of the README's.

A block ```sh holds shell lines that the later ones need; a block ```console has a command behind "$ " in its
first line (and in further ones after a backslash), then what it prints. With the argument --write the pages
are given what tshark prints now.
"""
import os
import re
import shutil
import sys

from shark import SAMPLES, TSHARK, SharkTest, main, world

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DOCS = os.path.join(ROOT, "docs")
READMES = [os.path.join(ROOT, name) for name in ("README.md", "README.zh-CN.md")]
LANGUAGES = {"en": os.path.join(DOCS, "reading.md"), "zh-CN": os.path.join(DOCS, "reading.zh-CN.md")}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"\$ ((?:.*\\\n)*.*)\n")
HEADING = re.compile(r"^(#+) (.*)$", re.M)

# What the table of errors says of frames, and some of the prose: capture, frame, field, value.
FACTS = [
    ("close-by-client", 1, "tcp.seq_raw", "1812229416"),
    ("close-by-client", 8, "tcp.seq", "10"),
    ("close-by-client", 8, "tcp.flags.ack", "1"),
    ("close-by-client", 9, "tcp.ack", "11"),
    ("close-by-client", 9, "tcp.seq", "8"),
    ("close-by-client", 10, "tcp.seq", "8"),
    ("half-close-with-data", 7, "tcp.seq", "1"),
    ("half-close-with-data", 14, "tcp.seq", "34"),
    ("half-close-with-data", 13, "tcpfsm.server.state.str", "CLOSE-WAIT"),
    ("close-with-last-data", 4, "tcp.len", "8"),
    ("fast-open-data-in-syn", 10, "tcp.len", "9"),
    ("fast-open-data-in-syn", 13, "tcp.ack", "10"),
    ("open-with-data-in-syn", 1, "tcp.len", "9"),
    ("open-with-data-in-syn", 2, "tcp.ack", "10"),
    ("teardown-fin-unacknowledged.client", 9, "tcpfsm.timer.str", "retransmission"),
    ("teardown-fin-unacknowledged.client", 14, "tcpfsm.timer.str", "retransmission"),
    ("open-simultaneous.client", 1, "tcp.flags.ack", "0"),
    ("open-simultaneous.client", 2, "tcp.flags.ack", "0"),
    ("open-simultaneous.client", 2, "tcp.flags.syn", "1"),
    ("close-by-server", 10, "tcpfsm.server.state.str", "TIME-WAIT"),
    ("close-simultaneous.client", 11, "tcpfsm.client.state.str", "TIME-WAIT"),
    ("close-simultaneous.client", 11, "tcpfsm.server.state.str", "TIME-WAIT"),
    ("close-three-segments", 9, "tcpfsm.step", "5,6"),
    ("close-wait-with-closed-window", 13, "tcp.window_size_value", "0"),
    ("close-wait-with-closed-window", 13, "tcpfsm.client.state.str", "CLOSE-WAIT"),
    ("loss-of-data-before-fin.server", 4, "tcpfsm.server.state.str", "ESTABLISHED"),
    ("loss-recovered-by-sack.client", 17, "tcpfsm.timer.str", ""),
    ("reset-overtakes-data.server", 4, "tcp.flags.reset", "1"),
    ("keepalive-meets-reset", 9, "tcpfsm.reset.cause.str", "answer to a keepalive or probe"),
]
# After these frames nothing is sent: a RST rebuilds nothing.
LAST = [("open-refused", 2), ("reset-by-linger", 6)]


def captures():
    """The sample captures, one that was taken at both ends without the names of the ends."""
    names = {name[:-len(".pcapng")] for name in os.listdir(SAMPLES) if name.endswith(".pcapng")}
    return {re.sub(r"\.(client|server)$", "", name) for name in names}


class Page:
    def __init__(self, path):
        self.path = path
        with open(self.path, encoding="utf-8") as file:
            self.text = file.read()
        blocks = FENCE.findall(self.text)
        self.definitions = [body for kind, body in blocks if kind == "sh"]
        self.consoles = [body for kind, body in blocks if kind == "console"]
        self.commands = [COMMAND.match(body).group(1) for body in self.consoles]
        self.headings = HEADING.findall(FENCE.sub("", self.text))

    def sections(self):
        """The text under each heading, blocks included."""
        whole = [match.start() for match in HEADING.finditer(self.text)
                 if not any(start <= match.start() < end for start, end in self.fenced())]
        return [self.text[start:end] for start, end in zip(whole, whole[1:] + [len(self.text)])]

    def fenced(self):
        return [match.span() for match in FENCE.finditer(self.text)]

    def write(self, shell):
        def renewed(match):
            if match.group(1) != "console":
                return match.group(0)
            command = COMMAND.match(match.group(2)).group(1)
            return "```console\n$ %s\n%s```" % (command, shell.run(command)[1])
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(FENCE.sub(renewed, self.text))


class Shell:
    """Runs commands where the reader is told to: in sample-captures/ (or above), with what the page has
    defined."""

    _printed = {}

    def __init__(self, definitions, above=False):
        samples = os.path.join(world().folder, "sample-captures")
        if not os.path.isdir(samples):
            shutil.copytree(SAMPLES, samples)
            world().open_to_all()
        self.folder = world().folder if above else samples
        self.definitions = "\n".join(definitions)

    def run(self, command):
        """(status, what it prints, what it complains)"""
        question = (self.folder, self.definitions, command)
        if question not in self._printed:
            script = 'set -eu\ncd "%s"\ntshark() { "%s" "$@"; }\n%s\n%s\n' % (
                self.folder, TSHARK, self.definitions, command)
            self._printed[question] = world().run(["bash", "-c", script])
        return self._printed[question]


def named(section):
    """The sample captures that a section names, in prose and in commands."""
    known = captures()
    words = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+(?:\.(?:client|server))?", section)
    return sorted({word for word in words if re.sub(r"\.(client|server)$", "", word) in known})


class ReadingTest(SharkTest):
    def setUp(self):
        self.pages = {language: Page(path) for language, path in LANGUAGES.items()}

    def check_commands(self, page, shell):
        for body, command in zip(page.consoles, page.commands):
            with self.subTest(page=page.path, command=command):
                self.assertTrue(command.startswith("tshark "))
                status, printed, complaint = shell.run(command)
                self.assertEqual((status, complaint), (0, ""))
                self.assertEqual(COMMAND.sub("", body, count=1).splitlines(), printed.splitlines(),
                                 "tests/plugin/reading_test.py --write renews the pages")
                self.assertTrue(printed.strip(), "prints nothing")

    def test_every_command_prints_what_the_page_shows(self):
        for page in self.pages.values():
            self.assertGreater(len(page.consoles), 20)
            self.check_commands(page, Shell(page.definitions))

    def test_the_readmes_show_what_is_printed(self):
        for page in map(Page, READMES):
            self.assertTrue(page.consoles)
            self.check_commands(page, Shell([], above=True))

    def test_the_readmes_agree(self):
        one, other = map(Page, READMES)
        self.assertEqual(one.commands, other.commands)
        self.assertEqual([level for level, _ in one.headings], [level for level, _ in other.headings])
        for pattern in (r"`(tcpfsm[^`\n]+|\.\w+|-[oz] [^`\n]+)`", r"(?:\]\(|src=\")(docs/images/[^)\"]*)"):
            self.assertEqual(re.findall(pattern, one.text), re.findall(pattern, other.text))

    def test_every_block_is_of_a_kind_that_is_checked(self):
        for page in self.pages.values():
            self.assertEqual(len(re.findall(r"^```", page.text, re.M)), 2 * len(page.fenced()))
            self.assertEqual({kind for kind, _ in FENCE.findall(page.text)}, {"sh", "console"})

    def test_every_sample_capture_occurs(self):
        for page in self.pages.values():
            found = {re.sub(r"\.(client|server)$", "", name) for name in named(page.text)}
            self.assertEqual(captures() - found, set())

    def test_the_languages_agree(self):
        (one, other) = self.pages.values()
        self.assertEqual(one.definitions, other.definitions)
        self.assertEqual(one.commands, other.commands)
        self.assertEqual([level for level, _ in one.headings], [level for level, _ in other.headings])
        for left, right in zip(one.sections(), other.sections()):
            title = left.splitlines()[0]
            self.assertEqual(named(left), named(right), title)
            for pattern in (r"RFC\s(\d+)", r"\b3(?:\.\d+)+", r"`(tcpfsm\.[\w.]+)"):
                self.assertEqual(set(re.findall(pattern, left)), set(re.findall(pattern, right)), title)

    def test_the_facts_are_in_the_captures(self):
        folder = Shell([]).folder
        fields = sorted({field for _, _, field, _ in FACTS})
        for capture, frame, field, value in FACTS:
            rows = self.rows(os.path.join(folder, capture + ".pcapng"), fields)
            shown = ",".join(rows[frame - 1][fields.index(field)])
            self.assertEqual(shown.replace("True", "1").replace("False", "0"), value, (capture, frame, field))
        for capture, frame in LAST:
            rows = self.rows(os.path.join(folder, capture + ".pcapng"), ["tcp.flags.reset"])
            self.assertEqual(len(rows), frame, capture)

    def test_filters_and_links_lead_somewhere(self):
        for page in self.pages.values():
            for name in re.findall(r"`(tcpfsm\.[\w.]+)`", page.text):
                self.assertTrue(name in self.registered() or self.is_preference(name), name)
            self.check_links(page)
            anchors = {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
                       for _, title in page.headings}
            for target in re.findall(r"\]\(#([^)]*)\)", page.text):
                self.assertIn(target, anchors)

    def check_links(self, page):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)|src=\"([^\"]*)\"", page.text):
            path = os.path.join(os.path.dirname(page.path), "".join(target))
            self.assertTrue(os.path.exists(path), path)

    def test_links_of_the_readmes(self):
        for page in map(Page, READMES):
            self.check_links(page)

    def is_preference(self, name):
        if "preferences" not in self._rows:
            self._rows["preferences"] = world().run([TSHARK, "-G", "defaultprefs"])[1]
        return "\n#%s: " % name in self._rows["preferences"]


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        for its in map(Page, LANGUAGES.values()):
            its.write(Shell(its.definitions))
        for its in map(Page, READMES):
            its.write(Shell([], above=True))
    else:
        main()
