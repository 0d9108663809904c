#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the cost grow as the capture does? CPU time and memory of tshark, by packets and connections.

The captures are those of connections_pcap.py: ten packets a connection. Each way reads each of them with
`-n -q -z io,stat,0`; where the plugin is at work, somebody asks for its diagram of states. Prints a table in
Markdown; --svg draws time and memory of each way. CPU time is of user and system together; memory is the peak
of what was resident.
"""
import argparse
import math
import os
import pathlib
import resource
import sys
import tempfile

import cost

SIZES = (10**5, 10**6, 10**7)
NO_ANALYSIS = ("-o", "tcp.analyze_sequence_numbers:FALSE")
ASKED = ("-z", "tcpfsm,dot")
WAYS = {  # name: (folder of plugins, arguments)
    "tshark, its sequence analysis off": ("without", NO_ANALYSIS),
    "tshark": ("without", ()),
    "tshark with TRANSUM": ("without", ("--enable-protocol", "transum")),
    "tshark with tcpfsm, where nobody looks": ("with", ()),
    "tshark with tcpfsm at work": ("with", ASKED),
    "the same, sequence analysis off": ("with", (*NO_ANALYSIS, *ASKED)),
}
COLOURS = ("#888888", "#000000", "#c07000", "#60b060", "#0060c0", "#60a0e0")


def measure(machine, way, size):
    """(seconds, MB) of one run in a process of its own, whose children are no others."""
    folder, arguments = WAYS[way]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        machine.tshark(folder, size, "-n", *arguments, "-q", "-z", "io,stat,0")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(writer, b"%f %f" % (used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    told = os.read(reader, 100)
    os.close(reader)
    if status != 0 or not told:
        sys.exit("%s of %d packets failed" % (way, size))
    return tuple(float(number) for number in told.split())


def table(measured, sizes):
    head = ["", *("%s packets, %s connections" % (format(size, ","), format(size // 10, ","))
                  for size in sizes)]
    lines = ["| %s |" % " | ".join(head), "|" + "---|" * len(head)]
    for way in WAYS:
        cells = ["%.1f s, %.0f MB" % measured[way, size] for size in sizes]
        lines.append("| %s |" % " | ".join([way, *cells]))
    return "\n".join(lines)


def ticks(low, high):
    return [10**n for n in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def panel(left, title, points, unit):
    """One diagram with logarithmic axes: {way: [(size, value)]}."""
    width, height, top = 300, 220, 40
    xs = ticks(*(f(x for line in points.values() for x, _ in line) for f in (min, max)))
    ys = ticks(*(f(y for line in points.values() for _, y in line) for f in (min, max)))

    def at(x, y):
        across = (math.log10(x) - math.log10(xs[0])) / math.log10(xs[-1] / xs[0])
        up = (math.log10(y) - math.log10(ys[0])) / math.log10(ys[-1] / ys[0])
        return left + across * width, top + height - up * height

    out = ['<text x="%d" y="24" font-weight="bold">%s</text>' % (left, title)]
    for x in xs:
        at_x, _ = at(x, ys[0])
        out.append('<path d="M%.1f %d v%d" stroke="#dddddd"/>' % (at_x, top, height))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (
            at_x, top + height + 18, format(x, ",")))
    for y in ys:
        _, at_y = at(xs[0], y)
        out.append('<path d="M%d %.1f h%d" stroke="#dddddd"/>' % (left, at_y, width))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%g %s</text>' % (left - 6, at_y + 4, y, unit))
    for colour, line in zip(COLOURS, points.values()):
        path = " ".join("%.1f,%.1f" % at(x, y) for x, y in line)
        out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (path, colour))
    return out


def draw(measured, sizes):
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" width="820" height="400" font-family="sans-serif" '
             'font-size="11">', '<rect width="820" height="400" fill="white"/>']
    for part, (title, unit) in enumerate((("CPU time by packets", "s"), ("memory by packets", "MB"))):
        points = {way: [(size, max(measured[way, size][part], 0.01)) for size in sizes] for way in WAYS}
        lines += panel(80 + part * 390, title, points, unit)
    for place, (way, colour) in enumerate(zip(WAYS, COLOURS)):
        x, y = 80 + place % 2 * 390, 310 + place // 2 * 22
        lines.append('<path d="M%d %d h24" stroke="%s" stroke-width="3"/>' % (x, y, colour))
        lines.append('<text x="%d" y="%d">%s</text>' % (x + 32, y + 4, way))
    return "\n".join([*lines, "</svg>", ""])


def self_test():
    """What grows linearly is a straight line in the picture, and every figure stands in the table."""
    measured = {(way, size): (size / 1e5, size / 1e4) for way in WAYS for size in SIZES}
    text, picture = table(measured, SIZES), draw(measured, SIZES)
    line = [tuple(map(float, pair.split(","))) for pair in
            picture.split('<polyline points="')[1].split('"')[0].split()]
    slopes = {round((b[1] - a[1]) / (b[0] - a[0]), 3) for a, b in zip(line, line[1:])}
    drawn = len(slopes) == 1 and picture.count("<polyline") == 2 * len(WAYS)
    if not drawn or text.count("100.0 s, 1000 MB") != len(WAYS):
        sys.exit("table or picture are wrong:\n%s\n%s" % (text, line))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plugin", nargs="?", help="tcpfsm.so; default: that of build/",
                        default=cost.HERE.parents[1] / "build" / "plugin" / "wireshark" / "tcpfsm.so")
    parser.add_argument("--sizes", metavar="N,N...", default=",".join(map(str, SIZES)), help="packets")
    parser.add_argument("--svg", metavar="FILE", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    sizes = tuple(int(size) for size in options.sizes.split(","))
    with tempfile.TemporaryDirectory(prefix="tcpfsm.") as folder:
        machine = cost.Machine(folder, options.plugin, ("connections_pcap.py",), sizes)
        cost.loads(machine)
        machine.prepare(sizes)
        measured = {(way, size): measure(machine, way, size) for size in sizes for way in WAYS}
    print(table(measured, sizes))
    if options.svg:
        options.svg.write_text(draw(measured, sizes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
