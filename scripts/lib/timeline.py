#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: timeline.py TITLE <CSV >SVG

Draws what `tshark -z tcpfsm,timeline,SECONDS` prints: how many connections are in each state, stacked, over
the seconds since the capture's first packet. Exits with 1 if the CSV is not such, or has no rows.
"""
import csv
import math
import sys
from xml.etree import ElementTree

# Column, state, colour: those of Okabe and Ito, which the colour-blind tell apart; CLOSING is rare enough for
# a paler one. From bottom to top.
STATES = (("established", "ESTABLISHED", "#009e73"), ("syn_sent", "SYN-SENT", "#e69f00"),
          ("syn_received", "SYN-RECEIVED", "#f0e442"), ("fin_wait_1", "FIN-WAIT-1", "#56b4e9"),
          ("fin_wait_2", "FIN-WAIT-2", "#0072b2"), ("close_wait", "CLOSE-WAIT", "#d55e00"),
          ("closing", "CLOSING", "#f2cfe1"), ("last_ack", "LAST-ACK", "#cc79a7"),
          ("time_wait", "TIME-WAIT", "#bbbbbb"), ("unknown", "UNKNOWN", "#444444"))
WIDTH, HEIGHT = 960, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 60, 60      # the margins around the plot
TEXT, GRID = "#222222", "#dddddd"
TICKS = 8


class Row:
    def __init__(self, values):
        self.start = float(values["start_s"])
        self.time = values["time"]
        self.counts = [int(values[column]) for column, _, _ in STATES]


def read(lines):
    """The rows; ValueError if these are none."""
    reader = csv.DictReader(lines)
    missing = {"start_s", "time", *(column for column, _, _ in STATES)} - set(reader.fieldnames or [])
    if missing:
        raise ValueError("this is not the CSV of -z tcpfsm,timeline: no column " + ", ".join(sorted(missing)))
    try:
        rows = [Row(values) for values in reader]
    except (TypeError, ValueError):
        raise ValueError("line %d of the CSV is not a row of -z tcpfsm,timeline" % reader.line_num) from None
    if not rows:
        raise ValueError("the capture has no TCP connection")
    return rows


def step_of(span, ticks):
    """A round step (1, 2 or 5 times a power of ten) with which no more than so many fit."""
    least = span / ticks
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999999)


def number(value):
    """Without needless zeroes."""
    return "%.10g" % value


class Plot:
    """From seconds and connections to points of the picture."""

    def __init__(self, rows):
        self.rows = rows
        gaps = [after.start - before.start for before, after in zip(rows, rows[1:])]
        self.begin, self.end = rows[0].start, rows[-1].start + min(gaps, default=1)
        self.most = max(max(sum(row.counts) for row in rows), 1)
        self.step = max(step_of(self.most, TICKS), 1)
        self.top = math.ceil(self.most / self.step) * self.step

    def x(self, seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * (seconds - self.begin) / (self.end - self.begin)

    def y(self, count):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / self.top

    def corners(self, place):
        """Of all rows: (from, to, below it, up to it) for the state of that place. A row that was left out
        says what the one before it says."""
        result = []
        for row, after in zip(self.rows, [*self.rows[1:], None]):
            below = sum(row.counts[:place])
            to = after.start if after else self.end
            corner = (row.start, to, below, below + row.counts[place])
            if result and result[-1][2:] == corner[2:]:     # nothing changed
                corner = (result.pop()[0], *corner[1:])
            result.append(corner)
        return result

    def area(self, place):
        """The points of the outline, forth along the upper edge and back along the lower one."""
        corners = self.corners(place)
        upper = [(x, high) for begin, end, _, high in corners for x in (begin, end)]
        lower = [(x, low) for begin, end, low, _ in corners for x in (begin, end)]
        return [(self.x(x), self.y(y)) for x, y in upper + lower[::-1]]


class Picture:
    def __init__(self, title, description):
        self.root = ElementTree.Element("svg", {
            "xmlns": "http://www.w3.org/2000/svg", "width": str(WIDTH), "height": str(HEIGHT),
            "viewBox": "0 0 %d %d" % (WIDTH, HEIGHT), "role": "img", "font-family": "sans-serif",
            "font-size": "12"})
        ElementTree.SubElement(self.root, "title").text = title
        ElementTree.SubElement(self.root, "desc").text = description
        self.add("rect", x=0, y=0, width=WIDTH, height=HEIGHT, fill="#ffffff")

    def add(self, tag, text=None, **attributes):
        element = ElementTree.SubElement(self.root, tag, {
            name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else "%.2f" % value
            for name, value in attributes.items()})
        element.text = text
        return element

    def text(self, x, y, text, anchor="start", **attributes):
        self.add("text", text, x=x, y=y, text_anchor=anchor, fill=TEXT, **attributes)

    def __str__(self):
        ElementTree.indent(self.root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(self.root, "unicode") + "\n"


def draw_axes(picture, plot):
    count = 0
    while count <= plot.top:
        picture.add("line", x1=LEFT, x2=WIDTH - RIGHT, y1=plot.y(count), y2=plot.y(count), stroke=GRID)
        picture.text(LEFT - 8, plot.y(count) + 4, number(count), "end", class_="count")
        count += plot.step
    step = step_of(plot.end - plot.begin, TICKS)
    tick = math.ceil(plot.begin / step)
    while tick * step <= plot.end * 1.000001:
        x = plot.x(tick * step)
        picture.add("line", x1=x, x2=x, y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM + 5, stroke=TEXT)
        picture.text(x, HEIGHT - BOTTOM + 20, number(tick * step), "middle", class_="second")
        tick += 1
    middle = (LEFT + WIDTH - RIGHT) / 2
    picture.text(middle, HEIGHT - 16, "seconds since " + (plot.rows[0].time or "the first packet"), "middle")
    picture.text(10, TOP - 14, "connections")


def draw_areas(picture, plot):
    """And the legend, in the order of the areas. States that no connection is in are left out."""
    present = [place for place in range(len(STATES)) if any(row.counts[place] for row in plot.rows)]
    for place in present:
        column, state, color = STATES[place]
        points = " ".join("%.2f,%.2f" % point for point in plot.area(place))
        area = picture.add("polygon", points=points, fill=color, id=column, class_="area")
        most = max(row.counts[place] for row in plot.rows)
        ElementTree.SubElement(area, "title").text = "%s: at most %d" % (state, most)
    for line, place in enumerate(reversed(present)):
        y = TOP + 22 * line
        picture.add("rect", x=WIDTH - RIGHT + 20, y=y, width=14, height=14, fill=STATES[place][2],
                    class_="key")
        picture.text(WIDTH - RIGHT + 42, y + 12, STATES[place][1], class_="legend")


def draw(title, rows):
    plot = Plot(rows)
    states = [state for place, (_, state, _) in enumerate(STATES) if any(row.counts[place] for row in rows)]
    picture = Picture(title, "Connections in each state over time, at most %d at once: %s" %
                      (plot.most, ", ".join(states) or "none"))
    picture.text(LEFT, 26, title, font_size="16")
    draw_areas(picture, plot)
    draw_axes(picture, plot)
    return str(picture)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        sys.stdout.write(draw(sys.argv[1], read(sys.stdin)))
    except ValueError as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
