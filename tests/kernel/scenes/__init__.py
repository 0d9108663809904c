# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenes: a function plays one on the stage that it is given.

Its name is the capture's name, its docstring the capture's comment.
"""
from lab.network import Lab

SCENES = {}


def scene(*ends, **options):
    """Register a scene, recorded at these ends (the client's unless told)."""
    def register(play):
        SCENES[play.__name__.replace("_", "-")] = (play, ends or ("client",), options)
        return play
    return register


def perform(name, folder, tries=8):
    """Play one scene, again if it was disturbed; how many packets each of its captures has."""
    for left in reversed(range(tries)):
        try:
            return _perform(name, folder)
        except TimeoutError:
            if not left:
                raise
    return {}


def _perform(name, folder):
    play, ends, options = SCENES[name]
    lab = Lab(name, folder, ends, **options)
    try:
        play(lab)
        lab.quiet(0.05)
        return lab.finish(" ".join(play.__doc__.split()))
    finally:
        lab.close()
