#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The estimate of offset and drift, on samples of known truth."""
import os
import random
import sys
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "scripts",
                             "lib",
                             "join"))
import clock

SECOND, MS = 10**9, 10**6


def samples(dice, count, seconds, ahead, ppm=0.0, transit=10 * MS,
            queue=lambda dice: dice.random() ** 3 * 50 * MS,
            one_way=None, start=0):
    """Of `seconds`, evenly strewn; the second clock is `ahead` at the beginning."""
    found = []
    for frame in range(count):
        time = start + frame * seconds * SECOND // count
        towards = dice.random() < 0.5 if one_way is None else one_way
        delay = transit + round(queue(dice))
        first, second = (time, time + delay) if towards else (time + delay, time)
        second += ahead + round((second - start) * ppm / 10**6)
        found.append(clock.Sample(frame, second, second - first, towards))
    return found


def truth(one, ahead, ppm):
    """How much the second clock was ahead when it showed this sample's time."""
    return ahead + ppm / (10**6 + ppm) * (one.when - ahead)


class Estimate(unittest.TestCase):
    def check(self, found, ahead, ppm):
        """One piece, whose line is nowhere wrong by more than its bound, nor its drift by more than said."""
        pieces = clock.estimate(found)
        self.assertEqual(len(pieces), 1)
        piece = pieces[0]
        for one in found[:: max(len(found) // 100, 1)]:
            self.assertLessEqual(abs(piece.at(one.when) - truth(one, ahead, ppm)), piece.bound + 1)
        self.assertLessEqual(abs(piece.drift * 1e6 - ppm), piece.drift_error * 1e6)
        return piece

    def test_many_captures(self):
        """Short and long, few samples and many, idle and full queues."""
        for seed in range(120):
            dice = random.Random(seed)
            ahead = dice.choice((-3, 7200, 0, 0.0004)) * SECOND
            ahead, ppm = round(ahead), dice.choice((0, 50, -120, 1.5))
            found = samples(dice, dice.choice((20, 200, 3000)), dice.choice((2, 60, 3600)), ahead, ppm,
                            dice.choice((20_000, MS, 80 * MS)))
            with self.subTest(seed=seed):
                self.check(found, ahead, ppm)

    def test_drift_is_found_within_queues(self):
        piece = self.check(samples(random.Random(1), 20000, 600, 5 * SECOND, 50), 5 * SECOND, 50)
        self.assertLess(abs(piece.drift * 1e6 - 50), 1)
        self.assertLess(piece.room, 21 * MS)

    def test_no_drift_is_made_up(self):
        piece = self.check(samples(random.Random(2), 2000, 10, 0), 0, 0)
        self.assertEqual(piece.drift, 0)

    def test_congestion_of_one_direction_is_no_drift(self):
        """A queue that grows over the whole capture, one way."""
        found = samples(random.Random(3), 2000, 100, 0)
        for place, one in enumerate(found):
            if one.towards and place % 10:
                one.when += place * 10**5
                one.ahead += place * 10**5
        self.check(found, 0, 0)

    def test_outliers(self):
        """Segments that were mistaken for each other, and so seem to arrive before they left."""
        found = samples(random.Random(4), 2000, 100, SECOND, 20)
        for place in (300, 301, 1500):
            found[place].ahead += -2 * SECOND if found[place].towards else 2 * SECOND
        pieces = clock.estimate(found)
        self.assertEqual(len(pieces), 1)
        self.assertLess(abs(pieces[0].ahead - truth(found[0], SECOND, 20)), pieces[0].bound)

    def test_steps(self):
        dice = random.Random(5)
        found, start, where = [], 0, []
        for number, ahead in enumerate((0, 3 * SECOND, -SECOND, 500 * MS)):
            part = samples(dice, 1000, 100, ahead, 10, start=start)
            for one in part:
                one.frame += 1000 * number
            found += part
            start += 100 * SECOND
            where.append((1000 * number, ahead))
        pieces = clock.estimate(found)
        self.assertEqual(len(pieces), 4)
        for piece, (frame, ahead) in zip(pieces, where):
            self.assertEqual(piece.frame, frame)
            self.assertLess(abs(piece.ahead - ahead), piece.bound)

    def test_one_direction_alone(self):
        self.assertEqual(clock.estimate(samples(random.Random(6), 100, 10, 0, one_way=True)), [])
        self.assertEqual(clock.estimate([]), [])


class Sums(unittest.TestCase):
    def test_side_is_free_of_offset_and_drift(self):
        for ahead, sign in ((0, 1), (-3 * SECOND, 1), (7200 * SECOND, -1)):
            found = samples(random.Random(7), 500, 600, ahead, 200, queue=lambda dice: 0)
            matches = [(int(one.towards != (sign > 0)), one.when - one.ahead, one.when, one.frame)
                       for one in found]
            self.assertAlmostEqual(clock.sum_of_transits(matches) / (sign * 20 * MS), 1, delta=0.1)

    def test_one_direction_tells_nothing(self):
        self.assertIsNone(clock.sum_of_transits([(0, 1, 2, 1), (0, 2, 3, 2)]))


if __name__ == "__main__":
    unittest.main()
