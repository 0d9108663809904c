#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What does the plugin say with hindsight about the sample captures?

Three questions. What became of each connection: outcomes.txt has the answers. Which frames have a warning, or
what is told at the end of a capture: the tables below name each of them, so all others must have none. And
the same with other time-outs, and in one pass, where it is told on a later segment instead. The answers come
from what the scenes play and from how the expert infos are defined.

All captures are read at once, moved in time so that they end at the same moment; a filtered one, by itself.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True

from collection import Collection       # noqa: E402
from compare_states import Tshark       # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))

# The numbers that users filter on. Of those with 0 "-", 0 and no field at all mean the same.
VALUES = {
    "outcome": ["open", "closed", "unanswered", "refused", "unreachable", "embryonic", "handshake-reset",
                "half-closed", "closing", "reset", "desynchronized", "partial", "silent", "replaced"],
    "opening": ["-", "three-way", "simultaneous", "fast-open", "not captured", "split"],
    "closing": ["unknown", "four-way", "three-segment", "simultaneous", "reset", "none", "one FIN only",
                "FIN then reset"],
    "closer": ["-", "client", "server", "both"],
    "time_wait_holder": ["-", "client", "server", "both"],
}
MANY = 34           # connections of the scenes that have many
IMPATIENT = [word for name in ("handshake", "fin", "close_wait", "fin_wait_2", "idle", "silent")
             for word in ("-o", f"tcpfsm.{name}_timeout:2")]

# What stands on a segment, whatever comes later. Capture: frames.
ON_SEGMENTS = {
    "refused": {"open-refused": [2]},
    "unreachable": {"open-unreachable": [2], "open-unreachable-host-down": [5, 6, 7],
                    "open-unreachable-over-ipv6": [2], "open-unreachable-port": [2],
                    "open-unreachable-prohibited": [2]},
    "syn_data": {"open-with-data-in-syn": [1]},
    "reset_stale": {"reset-stale.client": [9], "reset-stale.server": [8]},
    # The RST that shows the loss: an answer to data, to a challenge ACK, to a keepalive, after some silence.
    "desynchronized": {"desynchronized-data.client": [7], "desynchronized-data.server": [7],
                       "desynchronized-new-syn.client": [8], "desynchronized-new-syn.server": [8],
                       "keepalive-meets-reset": [9],
                       # Not where the old connection was in LAST-ACK: all was delivered.
                       "reset-lost-then-reused.client": [9], "reset-lost-then-reused.server": [8]},
    # Somebody who never took the connection for open answers step 3: a firewall, a host that didn't accept.
    "not_accepted": {"open-reset-by-firewall": [4], "open-backlog-overflow-aborted": [10],
                     "open-syn-cookie-rejected": [4]},
    "reset_abort": {"forged-reset-exact": [8, 10], "keepalive-unanswered": [10], "reset-by-linger": [6],
                    "reset-unread-data": [6], "reset-unsent-data": [11], "reset-without-ack": [8, 16, 20],
                    "reset-lost-then-reused.client": [6], "reset-overtakes-data.client": [5],
                    "reset-overtakes-data.server": [4],     # ahead of the data: as far as can be told
                    "open-aborted-while-simultaneous": [4], "partial-flags-only": [19, 22]},
    "data_after_fin": {"forged-data-after-fin": [10]},
    "data_after_reset": {"forged-reset-exact": [9]},
    # The first segment a second after the 33rd SYN: the first SYN of all that comes again; a SYN-ACK again.
    "many_embryonic": {"many-unanswered": [35], "many-embryonic": [98]},
}
# What a receiver has rejected: with hindsight on the segment at fault; in one pass that is under suspicion
# until the receiver has shown it. Innocent is the challenge ACK that answers a new SYN.
REJECTED = {
    "seq_invalid": {"forged-data-out-of-window": [8]},
    "ack_invalid": {"forged-ack-beyond-sent": [8]},
    "reset_invalid": {"forged-reset-in-window": [8], "forged-reset-out-of-window": [8]},
}
REJECTED_LATER = {
    "seq_suspect": {"forged-data-out-of-window": [8]},
    "ack_suspect": {"forged-ack-beyond-sent": [8]},
    "reset_suspect": {"forged-reset-out-of-window": [8]},
    # An ACK that stays below, a second later.
    "seq_invalid": {"forged-data-out-of-window": [11]},
    "ack_invalid": {"forged-ack-beyond-sent": [9]},
    # Not by the challenge ACK alone: a genuine RST at its number may be under way. When both go on.
    "reset_invalid": {"forged-reset-in-window": [10], "forged-reset-out-of-window": [10]},
}
SYNS_OF_MANY = list(range(1, MANY + 1))                         # all at once
SYN_ACKS_OF_MANY = list(range(2, 2 * MANY + 1, 2))              # each after its SYN
THIRD_STEPS_OF_MANY = list(range(3, 3 * MANY + 1, 3))           # each after SYN and SYN-ACK

# A table for each way to read the captures: tshark's options, and what is told there beyond the above.
AT_THE_END = {
    # The last packet is the last try nearly everywhere: an answer may still be under way.
    "two passes": (["-2"], {
        "backlog_overflow": {"open-backlog-overflow-lasting": [14]},
        "peer_silent": {"keepalive-unanswered": [6]},
    }),
    "a minute and a half later": (["-2", "-o", "tcpfsm.quiet_tail:90"], {
        "unanswered": {"open-unanswered": [1], "many-unanswered": SYNS_OF_MANY[:-1]},
        "unanswered_minor": {"many-unanswered": SYNS_OF_MANY[-1:]},     # behind the 33rd
        "embryonic": {"open-never-completed": [2], "embryonic-third-ack-blocked.server": [2],
                      "many-embryonic": SYN_ACKS_OF_MANY[:-1]},
        "embryonic_minor": {"many-embryonic": SYN_ACKS_OF_MANY[-1:]},
        "fin_unacknowledged": {"teardown-fin-unacknowledged.client": [8]},
        # Not close-wait-with-closed-window: the FIN couldn't be sent. Nor the partial ones: who can tell?
        "close_wait_stuck": {"close-wait-server-never-closes": [8], "close-wait-probed-by-closer": [8],
                             "half-close-in-use": [5]},
        "peer_silent": {"silent-peer": [6], "silent-peer-to-keepalives": [8], "silent-peer-to-probes": [10],
                        "keepalive-unanswered": [6]},
        "backlog_overflow": {"open-backlog-overflow-lasting": [14]},
        "last_ack_missing": {"teardown-last-ack-missing.server": [6]},
        "fin_wait_2_stuck": {"close-wait-probed-by-closer": [9]},
        # Whatever was opened and not used.
        "idle": {"idle-never-used": [3], "idle-many": [*THIRD_STEPS_OF_MANY, 105],
                 "embryonic-third-ack-blocked.client": [3], "open-backlog-overflow": [4],
                 "open-backlog-overflow-lasting": [3, 7], "open-backlog-overflow-aborted": [3, 7],
                 "open-lost-syn.client": [4], "open-lost-syn.server": [3],
                 "open-lost-syn-ack.client": [4], "open-lost-syn-ack.server": [5],
                 "open-lost-third-ack.client": [3], "open-lost-third-ack.server": [4],
                 "desynchronized-new-syn.client": [11], "desynchronized-new-syn.server": [11],
                 "reset-lost-then-reused.client": [12], "reset-lost-then-reused.server": [11],
                 "teardown-last-ack-lost-then-reused.client": [21],
                 "teardown-last-ack-lost-then-reused.server": [17]},
        "many_idle": {"idle-many": [99]},       # step 3 of the 33rd
    }),
    "time-outs of two seconds": (["-2", *IMPATIENT], {
        "close_wait_stuck": {"close-wait-probed-by-closer": [8]},
        "fin_wait_2_stuck": {"close-wait-probed-by-closer": [9]},
        "peer_silent": {"keepalive-unanswered": [6]},
        "backlog_overflow": {"open-backlog-overflow-lasting": [14]},
        "idle": {"idle-never-used": [3], "idle-many": THIRD_STEPS_OF_MANY,
                 "embryonic-third-ack-blocked.client": [3], "open-backlog-overflow": [4],
                 "open-backlog-overflow-lasting": [3, 7]},
        "many_idle": {"idle-many": [103]},      # with the SYN that comes when they are idle
    }),
    # Each on the first segment of its connection after the time-out.
    "one pass": ([], {
        "unanswered": {"open-unanswered": [6]},
        "embryonic": {"open-never-completed": [5]},
        "fin_unacknowledged": {"teardown-fin-unacknowledged.client": [14]},
        "peer_silent": {"silent-peer": [11], "silent-peer-to-keepalives": [11], "silent-peer-to-probes": [13],
                        "keepalive-unanswered": [9]},
        "backlog_overflow": {"open-backlog-overflow-lasting": [17]},
    }),
    "one pass, time-outs of two seconds": (IMPATIENT, {
        # The ICMP error that will come is not yet known of.
        "unanswered": {"open-unanswered": [3], "open-unreachable-host-down": [3]},
        "embryonic": {"open-never-completed": [4], "embryonic-third-ack-blocked.server": [4]},
        "fin_unacknowledged": {"teardown-fin-unacknowledged.client": [13]},
        "last_ack_missing": {"teardown-last-ack-missing.server": [11]},
        "close_wait_stuck": {"close-wait-probed-by-closer": [12]},
        "fin_wait_2_stuck": {"close-wait-probed-by-closer": [12]},
        "peer_silent": {"silent-peer": [11], "silent-peer-to-keepalives": [11], "silent-peer-to-probes": [13],
                        "keepalive-unanswered": [9]},
        "backlog_overflow": {"open-backlog-overflow-lasting": [17]},
        "many_idle": {"idle-many": [103]},
    }),
}
# With the capture's end later, three connections have another outcome than in outcomes.txt.
SILENT_LATER = {"silent-peer", "silent-peer-to-keepalives", "silent-peer-to-probes"}
# What a capture's filter left out is told by its connections together, so it must not be among others.
FILTERED = {"partial-flags-only"}
EXPERTS = sorted({*ON_SEGMENTS, *REJECTED_LATER, *(name for _, told in AT_THE_END.values() for name in told)})


def stem(capture):
    return os.path.basename(capture).removesuffix(".pcapng")


def rows(collection, tshark, options, fields):
    """(capture, frame in it, {field: values}) of each frame."""
    asked = [word for field in fields for word in ("-e", field)]
    output = tshark.read(collection.path, *options, "-T", "fields", "-E", "occurrence=a", "-E",
                         "aggregator=;", "-e", "frame.number", *asked)
    for line in output.splitlines():
        words = line.split("\t")
        capture, frame = collection.place(words[0])
        values = {field: word.split(";") for field, word in zip(fields, words[1:]) if word}
        yield stem(collection.captures[capture]), frame, values


# -- expert infos ------------------------------------------------------------------------------------------
def expected_experts(options, told, captures):
    """{(capture, frame, name)}"""
    rejected = REJECTED if "-2" in options else REJECTED_LATER
    return {(capture, frame, name)
            for table in (ON_SEGMENTS, rejected, told) for name, places in table.items()
            for capture, frames in places.items() if capture in captures for frame in frames}


def compare_experts(collection, tshark):
    captures = {stem(path) for path in collection.captures}
    for title, (options, told) in AT_THE_END.items():
        fields = ["tcpfsm.expert." + name for name in EXPERTS]
        found = {(capture, frame, field.split(".")[-1])
                 for capture, frame, values in rows(collection, tshark, options, fields) for field in values}
        wanted = expected_experts(options, told, captures)
        for capture, frame, name in sorted(wanted - found):
            yield f"{title}: {capture} {frame}: no {name}"
        for capture, frame, name in sorted(found - wanted):
            yield f"{title}: {capture} {frame}: {name}"


# -- outcomes ----------------------------------------------------------------------------------------------
def expected_outcomes(captures):
    """{(capture, number of the connection): (outcome, opening, closing, closer, holder)} of all captures"""
    wanted = {}
    with open(os.path.join(HERE, "outcomes.txt"), encoding="ascii") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    for line in lines:
        name, numbers, *answers = [word.strip() for word in line.split("  ") if word.strip()]
        first, _, last = numbers.partition("-")
        ends = [capture for capture in captures if capture in (name, name + ".client", name + ".server")]
        if not ends:
            raise ValueError("outcomes.txt: no capture " + name)
        for number in range(int(first), int(last or first) + 1):
            for capture in ends:
                wanted[capture, number] = tuple(answers)
    return wanted


def name_of(field, numbers):
    names = VALUES[field]
    if not numbers:
        return "-" if names[0] == "-" else "(none)"
    return "/".join(names[int(number)] if int(number) < len(names) else number for number in sorted(numbers))


def found_outcomes(collection, tshark, options):
    """The same as the plugin shows it; several values, if its segments differ, with a slash between them."""
    fields = [f"tcpfsm.connection.{field}" for field in VALUES]
    shown, order = {}, {}
    for capture, _, values in rows(collection, tshark, options, ["tcpfsm.connection", *fields]):
        if "tcpfsm.connection" not in values:
            continue        # an ICMP error
        numbers = order.setdefault(capture, {})
        number = numbers.setdefault(values["tcpfsm.connection"][0], len(numbers))
        sets = shown.setdefault((capture, number), [set() for _ in fields])
        for place, field in enumerate(fields):
            sets[place].update(values.get(field, ()))
    return {key: tuple(name_of(field, numbers) for field, numbers in zip(VALUES, sets))
            for key, sets in shown.items()}


def compare_outcomes(collection, tshark, expected):
    names = {stem(path) for path in collection.captures}
    for title in "two passes", "a minute and a half later":
        wanted = {key: answers for key, answers in expected.items() if key[0] in names}
        if title != "two passes":
            wanted |= {key: ("silent", *answers[1:]) for key, answers in wanted.items()
                       if key[0] in SILENT_LATER}
        found = found_outcomes(collection, tshark, AT_THE_END[title][0])
        for key in sorted(wanted.keys() | found.keys()):
            if wanted.get(key) != found.get(key):
                yield (f"{title}: {key[0]} connection {key[1]}: shows {found.get(key, 'nothing')}, "
                       f"should be {wanted.get(key, 'nothing')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="of the sample captures")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    tshark = Tshark(options.tshark, options.plugin, options.series)
    paths = sorted(os.path.join(options.folder, name) for name in os.listdir(options.folder)
                   if name.endswith(".pcapng"))
    expected = expected_outcomes([stem(path) for path in paths])
    complaints = []
    alone = [path for path in paths if stem(path) in FILTERED]
    for part in [path for path in paths if path not in alone], *([path] for path in alone):
        collection = Collection(part, os.path.join(tshark.folder, "collection.pcap"), end_together=True)
        complaints += [*compare_experts(collection, tshark), *compare_outcomes(collection, tshark, expected)]
    print("\n".join(complaints) or f"{len(paths)} captures: all that is told at their ends is right")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
