#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Work on other hosts by ssh: an sshd on loopback is one, a port where nothing listens another."""
import atexit
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

import rig

SSHD = "/usr/sbin/sshd"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """An sshd of root's that lets one key in, as the user under test."""

    def __init__(self, world):
        self.folder = world.folder / "ssh"
        self.folder.mkdir()
        self.port, self.dead_port = free_port(), free_port()
        for name in "host", "user":
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name],
                           check=True)
        os.chown(self.folder / "user", rig.NOBODY, rig.NOBODY)
        environment = " ".join("%s='%s'" % item for item in world.environment.items())
        forced = "env %s setpriv --reuid=%d --regid=%d --clear-groups sh -c \\\"$SSH_ORIGINAL_COMMAND\\\"" % (
            environment, rig.NOBODY, rig.NOBODY)
        key = (self.folder / "user.pub").read_text(encoding="utf-8")
        (self.folder / "keys").write_text('command="%s" %s' % (forced, key), encoding="utf-8")
        (self.folder / "sshd").write_text(
            "Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\n"
            "PermitRootLogin yes\nPidFile none\n" % (self.port, self.folder / "host", self.folder / "keys"),
            encoding="utf-8")
        (self.folder / "client").write_text(
            "Host one two dead\nHostName 127.0.0.1\nUser root\nIdentityFile %s\nIdentitiesOnly yes\n"
            "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\nBatchMode yes\n"
            "Host one two\nPort %d\nHost dead\nPort %d\n" % (self.folder / "user", self.port, self.dead_port),
            encoding="utf-8")
        os.makedirs("/run/sshd", exist_ok=True)
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", self.folder / "sshd"],
                                        stderr=open(self.folder / "log", "wb"))
        # Who tests is another user by the end, and may not end it: it ends with this process.
        atexit.register(self.process.wait)
        self.guard(self.process)
        self.wait()

    @staticmethod
    def guard(process):
        """A child that stays root ends the server when this process is gone."""
        reading, writing = os.pipe()
        os.set_inheritable(writing, False)
        if os.fork() == 0:
            os.close(writing)
            os.setsid()
            os.read(reading, 1)
            os.kill(process.pid, signal.SIGKILL)
            os._exit(0)
        os.close(reading)
        atexit.register(os.close, writing)

    def wait(self):
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise SystemExit("sshd doesn't listen: " + (self.folder / "log").read_text(encoding="utf-8"))


class HostsTest(rig.BatchTest):
    def setUp(self):
        super().setUp()
        for number in range(6):
            rig.busy_capture(self.captures / ("%d.pcap" % number), 40 + number)

    def expected(self):
        return [json.loads(line) for path in sorted(self.captures.iterdir()) for line in rig.two_passes(path)]

    def check_rows(self):
        self.assertEqual([rig.without_batch(row) for row in self.connections()], self.expected())

    def script(self, name, text):
        """A program in front of PATH."""
        folder = self.folder / "tools"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text("#!" + shutil.which("bash") + "\n" + text, encoding="utf-8")
        path.chmod(0o755)
        return {"PATH": "%s:%s" % (folder, os.environ["PATH"]), "SHELL": shutil.which("sh")}


class Loopback(HostsTest):
    @classmethod
    def setUpClass(cls):
        if SERVER is None:
            raise unittest.SkipTest("needs root and sshd: it lets itself in by ssh")

    def run_on(self, hosts, status=0, **changed):
        environment = {"PARALLEL_SSH": "ssh -F %s" % (SERVER.folder / "client"), **changed}
        return self.run_batch("--hosts", hosts, "-j", "2", self.captures, status=status,
                              environment=environment)

    def test_two_hosts(self):
        self.run_on("one,two")
        self.check_rows()

    def test_one_that_refuses_is_left_out(self):
        listed = self.folder / "hosts"
        listed.write_text("dead   # nothing listens there\n\none\n")
        _, err = self.run_on("@%s" % listed)
        self.assertIn("dead is left out: ", err)
        self.check_rows()

    def test_none_answers(self):
        _, err = self.run_on("dead", status=2)
        self.assertIn("no host answers", err)

    def test_names_of_any_bytes_on_another_host(self):
        name = b"a '\n\xff$(touch x).pcap"
        shutil.copy(self.captures / "0.pcap", os.path.join(os.fsencode(self.captures), name))
        self.run_on("one")
        self.assertEqual(len(self.unit_rows()), 7)
        self.assertTrue(all(unit["status"] == "ok" for unit in self.unit_rows()))


class WithoutServer(HostsTest):
    """In place of ssh a script that has the command run here; `$1` is the host."""

    def test_a_host_that_dies(self):
        """It answers, does one job, and is gone: its jobs end on the other."""
        changed = self.script("ssh", """host=$1; shift 2       # behind the host stands --
echo "$host" >>"$DONE"
if [ "$host" = mortal ] && [ "$(grep -c mortal "$DONE")" -gt 2 ]; then
    echo "ssh: connect to host mortal: No route to host" >&2
    exit 255
fi
exec sh -c "$*"
""")
        changed["DONE"] = str(self.folder / "done")
        self.run_batch("--hosts", "mortal,other", "-j", "1", self.captures, environment=changed)
        self.check_rows()
        hosts = (self.folder / "done").read_text().split()
        self.assertGreater(hosts.count("mortal"), 2)
        self.assertGreater(hosts.count("other"), 3)

    def test_mixed_versions_are_refused(self):
        changed = self.script("ssh", """host=$1; shift 2       # behind the host stands --
[ "$host" = old ] || exec sh -c "$*"
sh -c "$*" | sed 's/"plugin": "[^"]*"/"plugin": "0.0.9"/'
""")
        _, err = self.run_batch("--hosts", "new,old", self.captures, status=2, environment=changed)
        self.assertIn("versions differ: here tshark", err)
        self.assertIn("old has tshark", err)
        self.assertIn("plugin 0.0.9", err)
        self.assertNotIn("new has", err)
        self.assertFalse((self.results / "manifest.ndjson").exists())

    def test_here_and_there(self):
        changed = self.script("ssh", "shift 2\nexec sh -c \"$*\"\n")
        self.run_batch("--hosts", "1/:,1/there", self.captures, environment=changed)
        self.check_rows()


SERVER = None


def prepare(world):
    global SERVER
    if os.geteuid() == 0 and pathlib.Path(SSHD).exists():
        SERVER = Server(world)


if __name__ == "__main__":
    rig.main(prepare)
