# SPDX-License-Identifier: GPL-2.0-or-later
"""Many scenes at the same time, each in a process of its own."""
import multiprocessing
import sys
import time
import traceback

LONGEST = 60    # seconds that a scene may take


def play(perform, name, folder, results):
    begin = time.monotonic()
    try:
        lengths = perform(name, folder)
        results.put((name, lengths, time.monotonic() - begin, ""))
    except Exception:       # a scene that failed is reported, the others go on
        results.put((name, {}, time.monotonic() - begin, traceback.format_exc()))


def play_all(perform, names, folder, at_once):
    """Play the scenes, so many at once; those that failed."""
    results = multiprocessing.Queue()
    waiting, running, failed = list(names), {}, []
    while waiting or running:
        while waiting and len(running) < at_once:
            name = waiting.pop(0)
            running[name] = multiprocessing.Process(target=play, args=(perform, name, folder, results),
                                                    daemon=True)
            running[name].start()
            time.sleep(0.05)
        name, lengths, seconds, trouble = results.get(timeout=LONGEST)
        running.pop(name).join(10)
        counts = ", ".join(f"{count} packets at the {end}" for end, count in lengths.items())
        print(f"{name}: {counts or 'FAILED'} ({seconds:.1f} s)", flush=True)
        if trouble:
            print(trouble, file=sys.stderr)
            failed.append(name)
    return failed
