#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: transcript.py PLUGIN

Prints all that the plugin says of the sample captures: every field of every segment, a line each, and every
text statistic. Under all versions of Wireshark that has to be the same, so what follows the version's own
numbering of streams is left out.
"""
import concurrent.futures
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ["TCPFSM_PLUGIN"] = sys.argv[1]
sys.path.insert(0, str(ROOT / "tests" / "plugin"))

from shark import FIELD, TSHARK, VALUE, world      # noqa: E402

# When a stream begins, and so what its relative numbers count from, each version decides for itself.
STREAMS = ("tcpfsm.stream", "tcpfsm.seq.expected", "tcpfsm.ack.expected")
# Each version writes dates in its own way, and a heading has no value.
KINDS = ("FT_ABSOLUTE_TIME", "FT_NONE")
NEEDED = {"tcpfsm,timeline": ",1"}
OPTIONS = ("-n", "-2", "-o", "tcpfsm.quiet_tail:90", "-o", "tcp.relative_sequence_numbers:FALSE")


def output(*arguments):
    status, text, complaint = world().run([TSHARK, *arguments])
    if status:
        raise RuntimeError("%s: %s" % (" ".join(arguments), complaint))
    return text, complaint


def fields():
    """Name: type."""
    lines = [line.split("\t") for line in output("-G", "fields")[0].splitlines()]
    return {part[2]: part[3] for part in lines
            if part[0] == "F" and part[2].startswith("tcpfsm.") and part[2] not in STREAMS and
            (part[3] not in KINDS or part[2].startswith("tcpfsm.expert."))}


def statistics():
    """All that -z knows of ours, with what they can't do without."""
    known = "".join(output("-z", "help"))
    return [name + NEEDED.get(name, "") for name in re.findall(r"^\s*(tcpfsm,[\w,]+)", known, re.M)]


def shown(values, kind):
    """Of one field. Truth is 1 in 4.0 and True since."""
    if kind == "FT_BOOLEAN":
        values = values.replace("1", "True").replace("0", "False")
    return values.replace(VALUE, " | ")


def said(capture, kinds, reports):
    """The lines on a capture."""
    asked = [part for name in ("frame.number", *kinds) for part in ("-e", name)]
    asked += [part for report in reports for part in ("-z", report)]
    text, complaint = output("-r", str(capture), *OPTIONS, "-T", "fields", "-E", "occurrence=a",
                             "-E", "aggregator=" + VALUE, "-E", "separator=" + FIELD, *asked)
    lines = ["%s: %s" % (capture.name, line) for line in complaint.splitlines()]
    for line in text.split("\n")[:-1]:
        number, *row = line.split(FIELD)
        if row:
            lines += ["%s: frame %s: %s: %s" % (capture.name, number, name, shown(values, kinds[name]))
                      for name, values in zip(kinds, row) if values]
        else:
            lines.append("%s: %s" % (capture.name, line))
    return lines


def main():
    kinds, reports = fields(), statistics()
    captures = sorted((ROOT / "sample-captures").glob("*.pcapng"))
    print("fields: %s" % " ".join(kinds))
    print("statistics: %s" % " ".join(reports))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lambda capture: said(capture, kinds, reports), captures):
            print("\n".join(lines))


if __name__ == "__main__":
    main()
