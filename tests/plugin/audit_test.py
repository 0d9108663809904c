#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/audit, and the commands with which docs/warnings.md tells how to report a false alarm."""
import gzip
import os
import re
import shutil
import subprocess
import unittest

import shark

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCRIPT = os.path.join(ROOT, "scripts", "audit")
LINE = re.compile(r"^(?P<path>.+?)  (?P<frame>\d+)  (?P<expert>\w+)  (?P<text>.+)  "
                  r"\[wireshark -r (?P<quoted>.+) -g (?P<again>\d+)\]$")
WARNS, QUIET, LATER = "keepalive-meets-reset", "close-by-client", "close-wait-server-never-closes"
AFTER_90_S = ["-o", "tcpfsm.quiet_tail:90"]


class AuditTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = os.path.join(shark.world().folder, "audit", self.id().split(".")[-1])
        os.makedirs(self.folder)

    def put(self, name, sample=None, content=b""):
        """A file of that name, with that content or the sample's."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if sample:
            with open(os.path.join(shark.SAMPLES, sample + ".pcapng"), "rb") as file:
                content = file.read()
        with open(path, "wb") as file:
            file.write(content)
        return path

    def audit(self, *arguments, status=0, user=None):
        """(stdout, stderr)"""
        identity = {"user": user, "group": user, "extra_groups": []} if user else {}
        done = subprocess.run(["bash", SCRIPT, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=shark.SECONDS, check=False, **identity)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def run_on(self, *arguments, **how):
        return self.audit("--plugin", os.environ["TCPFSM_PLUGIN"], *arguments, **how)

    def lines(self, text):
        return [match.groupdict() for match in map(LINE.match, text.splitlines()) if match]


class Warnings(AuditTest):
    def test_line_of_a_warning(self):
        """The frame of the line is one that the plugin warns about, and the command leads there."""
        path = self.put("a folder/it's one.pcapng", LATER)
        self.put("a folder/quiet.pcapng", QUIET)
        text, complaint = self.run_on(*AFTER_90_S, "a folder")
        self.assertEqual(complaint, "")
        line, = self.lines(text)
        self.assertEqual((line["path"], line["expert"]), ("a folder/it's one.pcapng", "close_wait_stuck"))
        self.assertEqual(line["again"], line["frame"])
        words = subprocess.run(["sh", "-c", "printf '%s\\n' " + line["quoted"]], capture_output=True,
                               text=True, check=True).stdout
        self.assertEqual(words, "a folder/it's one.pcapng\n")
        shark.world().open_to_all()
        told = shark.SharkTest().tshark(path, "-2", *AFTER_90_S, "-Y", "tcpfsm.expert.close_wait_stuck", "-T",
                                        "fields", "-e", "frame.number", "-e", "_ws.expert.message")
        self.assertEqual(told.split("\t")[0], line["frame"])
        self.assertIn(line["text"], told)
        self.assertIn("2 of 2 captures read to the end", text)
        self.assertIn("1  Warn  close_wait_stuck, in 1 capture\n", text)
        self.assertIn("Reporting a false alarm", text)

    def test_hindsight_needs_its_time(self):
        self.put("one.pcapng", LATER)
        text, _ = self.run_on("one.pcapng")
        self.assertEqual((self.lines(text), "no warnings" in text), ([], True))

    def test_notes_and_table(self):
        """Notes on demand; the table has the same lines."""
        self.put("one.pcapng", "open-unanswered")
        warns = self.lines(self.run_on(*AFTER_90_S, ".")[0])
        text, _ = self.run_on("--notes", "--tsv", "table.tsv", "--jobs", "1", *AFTER_90_S, ".")
        both = self.lines(text)
        self.assertGreater(len(both), len(warns))
        self.assertEqual([line for line in both if line in warns], warns)
        with open(os.path.join(self.folder, "table.tsv"), encoding="utf-8") as file:
            head, *rows = [line.rstrip("\n").split("\t") for line in file]
        self.assertEqual(head, ["file", "frame", "connection", "severity", "expert", "text"])
        self.assertEqual([(row[0], row[1], row[4], row[5]) for row in rows],
                         [(line["path"], line["frame"], line["expert"], line["text"]) for line in both])
        self.assertEqual({row[3] for row in rows}, {"Warn", "Note"})

    def test_order_does_not_depend_on_jobs(self):
        for number in range(8):
            self.put("%d.pcapng" % number, WARNS)
        one, several = (self.run_on("--jobs", jobs, ".")[0] for jobs in ("1", "4"))
        self.assertEqual(one, several)
        self.assertEqual(len({line["path"] for line in self.lines(one)}), 8)


class Files(AuditTest):
    def test_what_counts_as_a_capture(self):
        """In a folder: by first bytes, also within a compression, or by name; each file once."""
        sample = self.put("x.pcapng", WARNS)
        with open(sample, "rb") as file:
            content = file.read()
        self.put("deep/down/packed.pcapng.gz", content=gzip.compress(content))
        self.put("deep/no-suffix", content=content)
        self.put("notes.txt", content=b"no capture\n")
        os.symlink("x.pcapng", os.path.join(self.folder, "link.pcapng"))
        text, complaint = self.run_on(".", "x.pcapng")
        self.assertEqual(complaint, "")
        self.assertIn("3 of 3 captures", text)

    def test_unreadable(self):
        """Said, and the rest is read."""
        good = self.put("good.pcapng", WARNS)
        with open(good, "rb") as file:
            content = file.read()
        self.put("broken.pcap", content=b"no capture at all, in spite of its name")
        self.put("empty.pcap")
        self.put("short.pcapng", content=content[:-10])
        text, complaint = self.run_on(".", status=1)
        self.assertIn("1 of 4 captures read to the end", text)
        self.assertIn("good.pcapng", {os.path.basename(line["path"]) for line in self.lines(text)})
        self.assertRegex(complaint, r"(?m)^audit: \./broken\.pcap: it isn't a capture file")
        self.assertRegex(complaint, r"(?m)^audit: \./empty\.pcap: it is empty$")
        self.assertRegex(complaint, r"(?m)^audit: \./short\.pcapng: it .*cut short")

    def test_forbidden(self):
        """What the user may not read is said; what root alone may read, root gets."""
        self.put("good.pcapng", QUIET)
        secret = self.put("secret.pcapng", WARNS)
        os.chmod(secret, 0o600)
        if os.geteuid() == 0:
            text, _ = self.run_on(".")
            self.assertEqual([line["path"] for line in self.lines(text)], ["./secret.pcapng"])
            shark.world().open_to_all()
            os.chmod(secret, 0o600)
            plugin = shutil.copy(os.environ["TCPFSM_PLUGIN"], self.folder)
            tree = os.path.join(self.folder, "tree")
            shutil.copytree(os.path.join(ROOT, "scripts"), os.path.join(tree, "scripts"))
            os.chmod(plugin, 0o644)
            done = subprocess.run(["bash", os.path.join(tree, "scripts", "audit"), "--plugin", plugin,
                                   "good.pcapng", "secret.pcapng"], cwd=self.folder, capture_output=True,
                                  text=True, check=False, user=shark.NOBODY, group=shark.NOBODY,
                                  extra_groups=[], timeout=shark.SECONDS)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("secret.pcapng: permission denied", done.stderr)
        else:
            os.chmod(secret, 0)
            self.assertIn("./secret.pcapng: permission denied", self.run_on(".", status=1)[1])

    def test_nothing_to_read(self):
        self.assertIn("no captures in .", self.run_on(".", status=3)[1])
        self.put("notes.txt", content=b"no capture\n")
        self.assertIn("no captures in .", self.run_on(".", status=3)[1])
        self.put("broken.pcap", content=b"neither is this")
        self.assertIn("0 of 1 captures", self.run_on(".", status=3)[0])

    def test_usage(self):
        """Told before anything is built."""
        sample = os.path.join(shark.SAMPLES, QUIET + ".pcapng")
        for arguments, status, complaint in (
                ([], 2, "no folder or file given"), (["--tsv"], 2, "--tsv needs a value"),
                (["--jobs", "0", sample], 2, "--jobs must be a number"),
                (["-x", sample], 2, "unknown option '-x'"),
                (["-o", "word", sample], 2, "-o takes NAME:VALUE"),
                (["nowhere.pcap"], 1, "no such file or folder"),
                (["--plugin", "/nowhere.so", sample], 1, "no such file")):
            with self.subTest(arguments):
                text, said = self.audit(*arguments, status=status)
                self.assertEqual(text, "")
                self.assertIn(complaint, said)
        self.assertIn("tcpfsm.nothing", self.run_on("-o", "tcpfsm.nothing:1", sample, status=2)[1])
        text, complaint = self.audit("--help")
        self.assertEqual((text.split(" [")[0], complaint), ("usage: scripts/audit", ""))


class Report(AuditTest):
    """The commands of docs/warnings.md, as they stand there."""

    def commands(self):
        with open(os.path.join(ROOT, "docs", "warnings.md"), encoding="utf-8") as file:
            section = file.read().split("\n## Reporting a false alarm\n")[1].split("\n## ")[0]
        return ["\n".join(line[4:] for line in block.splitlines())
                for block in re.findall(r"(?m)(?:^    .*\n)+", section)]

    def test_commands(self):
        """They work, and the plugin says of what they make what it said of the capture."""
        if not shutil.which("editcap"):
            self.skipTest("no editcap here")
        original = self.put("FILE", "forged-data-out-of-window")
        shark.world().open_to_all()
        os.chmod(self.folder, 0o777)
        table, packets = [text for text in self.commands() if "tcpfsm.connection" in text]
        status, text, complaint = shark.world().run(["sh", "-ec", "cd %s\n%s" % (self.folder, table)])
        self.assertEqual((status, complaint), (0, ""))
        with open(os.path.join(self.folder, "report.txt"), encoding="utf-8") as file:
            told = file.read()
        self.assertIn("out-of-window", told)
        self.assertNotIn("192.0.2.", told)
        if not shutil.which("tcprewrite"):
            packets = "\n".join(line for line in packets.splitlines() if "tcprewrite" not in line)
        status, text, complaint = shark.world().run(["sh", "-ec", "cd %s\n%s" % (self.folder, packets)])
        self.assertEqual(status, 0, text + complaint)
        asked = ["-e", "tcpfsm.seq.verdict", "-e", "tcpfsm.ack.verdict", "-e", "tcpfsm.client.state"]
        last = "report.pcap" if shutil.which("tcprewrite") else "headers.pcap"
        self.assertEqual(*(shark.SharkTest().tshark(path, "-2", "-Y", "tcpfsm", "-T", "fields", *asked)
                           for path in (original, os.path.join(self.folder, last))))


if __name__ == "__main__":
    shark.main()
