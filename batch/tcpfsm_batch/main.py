# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line."""
import argparse
import datetime
import json
import os
import re
import signal
import sys

from . import capture, engines, job, paths, plan, results, run, tools
from .run import Interrupted, Refused, say

EPILOG = """exit status: 0 all captures were read; 1 some failed or are partial (listed); 2 wrong usage,
or this machine or a host can't do the work; 3 nothing could be read; 130, 143 interrupted: the same command
goes on"""
ABOUT = """Reads many captures with tshark and the tcpfsm plugin: which servers never close, which openings
fail, since when, with a way back to the frame."""
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def memory(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", text, re.I)
    if not match:
        raise argparse.ArgumentTypeError("%r is no size; write 4G or 500M" % text)
    return int(float(match[1]) * UNITS[match[2].upper()])


def seconds(text):
    """In ns."""
    match = re.fullmatch(r"(\d+)(s|m|h)?", text)
    if not match:
        raise argparse.ArgumentTypeError("%r is no duration; write 60s, 5m or 1h" % text)
    return int(match[1]) * {"m": 60, "h": 3600}.get(match[2], 1) * capture.SECOND


def moment(text):
    """In ns since 1970; without a zone, UTC."""
    if re.fullmatch(r"\d+", text):
        return int(text) * capture.SECOND
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("%r is no time; write 2026-11-21T12:00:00Z" % text) from None
    time = time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
    return int(time.timestamp()) * capture.SECOND


def preference(text):
    if not re.fullmatch(r"[\w.]+:.*", text):
        raise argparse.ArgumentTypeError("%r is no preference; write tcpfsm.close_wait_timeout:120" % text)
    return text


def count(text):
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError("%r is no number from 1 on" % text)
    return int(text)


def add_planning(parser):
    parser.add_argument("path", nargs="+", metavar="PATH", help="capture files, or folders with captures")
    parser.add_argument("-o", "--output", metavar="DIR", default="tcpfsm-results",
                        help="folder of the results (default: %(default)s)")
    parser.add_argument("--no-chain", action="store_true", help="read each file by itself, also rotated ones")
    parser.add_argument("--gap", type=seconds, default="60s", metavar="TIME",
                        help="rotated files with nothing captured for longer than this are two captures "
                        "(default: %(default)s)")
    parser.add_argument("--max-memory", type=memory, default="4G", metavar="SIZE",
                        help="of a job: longer chains are read in windows, huge files in shards "
                        "(default: %(default)s)")
    parser.add_argument("--filter", default="", metavar="FILTER",
                        help="only connections that this display filter matches, as of `-z tcpfsm,json`")
    parser.add_argument("--preference", action="append", default=[], type=preference, metavar="NAME:VALUE",
                        help="a preference of Wireshark, for example tcpfsm.close_wait_timeout:120")
    parser.add_argument("--until", type=moment, metavar="TIME",
                        help="the captures went on until then, where they don't tell it themselves")
    parser.add_argument("--observer", metavar="NAME", help="where it was captured, for the tables")


def add_run(commands):
    parser = commands.add_parser("run", help="plan, read all captures, collect, report; goes on where a run "
                                 "before was cut off", epilog=EPILOG)
    add_planning(parser)
    parser.add_argument("-j", "--jobs", type=count, metavar="N",
                        help="at a time, on each host (default: one a core)")
    parser.add_argument("--hosts", metavar="A,B|@FILE",
                        help="work on these hosts by ssh; they see the same paths. Each as GNU parallel's "
                        "--sshlogin has it; ':' is this machine")
    parser.add_argument("--engine", choices=engines.ENGINES, default="parallel", help="default: %(default)s")
    parser.add_argument("--restart", action="store_true", help="do again what is done")
    parser.add_argument("--retries", type=int, default=2, metavar="N",
                        help="of a job that made no result (default: %(default)s)")
    parser.add_argument("--no-report", action="store_true", help="make no tables and no report: read only")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show the plan")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress; on stdout only what failed")
    parser.set_defaults(run=run.run)


def add_others(commands):
    parser = commands.add_parser("plan", help="write DIR/manifest.ndjson, a unit of work a line, and show it")
    add_planning(parser)
    parser.set_defaults(run=run_plan)
    parser = commands.add_parser("job", help="do one unit of work: what engines call")
    parser.add_argument("manifest", metavar="MANIFEST")
    parser.add_argument("--index", type=int, required=True, metavar="N", help="line of the manifest, from 0")
    parser.set_defaults(run=run_job)
    parser = commands.add_parser("status", help="what is done and what is left")
    parser.add_argument("directory", metavar="DIR")
    parser.set_defaults(run=run_status)
    parser = commands.add_parser("versions", help="what decides on results beside the captures")
    parser.set_defaults(run=run_versions)


def run_plan(arguments):
    folder = os.path.abspath(arguments.output)
    with run.locked(folder):
        _, units, files = run.make_plan(arguments)
        if not units:
            say("no captures in %s" % ", ".join(map(paths.shown, arguments.path)))
            return 3
        plan.write_manifest(folder, units)
    print("\n".join(run.describe(units, files)))
    return 0


def run_job(arguments):
    if os.environ.get("TCPFSM_BATCH_RUN"):
        tools.die_with_parent()
    folder = os.path.dirname(os.path.abspath(arguments.manifest))
    unit = job.read_unit(arguments.manifest, arguments.index)
    if results.unit_row(folder, unit):
        return 0
    try:
        job.Job(folder, unit).run()
    except job.JobFailed as error:
        say("unit %d: %s" % (arguments.index, error))
        return 1
    return 0


def run_status(arguments):
    units = plan.read_manifest(arguments.directory)
    summary = results.Summary(arguments.directory, units)
    run.report(arguments.directory, [], summary, quiet=False)
    print("%d of %d units are done" % (len(units) - len(summary.lacking), len(units)))
    return summary.exit_status()


def run_versions(_):
    print(json.dumps(tools.versions()))
    return 0


def parse():
    parser = argparse.ArgumentParser(prog="tcpfsm-batch", epilog=EPILOG, description=ABOUT)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_run(commands)
    add_others(commands)
    try:
        from .answers.commands import add
    except ImportError:
        pass
    else:
        add(commands)
    return parser.parse_args()


def main():
    # A name that isn't UTF-8 has to come through in whatever locale.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    arguments = parse()
    try:
        return arguments.run(arguments)
    except Interrupted as signalled:
        say("interrupted; the same command goes on from here")
        return 128 + signalled.number
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except (Refused, engines.Mixed, tools.Unusable, IndexError) as error:
        say(str(error))
        return 2
    except BrokenPipeError:
        sys.stdout = None
        return 128 + signal.SIGPIPE
    except OSError as error:
        say(str(error))
        return 2
