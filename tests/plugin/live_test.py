#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Statistics of a live capture: a connection over the loopback interface of an own network namespace."""
import json
import os
import re
import select
import shutil
import socket
import subprocess
import time
import unittest

import shark
from lab.namespace import Namespace

PORT = 7777
QUIET = 3.0         # how long nothing comes before the capture ends
LEAST = QUIET / 2   # the plugin allows for packets that are still on their way
STATISTICS = ("ladder", "connections", "json", "tree", "dot")


def half_close():
    """A connection that only the client closes; both sockets, which the caller keeps open."""
    with socket.create_server(("127.0.0.1", PORT)) as listener:
        client = socket.create_connection(("127.0.0.1", PORT))
        server, _ = listener.accept()
    client.sendall(b"request")
    server.recv(100)
    client.shutdown(socket.SHUT_WR)
    return client, server


class Tshark:
    """It captures on the loopback interface of this thread's namespace, and prints the packets."""

    def __init__(self, *options):
        environment = {"HOME": shark.world().home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
                       "WIRESHARK_PLUGIN_DIR": shark.world().with_plugin}
        environment |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_PRELOAD")
                        if name in os.environ}
        capture = "+net_raw,+net_admin"     # and no more: for root, Wireshark doesn't look for our plugin
        self.process = subprocess.Popen(
            ["setpriv", "--reuid", str(shark.NOBODY), "--regid", str(shark.NOBODY), "--clear-groups",
             "--inh-caps", capture, "--ambient-caps", capture,
             shark.TSHARK, "-n", "-i", "lo", "-l", "-P", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env=environment, cwd=shark.world().folder)

    def wait_for_packets(self):
        """Sends some until the first is shown."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for _ in range(shark.SECONDS * 10):
                probe.sendto(b"probe", ("127.0.0.1", PORT))
                if select.select([self.process.stdout], [], [], 0.1)[0]:
                    return
        raise TimeoutError("no packet is captured")

    def finish(self):
        """All that it still has to say."""
        self.process.terminate()
        return self.process.communicate(timeout=shark.SECONDS)[0]


def possible():
    return (os.geteuid() == 0 and all(map(shutil.which, ("ip", "setpriv", "dumpcap"))) and
            subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0)


@unittest.skipUnless(possible(), "needs root, a network namespace, ip, setpriv and dumpcap")
class Live(shark.SharkTest):
    @classmethod
    def setUpClass(cls):
        cls.path = os.path.join(shark.world().home, "live.pcapng")
        asked = [part for name in STATISTICS for part in ("-z", "tcpfsm," + name)]
        with Namespace():
            tshark = Tshark("-w", cls.path, *asked)
            tshark.wait_for_packets()
            sockets = half_close()
            time.sleep(QUIET)
            cls.live = tshark.finish()
            for each in sockets:
                each.close()
        cls.file = shark.world().run([shark.TSHARK, "-n", "-q", "-r", cls.path, *asked])[1]     # at once

    def rows(self, text):
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def test_ladder_comes_once_and_alone(self):
        for text in self.live, self.file:
            self.assertEqual(re.findall(r"^(No ladder|Connection \d+)", text, re.M), ["Connection 0"])

    def test_file_ends_with_its_newest_packet(self):
        """However young it is."""
        self.assertRegex(self.file, r" server owes a FIN since frame \d+ ")
        self.assertNotIn("~ ", self.file.replace("~ assumed", ""))
        debt, = self.rows(self.file)[0]["server_owes"]
        self.assertLess(debt["age_us"], LEAST * 1e6)

    def test_ages_go_by_the_clock(self):
        """That nothing has come since is known while packets are being captured."""
        waits = re.search(r"~ (\d\.\d)\s?s, server owes a FIN since frame\s?(\d+) ~", self.live)
        debt, = self.rows(self.live)[0]["server_owes"]
        row = re.search(r"(\d\.\d{3}) \|server: FIN \(since frame (\d+)\)", self.live)
        self.assertEqual([waits[2], row[2]], [str(debt["since_frame"])] * 2)
        for age in float(waits[1]), float(row[1]), debt["age_us"] / 1e6:
            self.assertGreater(age, LEAST)
            self.assertLess(age, shark.SECONDS)


if __name__ == "__main__":
    shark.main()
