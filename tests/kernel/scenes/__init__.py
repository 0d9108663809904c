# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenes: a function plays one on the stage that it is given.

Its name is the capture's name, its docstring the capture's comment.
"""
from lab.network import Lab
from lab.points import PointsLab

SCENES = {}
BETWEEN = {}        # those about what is between two capture points; no sample captures


def scene(*ends, **options):
    """Register a scene, recorded at these ends (the client's unless told)."""
    def register(play):
        SCENES[play.__name__.replace("_", "-")] = (play, ends or ("client",), options)
        return play
    return register


def between(**options):
    """Register a scene for two capture points."""
    def register(play):
        BETWEEN[play.__name__.replace("_", "-")] = (play, options)
        return play
    return register


def perform(name, folder, tries=8):
    """Play one scene, again if it was disturbed; how many packets each of its captures has."""
    play, ends, options = SCENES[name]
    return _insist(play, lambda: Lab(name, folder, ends, **options), tries)


def perform_between(name, folder, tries=4):
    """The same with two capture points; of all scenes."""
    if name in BETWEEN:
        play, options = BETWEEN[name]
    else:
        play, _, options = SCENES[name]
    return _insist(play, lambda: PointsLab(name, folder, **options), tries)


def _insist(play, make_lab, tries):
    for left in reversed(range(tries)):
        try:
            return _perform(play, make_lab())
        except TimeoutError:
            if not left:
                raise
    return {}


def _perform(play, lab):
    try:
        play(lab)
        lab.quiet(0.05)
        return lab.finish(" ".join(play.__doc__.split()))
    finally:
        lab.close()
