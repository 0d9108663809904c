# SPDX-License-Identifier: GPL-2.0-or-later
"""Plan, jobs, answers; and on again where a run before was cut off."""
import contextlib
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time

from . import engines, paths, plan, results, tools
from .keeper import Keeper
from .progress import STEP, Progress

PATIENCE = 10       # s for the jobs to end


class Interrupted(Exception):
    def __init__(self, number):
        super().__init__("interrupted")
        self.number = number


class Refused(Exception):
    """What the user has to change."""


def say(text):
    print("tcpfsm-batch: " + text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(folder):
    """One run a folder. The lock ends with the process, however that ends."""
    os.makedirs(os.path.join(folder, "units"), exist_ok=True)
    os.makedirs(os.path.join(folder, "results"), exist_ok=True)
    with open(os.path.join(folder, "units", "lock"), "a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("another run is at work in %s" % folder) from None
        yield


@contextlib.contextmanager
def interruptible():
    def interrupt(number, _):
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM,
                                                                     signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def options_of(arguments):
    """plan.Options of what the command line says; Refused if tshark doesn't understand it."""
    preferences = dict(item.split(":", 1) for item in arguments.preference)
    versions = tools.versions()
    complaint = tools.check_options(arguments.filter, preferences)
    if complaint:
        raise Refused(complaint)
    return plan.Options(gap=arguments.gap, chains=not arguments.no_chain, max_memory=arguments.max_memory,
                        filter=arguments.filter, preferences=preferences, until=arguments.until,
                        observer=arguments.observer, versions=versions)


def make_plan(arguments):
    options = options_of(arguments)
    units, files = plan.make(arguments.path, options)
    return options, units, files


def describe(units, files):
    """A line a unit, then what they are together."""
    lines = []
    for unit in units:
        names = [paths.shown(file["path"]) for file in unit["files"]]
        what = names[0] if len(names) == 1 else "%s and %d more" % (names[0], len(names) - 1)
        if "shard" in unit:
            what += ", shard %d of %d" % (unit["shard"][0] + 1, unit["shard"][1])
        if "window" in unit:
            what += ", window %d" % (unit["window"] + 1)
        lines.append("%d\t%s" % (unit["index"], what))
    lines.append("%d units of work, %d files, %.1f MB" % (
        len(units), len(files), sum(file.size for file in files) / 1e6))
    return lines


def clean(folder, units, restart):
    """What dead jobs left behind; with --restart also what is done."""
    for part, ending in (("units", ".rows"), ("results", ".new")):
        for name in os.listdir(os.path.join(folder, part)):
            if name.endswith(ending):
                os.unlink(os.path.join(folder, part, name))
    for unit in units if restart else ():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(results.result_path(folder, unit))


def work(folder, units, left, arguments):
    """Has the engine do what is left."""
    engine = engines.ENGINES[arguments.engine](folder, left, arguments)
    progress = Progress(folder, units, left, arguments.quiet)
    log_path = os.path.join(folder, "units", "engine.log")
    with open(log_path, "wb") as log, Keeper() as keeper:
        try:
            process = engine.start(log)
        except FileNotFoundError:
            raise Refused("%s is not installed" % engine.command[0]) from None
        try:
            keeper.keep(process.pid)
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STEP)
                    break
                progress.show()
        except BaseException:
            stop(process)
            raise
    progress.show(end=True)


def stop(process):
    """Twice asked, parallel ends its jobs at once. What is still there then, the keeper ends."""
    for _ in range(2):
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)


def report(folder, units, summary, quiet):
    """What was read, what failed and why: on stdout."""
    for file in summary.files.values():
        if file["status"] != "ok":
            print("%s\t%s\t%s" % (file["status"], paths.shown(file["path"]), file["reason"]))
    for unit in summary.lacking:
        print("missing\t%s\t%s" % (paths.shown(unit["files"][0]["path"]), why_missing(folder, unit)))
    if not quiet:
        print("%d connections in %d files: %d ok, %d partial, %d failed%s" % (
            summary.rows, len(summary.files), summary.count("ok"), summary.count("partial"),
            summary.count("failed"), "; %d units without a result" % len(summary.lacking) if summary.lacking
            else ""))
    sys.stdout.flush()


def why_missing(folder, unit):
    """The last that was said of it."""
    needle = b"unit %d: " % unit["index"]
    found = "no result: see units/engine.log"
    with contextlib.suppress(OSError), open(os.path.join(folder, "units", "engine.log"), "rb") as log:
        for line in log:
            if needle in line:
                found = line.partition(needle)[2].decode("utf-8", "replace").strip()
    return found


def run(arguments):
    folder = os.path.abspath(arguments.output)
    if arguments.dry_run:
        _, units, files = make_plan(arguments)
        print("\n".join(describe(units, files)))
        return 0
    with interruptible(), locked(folder):
        options, units, _ = make_plan(arguments)
        if not units:
            say("no captures in %s" % ", ".join(map(paths.shown, arguments.path)))
            return 3
        hosts = engines.hosts_of(arguments.hosts)
        arguments.hosts = engines.usable_hosts(hosts, options.versions, say) if hosts else []
        clean(folder, units, arguments.restart)
        plan.write_manifest(folder, units)
        left = results.missing(folder, units)
        if left:
            work(folder, units, left, arguments)
        summary = results.Summary(folder, units)
        report(folder, units, summary, arguments.quiet)
        return summary.exit_status() if answer(folder, arguments) else max(1, summary.exit_status())


def answer(folder, arguments):
    """Tables and report, where they are installed. False: they couldn't be written."""
    try:
        from .answers import commands
    except ImportError:
        return True
    try:
        if not arguments.no_report:
            commands.after_run(folder, arguments)
    except (OSError, sqlite3.Error) as error:
        say("no tables or no report: %s" % error)
        return False
    return True
