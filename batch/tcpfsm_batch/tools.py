# SPDX-License-Identifier: GPL-2.0-or-later
"""tshark as every job runs it, and which one that is."""
import ctypes
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile

# Nothing above TCP is dissected, and Wireshark's own sequence analysis is off: the plugin needs neither, and
# the connections are the same to the byte at a third of the memory and less than half of the time.
ONE_PASS = ["-d", "tcp.port==0-65535,data", "-o", "tcp.analyze_sequence_numbers:FALSE",
            "-o", "tcp.try_heuristic_first:FALSE"]
# An empty pcap file: what tshark says of it, it says of its options.
NOTHING = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
DEATH_SIGNAL = 1    # PR_SET_PDEATHSIG
LIBC = ctypes.CDLL(None, use_errno=True)


class Unusable(Exception):
    """Why no job can be run here at all."""


def die_with_parent():
    """On Linux; elsewhere what is left behind ends by itself, and its result is as good."""
    if hasattr(LIBC, "prctl"):
        LIBC.prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def command(filter_text, preferences, quiet_tail):
    """tshark on the standard input."""
    words = ["tshark", "-n", "-q", "-r", "-", *ONE_PASS]
    for name, value in sorted(preferences.items()):
        words += ["-o", "%s:%s" % (name, value)]
    if quiet_tail:
        words += ["-o", "tcpfsm.quiet_tail:%d" % quiet_tail]
    return [*words, "-z", "tcpfsm,json" + ("," + filter_text if filter_text else "")]


class Configuration:
    """An empty folder in place of the user's, for as long as it is used."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="tcpfsm-batch-")
        return dict(os.environ, WIRESHARK_CONFIG_DIR=self.folder, LC_ALL="C.UTF-8")

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


def output(words, environment, **options):
    try:
        return subprocess.run(words, env=environment, stdin=options.pop("stdin", subprocess.DEVNULL),
                              capture_output=True, check=False, **options)
    except FileNotFoundError:
        raise Unusable("%s is not installed" % words[0]) from None


def versions():
    """Of all that decides on results but the captures."""
    from . import FORMAT
    with Configuration() as environment:
        text = output(["tshark", "--version"], environment).stdout.decode("utf-8", "replace")
        tshark = re.search(r"\d+\.\d+\.\d+\S*", text)
        plugins = output(["tshark", "-G", "plugins"], environment).stdout.decode("utf-8", "surrogateescape")
    for line in plugins.splitlines():
        parts = [part.strip() for part in line.split("\t")]
        if parts[0] in ("tcpfsm.so", "tcpfsm.dll") and len(parts) >= 4:
            with open(os.fsencode(parts[3]), "rb") as file:
                content = hashlib.sha256(file.read()).hexdigest()
            return {"tshark": tshark[0] if tshark else "", "plugin": parts[1], "plugin_sha256": content[:16],
                    "batch": FORMAT}
    raise Unusable("tshark %s does not load the tcpfsm plugin%s" % (
        tshark[0] if tshark else "", "; as root, only a plugin installed for everybody is loaded"
        if os.geteuid() == 0 else ""))


def check_options(filter_text, preferences):
    """What tshark has against the filter or a preference; None if nothing."""
    with Configuration() as environment:
        done = subprocess.run(command(filter_text, preferences, 0), env=environment, input=NOTHING,
                              capture_output=True, check=False)
    told = done.stderr.decode("utf-8", "replace").strip()
    return (told or "tshark ended with status %d" % done.returncode) if done.returncode else None
