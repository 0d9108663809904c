#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other engines give the same results: Snakemake; a Slurm of one node; the Kubernetes manifest as far as a
schema and a shell can tell."""
import atexit
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import jsonschema
import yaml

import rig

# What Kubernetes demands of a Job, from the API reference of batch/v1; other members are refused.
TEXT, NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}
TEXTS = {"type": "array", "items": TEXT}


def exactly(required, **properties):
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


QUANTITIES = {"type": "object",
              "additionalProperties": {"type": "string", "pattern": r"^\d+(\.\d+)?(m|[KMGT]i?)?$"}}
CONTAINER = exactly(
    ["name", "image"], name=TEXT, image=TEXT, command=TEXTS, args=TEXTS,
    resources=exactly([], requests=QUANTITIES, limits=QUANTITIES),
    volumeMounts={"type": "array", "items": exactly(["name", "mountPath"], name=TEXT, mountPath=TEXT)})
POD = exactly(
    ["containers", "restartPolicy"], containers={"type": "array", "minItems": 1, "items": CONTAINER},
    restartPolicy={"enum": ["Never", "OnFailure"]},
    securityContext=exactly([], runAsNonRoot={"type": "boolean"}, runAsUser=NUMBER),
    volumes={"type": "array", "items": exactly(["name"], name=TEXT, emptyDir={"type": "object"},
                                               persistentVolumeClaim=exactly(["claimName"], claimName=TEXT))})
JOB = exactly(
    ["apiVersion", "kind", "metadata", "spec"], apiVersion={"const": "batch/v1"}, kind={"const": "Job"},
    metadata=exactly(["name"], name={"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}),
    spec=exactly(["template", "completions", "completionMode"], completionMode={"const": "Indexed"},
                 completions=NUMBER, parallelism=NUMBER, backoffLimit=NUMBER,
                 template=exactly(["spec"], spec=POD)))


class EnginesTest(rig.BatchTest):
    def setUp(self):
        super().setUp()
        for number in range(4):
            rig.busy_capture(self.captures / ("%d.pcap" % number), 40 + number)

    def check_rows(self):
        expected = [json.loads(line) for path in sorted(self.captures.iterdir())
                    for line in rig.two_passes(path)]
        self.assertEqual([rig.without_batch(row) for row in self.connections()], expected)


class Snakemake(EnginesTest):
    def setUp(self):
        super().setUp()
        if shutil.which("snakemake") is None:
            self.skipTest("Snakemake is not installed")

    def test_the_same_results(self):
        self.run_batch("--engine", "snakemake", "-j", "2", self.captures)
        self.check_rows()

    def test_it_goes_on(self):
        """After a kill, and with results of GNU parallel."""
        words = ["run", "--no-report", "-o", str(self.results), "-q", "-j", "1", "--engine", "snakemake",
                 str(self.captures)]
        process = self.started(*words)
        deadline = time.monotonic() + 60
        folder = self.results / "results"
        while time.monotonic() < deadline and not (folder.exists() and list(folder.glob("*.ndjson"))):
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        before = {path: path.stat().st_mtime_ns for path in folder.glob("*.ndjson")}
        self.assertTrue(before)
        self.batch(*words)
        self.check_rows()
        self.assertEqual({path: path.stat().st_mtime_ns for path in before}, before)

    def test_a_job_that_cannot_be_done(self):
        """Others are done all the same."""
        self.batch("plan", "-o", self.results, self.captures)
        (self.captures / "bad.pcap").write_text("no capture", encoding="utf-8")
        out, _ = self.run_batch("--engine", "snakemake", self.captures, status=1)
        self.assertIn("failed\t%s" % (self.captures / "bad.pcap"), out)
        self.assertEqual(len(self.unit_rows()), 5)


class Slurm(EnginesTest):
    @classmethod
    def setUpClass(cls):
        if SLURM is None:
            raise unittest.SkipTest("needs root and Slurm: it starts one of a single node")

    def test_an_array(self):
        self.batch("plan", "-o", self.results, self.captures)
        count = len(self.manifest())
        environment = dict(os.environ, SLURM_CONF=str(SLURM.conf), TCPFSM_BATCH=str(rig.ENTRY))
        words = ["sbatch", "--wait", "--mem=100M", "--array=0-%d" % (count - 1),
                 "--output=%s/slurm-%%a.log" % self.folder, rig.BATCH / "slurm.sh", self.results]
        done = subprocess.run(words, env=environment, cwd=self.folder, capture_output=True, text=True,
                              check=False, timeout=rig.SECONDS)
        logs = "".join(path.read_text(encoding="utf-8") for path in self.folder.glob("slurm-*.log"))
        if done.returncode:
            self.fail(done.stderr + logs + SLURM.logs())
        self.check_rows()
        self.assertIn("4 of 4 units are done", self.batch("status", self.results)[0])


class Kubernetes(EnginesTest):
    def manifest_of_job(self):
        return yaml.safe_load((rig.BATCH / "kubernetes.yaml").read_text(encoding="utf-8"))

    def test_it_is_a_job_by_the_schema(self):
        found = self.manifest_of_job()
        jsonschema.validate(found, JOB)
        pod = found["spec"]["template"]["spec"]
        mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        self.assertEqual(mounted, {volume["name"] for volume in pod["volumes"]})
        found["spec"]["compeltions"] = 3
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(found, JOB)

    def test_what_a_pod_runs(self):
        """With the results where the manifest expects them."""
        container = self.manifest_of_job()["spec"]["template"]["spec"]["containers"][0]
        self.batch("plan", "-o", self.results, self.captures)
        place = "/captures/results/manifest.ndjson"
        script, = container["args"]
        self.assertIn(place, script)
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "tcpfsm-batch").symlink_to(rig.ENTRY)
        for index in range(len(self.manifest())):
            environment = dict(os.environ, JOB_COMPLETION_INDEX=str(index),
                               PATH="%s:%s" % (tools, os.environ["PATH"]))
            words = [*container["command"], script.replace(place, str(self.results / "manifest.ndjson"))]
            subprocess.run(words, env=environment, check=True)
        self.check_rows()


LOGS = "slurmctld.log", "slurmd.log"


class Node:
    """Slurm's controller and the one node that it controls; root starts them, the user under test submits."""

    def __init__(self, world):
        self.folder = world.folder / "slurm"
        for name in "state", "spool", "munge":
            (self.folder / name).mkdir(parents=True)
        self.conf = self.folder / "slurm.conf"
        host = os.uname().nodename
        socket = self.folder / "munge" / "socket"
        key = self.folder / "munge" / "key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        ports = 20000 + os.getpid() % 20000
        self.conf.write_text("""ClusterName=test
SlurmctldHost=%s(127.0.0.1)
SlurmUser=root
SlurmctldPort=%d
SlurmdPort=%d
AuthType=auth/munge
AuthInfo=socket=%s
CryptoType=crypto/munge
StateSaveLocation=%s/state
SlurmdSpoolDir=%s/spool
SlurmctldPidFile=%s/slurmctld.pid
SlurmdPidFile=%s/slurmd.pid
SlurmctldLogFile=%s/slurmctld.log
SlurmdLogFile=%s/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName=%s NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=%s Default=YES State=UP
""" % (host, ports, ports + 1, socket, *[self.folder] * 6, host, host), encoding="utf-8")
        for name in LOGS:   # a daemon makes its own for root alone, whenever it comes to it
            (self.folder / name).touch(mode=0o644)
        environment = dict(os.environ, SLURM_CONF=str(self.conf))
        self.processes = []
        self.start(["munged", "--foreground", "--force", "--socket=%s" % socket, "--key-file=%s" % key,
                    "--pid-file=%s/munge/pid" % self.folder, "--seed-file=%s/munge/seed" % self.folder,
                    "--log-file=%s/munge/log" % self.folder], environment)
        self.start(["slurmctld", "-D"], environment)
        self.start(["slurmd", "-D"], environment)
        self.guard()

    def start(self, words, environment):
        with open(self.folder / (words[0] + ".out"), "wb") as out:
            self.processes.append(subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL,
                                                   stdout=out, stderr=out))

    def guard(self):
        """A child that stays root ends them when this process is gone."""
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(writing)
            os.setsid()
            os.read(reading, 1)
            for process in reversed(self.processes):
                os.kill(process.pid, signal.SIGTERM)
            time.sleep(1)
            for process in self.processes:
                try:
                    os.kill(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            os._exit(0)
        os.close(reading)
        atexit.register(os.close, writing)

    def logs(self):
        return "".join(path.read_text(encoding="utf-8", errors="replace")[-2000:] for path in
                       [*(self.folder / name for name in LOGS), *self.folder.glob("*.out")])


SLURM = None


def prepare(world):
    global SLURM
    if os.geteuid() == 0 and shutil.which("slurmctld") and shutil.which("slurmd") and shutil.which("munged"):
        SLURM = Node(world)
        for path in SLURM.folder, *SLURM.folder.rglob("*"):
            if path.name not in ("key",):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


if __name__ == "__main__":
    assert pathlib.Path(rig.BATCH / "slurm.sh").exists()
    rig.main(prepare)
