# SPDX-License-Identifier: GPL-2.0-or-later
"""Where everything of a ladder stands, and how it looks, in SVG.

Colours and fonts are attributes of each element, and there is a background: so it looks the same in whatever
shows it, a ticket, a browser in its dark mode, a slide. At one capture point, how long a segment was on its
way isn't known; its arrow's slope means nothing but that it was sent before it arrived. At two points:
ladder_points.py.
"""
import math
import textwrap

import svgwrite

from annotation import ASSUMED, MARKS, PROVEN

WIDTH = 980
CLIENT, SERVER = 290, 720       # where the bars face each other
BAR = 14
MIDDLE = (CLIENT + SERVER) / 2
SLANT = 20
ROW, LINE = 56, 15              # heights: of a segment, of a line of text below its arrow
ABOVE = 18                      # of the label above the arrow
COLUMNS = 56                    # that fit between the bars
MARGIN = 24

FONT = "sans-serif"
INK, GREY, PAPER, PALE = "#1a1a1a", "#5c5c5c", "#ffffff", "#eef1f4"
INVALID, WARNING, NOTE = "#b3260b", "#fff0c2", "#e8f1fa"
STEP, RESET = "#00568a", "#8a4b00"

# Opening blue, open green, closing from yellow to red, closed grey.
STATES = {"CLOSED": "#a3a3a3", "LISTEN": "#c9ccd1", "SYN-SENT": "#8ec9ee", "SYN-RECEIVED": "#3f97d1",
          "ESTABLISHED": "#2f9e73", "FIN-WAIT-1": "#f2d34f", "FIN-WAIT-2": "#e8a72e", "CLOSE-WAIT": "#e57b33",
          "CLOSING": "#cf79a8", "LAST-ACK": "#c2543f", "TIME-WAIT": "#8b7bb8", "UNKNOWN": "#e4e4e4"}
PALE_BAR = 0.45
LEGEND = ("Pale, ?: not proven, assuming the segment arrived; if dotted, assumed, for packets are missing. "
          "Dashed arrow: repeated. Crossed out: lost after the capture point.")
NO_SCALE = " Slopes are not to scale."
LEGEND_OF_POINTS = ("Between capture points 1 and 2, slopes are to scale, but for pauses and crowded rows. "
                    "Crossed out there: lost between the points. Dot: made between. Dotted: not captured at "
                    "the other point.")


class Bar:
    """An end's states down its side. Each is known from some moment on, more or less surely."""

    def __init__(self, role, top, first):
        self.is_client = role == "client"
        before = first.before(role)
        # If it didn't change, it is known as surely as after the first segment.
        basis = first.basis(role) if before == first.last("tcpfsm.%s.state.str" % role) else PROVEN
        self.spans = [[top, before, basis, None]]   # where it begins, state, basis, when

    def note(self, y, state, basis, time):
        if (state, basis) != tuple(self.spans[-1][1:3]):
            self.spans.append([y, state, basis, time])

    def draw(self, page, bottom, end):
        """`end`: when the last state was still seen, if it was."""
        x = CLIENT - BAR if self.is_client else SERVER
        limits = [*(span[0] for span in self.spans[1:]), bottom]
        for (top, state, basis, _), low in zip(self.spans, limits):
            page.rectangle(x, top, BAR, low - top, STATES[state], opacity=PALE_BAR if basis in MARKS else 1.0,
                           dash="2 2" if basis == ASSUMED else None)
        self._labels(page, bottom, end)

    def _labels(self, page, bottom, end):
        """A label a state, however its sureness changes."""
        named = [span for index, span in enumerate(self.spans)
                 if index == 0 or span[1] != self.spans[index - 1][1]]
        limits = [*((span[0], span[3]) for span in named[1:]), (bottom, end)]
        x, anchor = (CLIENT - BAR - 8, "end") if self.is_client else (SERVER + BAR + 8, "start")
        for (top, state, basis, since), (low, until) in zip(named, limits):
            page.text(state + MARKS.get(basis, ""), x, top + 11, size=12, anchor=anchor, weight="bold",
                      kind="state")
            if since is not None and until is not None and low - top >= 26:
                page.text(page.duration(until - since), x, top + 24, size=11, anchor=anchor, colour=GREY,
                          kind="time")


class Page:
    """Things drawn so far. Bars come first, for arrows and texts stand upon them."""

    def __init__(self, title, duration):
        self.drawing = svgwrite.Drawing(debug=False)
        self.title, self.duration = title, duration
        self.below, self.above = self.drawing.g(), self.drawing.g()
        self.into = self.above
        self.y = MARGIN
        self.has_points = False

    # -- elements ----------------------------------------------------------------------------------------
    def text(self, text, x, y, size=12, anchor="start", weight="normal", colour=INK, slope=0, kind=None):
        extra = {"class_": kind} if kind else {}
        if slope:
            extra["transform"] = "rotate(%.3f %.2f %.2f)" % (slope, x, y)
        self.into.add(self.drawing.text(text, insert=(x, y), font_family=FONT, font_size=size,
                                        text_anchor=anchor, font_weight=weight, fill=colour, **extra))

    def rectangle(self, x, y, width, height, colour, opacity=1.0, dash=None, edge=None, round_=0, kind=None):
        extra = {"class_": kind} if kind else {}
        if dash:
            extra.update(stroke=GREY, stroke_width=1, stroke_dasharray=dash)
        elif edge:
            extra.update(stroke=edge, stroke_width=1)
        into = self.below if not edge else self.into
        into.add(self.drawing.rect((x, round(y, 2)), (width, round(height, 2)), rx=round_, fill=colour,
                                   fill_opacity=opacity, **extra))

    def line(self, points, colour, width=1.5, dash=None, fill="none"):
        extra = {"stroke_dasharray": dash} if dash else {}
        points = [(round(x, 2), round(y, 2)) for x, y in points]
        self.into.add(self.drawing.polyline(points, fill=fill, stroke=colour, stroke_width=width,
                                            stroke_linejoin="round", **extra))

    def group(self, kind, title):
        """What is drawn from now on belongs together."""
        self.into = self.drawing.g(class_=kind)
        self.into.set_desc(title=title)
        self.above.add(self.into)

    def ungroup(self):
        self.into = self.above

    # -- rows --------------------------------------------------------------------------------------------
    def arrow(self, start, end, colour, dash, stop):
        """From (x, y) to (x, y); `stop`: which part of the way the segment came."""
        (x1, y1), (x2, y2) = start, end
        x2, y2 = x1 + (x2 - x1) * stop, y1 + (y2 - y1) * stop
        self.line([start, (x2, y2)], colour, dash=dash)
        if stop < 1:
            for slope in 1, -1:
                self.line([(x2 - 6, y2 - 6 * slope), (x2 + 6, y2 + 6 * slope)], colour, width=2.2)
            return
        angle = math.atan2(y2 - y1, x2 - x1)
        wings = [(x2 - 11 * math.cos(angle + turn), y2 - 11 * math.sin(angle + turn))
                 for turn in (0.38, -0.38)]
        self.line([wings[0], (x2, y2), wings[1], wings[0]], colour, width=1, fill=colour)

    def segment(self, segment, start, bars):
        to_server = segment.from_client() and not segment.is_error
        remarks = [(line, bad) for text, bad in segment.remarks() for line in textwrap.wrap(text, COLUMNS)]
        invalid = bool(segment.invalid()) or any(bad for _, bad in remarks)
        colour = INVALID if invalid else STEP if segment.step() else RESET if segment.is_reset() else INK
        kinds = [kind for kind, holds in (("segment", True), ("repeated", segment.repeated),
                                          ("invalid", invalid), ("lost", segment.lost)) if holds]
        since = "%.6f" % (segment.time - start)
        self.group(" ".join(kinds), "Frame %s, %s s: %s" % (
            segment.frame, since, segment.last("tcpfsm.explain") or segment.label()))
        sent, arrived = self.y + ABOVE, self.y + ABOVE + SLANT
        self.margin(since, "#" + segment.frame, sent + 4)
        ways = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
        if segment.is_error:        # from somewhere on the way
            ways = (SERVER - 90, CLIENT)
            self.into.add(self.drawing.circle((ways[0], sent), 4, fill=colour))
        self.arrow((ways[0], sent), (ways[1], arrived), colour, "7 4" if segment.repeated else None,
                   0.72 if segment.lost else 1)
        place = {"x": sum(ways) / 2, "anchor": "middle",
                 "slope": math.degrees(math.atan2(SLANT, abs(ways[1] - ways[0]))) * (1 if to_server else -1)}
        self.text(segment.label(), y=sent + SLANT / 2 - 6, colour=colour, kind="label",
                  weight="normal" if colour == INK else "bold", **place)
        for number, (text, bad) in enumerate(remarks):
            self.text(text, y=sent + SLANT / 2 + LINE * (number + 1), size=11, kind="remark",
                      colour=INVALID if bad else GREY, weight="bold" if bad else "normal", **place)
        self.ungroup()
        self.states(segment, bars, sent, arrived)
        self.y += ROW + LINE * len(remarks)

    @staticmethod
    def states(segment, bars, sent, arrived):
        """The states after a segment: its sender's when it was sent, its peer's when it has arrived."""
        for role, bar in bars.items():
            if not segment.is_error:
                bar.note(sent if segment.from_client() == (role == "client") else arrived,
                         segment.last("tcpfsm.%s.state.str" % role), segment.basis(role), segment.time)

    def margin(self, since, frames, y):
        self.text(since, MARGIN + 66, y, size=11, anchor="end", colour=GREY)
        self.text(frames, MARGIN + 74, y, size=11, colour=GREY, kind="frame")

    def note(self, text, warning):
        lines = textwrap.wrap(text, COLUMNS)
        height = 17 * len(lines) + 11
        self.group("warning" if warning else "note", text)
        self.rectangle(CLIENT + 30, self.y, SERVER - CLIENT - 60, height, WARNING if warning else NOTE,
                       edge="#b98900" if warning else "#7da7cc", round_=5)
        if warning:
            x, y = CLIENT + 48, self.y + height / 2
            self.line([(x, y - 8), (x + 9, y + 7), (x - 9, y + 7), (x, y - 8)], "#8a5a00", fill="#f5b301")
            self.text("!", x, y + 5.5, size=11, anchor="middle", weight="bold")
        for number, line in enumerate(lines):
            self.text(line, MIDDLE + (8 if warning else 0), self.y + 18 + 17 * number, anchor="middle",
                      weight="bold" if warning else "normal")
        self.ungroup()
        self.y += height + 12

    def silence(self, text):
        """A tear through both bars."""
        self.group("silence", text)
        middle = self.y + 17
        for x in CLIENT - BAR, SERVER:
            steps = [(x - 5 + 4 * step, middle + (4 if step % 2 else -4)) for step in range(7)]
            self.line(steps, PAPER, width=7)
            for shift in -4, 4:
                self.line([(x_, y + shift) for x_, y in steps], GREY, width=1)
        lines = textwrap.wrap("~ %s ~" % text, COLUMNS - 4)
        for number, line in enumerate(lines):
            self.text(line, MIDDLE, middle + 4 + 16 * number, size=13, anchor="middle", colour=GREY,
                      weight="bold")
        self.ungroup()
        self.y += 44 + 16 * (len(lines) - 1)

    def fold(self, texts, segments, start, bars):
        self.group("fold", ", ".join(texts))
        self.margin("%.6f" % (segments[0].time - start),
                    "#%s – %s" % (segments[0].frame, segments[-1].frame), self.y + 19)
        self.rectangle(CLIENT + 4, self.y, SERVER - CLIENT - 8, 44, PALE, edge="#b9c1ca", round_=4)
        self.text(texts[0], MIDDLE, self.y + 19, anchor="middle", weight="bold")
        self.text(texts[1], MIDDLE, self.y + 35, size=11, anchor="middle", colour=GREY)
        self.ungroup()
        # Plain segments change no state, but may prove one.
        self.states(segments[-1], bars, self.y + 22, self.y + 22)
        self.y += 44 + 14

    # -- connections -------------------------------------------------------------------------------------
    def paragraph(self, text, size, columns, **style):
        for line in textwrap.wrap(text, columns, break_long_words=False):
            self.y += size + 4
            self.text(line, MARGIN, self.y, size=size, **style)

    def connection(self, connection, end):
        self.paragraph("Connection %s: %s" % (connection.number, connection.story), 17, 92, weight="bold",
                       kind="story")
        self.y += 44
        for name, address, x in zip(("client", "server"), connection.ends, (CLIENT, SERVER)):
            inner = -1 if name == "client" else 1
            self.text(name, x + inner * BAR / 2, self.y - 15, anchor="middle", weight="bold")
            self.text(address, x + inner * BAR / 2, self.y, anchor="middle", colour=GREY)
        top = self.y + 9
        self.y += 24
        bars = {role: Bar(role, top, connection.first) for role in ("client", "server")}
        if connection.rows_of_points:
            connection.rows_of_points(self, connection, bars)
            self.has_points = True
        rest = None         # when the last states were still seen
        for kind, *what in connection.rows(end) if not connection.rows_of_points else ():
            if kind == "segment":
                self.segment(what[0], connection.start, bars)
            elif kind == "fold":
                self.fold(*what, connection.start, bars)
            elif kind == "note":
                self.note(*what)
            else:
                self.silence(what[0])
                rest = end
            if kind != "silence":
                rest = None
        for bar in bars.values():
            bar.draw(self, self.y + 6, rest)
        self.y += 34

    def finish(self, description):
        if self.has_points:
            self.paragraph(LEGEND_OF_POINTS, 11, 150, colour=GREY)
        self.paragraph(LEGEND + ("" if self.has_points else NO_SCALE), 11, 150, colour=GREY)
        height = round(self.y + MARGIN)
        drawing = self.drawing
        drawing.attribs.update({"width": WIDTH, "height": height, "viewBox": "0 0 %d %d" % (WIDTH, height),
                                "role": "img", "aria-label": self.title + ". " + description})
        drawing.set_desc(title=self.title, desc=description)
        drawing.add(drawing.rect((0, 0), (WIDTH, height), fill=PAPER))
        drawing.add(self.below)
        drawing.add(self.above)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + drawing.tostring() + "\n"


def draw(title, connections, end, duration):
    """The text of an SVG."""
    page = Page(title, duration)
    page.paragraph(title, 12, 130, colour=GREY)
    page.y += 6
    for connection in connections:
        page.connection(connection, end)
    return page.finish(" ".join("Connection %s, client %s, server %s: %s." %
                                (connection.number, *connection.ends, connection.story)
                                for connection in connections))
