#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What does the plugin cost? Instructions a packet above tshark without it, and bytes that stay.

Instructions are counted by callgrind, with the same hash seeds in each run, over captures of two sizes: the
slope between them is free of what tshark does once. They are the same on an idle and on a busy machine.
With --flood the captures are of a SYN flood, in three sizes: what is linear has the same slope twice. With
--length connections have more than ten packets: what a -z prints of each at the end doesn't count then.
--twice counts all of that a second time and fails if it isn't the same. --cycles tells beside it what a
processor with common caches would take: instructions + 10 misses of the first level + 100 of the last.

--check holds them to budget.json, and fails for more than 3 % above that. The numbers depend on the version
of Wireshark and of the compiler: where none are recorded for these, it says so and ends with status 77.
--record writes what it measures into budget.json; with --ways, of these alone.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import typing

HERE = pathlib.Path(__file__).resolve().parent
BUDGET = HERE / "budget.json"
TOLERANCE = 1.03
ROUNDING = 2            # instructions, or bytes: 3 % of little is less than an accident
NOT_RUN = 77
SIZES = (20000, 40000)
FLOOD_SIZES = (20000, 40000, 80000)
# The C library chooses its functions by the processor: without these they are the same on all.
PLAIN_PROCESSOR = "glibc.cpu.hwcaps=" + ",".join(
    "-" + feature for feature in ("AVX2", "AVX512VL", "AVX512BW", "BMI2", "ERMS", "FSRM", "LZCNT", "MOVBE",
                                  "RTM", "SSE4_1", "SSE4_2", "SSSE3"))
# Simulated for --cycles, whatever this machine has: size, associativity, bytes a line.
CACHES = ("--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=8388608,16,64")
L1_MISS, LAST_MISS = 10, 100

STOCK = ("tcp.stream", "tcp.seq", "tcp.ack", "tcp.len", "tcp.nxtseq", "tcp.flags", "tcp.flags.syn",
         "tcp.flags.fin", "tcp.window_size", "tcp.time_relative", "tcp.time_delta", "tcp.srcport")
OWN = ("tcpfsm.connection", "tcpfsm.seq.expected", "tcpfsm.ack.expected", "tcpfsm.seq.verdict",
       "tcpfsm.ack.verdict", "tcpfsm.phase", "tcpfsm.step", "tcpfsm.client.state", "tcpfsm.server.state",
       "tcpfsm.state_changed", "tcpfsm.sender.time_in_state", "tcpfsm.sender.role")


class Way(typing.NamedTuple):
    """One of using tshark, and what it is compared with: the same without the plugin, if nothing else."""
    title: str
    arguments: str
    other: str = None           # arguments
    other_plugins: str = "without"
    share: int = 1              # the captures are so many times smaller, for it takes that long


def chosen(fields):
    return "-n -T fields " + " ".join("-e " + field for field in fields)


def listener(argument):
    other = "-n -q -z io,stat,0"
    return Way("-z %s above another statistic" % argument, other + " -z " + argument, other, share=10)


# Where nobody looks, the plugin does nothing. Here somebody does, at what costs nothing to show.
SEVERITIES = """-n -o 'gui.column.format:"Info","%i","Severity","%a"'"""

# `-n`: no names are resolved.
WAYS = {
    "text": Way("default text", "-n"),
    "followed": Way("text with a column of severities: connections are followed, no tree", SEVERITIES),
    "off": Way("default text, plugin loaded but analysis off", "-n -o tcpfsm.analyze:FALSE", "-n"),
    "quiet": Way("a statistic, no tree", "-n -q -z conv,tcp"),
    "quiet-tree": Way("a statistic that has a tree", "-n -q -z io,stat,0", share=10),
    "two-pass": Way("default text in two passes", "-n -2"),
    "fields": Way("12 stock fields", chosen(STOCK), share=10),
    "fields-own": Way("12 fields of ours above 12 stock ones", chosen(OWN), chosen(STOCK), share=10),
    "filter": Way("a display filter on a field of ours above one on a stock one", "-n -Y tcpfsm.phase==9",
                  "-n -Y tcp.window_size_value==1", share=10),
    "details": Way("all details", "-n -V", share=10),
    "json": Way("all details as JSON", "-n -T json", share=10),
    "pdml": Way("all details as PDML", "-n -T pdml", share=10),
    "connections": listener("tcpfsm,connections"),
    "counts": listener("tcpfsm,tree"),
    "diagram": listener("tcpfsm,dot"),
    "ladder": listener("tcpfsm,ladder"),
    "records": listener("tcpfsm,json"),
    "services": listener("tcpfsm,services"),
    "timeline": listener("tcpfsm,timeline,1"),
}
USUAL = ("text", "off", "quiet")
# All of them take an hour; these tell of each part of the plugin.
BUDGETED = ("text", "followed", "off", "quiet", "two-pass", "quiet-tree", "fields", "filter", "details",
            "counts")


class Run(typing.NamedTuple):
    """What is counted."""
    plugins: str
    size: int
    arguments: str


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
        self.generator = generator

    def prepare(self, sizes):
        for size in sizes:
            if not self.capture(size).exists():
                script, *more = self.generator
                self.call(sys.executable, str(HERE / script), str(size), str(self.capture(size)), *more)

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
            environment.update({"LD_PRELOAD": str(self.seed), "GLIBC_TUNABLES": PLAIN_PROCESSOR})
        drop = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
        command = (*drop, *prefix, "tshark", "-r", str(self.capture(size)), *arguments)
        with open(os.devnull, "w") as nowhere:
            done = subprocess.run(command, env=environment, stdout=nowhere, stderr=subprocess.PIPE, text=True,
                                  cwd=self.folder / "home")
        if done.returncode:
            sys.exit("%s failed:\n%s" % (shlex.join(command), done.stderr))
        return done.stderr

    def count(self, run, cycles):
        """(instructions, estimated cycles or 0) of that run."""
        prefix = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                  *(CACHES if cycles else ()))
        errors = self.tshark(run.plugins, run.size, *shlex.split(run.arguments), preload=True, prefix=prefix)
        counts = [int(number) for number in re.search(r"Collected : ([\d ]+)", errors)[1].split()]
        if not cycles:
            return counts[0], 0
        instructions, _, _, *misses = counts    # I1, D1 read, D1 write; then the same of the last level
        return instructions, instructions + L1_MISS * sum(misses[:3]) + LAST_MISS * sum(misses[3:])


def loads(machine):
    """A plugin that isn't loaded would cost nothing."""
    machine.prepare(machine.sizes[:1])
    errors = machine.tshark("with", machine.sizes[0], "-c", "1", "-Y", "tcpfsm")
    if errors.strip():
        sys.exit("tshark says: %s" % errors)


def surroundings(plugin):
    """What the numbers depend on beside the sources: a key of budget.json."""
    def say(*command):
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wireshark = re.search(r"\d+\.\d+\.\d+", say("tshark", "--version"))[0]
    compilers = set(re.findall(r"(GCC|clang).* (\d+\.\d+)", say("readelf", "-p", ".comment", plugin)))
    return ", ".join(["Wireshark " + wireshark, *map(" ".join, sorted(compilers)), os.uname().machine])


def runs_of(way, sizes):
    """Two for each size: with the plugin, and what that is compared with."""
    return [(Run("with", size // way.share, way.arguments),
             Run(way.other_plugins, size // way.share, way.other or way.arguments)) for size in sizes]


def count_all(machine, runs, cycles):
    """{run: what it counts}"""
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count())) as pool:
        return dict(zip(runs, pool.map(lambda run: machine.count(run, cycles), runs)))


def measure_instructions(machine, ways, cycles=False):
    """{way: instructions a packet that are the plugin's own}, of the last two sizes; prints all."""
    pairs = {way: runs_of(WAYS[way], machine.sizes) for way in ways}
    runs = sorted({run for of_way in pairs.values() for pair in of_way for run in pair})
    machine.prepare({run.size for run in runs})
    counts = count_all(machine, runs, cycles)
    own = {}
    for step, sizes in enumerate(zip(machine.sizes, machine.sizes[1:])):
        print("instructions a packet, %d to %d packets (less, where all of it is shown)" % sizes)
        for way in ways:
            few, many = pairs[way][step:step + 2]
            apart = many[0].size - few[0].size
            for unit, name in enumerate(("", "estimated cycles")[:1 + cycles]):
                both, other = ((counts[b][unit] - counts[a][unit]) / apart for a, b in zip(few, many))
                own[way] = own[way] if unit else both - other
                print("  without %8.0f   plugin %+7.0f   %s" % (other, both - other, name or "%s: %s" % (
                    WAYS[way].title, WAYS[way].arguments if len(WAYS[way].arguments) < 60 else way)))
    return own


def measure_bytes(machine):
    """{what: bytes that stay}; prints them."""
    machine.prepare(machine.sizes[-1:])
    errors = machine.tshark("with", machine.sizes[-1], "-n", "-2", "--log-level=info",
                            "--log-domains=tcpfsm")
    match = re.search(r"(\d+) segments, (\d+) bytes of records; (\d+) connections, (\d+) bytes", errors)
    if not match:
        sys.exit("the plugin doesn't log what it keeps; it says:\n%s" % errors)
    records, record_bytes, connections, connection_bytes = map(int, match.groups())
    segment, connection = record_bytes / records, connection_bytes / connections
    print("bytes that stay: %.1f a segment (%d segments), %.1f a connection (%d connections)" % (
        segment, records, connection, connections))
    return {"bytes a segment": segment, "bytes a connection": connection}


def is_repeated(measured, again):
    """Whether a second count is the first; the address space of a process isn't quite the same each time."""
    differing = [way for way, instructions in again.items() if abs(instructions - measured[way]) > ROUNDING]
    print("counted twice: " + (", ".join(differing) + " differ" if differing else "the same"))
    return not differing


def budgets():
    return json.loads(BUDGET.read_text()) if BUDGET.exists() else {}


def compare(budget, measured):
    """(complaints, remarks): what costs more than it may; what costs less, so that it should be recorded."""
    complaints, remarks = [], []
    for what in sorted({*budget, *measured}):
        if what not in measured or what not in budget:
            complaints.append(what + (": not measured" if what in budget else ": no budget is recorded"))
            continue
        change = "%s: %.1f, recorded are %.1f" % (what, measured[what], budget[what])
        if measured[what] > max(budget[what] * TOLERANCE, budget[what] + ROUNDING):
            complaints.append(change)
        elif measured[what] < min(budget[what] / TOLERANCE, budget[what] - ROUNDING):
            remarks.append(change + ": less, record that")
    return complaints, remarks


def self_test():
    """What costs too much, or isn't looked at, is a complaint; and nothing else is."""
    budget = {"a": 1000, "b": 1000, "c": 1000, "d": 10, "e": 10, "f": 1}
    measured = {"a": 1030, "b": 1031, "c": 900, "d": 12, "e": 12.5, "g": 1}
    found = tuple([text.split(":")[0] for text in texts] for texts in compare(budget, measured))
    if found != (["b", "e", "f", "g"], ["c"]):
        sys.exit("complaints and remarks: %s, %s" % found)


def hold_to_budget(key, measured):
    complaints, remarks = compare(budgets()[key], measured)
    print("held to what %s records for %s:" % (BUDGET.name, key), *remarks, *complaints, sep="\n")
    print("%d of %d cost more than 3 %% above that" % (len(complaints), len(measured)))
    return 1 if complaints else 0


def record(key, measured, kept):
    """`kept`: what isn't measured stays as it was."""
    every = budgets()
    before = every.get(key, {}) if kept else {}
    every[key] = {**before, **{what: round(value, 1) for what, value in measured.items()}}
    BUDGET.write_text(json.dumps(every, indent=4, sort_keys=True) + "\n")
    print("recorded in %s for %s" % (BUDGET, key))


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plugin", nargs="?", help="tcpfsm.so; default: that of build/",
                        default=HERE.parents[1] / "build" / "plugin" / "wireshark" / "tcpfsm.so")
    parser.add_argument("--ways", metavar="WAY[,WAY...]",
                        help=", ".join(WAYS) + "; default: %s; for the budget %s"
                        % (",".join(USUAL), ",".join(BUDGETED)))
    parser.add_argument("--twice", action="store_true", help="count again, and fail if that differs")
    parser.add_argument("--cycles", action="store_true", help="estimate cycles, too")
    parser.add_argument("--flood", action="store_true", help="SYNs only, each from another address")
    parser.add_argument("--length", type=int, default=10,
                        help="packets of a connection: 6 and a multiple of 4; default: 10")
    parser.add_argument("--check", action="store_true", help="hold it to the budget")
    parser.add_argument("--record", action="store_true", help="write the budget")
    parser.add_argument("--has-budget", action="store_true", help="status 0 if one is recorded")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    with_budget = options.check or options.record
    if with_budget and (options.flood or options.length != 10 or options.check and options.ways):
        parser.error("the budget is of connections of ten packets, and of the ways that it names")
    if options.length < 10 or options.length % 4 != 2:
        parser.error("a connection has 10, 14, 18 ... packets")
    options.every = not options.ways
    options.ways = options.ways.split(",") if options.ways else list(BUDGETED if with_budget else USUAL)
    if unknown := [way for way in options.ways if way not in WAYS]:
        parser.error("no such way: %s" % unknown[0])
    return options


def main():
    options = parse()
    if options.self_test:
        return self_test()
    key = surroundings(options.plugin)
    if options.has_budget:
        return key not in budgets()
    if options.check and key not in budgets():
        print("no budget is recorded for %s: cost.py --record does that" % key)
        return NOT_RUN
    with tempfile.TemporaryDirectory(prefix="tcpfsm.") as folder:
        connections = ("connections_pcap.py", str(options.length))
        machine = (Machine(folder, options.plugin, ("flood_pcap.py",), FLOOD_SIZES) if options.flood else
                   Machine(folder, options.plugin, connections, SIZES))
        loads(machine)
        measured = {**measure_bytes(machine),
                    **measure_instructions(machine, options.ways, options.cycles)}
        if options.twice and not is_repeated(measured, measure_instructions(machine, options.ways)):
            return 1
    if options.record:
        record(key, measured, kept=not options.every)
    return hold_to_budget(key, measured) if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
