# SPDX-License-Identifier: GPL-2.0-or-later
"""Who starts the jobs: GNU parallel, here or on hosts by ssh; Snakemake, for what it knows to reach.

They get numbers of units only, so that no name of a file meets a shell.
"""
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


def login_options(hosts):
    """`hosts`: a,b or @FILE, as parallel understands both."""
    if not hosts:
        return []
    return ["--sshloginfile", hosts[1:]] if hosts.startswith("@") else ["--sshlogin", hosts]


def check_hosts(hosts, versions):
    """Sentences about hosts that don't answer; Mixed if one has other versions, or none answers."""
    done = tools.output(parallel("--nonall", "--tag", "--timeout", str(HOST_SECONDS), *login_options(hosts),
                                 shlex.join([ENTRY, "versions"])), None)
    answers, wrong = 0, []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        host, _, told = line.partition("\t")
        try:
            theirs = json.loads(told)
        except ValueError:
            continue
        answers += 1
        if theirs != versions:
            wrong.append("%s has %s" % (host, describe(theirs)))
    if wrong:
        raise Mixed("versions differ: here %s; %s" % (describe(versions), "; ".join(wrong)))
    complaints = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    if not answers:
        raise Mixed("no host answers: %s" % (complaints[-1] if complaints else hosts))
    return complaints


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
