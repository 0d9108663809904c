# SPDX-License-Identifier: GPL-2.0-or-later
"""Ladders of single connections, drawn from their captures as scripts/ladder does.

All connections of the same files are cut out of them in one pass; the pictures come from the small capture.
Frame numbers in them are led back to the original file.
"""
import contextlib
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect_right

from tcpfsm_batch import paths, tools
from tcpfsm_batch.answers import html
from tcpfsm_batch.feed import Feeder

BYTES_MAX = 1 << 30         # of captures to go through for a group of ladders
SEGMENTS_MAX = 2000         # of a connection that is drawn
SVG_MAX = 120000            # characters of a picture
SECONDS = 300               # for tshark
HERE = os.path.dirname(os.path.abspath(__file__))
# In the package, and in the source tree.
DRAWERS = [os.path.join(HERE, *parts, "ladder.py") for parts in (
    ("..", "..", "ladder"), ("..", "..", "..", "scripts", "lib"))]
# Numbers of frames in a picture: of the margin, and in sentences.
MARGIN = re.compile(r">#(\d+)(?: – (\d+))?<")
SENTENCE = re.compile(r"\b([Ff]rame[ \u00a0])(\d+)")


class NotDrawn(Exception):
    """Why, as a part of a sentence."""


def draw(rows, manifest, names):
    """For each row (SVG, what else to say), or ("", why there is none)."""
    units = {unit["hash"]: unit for unit in manifest}
    groups, answers = {}, {}
    for place, row in enumerate(rows):
        try:
            groups.setdefault(tuple(_files(row, units)), []).append(place)
        except NotDrawn as why:
            answers[place] = "", str(why)
    for files, places in groups.items():
        try:
            with tempfile.TemporaryDirectory(prefix="tcpfsm-ladders-") as scratch:
                cut = Cut(files, [rows[place] for place in places], scratch)
                for place in places:
                    answers[place] = _one(cut, rows[place], names)
        except (NotDrawn, OSError, subprocess.TimeoutExpired, tools.Unusable) as why:
            answers.update({place: ("", str(why)) for place in places if place not in answers})
    return [answers[place] for place in range(len(rows))]


def _one(cut, row, names):
    try:
        return cut.picture(row, names)
    except NotDrawn as why:
        return "", str(why)


def _files(row, units):
    """The files from the connection's first packet to its last, as their unit reads them."""
    unit = units.get(row["unit"])
    listed = [file["path"] for file in unit["files"]] if unit else []
    if row["capture"] not in listed or row["last_capture"] not in listed:
        raise NotDrawn("its capture is not in the plan")
    between = listed[listed.index(row["capture"]):listed.index(row["last_capture"]) + 1]
    opened = [paths.from_text(path) for path in between]
    for path in opened:
        if not os.access(path, os.R_OK):
            raise NotDrawn("%s can't be read any more" % paths.to_text(path))
    if sum(map(os.path.getsize, opened)) > BYTES_MAX:
        raise NotDrawn("its captures are larger than %s" % html.size(BYTES_MAX))
    return between


def _filter(row):
    family = "ipv6" if ":" in row["client_address"] else "ip"
    return "(%s.addr == %s && %s.addr == %s && tcp.port == %d && tcp.port == %d)" % (
        family, row["client_address"], family, row["server_address"], row["client_port"], row["server_port"])


class Cut:
    """The packets of some connections, in a capture of their own."""

    def __init__(self, files, rows, scratch):
        self.files, self.scratch = files, scratch
        self.path = os.path.join(scratch, "cut.pcapng")
        numbers = os.path.join(scratch, "numbers")
        wanted = " || ".join(sorted({_filter(row) for row in rows}))
        with tools.Configuration() as environment, open(numbers, "wb") as out:
            process = subprocess.Popen(
                ["tshark", "-n", "-r", "-", *tools.ONE_PASS, "-Y", wanted, "-w", self.path, "-P",
                 "-T", "fields", "-e", "frame.number"],
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL, env=environment)
            feeder = Feeder(process.stdin)
            try:
                for path in files:
                    opened = paths.from_text(path)
                    feeder.feed(opened, os.path.getsize(opened))
            except BrokenPipeError:
                pass
            finally:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SECONDS)
                process.kill()
                process.wait()
        if not os.path.exists(self.path):
            raise NotDrawn("tshark did not extract it")
        self.starts = [fed.first_number for fed in feeder.files]
        with open(numbers, encoding="ascii") as file:
            self.numbers = [int(line) for line in file if line.strip()]
        self.found = self._connections()

    def _tshark(self, *words):
        with tools.Configuration() as environment:
            done = tools.output(["tshark", "-n", "-r", self.path, *words], environment, timeout=SECONDS)
        return done.stdout

    def _connections(self):
        lines = self._tshark("-q", "-z", "tcpfsm,json").splitlines()
        rows = [json.loads(line) for line in lines]
        return {(row["community_id"], row["first_packet_epoch_ns"]): row for row in rows}

    def picture(self, row, names):
        found = self.found.get((row["community_id"], str(row["first_packet_ns"])))
        if found is None:
            raise NotDrawn("it was not found in its capture any more")
        if found["packets"] > SEGMENTS_MAX:
            raise NotDrawn("it has %s; the command shows them" % html.count(found["packets"], "packet"))
        quiet = max(0, int(row["unit_end_ns"]) - int(row["last_packet_ns"])) // 1000000000
        experts, drawn = os.path.join(self.scratch, "experts"), os.path.join(self.scratch, "rows")
        if not os.path.exists(experts):
            with open(experts, "wb") as file:
                file.write(_experts())
        wanted = self._drawer("--fields", experts).decode().split()
        with open(drawn, "wb") as file:
            file.write(self._tshark(
                "-2", *tools.ONE_PASS, "-o", "tcpfsm.quiet_tail:%d" % quiet, "-Y",
                "tcpfsm && tcpfsm.connection == %d" % found["connection"], "-T", "fields",
                "-E", "occurrence=a", "-E", "aggregator=\x1f", "-E", "header=y", *wanted))
        with open(drawn, "rb") as file:
            last = int(found["last_packet_epoch_ns"]) / 1e9
            title = ", ".join(paths.shown(os.path.basename(names.capture(path))) for path in
                              dict.fromkeys((self.files[0], self.files[-1])))
            svg = self._drawer(title, experts, repr(last), str(quiet), str(found["connection"]),
                               stdin=file).decode()
        if len(svg) > SVG_MAX:
            raise NotDrawn("the ladder is too long; the command shows the packets")
        for word, instead in (": ", ""), (", client ", "Client "):     # its number in the cut says nothing
            svg = svg.replace("Connection %d%s" % (found["connection"], word), instead)
        return names.text(self._led_back(svg[svg.index("<svg"):])), self._note()

    def _drawer(self, *words, stdin=subprocess.DEVNULL):
        drawer = next((path for path in DRAWERS if os.path.exists(path)), None)
        if drawer is None:
            raise NotDrawn("the program that draws ladders is not installed")
        done = subprocess.run([_python(), "-B", drawer, *words], stdin=stdin, capture_output=True,
                              check=False)
        if done.returncode:
            raise NotDrawn("the ladder could not be drawn: %s" % (
                done.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"])[-1])
        return done.stdout

    # --- numbers of frames --------------------------------------------------

    def _original(self, text):
        """Of a frame of the cut; with the number of the file before it, if there are several."""
        number = int(text)
        if not 1 <= number <= len(self.numbers):
            return text
        whole = self.numbers[number - 1]
        file = bisect_right(self.starts, whole) - 1
        frame = whole - self.starts[file] + 1
        return "%d:%d" % (file + 1, frame) if len(self.files) > 1 else str(frame)

    def _led_back(self, svg):
        def margin(match):
            last = " – " + self._original(match[2]) if match[2] else ""
            return ">#%s%s<" % (self._original(match[1]), last)
        svg = MARGIN.sub(margin, svg)
        return SENTENCE.sub(lambda match: match[1] + self._original(match[2]), svg)

    def _note(self):
        return "Frame 2:15 is the 15th of the second of %s." % html.count(len(self.files), "file") \
            if len(self.files) > 1 else ""


@functools.cache
def _experts():
    """The lines of -G fields that name the plugin's expert infos."""
    with tools.Configuration() as environment:
        fields = tools.output(["tshark", "-G", "fields"], environment).stdout
    return b"".join(line + b"\n" for line in fields.splitlines() if b"\ttcpfsm.expert." in line)


@functools.cache
def _python():
    """Debian's Python has what Debian packages; another one on PATH may not."""
    for python in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([python, "-c", "import svgwrite"], capture_output=True, check=False)
        if done.returncode == 0:
            return python
    raise NotDrawn("it takes Python's svgwrite (in Debian: python3-svgwrite)")
