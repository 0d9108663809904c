#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian package of tcpfsm-batch: what is in it, what it needs, that it works where it is unpacked."""
import os
import pathlib
import shutil
import subprocess
import unittest

import rig


@unittest.skipUnless(shutil.which("dpkg-deb"), "needs dpkg-deb")
class PackageTest(rig.BatchTest):
    def setUp(self):
        super().setUp()
        self.env = dict(os.environ, SOURCE_DATE_EPOCH="1700000000")
        done = self.run_command(rig.ROOT / "packaging" / "batch", self.folder / "one")
        self.deb = pathlib.Path(done.strip())

    def run_command(self, *words):
        return subprocess.run(words, env=self.env, check=True, capture_output=True, text=True).stdout

    def test_content(self):
        self.assertRegex(self.deb.name, r"^tcpfsm-batch_[\d.]+_all\.deb$")
        names = {line.split()[-1] for line in self.run_command("dpkg-deb", "-c", self.deb).splitlines()}
        share = "./usr/share/tcpfsm-batch/"
        wanted = {share + str(path.relative_to(rig.BATCH)) for path in rig.BATCH.rglob("tcpfsm_batch/**/*")
                  if path.is_file() and "__pycache__" not in path.parts}
        self.assertGreater(len(wanted), 12)
        self.assertLess(wanted | {share + "tcpfsm-batch"}, names)
        self.assertNotIn("tcpfsm.so", str(names))
        depends = self.run_command("dpkg-deb", "-f", self.deb, "Depends")
        self.assertEqual(depends.strip(), "python3 (>= 3.11), tshark (>= 4.0), parallel")

    def test_the_same_source_gives_the_same_package(self):
        again = self.run_command(rig.ROOT / "packaging" / "batch", self.folder / "two").strip()
        self.assertEqual(self.deb.read_bytes(), pathlib.Path(again).read_bytes())

    def test_it_works_where_it_is_unpacked(self):
        self.run_command("dpkg-deb", "-x", self.deb, self.folder / "root")
        command = self.folder / "root" / "usr" / "bin" / "tcpfsm-batch"
        text = self.run_command(command, "run", "--no-report", "-q", "-o", self.results,
                                rig.SAMPLES / "close-by-client.pcapng")
        self.assertEqual([row["outcome"] for row in self.connections()], ["closed"], text)

    def test_lintian(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed")
        self.assertEqual(self.run_command("lintian", "--fail-on", "error,warning", self.deb), "")


if __name__ == "__main__":
    rig.main()
