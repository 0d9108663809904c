# SPDX-License-Identifier: GPL-2.0-or-later
"""What npm brings, DuckDB and ECharts, behind two short programs in batch/node."""
import functools
import hashlib
import json
import os
import shutil
import subprocess

from tcpfsm_batch import run

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "node")
MEMORY = "1GB"


class NodeError(run.Refused):
    pass


def modules():
    """The folder into which batch/node/install puts them."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("TCPFSM_BATCH_NODE") or os.path.join(cache, "tcpfsm", "batch-node")


@functools.cache
def is_installed():
    """Exactly the versions of package-lock.json."""
    with open(os.path.join(HERE, "package-lock.json"), "rb") as file:
        lock = hashlib.sha256(file.read()).hexdigest()[:16]
    try:
        with open(os.path.join(modules(), "complete"), encoding="ascii") as file:
            return file.read().strip() == lock and shutil.which("node") is not None
    except OSError:
        return False


def _run(program, request, *words):
    if not is_installed():
        raise NodeError("this needs Node.js, DuckDB and ECharts: run %s" % os.path.normpath(
            os.path.join(HERE, "install")))
    process = subprocess.run(["node", os.path.join(HERE, program), modules(), *words],
                             input=json.dumps(request).encode(), capture_output=True, check=False)
    if process.returncode:
        raise NodeError(process.stderr.decode(errors="replace").strip() or "%s failed" % program)
    return process.stdout.decode()


def duckdb(statements, scratch=None):
    """Runs the statements; of each, {"columns": [...], "rows": [[...]]}."""
    request = {"statements": statements, "memory": MEMORY, "scratch": scratch}
    return [json.loads(line) for line in _run("duckdb.mjs", request).splitlines()]


def charts(options):
    """SVG of each of ECharts' options, given as {"width", "height", "option"}."""
    return json.loads(_run("charts.mjs", options))
