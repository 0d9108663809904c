# SPDX-License-Identifier: GPL-2.0-or-later
"""Who starts the jobs: GNU parallel, here or on hosts by ssh; Snakemake, for what it knows to reach.

They get numbers of units only, so that no name of a file meets a shell.
"""
import concurrent.futures
import json
import os
import shlex
import subprocess

from . import tools

ENTRY = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "tcpfsm-batch")
HOST_SECONDS = 60       # to say its versions


class Mixed(Exception):
    """Hosts that would give other results."""


def parallel(*options):
    return ["parallel", "--will-cite", "--plain", *options]


def hosts_of(text):
    """`text`: a,b or @FILE with a host a line; each as GNU parallel's --sshlogin has it."""
    if not text:
        return []
    if not text.startswith("@"):
        return [host.strip() for host in text.split(",") if host.strip()]
    with open(text[1:], encoding="utf-8") as file:
        lines = [line.partition("#")[0].strip() for line in file]
    return [line for line in lines if line]


def login_options(hosts):
    return [word for host in hosts for word in ("--sshlogin", host)]


def ask_host(host):
    """(its versions, None), or (None, why it doesn't say them)."""
    done = tools.output(parallel("--nonall", "--timeout", str(HOST_SECONDS), *login_options([host]),
                                 shlex.join([ENTRY, "versions"])), None)
    for line in done.stdout.splitlines():
        try:
            return json.loads(line), None
        except ValueError:
            continue
    told = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return None, told[-1] if told else "no answer"


def usable_hosts(hosts, versions, say):
    """Those that answer; Mixed if one has other versions than this machine, or none answers."""
    with concurrent.futures.ThreadPoolExecutor(len(hosts) or 1) as pool:
        answers = dict(zip(hosts, pool.map(ask_host, hosts)))
    wrong = ["%s has %s" % (host, describe(theirs)) for host, (theirs, _) in answers.items()
             if theirs and theirs != versions]
    if wrong:
        raise Mixed("versions differ: here %s; %s" % (describe(versions), "; ".join(wrong)))
    for host, (theirs, why) in answers.items():
        if not theirs:
            say("%s is left out: %s" % (host, why))
    usable = [host for host, (theirs, _) in answers.items() if theirs]
    if not usable:
        raise Mixed("no host answers")
    return usable


def describe(versions):
    return "tshark %(tshark)s, plugin %(plugin)s (%(plugin_sha256)s)" % versions


class Parallel:
    """GNU parallel."""

    def __init__(self, folder, units, arguments):
        self.units = units
        # Without --load or --memfree: how many run at once is what --jobs says.
        self.command = parallel(
            "--ungroup", "--jobs", str(arguments.jobs or "100%"), "--retries", str(arguments.retries + 1),
            "--delay", "0.01", *login_options(arguments.hosts),
            shlex.join([ENTRY, "job", os.path.join(folder, "manifest.ndjson"), "--index"]) + " {}")

    def start(self, log):
        environment = dict(os.environ, TCPFSM_BATCH_RUN="1", PARALLEL_SHELL="/bin/sh")
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                   env=environment, start_new_session=True, preexec_fn=tools.die_with_parent)
        process.stdin.write("".join("%d\n" % unit["index"] for unit in self.units).encode())
        process.stdin.close()
        return process


class Snakemake:
    """A rule for all units; what it runs on is its own profile's business."""

    def __init__(self, folder, units, arguments):
        wanted = os.path.join(folder, "units", "snakemake.json")
        with open(wanted, "w", encoding="utf-8") as file:
            json.dump({unit["hash"]: unit["index"] for unit in units}, file)
        rules = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Snakefile")
        self.command = ["snakemake", "--snakefile", rules, "--directory", folder,
                        "--cores", str(arguments.jobs or "all"), "--rerun-incomplete", "--nolock",
                        "--keep-going", "--retries", str(arguments.retries),
                        "--config", "units=" + wanted, "entry=" + ENTRY]

    def start(self, log):
        environment = dict(os.environ, TCPFSM_BATCH_RUN="1")
        return subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                env=environment, start_new_session=True, preexec_fn=tools.die_with_parent)


ENGINES = {"parallel": Parallel, "snakemake": Snakemake}
