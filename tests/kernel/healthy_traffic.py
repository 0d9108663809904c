#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""On which connections must nobody raise an alarm?

Some hundred connections of the kernel's TCP that all did their work: every byte arrived, both ends closed, or
one went away for a good reason.
They run in namespaces of their own over many kinds of network, and are recorded at the client, at the
server and between them. Writes `<network>.<place>.pcap` to the given folder in less than a minute. Needs
root, tcpdump.
"""
import argparse
import itertools
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
import traceback

sys.dont_write_bytecode = True

from lab.capture import Capture                                         # noqa: E402
from lab.dialogues import (Aborted, BothClose, BothWays, Cancelled, Chat, Download, Empty,     # noqa: E402
                           FastOpen, HalfClosed, HalfClosedForLong, Keepalive, KeepaliveOfServer, Kind,
                           Multipath, Reused, ReusedAtServer, ServerCloses, SlowClient, SlowReader,
                           SlowServer, Upload)
from lab.kernel_states import states                                    # noqa: E402
from lab.namespace import MPTCP, Namespace, join                        # noqa: E402
from lab.network import SERVER, SERVER6, Network                        # noqa: E402

TCP_FASTOPEN_CONNECT = 30
CROWD = 40      # at once to one port of a server: above the limit from which on the unfinished are counted
CROWDED = {"plain", "cable", "far"}
OVER = {"TIME-WAIT", "CLOSED", "LISTEN"}
AT_ONCE, LONGEST = 6, 100   # networks; seconds for one

SYSCTL = {"no-timestamps": {"ipv4/tcp_timestamps": 0}, "no-sack": {"ipv4/tcp_sack": 0},
          "no-scaling": {"ipv4/tcp_window_scaling": 0}, "ecn": {"ipv4/tcp_ecn": 1},
          "bare": {"ipv4/tcp_timestamps": 0, "ipv4/tcp_sack": 0, "ipv4/tcp_window_scaling": 0}}
# name: options of the network, bytes of a big transfer, IPv6 too, what the wire does to some of the packets
NETWORKS = {name: ({"sysctl": sysctl}, 300_000, True, None) for name, sysctl in SYSCTL.items()}
NETWORKS |= {
    "cable": ({"relay": False}, 8_000_000, True, None),
    "cable-big-tcp": ({"relay": False, "gso": 180_000}, 8_000_000, True, None),
    "cable-jumbo": ({"relay": False, "mtu": 9000}, 4_000_000, True, None),
    "cable-small-mss": ({"relay": False, "mtu": 576}, 300_000, False, None),
    "plain": ({}, 500_000, True, None),
    "router": ({"delay": 0.0002}, 200_000, True, None),
    "far": ({"delay": 0.06}, 300_000, True, None),
    "lossy": ({}, 150_000, True, ("lose", 0.03)),
    "lossy-bare": ({"sysctl": SYSCTL["bare"]}, 60_000, False, ("lose", 0.02)),
    "lossy-small-mss": ({"mtu": 576}, 100_000, False, ("lose", 0.02)),
    "reordered": ({}, 150_000, True, ("late", 0.1)),
    "reordered-bare": ({"sysctl": SYSCTL["bare"]}, 100_000, False, ("late", 0.1)),
    "duplicated": ({}, 100_000, True, ("twice", 0.05)),
}


def misbehave(relay, what, share, seed):
    """Let the wire treat a share of the packets so, the same share of every run."""
    dice = random.Random(seed)

    def rule(packet):
        if dice.random() > share:
            return None
        if what == "lose":
            return "lose"
        if what == "twice":
            relay.replay_later(packet, dice.uniform(0.006, 0.03))
            return None
        return relay.delay + dice.uniform(0.001, 0.03)
    relay.rules.append(rule)


class Traffic:
    """All kinds of connection over one network."""

    def __init__(self, name, folder, seed):
        options, self.size, self.six, trouble = NETWORKS[name]
        self.name, self.folder = name, folder
        sysctl = {"ipv4/tcp_fastopen": 3, "ipv4/tcp_tw_reuse": 1, **options.get("sysctl", {})}
        self.timestamps = sysctl.get("ipv4/tcp_timestamps", 1)
        self.loses = trouble and trouble[0] == "lose"
        self.network = Network(**{**options, "sysctl": sysctl})
        if trouble:
            misbehave(self.network.relay, *trouble, seed=f"{name} {seed}")
        self.failures, self.count = [], 0
        self._ports = itertools.count(7000)
        self._lock = threading.Lock()

    def record(self):
        network = self.network
        places = [("client", network.client, "eth0"), ("server", network.server, "eth0")]
        if network.middle:
            places += [("left", network.middle, "left"), ("right", network.middle, "right")]
        if self.name == "router":       # sees each packet twice, as it comes in and as it goes out
            places += [("any", network.middle, "any")]
        stem = os.path.join(self.folder, self.name)
        return [Capture(space, interface, f"{stem}.{place}.pcap", 128, "tcp or ip6")
                for place, space, interface in places]

    def _guard(self, work, *arguments):
        try:
            work(*arguments)
        except Exception:       # collected: the run goes on, and reports it
            with self._lock:
                self.failures.append(traceback.format_exc())

    def _serve(self, listener, kind, times):
        threads = []
        for _ in range(times):
            end, _ = listener.accept()
            end.settimeout(40)
            threads.append(threading.Thread(target=self._guard, args=(kind.server, end)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        listener.close()

    def _dial(self, kind, six, address):
        protocol = MPTCP if isinstance(kind, Multipath) else 0
        end = self.network.client.socket(socket.AF_INET6 if six else socket.AF_INET, protocol)
        end.settimeout(40)
        for option in kind.client_options:
            end.setsockopt(*option)
        if isinstance(kind, FastOpen):
            end.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)     # data go with the SYN
        if kind.port:
            end.bind(("::" if six else "0.0.0.0", kind.port))
        end.connect(address)
        kind.client(end)
        with self._lock:
            self.count += 1

    def several(self, kind, six, times, gap):
        """So many connections of a kind to one port; gap 0: all at once."""
        protocol = MPTCP if isinstance(kind, Multipath) else 0
        listener = self.network.server.socket(socket.AF_INET6 if six else socket.AF_INET, protocol)
        for option in kind.server_options:
            listener.setsockopt(*option)
        address = (SERVER6 if six else SERVER), next(self._ports)
        listener.bind(address)
        listener.listen(64)
        listener.settimeout(40)
        serving = threading.Thread(target=self._guard, args=(self._serve, listener, kind, times))
        serving.start()
        dialling = []
        for _ in range(times):
            dialling.append(threading.Thread(target=self._guard, args=(self._dial, kind, six, address)))
            dialling[-1].start()
            if gap:
                dialling[-1].join(gap)
            if kind.port:
                self._await_reuse(address[1])
        for thread in [*dialling, serving]:
            thread.join()

    def _await_reuse(self, port):
        """Until the ends with that port of the server's are over, and a second more: RFC 6191."""
        self._await(lambda own, peer: port in (own, peer))
        time.sleep(1.2)

    def _await(self, which, seconds=15):
        """Until no end that `which` picks has anything left to do."""
        for _ in range(seconds * 20):
            tables = states(self.network.client) | states(self.network.server)
            if all(state in OVER for (_, own, _, peer), state in tables.items() if which(own, peer)):
                return
            time.sleep(0.05)
        raise TimeoutError(f"{self.name}: connections don't end")

    def plan(self):
        """(kind, how many, seconds to wait for one before the next begins; 0: all at once)"""
        plan = [(Kind(), 3, 9), (ServerCloses(), 3, 9), (Empty(), 2, 9), (BothClose(), 2, 9), (Chat(), 1, 9),
                (HalfClosed(), 1, 9), (Upload(self.size), 1, 9), (Download(self.size), 1, 9),
                (BothWays(self.size // 2), 1, 9), (SlowReader(), 1, 9), (Keepalive(), 1, 9),
                (KeepaliveOfServer(), 1, 9), (FastOpen(), 3, 9), (Kind(), 12, 0),
                (SlowServer(), 2, 0), (SlowClient(), 2, 0), (HalfClosedForLong(), 1, 9),
                (ReusedAtServer(), 3, 9)]
        plan += [(Multipath(), 1, 9)] if os.path.exists("/proc/sys/net/mptcp") else []
        plan += [(Reused(), 3, 9)] if self.timestamps else []
        plan += [] if self.loses else [(Aborted(), 2, 9), (Cancelled(), 1, 9)]
        plan += [(SlowServer(), CROWD, 0)] if self.name in CROWDED else []
        return plan

    def run(self):
        captures = self.record()
        threads = []
        for six in (False, True) if self.six else (False,):
            for kind, times, gap in self.plan():
                work = self.several, kind, six, times, gap
                threads.append(threading.Thread(target=self._guard, args=work))
                threads[-1].start()
                time.sleep(0.03)
        for thread in threads:
            thread.join()
        # Closing took no time, but the kernels go on: what the captures hold shall be over.
        self._guard(self._await, lambda own, peer: True)
        time.sleep(0.5)
        for capture in captures:
            capture.stop()
        self.network.close()
        return self.count, self.failures


def play(name, folder, seed, results):
    try:
        results.put((name, *Traffic(name, folder, seed).run()))
    except Exception:
        results.put((name, 0, [traceback.format_exc()]))


def obstacle():
    """Why this can't run here, or nothing."""
    if os.geteuid() != 0:
        return "network namespaces and tcpdump need root"
    missing = [tool for tool in ("ip", "tcpdump") if not shutil.which(tool)]
    if missing:
        return "not installed: " + ", ".join(missing)
    try:
        one, other = Namespace(), Namespace()
        join((one, "eth0"), (other, "eth0"))
    except (OSError, subprocess.CalledProcessError) as trouble:
        return f"no network namespaces, or no cable between them: {trouble}"
    return ""


def make(folder, networks, seed=1):
    """The captures of these networks with these dice; how many connections they hold, how many failed."""
    results = multiprocessing.Queue()
    waiting, running, total, failed = list(networks), 0, 0, 0
    while waiting or running:
        while waiting and running < AT_ONCE:
            name = waiting.pop(0)
            multiprocessing.Process(target=play, args=(name, folder, seed, results),
                                    daemon=True).start()
            running += 1
        name, count, failures = results.get(timeout=LONGEST)
        running -= 1
        total += count
        failed += len(failures)
        print(f"{name}: {count} connections" + "".join("\n" + text for text in failures), flush=True)
    return total, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("networks", nargs="*", help="only these: " + " ".join(NETWORKS))
    parser.add_argument("--seed", type=int, default=1, help="of the dice that say which packets have trouble")
    options = parser.parse_args()
    trouble = obstacle()
    if trouble:
        parser.error(trouble)
    os.makedirs(options.folder, exist_ok=True)
    total, failed = make(options.folder, options.networks or NETWORKS, options.seed)
    print(f"{total} connections, {failed} failures")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
