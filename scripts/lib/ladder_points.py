# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of a ladder whose connection was captured at two points.

An arrow is one segment. It slopes between the two points, from when it was captured at the one to when it was
captured at the other: to scale in time, but for pauses and for rows too close to be read.
"""
import math
import statistics

from ladder_drawing import ABOVE, CLIENT, GREY, INK, INVALID, LINE, RESET, SERVER, STEP

POINTS = {"client": CLIENT + 70, "server": SERVER - 70}
BARS = {"client": CLIENT, "server": SERVER}
TRANSIT = 60            # height of the usual transit time
CLOSE, FAR = 24, 150    # of rows: at least, at most; what is longer is a pause
OTHER = {"client": "server", "server": "client"}
TRUE = ("1", "True")
MIDDLE = "3"            # capture points between the outermost ones


def of_points(segment):
    return bool(segment.last("tcpfsm.point"))


class Sighting:
    """A segment at one of the points."""

    def __init__(self, segment):
        self.segment = segment
        self.sender = "client" if segment.from_client() else "server"
        point = {"1": "client", "2": "server"}.get(segment.last("tcpfsm.point"), self.sender)
        self.departs = point == self.sender
        self.others = segment.values["tcpfsm.other_frame"]
        self.lost = segment.last("tcpfsm.lost_between") in TRUE
        self.made = "made_between" in dict(segment.experts)
        self.y = 0

    def is_drawn(self):
        """An arrow begins here; arrivals are where those end."""
        return self.departs or not self.others

    def lines(self):
        """(text, is it about something invalid?) of the lines below the label."""
        remarks = [] if self.made else self.segment.remarks()      # its sender had no cause for it
        return [*remarks, *self.segment.notes()] if self.is_drawn() else []

    def height(self):
        return CLOSE + LINE * len(self.lines())


def usual_transit(segments):
    times = [abs(float(time)) for segment in segments for time in segment.values["tcpfsm.transit_time"]]
    return max(statistics.median(times), 1e-6) if times else 0.02


def place(page, connection, sightings):
    """Where each stands, and what stands in pauses."""
    scale = TRANSIT / usual_transit(connection.segments)
    before = None
    page.y += ABOVE
    for sighting in sightings:
        if before is not None:
            pause = sighting.segment.time - before.segment.time
            if pause * scale <= FAR:
                page.y += max(pause * scale, before.height())
            else:
                page.y += before.height()
                page.silence(", ".join([page.duration(pause), *before.segment.owed()]))
        page.y += 0 if sighting.departs or sighting.others else TRANSIT / 2    # it comes from above
        sighting.y = page.y
        before = sighting
    page.y += before.height()


def colour_of(sighting):
    segment = sighting.segment
    if segment.invalid() or any(bad for _, bad in sighting.lines()):
        return INVALID
    return STEP if segment.step() else RESET if segment.is_reset() else INK


def middle(one, other):
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def arrow(page, sighting, arrivals):
    """From bar to bar, or to where it was seen last; beginning where it was seen first."""
    colour, sender = colour_of(sighting), sighting.sender
    receiver = OTHER[sender]
    dash = "7 4" if sighting.segment.repeated else None
    near, far = (BARS[sender], POINTS[sender]), (POINTS[receiver], BARS[receiver])
    begin, end = (near[1], sighting.y), (far[0], sighting.y)
    if sighting.departs:
        page.line([(near[0], sighting.y), begin], colour, dash=dash)
        for arrival in arrivals:
            page.line([begin, (far[0], arrival.y)], colour, dash=dash)
            page.arrow((far[0], arrival.y), (far[1], arrival.y), colour, dash, 1)
        if arrivals:
            return begin, (far[0], arrivals[0].y)
        end = (far[0], sighting.y + TRANSIT + CLOSE)    # as if it had arrived, beside its neighbours
        if sighting.lost:
            page.arrow(begin, end, colour, dash, 0.5)
        else:
            page.line([begin, middle(begin, end)], colour, dash="2 3")
        return begin, end
    begin = (near[1], sighting.y - TRANSIT)
    if sighting.made:
        page.into.add(page.drawing.circle(middle(begin, end), 4, fill=colour))
    page.line([middle(begin, end), end], colour, dash=dash if sighting.made else "2 3")
    page.arrow(end, (far[1], sighting.y), colour, dash, 1)
    return begin, end


def draw(page, sighting, arrivals, start):
    segment = sighting.segment
    kinds = ["segment"] + ["lost"] * sighting.lost + ["made"] * sighting.made
    page.group(" ".join(kinds), "Frame %s, %.6f s: %s" % (
        segment.frame, segment.time - start, segment.last("tcpfsm.explain") or segment.label()))
    (x1, y1), (x2, y2) = arrow(page, sighting, arrivals)
    colour = colour_of(sighting)
    slope = math.degrees(math.atan2(y2 - y1, abs(x2 - x1))) * (1 if x2 > x1 else -1)
    # Arrows of both directions cross in the middle.
    share = 0.7 if not sighting.departs else 0.3 if not arrivals else 0.42
    at = {"x": x1 + (x2 - x1) * share, "anchor": "middle", "slope": slope}
    y = y1 + (y2 - y1) * share
    page.text(segment.label(), y=y - 5, colour=colour, kind="label",
              weight="normal" if colour == INK else "bold", **at)
    if not sighting.departs:        # too short for its remarks
        at, y = {"x": (x1 + x2) / 2, "anchor": "middle"}, y2
    for number, (text, bad) in enumerate(sighting.lines()):
        page.text(text, y=y + LINE * (number + 1), size=11, kind="remark",
                  colour=INVALID if bad else GREY, **at)
    page.ungroup()


def rows(page, connection, bars):
    sightings = [Sighting(segment) for segment in connection.segments
                 if not segment.is_error and segment.last("tcpfsm.point") != MIDDLE]
    top = page.y
    place(page, connection, sightings)
    for role, x in POINTS.items():
        page.line([(x, top - 8), (x, page.y)], GREY, width=1, dash="3 3")
        page.text("point " + ("1" if role == "client" else "2"), x, top - 14, size=11, anchor="middle",
                  colour=GREY, kind="point")
    arrivals = {}
    for sighting in sightings:
        for other in sighting.others if not sighting.departs else ():
            arrivals.setdefault(other, []).append(sighting)
    for sighting in sightings:
        segment = sighting.segment
        page.margin("%.6f" % (segment.time - connection.start), "#" + segment.frame, sighting.y + 4)
        page.states(segment, bars, sighting.y, sighting.y)
        if sighting.is_drawn():
            draw(page, sighting, arrivals.get(segment.frame, []), connection.start)
