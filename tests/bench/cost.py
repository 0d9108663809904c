#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What does the plugin cost? Instructions a packet above tshark without it, and bytes that stay.

Instructions are counted by callgrind, with the same hash seeds in each run, over captures of two sizes: the
slope between them is free of what tshark does once. They are the same on an idle and on a busy machine.
With --flood the captures are of a SYN flood, in three sizes: what is linear has the same slope twice.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SIZES = (20000, 40000)
FLOOD_SIZES = (20000, 40000, 80000)
# `-n`: no names are resolved.
WAYS = {
    "text": "default text: -n",
    "off": "default text, plugin loaded but analysis off: -n -o tcpfsm.analyze:FALSE",
    "quiet": "a statistic, no tree: -n -q -z conv,tcp",
    "two-pass": "default text in two passes: -n -2",
    "details": "all details: -n -V",
}


def arguments_of(way):
    return shlex.split(WAYS[way].rpartition(": ")[2])


class Machine:
    """A scratch folder that an ordinary user may use, for Wireshark ignores WIRESHARK_PLUGIN_DIR as root."""

    def __init__(self, folder, plugin, generator, sizes):
        self.folder = pathlib.Path(folder)
        self.sizes = sizes
        self.folder.chmod(0o755)
        (self.folder / "home").mkdir()
        (self.folder / "home").chmod(0o777)
        version = self.call("pkg-config", "--modversion", "wireshark").stdout.rsplit(".", 1)[0]
        for name in ("with", "without"):
            (self.folder / name / version / "epan").mkdir(parents=True)
        (self.folder / "with" / version / "epan" / "tcpfsm.so").write_bytes(pathlib.Path(plugin).read_bytes())
        self.seed = self.folder / "constant_seed.so"
        self.call("cc", "-shared", "-fPIC", "-o", str(self.seed), str(HERE / "constant_seed.c"))
        for size in sizes:
            self.call(sys.executable, str(HERE / generator), str(size), str(self.capture(size)))

    def capture(self, size):
        return self.folder / ("%d.pcap" % size)

    def call(self, *command, **more):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        if done.returncode:
            sys.exit("%s failed:\n%s" % (shlex.join(command), done.stderr))
        return done

    def tshark(self, plugins, size, *arguments, prefix=(), preload=False):
        """Standard error output of a run on the capture of that size; its output is thrown away."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8",
                       "WIRESHARK_PLUGIN_DIR": str(self.folder / plugins)}
        if preload:
            environment["LD_PRELOAD"] = str(self.seed)
        drop = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
        command = (*drop, *prefix, "tshark", "-r", str(self.capture(size)), *arguments)
        with open(os.devnull, "w") as nowhere:
            done = subprocess.run(command, env=environment, stdout=nowhere, stderr=subprocess.PIPE, text=True,
                                  cwd=self.folder / "home")
        if done.returncode:
            sys.exit("%s failed:\n%s" % (shlex.join(command), done.stderr))
        return done.stderr

    def instructions(self, plugins, size, way):
        arguments = arguments_of(way)
        if plugins == "without" and "-o" in arguments:
            arguments = arguments[:arguments.index("-o")]
        errors = self.tshark(plugins, size, *arguments, preload=True,
                             prefix=("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"))
        return int(re.search(r"Collected : (\d+)", errors)[1])


def loads(machine):
    """A plugin that isn't loaded would cost nothing."""
    errors = machine.tshark("with", machine.sizes[0], "-c", "1", "-Y", "tcpfsm")
    if errors.strip():
        sys.exit("tshark says: %s" % errors)


def measure_instructions(machine, ways):
    jobs = [(plugins, size, way) for way in ways for plugins in ("without", "with") for size in machine.sizes]
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count())) as pool:
        count = dict(zip(jobs, pool.map(lambda job: machine.instructions(*job), jobs)))
    for few, many in zip(machine.sizes, machine.sizes[1:]):
        print("instructions a packet, %d to %d packets" % (few, many))
        for way in ways:
            alone, both = ((count[plugins, many, way] - count[plugins, few, way]) / (many - few)
                           for plugins in ("without", "with"))
            print("  tshark alone %8.0f   plugin %+7.0f   %s" % (alone, both - alone, WAYS[way]))


def measure_bytes(machine):
    errors = machine.tshark("with", machine.sizes[-1], "-n", "--log-level=info", "--log-domains=tcpfsm")
    match = re.search(r"(\d+) segments, (\d+) bytes of records; (\d+) connections, (\d+) bytes", errors)
    if not match:
        sys.exit("the plugin doesn't log what it keeps; it says:\n%s" % errors)
    records, record_bytes, connections, connection_bytes = map(int, match.groups())
    print("bytes that stay: %.1f a segment (%d segments), %.1f a connection (%d connections)" % (
        record_bytes / records, records, connection_bytes / connections, connections))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plugin", nargs="?", help="tcpfsm.so; default: that of build/",
                        default=HERE.parents[1] / "build" / "plugin" / "wireshark" / "tcpfsm.so")
    parser.add_argument("--ways", default="text,off,quiet", metavar="WAY[,WAY...]",
                        help=", ".join(WAYS) + "; default: %(default)s")
    parser.add_argument("--flood", action="store_true", help="SYNs only, each from another address")
    options = parser.parse_args()
    ways = options.ways.split(",")
    if unknown := [way for way in ways if way not in WAYS]:
        parser.error("no such way: %s" % unknown[0])
    with tempfile.TemporaryDirectory(prefix="tcpfsm.") as folder:
        machine = (Machine(folder, options.plugin, "flood_pcap.py", FLOOD_SIZES) if options.flood else
                   Machine(folder, options.plugin, "connections_pcap.py", SIZES))
        loads(machine)
        measure_bytes(machine)
        measure_instructions(machine, ways)


if __name__ == "__main__":
    main()
