#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the engine alone and the plugin inside tshark say the same of every segment?

All scenarios with the same preferences become one capture. The rig prints what the engine says, a line
a segment; tshark reads the capture with the plugin, in one pass and in two, and has to print the same.
What is told of a connection with hindsight is asked for in two passes; in one, a field is either absent
so far or says what it says in the end, as far as that can't change. Two fields that the engine doesn't
know are checked against the stock dissector: the stream, and the relative numbers.

Once more, all go at the same time and end together, each with its quiet time, when one last packet that
isn't TCP closes the capture: then hindsight has to be what each scenario itself demands.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import together

# Columns of the rig that aren't a field of their own.
NO_FIELDS = ("frame", "expert", "told", "final")
EXPERTS = ("step", "joined_late", "simultaneous_open", "simultaneous_close", "half_closed",
           "syn_retransmitted", "synack_retransmitted", "fin_retransmitted", "synack_rejected",
           "reset_stale", "reset_abort", "not_accepted", "fast_open", "syn_data", "challenge_ack",
           "time_wait_reuse", "time_wait_assassination", "syn_in_connection", "data_after_fin",
           "data_after_reset",
           "seq_suspect", "ack_suspect", "reset_suspect", "seq_invalid", "ack_invalid", "reset_invalid",
           "desynchronized", "unanswered", "embryonic",
           "fin_unacknowledged", "close_wait_stuck", "peer_silent", "backlog_overflow", "last_ack_missing",
           "fin_wait_2_stuck", "idle", "embryonic_minor", "unreachable")
# Of a connection: once known, it doesn't change any more.
SETTLED = ("syn_frame", "ack_frame", "fin_frame", "fin_ack_frame", "second_fin_frame", "second_fin_ack_frame",
           "icmp_frame", "handshake_time", "teardown_time", "client_isn", "client_window", "client_mss",
           "previous", "reuse_age")
STOCK = ("tcp.stream", "tcp.seq", "tcp.seq_raw", "tcp.ack", "tcp.ack_raw", "tcp.flags.ack")
OWN = ("tcpfsm.stream", "tcpfsm.seq.expected", "tcpfsm.ack.expected")
NOBODY = 65534
# What a sanitized plugin needs in a tshark that is built without sanitizers.
SANITIZERS = ("LD_PRELOAD", "ASAN_OPTIONS", "UBSAN_OPTIONS", "WIRESHARK_DEBUG_WMEM_OVERRIDE")
SHOWN_AT_MOST = 40


def unprivileged():
    """As root, Wireshark doesn't look at WIRESHARK_PLUGIN_DIR."""
    if os.geteuid() == 0:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return {}


def tshark(arguments, columns, capture, more):
    folder = capture.parent
    command = [arguments.tshark, "-n", "-r", capture, "-T", "fields",
               "-o", "ip.defragment:FALSE",
               "-o", "tcpfsm.hole:0", *more]        # the scenarios of one capture stand far apart
    for column in columns:
        command += ["-e", column]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LC_ALL": "C",
                   "WIRESHARK_PLUGIN_DIR": str(folder / "plugins")}
    environment |= {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", check=False, **unprivileged())
    if done.returncode != 0 or "tcpfsm" in done.stderr:
        sys.exit(f"tshark: {done.stderr.strip()}")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [dict(zip(columns, row)) for row in rows]


def version_folder(name):
    """Plugins are looked for below major.minor."""
    text = subprocess.run([name, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          encoding="utf-8", check=True).stdout
    return re.search(r"(\d+\.\d+)\.", text).group(1)


def normal(value):
    """Booleans are 1 in 4.0 and True from 4.2; false and absent are the same to a filter's user."""
    return {"True": "1", "False": "0"}.get(value, value)


BOOLEANS_ABSENT_IF_FALSE = ("repeat", "assumed", "state_changed")


def plugin_row(row):
    """tshark's row in the columns of the rig."""
    result = {name[len("tcpfsm."):]: normal(value) for name, value in row.items()
              if name.startswith("tcpfsm.") and not name.startswith("tcpfsm.expert.")}
    result["frame"] = row["frame.number"]
    result["expert"] = ",".join(sorted(name for name in EXPERTS if row["tcpfsm.expert." + name]))
    return result


def experts_of(line, more):
    """Those of the segment alone, and those that only one pass, or only two, can tell."""
    return ",".join(sorted(name for name in f"{line['expert']},{line[more]}".split(",") if name))


def differences(expected, actual, passes):
    for column, value in expected.items():
        if column in ("told", "final"):
            continue
        if column.startswith("receiver.") and not passes:
            value = ""  # only a later segment tells
        there = actual[column]
        if column == "expert":
            value = experts_of(expected, "final" if passes else "told")
        if column.startswith("connection.") and not passes:
            if not there or column[len("connection."):] not in SETTLED:
                continue
        if column in BOOLEANS_ABSENT_IF_FALSE:
            value, there = value.replace("0", ""), there.replace("0", "")
        if value != there:
            yield column, value, there


def relative(row):
    """The expected numbers are as relative as tcp.seq and tcp.ack are."""
    for name, raw, stock, stock_raw in (
            ("tcpfsm.seq.expected", "tcpfsm.seq.expected_raw", "tcp.seq", "tcp.seq_raw"),
            ("tcpfsm.ack.expected", "tcpfsm.ack.expected_raw", "tcp.ack", "tcp.ack_raw")):
        if stock == "tcp.ack" and normal(row["tcp.flags.ack"]) != "1":
            continue  # the stock dissector leaves such a number absolute
        if row[raw] and row[stock] and row[name]:
            shift = (int(row[stock_raw]) - int(row[stock])) % 2**32
            if (int(row[raw]) - int(row[name])) % 2**32 != shift:
                yield name, str((int(row[raw]) - shift) % 2**32), row[name]
        elif bool(row[raw]) != bool(row[name]):
            yield name, row[raw], row[name]
    if row["tcp.stream"] and row["tcpfsm.stream"] != row["tcp.stream"]:
        yield "tcpfsm.stream", row["tcp.stream"], row["tcpfsm.stream"]


def engine_rows(arguments, command, scenarios):
    """What the rig prints, and tshark's columns for it."""
    dump = subprocess.run([arguments.rig, command, *scenarios], stdout=subprocess.PIPE,
                          encoding="utf-8", check=True).stdout.splitlines()
    names = dump[0].split("\t")
    columns = ["frame.number"] + ["tcpfsm." + name for name in names if name not in NO_FIELDS]
    columns += ["tcpfsm.expert." + name for name in EXPERTS]
    return [dict(zip(names, line.split("\t"))) for line in dump[1:]], columns


def compare(arguments, folder, preferences, scenarios):
    origin = list(origins(scenarios))
    subprocess.run([arguments.rig, "capture", folder / "scenarios.pcap", *scenarios], check=True)
    expected, columns = engine_rows(arguments, "dump", scenarios)
    columns += [*OWN, *STOCK]
    failures, first = 0, None
    for passes in ([], ["-2"]):
        options = [word for text in preferences for word in ("-o", text)]
        rows = tshark(arguments, columns, folder / "scenarios.pcap", [*passes, *options])
        if len(rows) != len(expected):
            sys.exit(f"tshark printed {len(rows)} lines, the engine {len(expected)}")
        for number, (row, line) in enumerate(zip(rows, expected)):
            found = list(differences(line, plugin_row(row), passes))
            if line["sender.role"]:  # else it only quotes a segment
                found += relative(row) if first is None else relative_or_unchanged(row, first[number])
            for column, value, there in found:
                failures += 1
                if failures <= SHOWN_AT_MOST:
                    print(f"{origin[number]}: {' '.join(passes) or 'one pass'}: {column}: "
                          f"expected {value or 'absent'}, tshark {there or 'absent'}")
        first = rows
    print(f"{len(expected)} segments of {len(scenarios)} scenarios, {' '.join(preferences) or 'defaults'}, "
          f"one pass and two: {failures} differences")
    return failures


def compare_together(arguments, folder, preferences, scenarios):
    """In two passes, all at the same time. Frames and connections are numbered in another order then."""
    origin = list(origins(scenarios))
    expected, columns = engine_rows(arguments, "dump-each", scenarios)
    order = together.write(folder / "scenarios.pcap", folder / "together.pcap", scenarios, origin)
    options = [word for text in preferences for word in ("-o", text)]
    rows = tshark(arguments, columns, folder / "together.pcap", ["-2", *options])[:-1]
    failures, numbers = 0, {}
    for row, number in zip(rows, order):
        actual = together.restored(plugin_row(row), order, expected[number], numbers)
        for column, value, there in differences(expected[number], actual, ["-2"]):
            failures += 1
            if failures <= SHOWN_AT_MOST:
                print(f"{origin[number]}: together: {column}: "
                      f"expected {value or 'absent'}, tshark {there or 'absent'}")
    if len(rows) != len(expected):
        sys.exit(f"tshark printed {len(rows)} lines, the engine {len(expected)}")
    print(f"{len(rows)} segments together: {failures} differences")
    return failures


def origins(scenarios):
    """file:line of every frame."""
    for scenario in scenarios:
        with open(scenario, encoding="utf-8") as text:
            for number, line in enumerate(text, 1):
                if line[0].isdigit() or line[0] == "+":
                    yield f"{scenario}:{number}"


def relative_or_unchanged(row, before):
    """In two passes the stock dissector may count from an ISN that it learnt later: then the plugin may
    follow it, or keep to what it said in the first pass."""
    return [item for item in relative(row) if row[item[0]] != before[item[0]]]


def preferences_of(scenario):
    """As tshark's -o wants them: "time_wait 240", "timeout close-wait 240" in the notation."""
    text = pathlib.Path(scenario).read_text(encoding="utf-8")
    for name, value in re.findall(r"^(time_wait|timeout [a-z0-9-]+) (\d+)$", text, re.M):
        if name != "time_wait":
            name = name.removeprefix("timeout ").replace("-", "_") + "_timeout"
        yield f"tcpfsm.{name}:{value}"


def groups(scenarios):
    """One capture for each set of preferences that scenarios want."""
    result = {}
    for scenario in scenarios:
        result.setdefault(tuple(sorted(preferences_of(scenario))), []).append(scenario)
    return result.items()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rig", required=True)
    parser.add_argument("--plugin", required=True, help="the built tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("scenarios", nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        plugins = folder / "plugins" / version_folder(arguments.tshark) / "epan"
        plugins.mkdir(parents=True)
        shutil.copy(arguments.plugin, plugins / "tcpfsm.so")
        (folder / "home").mkdir(mode=0o777)
        failures = 0
        for preferences, scenarios in groups(arguments.scenarios):
            failures += compare(arguments, folder, preferences, scenarios)
            failures += compare_together(arguments, folder, preferences, scenarios)
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
