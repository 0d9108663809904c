# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that something goes wrong with: told only once time has passed, so all fall due at one moment.

Each story knows the segment on which hindsight tells it, from when its time counts, and how to go on without
putting anything right.
"""
import packets
from talk import Talk

DUE = 100.0         # when the time-outs of all stories pass, with the preferences as they are
DEFAULTS = {"handshake_timeout": 5, "fin_timeout": 5, "close_wait_timeout": 60, "fin_wait_2_timeout": 60,
            "idle_timeout": 75, "silent_timeout": 3}


class Story(Talk):
    """A talk with a mark: `begun`, the number of the segment that began it, and `since`, from when the time
    counts. `again` is a segment of the same connection that changes nothing."""

    def __init__(self, name, port, preference):
        super().__init__(port)
        self.name, self.preference = name, preference
        self.begun = {}             # expert: number of its segment, from 1
        self.since = self.again = None

    def mark(self, *experts):
        """What was sent last began it."""
        for expert in experts:
            self.begun[expert] = len(self.frames)
        return self

    def counts(self):
        """From now on the time counts."""
        self.since = self.now
        return self

    def falling_due(self, moment):
        """Moves it in time so that its time-out passes at that moment."""
        move = moment - self.since - DEFAULTS[self.preference]
        self.frames = [(seconds + move, frame) for seconds, frame in self.frames]
        self.now += move
        return self

    def copies(self, side, flags, seq, pauses, data=b""):
        for pause in pauses:
            (self.s if side else self.c)(flags, data, seq=seq, after=pause)
        return self


def unanswered():
    story = Story("unanswered", 46001, "handshake_timeout").c("S").mark("unanswered").counts()
    story.again = lambda: story.c("S", seq=1000, after=1)
    return story.copies(0, "S", 1000, (1, 2))


def embryonic():
    story = Story("embryonic", 46002, "handshake_timeout").c("S").s("SA").mark("embryonic").counts()
    story.again = lambda: story.s("SA", seq=9000, after=1)
    return story.copies(1, "SA", 9000, (1, 2))


def fin_unacknowledged():
    story = Story("fin_unacknowledged", 46003, "fin_timeout")
    story.open().exchange().c("FA").mark("fin_unacknowledged").counts()
    fin = story.next[0] - 1
    story.again = lambda: story.c("FA", seq=fin, after=1)
    return story.copies(0, "FA", fin, (0.2, 0.4, 0.8))


def close_wait_stuck():
    story = Story("close_wait_stuck", 46004, "close_wait_timeout")
    story.open().exchange().c("FA").mark("close_wait_stuck").s("A").counts()
    story.again = lambda: story.s("A", after=1)
    return story


def fin_wait_2_stuck():
    """The closer asks after half a minute, and is answered."""
    story = Story("fin_wait_2_stuck", 46005, "fin_wait_2_timeout")
    story.open().exchange().c("FA").mark("close_wait_stuck").s("A").mark("fin_wait_2_stuck").counts()
    story.again = lambda: story.c("A", seq=story.next[0] - 1, after=1).s("A")
    story.now += 30
    return story.again()


def last_ack_missing():
    """The client closes, the server too, and nobody confirms that."""
    story = Story("last_ack_missing", 46006, "fin_timeout")
    story.open().exchange().c("FA").s("FA").mark("last_ack_missing").counts()
    fin = story.next[1] - 1
    story.again = lambda: story.s("FA", seq=fin, after=1)
    return story.copies(1, "FA", fin, (0.2, 0.4, 0.8))


def peer_silent():
    story = Story("peer_silent", 46007, "silent_timeout")
    story.open().exchange().c("PA", b"d" * 20).mark("peer_silent").counts()
    start = story.next[0] - 20
    story.again = lambda: story.c("PA", b"d" * 20, seq=start, after=1)
    return story.copies(0, "PA", start, (0.3, 0.6, 0.9), b"d" * 20)


def idle():
    story = Story("idle", 46008, "idle_timeout").open().mark("idle").counts()
    story.again = lambda: story.c("A", seq=1000, after=1).s("A")
    return story


ALL = (unanswered, embryonic, fin_unacknowledged, close_wait_stuck, fin_wait_2_stuck, last_ack_missing,
       peer_silent, idle)


def datagram(moment):
    """An unrelated packet, which shows that the capture went on."""
    return moment, packets.ethernet(packets.udp("10.0.0.3", "10.0.0.4", (5000, 5000), b"on"))


class Merger:
    """Stories in one capture, in order of time; knows which frames the experts belong on."""

    def __init__(self, stories, *others):
        parts = [(seconds, number, order, frame) for number, story in enumerate(stories)
                 for order, (seconds, frame) in enumerate(story.frames, 1)]
        parts += [(seconds, len(stories), 0, frame) for seconds, frame in others]
        parts.sort(key=lambda part: part[:3])
        self.frames = [(seconds, frame) for seconds, _, _, frame in parts]
        self.places = {part[1:3]: place for place, part in enumerate(parts, 1)}
        self.stories = stories

    def frame(self, story, order):
        return self.places[(self.stories.index(story), order)]

    def begun(self):
        """{expert: numbers of the frames that began it}"""
        result = {}
        for story in self.stories:
            for expert, order in story.begun.items():
                result.setdefault(expert, []).append(self.frame(story, order))
        return {expert: sorted(frames) for expert, frames in result.items()}
