#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which expert infos stand on a segment in one pass, and which in two?

The same, but for those that hindsight moves (contract.HINDSIGHT, contract.WITNESSED). Of these:

- A suspicion becomes an accusation once the receiver has rejected the segment, and goes where it has accepted
  it. One that the rule of a filtered capture explained so far comes back if that isn't the rule in the end.
- An accusation stands on the segment that shows it in one pass, on the rejected one in two. None is taken
  back.
- What somebody waits for in vain stands on the first segment behind the time-out in one pass, on the one
  that began it in two. It is taken back where a later segment puts it right, where another warning of the
  same connection takes its place, and where the whole capture turns out to be filtered; and while the
  answer to the last try may still be under way, for a second, when the capture or its clock ends.
- The end of the capture brings more of all that.
- What was lost or made between two capture points stands on the segment itself in two passes.
"""
import collections

import contract
import shark

# Known once later segments have come to the other capture point; in one pass on the one that shows it.
BETWEEN = {"lost_between", "made_between", "seen_once"}
MOVED = set(contract.HINDSIGHT) | set(contract.WITNESSED) | BETWEEN
FIXED = sorted(set(contract.EXPERTS) - MOVED)
SUSPECTED = {"seq_suspect": "seq_invalid", "ack_suspect": "ack_invalid", "reset_suspect": "reset_invalid"}
WINDOWS = ["8", "9"]            # verdicts that a filter may explain: out-of-window, handshake-mismatch
# Withheld of filtered captures.
FILTERED = ["embryonic", "embryonic_minor", "peer_silent", "unanswered", "unanswered_minor"]
OF_A_LOAD = ["many_embryonic", "many_idle", "many_unanswered"]  # not of a connection
# Notes in place of warnings that another warning covers: that is decided before any of them is told.
MINOR = {"unanswered": "unanswered_minor", "embryonic": "embryonic_minor"}
HOLE, JUMP = 600, 10            # seconds; the capture's clock tells nothing of waiting beyond
NAMES = sorted(contract.EXPERTS)
FIELDS = ["tcpfsm.expert." + name for name in NAMES]
WHERE = ["frame.number", "frame.time_epoch", "tcpfsm.connection", "tcpfsm.seq.verdict"]


class Frame:
    def __init__(self, row):
        number, time, self.connections, self.verdicts = row[:len(WHERE)]
        self.number, self.time = int(number[0]), float(time[0])
        self.experts = {name for name, shown in zip(NAMES, row[len(WHERE):]) if shown}


def stop_of(frames, number):
    """The time of the last frame in front of a hole of the capture's clock behind that one, or of its end."""
    times = [frame.time for frame in frames[number - 1:]]
    pairs = zip(times, times[1:])
    return next((time for time, later in pairs if not -JUMP <= later - time <= HOLE), times[-1])


class ExpertsInPasses(shark.SharkTest):
    def pairs(self):
        """Of each capture, its name and each frame's experts in one pass and in two."""
        paths = [(name, name) for name in shark.distinct()] + [("scenarios", shark.scenarios())]
        for name, path in paths:
            passes = [[Frame(row) for row in self.rows(path, WHERE + FIELDS, *options)]
                      for options in ((), ("-2",))]
            self.assertEqual(*(len(frames) for frames in passes))
            yield name, *passes

    def test_what_stays(self):
        count = 0
        for name, one, two in self.pairs():
            for before, after in zip(one, two):
                self.assertEqual(before.experts & set(FIXED), after.experts & set(FIXED),
                                 "%s, frame %d" % (name, before.number))
                count += len(before.experts & set(FIXED))
        self.assertGreater(count, 1000)

    def test_suspicions(self):
        changed = collections.Counter()
        for name, one, two in self.pairs():
            for before, after in zip(one, two):
                where = "%s, frame %d" % (name, before.number)
                for suspicion, accusation in SUSPECTED.items():
                    if suspicion in after.experts and suspicion not in before.experts:
                        self.assertEqual(suspicion, "seq_suspect", where)
                        self.assertIn(after.verdicts[0], WINDOWS, where)
                    elif suspicion in before.experts and suspicion not in after.experts:
                        changed["accused" if accusation in after.experts else "accepted"] += 1
                    self.assertFalse({suspicion, accusation} <= after.experts, where)
        self.assertGreater(changed["accused"], 10)
        self.assertGreater(changed["accepted"], 0)

    def test_accusations_stay(self):
        count = 0
        for name, one, two in self.pairs():
            for before in one:
                for accusation in before.experts & set(SUSPECTED.values()):
                    accused = [after.number for after in two[:before.number - 1]
                               if accusation in after.experts and after.connections == before.connections]
                    self.assertTrue(accused, "%s, frame %d %s" % (name, before.number, accusation))
                    count += 1
        self.assertGreater(count, 10)

    def test_waiting(self):
        """One pass tells nothing that two passes deny, unless the capture goes on and shows why."""
        kept, more = 0, 0
        for name, one, two in self.pairs():
            finally_ = collections.defaultdict(set)     # by connection
            last = {}                                   # frame of a connection
            for after in two:
                for connection in after.connections:
                    finally_[connection] |= after.experts & set(contract.HINDSIGHT)
                    last[connection] = after.number
            told = collections.defaultdict(set)
            for before in one:
                for expert in before.experts & set(contract.HINDSIGHT) - set(OF_A_LOAD):
                    connection = before.connections[0]
                    told[connection].add(expert)
                    self.assertNotIn(MINOR.get(expert), finally_[connection], "taken back: " + name)
                    if expert in finally_[connection]:
                        kept += 1
                        continue
                    put_right = last[connection] > before.number
                    replaced = expert in contract.EXCLUSIVE and \
                        finally_[connection] & set(contract.EXCLUSIVE)
                    under_way = stop_of(two, before.number) - before.time < 1
                    where = "%s, frame %d %s" % (name, before.number, expert)
                    self.assertTrue(put_right or replaced or under_way or expert in FILTERED, where)
            more += sum(bool(experts - told[connection]) for connection, experts in finally_.items())
        self.assertGreater(kept, 10)
        self.assertGreater(more, 20)


if __name__ == "__main__":
    shark.main()
