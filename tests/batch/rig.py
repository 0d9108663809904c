# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpfsm-batch under test: as an ordinary user, with the plugin under test, in a folder of its own.

The environment names the plugin (TCPFSM_PLUGIN). Root becomes "nobody" before any test runs: for root,
Wireshark doesn't look at WIRESHARK_PLUGIN_DIR, and everything would be readable.
"""
import atexit
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BATCH = ROOT / "batch"
ENTRY = BATCH / "tcpfsm-batch"
SAMPLES = ROOT / "sample-captures"
sys.path[:0] = [str(BATCH), str(HERE.parent / "plugin"), str(HERE.parent / "bench")]
NOBODY = 65534
SECONDS = 300
# Names and dictionaries of other protocols: to read them is two fifths of what it costs to start tshark.
LISTS = {"manuf", "enterprises.tsv", "services", "wka", "radius", "diameter", "tpncp", "dtds", "smi_modules"}


class World:
    """A temporary folder with the plugin, tshark's data and a home."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tcpfsm-batch-test-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        tshark = shutil.which("tshark")
        text = subprocess.run([tshark, "--version"], capture_output=True, text=True, check=True).stdout
        series = re.search(r"\d+\.\d+", text)[0]
        plugins = self.folder / "plugins" / series / "epan"
        plugins.mkdir(parents=True)
        shutil.copy(os.environ["TCPFSM_PLUGIN"], plugins / "tcpfsm.so")
        (self.folder / "home").mkdir()
        (self.folder / "work").mkdir()
        self.environment = {"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"],
                            "LC_ALL": "C.UTF-8", "TMPDIR": str(self.folder / "work"),
                            "PYTHONDONTWRITEBYTECODE": "1",
                            "WIRESHARK_PLUGIN_DIR": str(self.folder / "plugins")}
        self.lay_out_data(pathlib.Path(tshark).resolve().parent.parent / "share" / "wireshark")
        for path in self.folder, *self.folder.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)

    def lay_out_data(self, theirs):
        """What Wireshark brings, but for the long lists."""
        if theirs.is_dir():
            data = self.folder / "data"
            data.mkdir()
            for path in theirs.iterdir():
                if path.name not in LISTS:
                    (data / path.name).symlink_to(path)
            self.environment["WIRESHARK_DATA_DIR"] = str(data)

    def become_user(self):
        """From here on this process and all that it starts are an ordinary user."""
        os.environ.clear()
        os.environ.update(self.environment)
        tempfile.tempdir = str(self.folder / "work")
        if os.geteuid() == 0:
            for path in self.folder, self.folder / "home", self.folder / "work":
                os.chown(path, NOBODY, NOBODY)
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


class BatchTest(unittest.TestCase):
    maxDiff = 3000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.captures = self.folder / "captures"
        self.captures.mkdir()
        self.results = self.folder / "results"

    def batch(self, *words, status=0, environment=None):
        """(stdout, stderr) of tcpfsm-batch."""
        done = self.started(*words, environment=environment)
        out, err = done.communicate(timeout=SECONDS)
        out, err = (text.decode("utf-8", "surrogateescape") for text in (out, err))
        self.assertEqual(done.returncode, status, "%s\n%s%s" % (words, out, err))
        return out, err

    def started(self, *words, environment=None):
        return subprocess.Popen([str(ENTRY), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, **(environment or {})}, cwd=self.folder)

    def run_batch(self, *words, status=0, environment=None):
        """Reads only: tables and reports have tests of their own."""
        return self.batch("run", "--no-report", "-o", self.results, "-q", *words, status=status,
                          environment=environment)

    def manifest(self):
        with open(self.results / "manifest.ndjson", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def unit_rows(self):
        """The last row of each unit of the plan, in its order."""
        return [read_result(self.results, unit)[1] for unit in self.manifest()]

    def connections(self):
        """Rows of all units of the plan."""
        return [row for unit in self.manifest() for row in read_result(self.results, unit)[0]]

    def statuses(self):
        """File name to (status, reason)."""
        return {os.path.basename(file["path"]): (file["status"], file.get("reason"))
                for unit in self.unit_rows() for file in unit["files"]}


def read_result(folder, unit):
    """(rows, the unit's own row)"""
    with open(os.path.join(folder, "results", unit["hash"] + ".ndjson"), encoding="utf-8") as file:
        *rows, last = [json.loads(line) for line in file]
    return rows, last["batch_unit"]


def two_passes(path, *options):
    """The lines that tshark -2 prints of a capture, with nothing set otherwise."""
    done = subprocess.run(["tshark", "-n", "-2", "-q", "-r", path, "-z", "tcpfsm,json", *options],
                          capture_output=True, check=True, text=True)
    return done.stdout.splitlines()


def without_batch(row):
    return {key: value for key, value in row.items() if key != "batch"}


def whole(rows, starts):
    """Rows with the numbers of frames that they have if all files are one capture: `starts` of each file, the
    number of frames before it, by path."""
    return [whole_row(row, starts, row["batch"]["file"]) for row in rows]


def whole_row(row, starts, file):
    result = {}
    for key, value in row.items():
        if key in ("warnings", "client_owes", "server_owes"):
            result[key] = [whole_row(each, starts, file) for each in value]
        elif key == "frame" or key.endswith("_frame"):
            result[key] = value + starts[row.get(key + "_file", file)]
        elif key != "batch" and not key.endswith("frame_file"):
            result[key] = value
    return result


def generated():
    """{name: (frames, link type, bytes captured of each)} of the captures that the plugin's tests make."""
    import captures
    names = [name for name in captures.not_in_everything() if name in captures.ALL] + ["everything"]
    return {name: (sorted(captures.ALL[name][0](), key=lambda frame: frame[0]), *captures.ALL[name][1:])
            for name in names}


def busy_capture(path, count):
    """Many short connections of 200 clients, ten at a time, a packet every 0.1 ms."""
    import connections_pcap
    ordinary = connections_pcap.Connection.__init__

    def of_many(self, number):
        ordinary(self, number)
        self.client = 0x0A010000 + number % 200, 1024 + number % 50000

    with unittest.mock.patch.object(connections_pcap.Connection, "__init__", of_many):
        connections_pcap.write(path, connections_pcap.packets(count), 100)


def rotated(path, packets, pattern):
    """Cut as dumpcap rotates: `pattern` with %05d files of so many packets. The files, in order."""
    subprocess.run(["editcap", "-c", str(packets), path, pattern], check=True, capture_output=True)
    return sorted(glob.glob(os.path.splitext(pattern)[0] + "_*"))


class Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        """ctest sees the file alone: scripts/lib/skips.py reads these lines."""
        super().addSkip(test, reason)
        print("\nSKIPPED %s: %s" % (test.id().partition(".")[2], reason), flush=True)


def main(prepare=None):
    """`prepare(world)`: what only root can do, before."""
    if not os.environ.get("TCPFSM_PLUGIN"):
        sys.exit("TCPFSM_PLUGIN must name the built plugin (tcpfsm.so)")
    world = World()
    if prepare:
        prepare(world)
    world.become_user()
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Result))
