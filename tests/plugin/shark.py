# SPDX-License-Identifier: GPL-2.0-or-later
"""tshark with the plugin under test and nothing of the user's: an empty home, one plugin folder.

The environment names the plugin (TCPFSM_PLUGIN) and, if not those of PATH, TCPFSM_TSHARK and TCPFSM_SHARKD.
Root runs tshark as "nobody": for root, Wireshark doesn't look at WIRESHARK_PLUGIN_DIR.
"""
import atexit
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import captures
import packets

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kernel"))
from collection import Collection     # noqa: E402

TSHARK = os.environ.get("TCPFSM_TSHARK") or shutil.which("tshark")
SHARKD = os.environ.get("TCPFSM_SHARKD") or shutil.which("sharkd")
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "sample-captures")
SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios")
NOBODY = 65534
SECONDS = 120       # longer than any run needs
# Names and dictionaries of other protocols: to read them is two fifths of what it costs to start tshark.
LISTS = {"manuf", "enterprises.tsv", "services", "wka", "radius", "diameter", "tpncp", "dtds", "smi_modules"}

# Where values of one field and fields of one line part; neither occurs in a text.
VALUE, FIELD = "\x1f", "\x1e"


class World:
    """A temporary folder with plugin folders, home and captures."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tcpfsm-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.captures = os.path.join(self.folder, "captures")
        os.mkdir(self.captures)
        self.paths = captures.write_all(self.captures)
        samples = sorted(os.path.join(SAMPLES, name) for name in os.listdir(SAMPLES)
                         if name.endswith(".pcapng"))
        self.paths["samples"] = os.path.join(self.captures, "samples.pcap")
        # All end at the same moment: in their own times the clock would jump, and that ends all waiting.
        Collection(samples, self.paths["samples"], end_together=True)
        text = subprocess.run([TSHARK, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = tuple(int(part) for part in re.search(r"(\d+)\.(\d+)\.(\d+)", text).groups())
        self.has_lua = "with Lua" in " ".join(text.split())
        self.info = "_ws.col.info" if self.version >= (4, 3) else "_ws.col.Info"
        self.with_plugin = self.plugin_folder("with", os.environ["TCPFSM_PLUGIN"])
        self.without = self.plugin_folder("without", None)
        self.home = os.path.join(self.folder, "home")
        os.mkdir(self.home)
        self.data = self.data_folder()
        self.answers = {}
        self.open_to_all()

    def plugin_folder(self, name, plugin):
        folder = os.path.join(self.folder, name)
        inner = os.path.join(folder, "%d.%d" % self.version[:2], "epan")
        os.makedirs(inner)
        if plugin:
            shutil.copy(plugin, os.path.join(inner, "tcpfsm.so"))
        return folder

    def data_folder(self):
        """What Wireshark brings, but for the long lists; None if that isn't where tshark suggests."""
        theirs = os.path.join(os.path.dirname(TSHARK), "..", "share", "wireshark")
        if not os.path.isdir(theirs):
            return None
        folder = os.path.join(self.folder, "data")
        os.mkdir(folder)
        for name in set(os.listdir(theirs)) - LISTS:
            os.symlink(os.path.join(theirs, name), os.path.join(folder, name))
        return folder

    def open_to_all(self):
        """Whoever runs tshark may read all and write into its home."""
        for root, folders, files in os.walk(self.folder):
            for name in [root] + [os.path.join(root, file) for file in files]:
                if os.path.islink(name):        # what it points to isn't ours
                    continue
                os.chmod(name, 0o755 if os.path.isdir(name) else 0o644)
                if os.geteuid() == 0 and name.startswith(self.home):
                    os.chown(name, NOBODY, NOBODY)

    def file(self, name, content):
        """A file that whoever runs tshark can read."""
        path = os.path.join(self.folder, name)
        self.answers.clear()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        self.open_to_all()
        return path

    def capture(self, name, frames):
        """The path of a capture with these frames; made when first asked for."""
        path = os.path.join(self.captures, "own-" + name + ".pcap")
        if not os.path.exists(path):
            packets.write(path, frames)
            os.chmod(path, 0o644)
        return path

    @property
    def both(self):
        """The path of "everything" with "samples" behind it, where one start will do."""
        path = os.path.join(self.captures, "both.pcapng")
        if not os.path.exists(path):
            subprocess.run(["mergecap", "-a", "-w", path, self.paths["everything"], self.paths["samples"]],
                           check=True)
            os.chmod(path, 0o644)
        return path

    def run(self, command, plugin=True, given=None):
        """(exit status, stdout, stderr)"""
        environment = {"HOME": self.home, "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8",
                       "TZ": "UTC",
                       "WIRESHARK_PLUGIN_DIR": self.with_plugin if plugin else self.without}
        if self.data:
            environment["WIRESHARK_DATA_DIR"] = self.data
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_PRELOAD", "WIRESHARK_DEBUG_WMEM_OVERRIDE"):
            if name in os.environ:
                environment[name] = os.environ[name]
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(command, env=environment, cwd=self.folder, input=given, capture_output=True,
                              timeout=SECONDS, check=False, **identity)
        return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")

    def ask(self, command, path, plugin=True):
        """The same; but the same command on the same capture is run once only."""
        question = (plugin, os.stat(path).st_mtime_ns, *command)
        if question not in self.answers:
            self.answers[question] = self.run(command, plugin)
        return self.answers[question]


_world = None


def world():
    """The one world of this process, made when first asked for."""
    global _world
    if _world is None:
        _world = World()
    return _world


def distinct():
    """Every generated capture, most of them within "everything", and the sample captures, all in one."""
    return captures.not_in_everything() + ["samples"]


def scenarios():
    """The path of a capture with all of them, as the rig writes them."""
    path = os.path.join(world().captures, "scenarios.pcap")
    if not os.path.exists(path):
        files = glob.glob(os.path.join(SCENARIOS, "**", "*.seg"), recursive=True)
        subprocess.run([os.environ["TCPFSM_RIG"], "capture", path, *sorted(files)], check=True)
        os.chmod(path, 0o644)
    return path


def truth(values):
    """Truth is 1 in 4.0 and True since; here it is 1 everywhere."""
    return [{"True": "1", "False": "0"}.get(value, value) for value in values]


def date(text):
    """Since 4.4 the same moment is written in two ways."""
    return re.sub(r"\+0000$", "Z", text)


def values(text):
    """Those of one field."""
    return truth(text.split(VALUE)) if text else []


class SharkTest(unittest.TestCase):
    """What all these tests need of tshark. Whatever it writes to stderr, or another status than 0, fails."""

    maxDiff = 4000
    _rows = {}

    def need_lua(self):
        if not world().has_lua:
            self.skipTest("this tshark has no Lua")

    def tshark(self, capture, *options, plugin=True, status=0, stderr=""):
        path = world().paths.get(capture, capture)
        command = [TSHARK, "-n", "-r", path, *options]
        got, text, complaint = world().ask(command, path, plugin)
        self.assertEqual((got, complaint), (status, stderr), " ".join(command))
        return text

    def rows(self, capture, fields, *options, plugin=True):
        """A list a frame: of each field the list of its values. The same question is asked once only."""
        question = (capture, tuple(fields), options, plugin)
        if question not in self._rows:
            asked = [part for field in fields for part in ("-e", field)]
            text = self.tshark(capture, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=" + VALUE,
                               "-E", "separator=" + FIELD, *asked, *options, plugin=plugin)
            self._rows[question] = [[values(shown) for shown in line.split(FIELD)]
                                    for line in text.split("\n")[:-1]]
        return self._rows[question]

    def check_same(self, got, expected, fields):
        """Two tables of rows(), of which the first difference is told."""
        self.assertEqual(len(got), len(expected))
        for number, pair in enumerate(zip(got, expected), 1):
            for field, *values in zip(fields, *pair):
                self.assertEqual(*values, "line %d %s" % (number, field))

    def frames(self, capture, fields, *options):
        """A dict a frame: field to its only value, text; absent if there is none."""
        result = []
        for row in self.rows(capture, fields, *options):
            for values in row:
                self.assertLessEqual(len(values), 1, "two values: %s" % row)
            result.append({field: values[0] for field, values in zip(fields, row) if values})
        return result

    def registered(self):
        """The plugin's fields and experts that this tshark knows: name to type."""
        if "registered" not in self._rows:
            text = world().run([TSHARK, "-G", "fields"])[1]
            parts = [line.split("\t") for line in text.splitlines()]
            self._rows["registered"] = {part[2]: part[3] for part in parts
                                        if part[0] == "F" and part[2].startswith("tcpfsm.")}
        return self._rows["registered"]

    def numbers(self, capture, display_filter, *options):
        """The numbers of the frames that a display filter finds. Lines of columns: so that the tree is an
        invisible one, unlike that of `-T fields`."""
        text = self.tshark(capture, "-Y", display_filter, "-o", 'gui.column.format:"No.","%m"', *options)
        return [int(line) for line in text.split()]

    def frames_with(self, capture, fields, *options):
        """A dict: field to the numbers of the frames that have it."""
        rows = self.rows(capture, fields, *options)
        return {field: [number for number, row in enumerate(rows, 1) if row[column]]
                for column, field in enumerate(fields)}

    def sharkd(self, *requests):
        """The answers of one sharkd to these requests."""
        lines = [json.dumps({"jsonrpc": "2.0", "id": number, **request})
                 for number, request in enumerate(requests, 1)]
        status, text, _ = world().run([SHARKD, "-"], given=("\n".join(lines) + "\n").encode())
        self.assertEqual(status, 0)
        answers = [json.loads(line) for line in text.splitlines() if line.strip()]
        self.assertEqual(len(answers), len(requests), text[:500])
        return [answer["result"] for answer in answers]

    def json(self, capture, *options):
        return json.loads(self.tshark(capture, "-T", "json", "--no-duplicate-keys", *options),
                          object_pairs_hook=self.no_duplicates)

    def no_duplicates(self, pairs):
        keys = [key for key, _ in pairs]
        self.assertEqual(sorted(set(keys)), sorted(keys), "a key twice")
        return dict(pairs)


class Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        """ctest sees the file alone: scripts/lib/skips.py reads these lines."""
        super().addSkip(test, reason)
        print("\nSKIPPED %s: %s" % (test.id().partition(".")[2], reason), flush=True)


def main():
    if not os.environ.get("TCPFSM_PLUGIN") or not TSHARK:
        sys.exit("TCPFSM_PLUGIN must name the built plugin (tcpfsm.so), and tshark must be installed")
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Result))
