# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing that an engine started outlives the run, however that ends.

A process that is killed can't clean up, and the kernel kills no more than its children. So a second process
waits at a pipe whose other end only the run holds: once that is closed, it kills the engine's whole session.
GNU parallel leaves `sleep 10101` behind when it dies while it counts how many processes it may have."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

ROUNDS = 100        # of killing; who forks faster than that is let go
PAUSE = 0.02        # s between two


def members(session):
    """Ids of the session's processes, without those that only wait to be asked for their status."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its = path.read_text(errors="replace").rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue        # it has ended
        if int(its) == session and state not in "ZX":
            found.append(int(path.parent.name))
    return found


def end(session):
    """Kills what is in the session; where nothing tells who that is (no /proc), the leader's group."""
    for _ in range(ROUNDS):
        alive = members(session)
        try:
            if not os.path.exists("/proc/self/stat"):
                os.killpg(session, signal.SIGKILL)
            for pid in alive:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if not alive:
            return
        time.sleep(PAUSE)


class Keeper:
    """Starts before the engine, so that there is no moment without it."""

    def __enter__(self):
        # In a session of its own: what interrupts the run from a terminal must not end it.
        self.process = subprocess.Popen([sys.executable, "-I", os.path.abspath(__file__)],
                                        stdin=subprocess.PIPE, start_new_session=True)
        return self

    def keep(self, session):
        with contextlib.suppress(BrokenPipeError):      # somebody killed it: the run can do without
            self.process.stdin.write(b"%d\n" % session)
            self.process.stdin.flush()

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def main():
    line = sys.stdin.readline()
    sys.stdin.read()
    if line.strip():
        end(int(line))


if __name__ == "__main__":
    main()
