# SPDX-License-Identifier: GPL-2.0-or-later
"""collect, query and report on the command line."""
import os
import sys

from tcpfsm_batch import run
from tcpfsm_batch.answers import collect, node, query, report, results

PROBLEMS = (results.ResultsError, node.NodeError)


def formats(text):
    names = text.split(",")
    for name in names:
        if name not in collect.FORMATS:
            raise ValueError(name)
    return names


formats.__name__ = "list of formats"        # argparse: "invalid list of formats value"


def add(commands):
    parser = commands.add_parser("collect", help="make tables in DIR/tables from what was read")
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("--format", type=formats, metavar="A,B", help="of %s (default: %s)" % (
        ", ".join(collect.FORMATS), "parquet; without Node.js, sqlite"))
    parser.set_defaults(run=run_collect)
    parser = commands.add_parser("query", help="ask the tables with SQL")
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("sql", metavar="SQL", help="tables: connections, captures, units; views: services, "
                        "failed_opens, stuck_closes, stuck_connections, resets, handshake_times, unfinished, "
                        "outcomes_by_hour")
    parser.add_argument("--format", choices=query.FORMATS, default="table", help="default: %(default)s")
    parser.set_defaults(run=run_query)
    parser = commands.add_parser("report", help="write one HTML file that says what was found")
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: DIR/report.html")
    parser.add_argument("--anonymize", action="store_true", help="replace addresses, names of files and of "
                        "observers; addresses that share a prefix still do")
    parser.add_argument("--ladders", type=int, default=report.LADDERS, metavar="N",
                        help="draw the N worst connections from their captures (default: %(default)s)")
    parser.set_defaults(run=run_report)


def run_collect(arguments):
    count = collect.collect(arguments.directory, arguments.format)
    print("%d connections in %s" % (count, os.path.join(arguments.directory, "tables")))
    return 0


def run_query(arguments):
    query.query(arguments.directory, arguments.sql, sys.stdout, arguments.format)
    return 0


def run_report(arguments):
    output = arguments.output or os.path.join(arguments.directory, "report.html")
    report.write(arguments.directory, output, arguments.anonymize, arguments.ladders)
    print(output)
    return 0


def after_run(folder, arguments):
    """The last steps of `run`."""
    if not node.is_installed():
        run.say("Node.js with DuckDB and ECharts is not there (batch/node/install): tables as SQLite, "
                "the report without charts")
    try:
        collect.collect(folder)
        output = os.path.join(folder, "report.html")
        report.write(folder, output)
        if not arguments.quiet:
            print("report: %s" % output)
    except PROBLEMS as error:
        run.say(str(error))
