#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/release in a scratch clone whose scripts/package writes down for what it was called."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = """#!/bin/sh
set -eu
cd "$(dirname "$0")/.."
[ ! -e fail ] || { echo "no package" >&2; exit 1; }
version=$(sed -n 's/^project(tcpfsm VERSION \\([0-9.]*\\) .*/\\1/p' CMakeLists.txt)
mkdir -p build-packages
echo "$version of $(git rev-parse HEAD) $*" >build-packages/tcpfsm-wireshark4.0_${version}_amd64.deb
"""
CHANGELOG = """# Changelog

## [0.3.0] - unreleased

### Added

- A thing.

- Another.

## [0.2.0] - unreleased

## [0.1.0] - 2026-01-01

The first.
"""


class ReleaseTest(unittest.TestCase):
    def setUp(self):
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix="tcpfsm-"))
        self.addCleanup(shutil.rmtree, self.tree)
        for name in ("scripts/release", "scripts/lib/common.sh", "CMakeLists.txt", ".gitignore"):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.tree / name)
        self.write("scripts/package", PACKAGE).chmod(0o755)
        self.write("CHANGELOG.md", CHANGELOG)
        self.write("CMakeLists.txt", re.sub(r"(?m)^(project\(tcpfsm VERSION )[\d.]+", r"\g<1>0.1.0",
                                            (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")))
        self.git("init", "-q", "-b", "main")
        self.commit("first")
        self.git("tag", "-a", "-m", "x", "v0.1.0")

    def write(self, name, text):
        path = self.tree / name
        path.write_text(text, encoding="utf-8")
        return path

    def git(self, *command):
        done = subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *command],
                              cwd=self.tree, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, subject):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)

    def release(self, *options, status=0):
        """What it prints, or complains of where it is expected to fail."""
        names = {"GIT_%s_%s" % (who, what): "x@example.org"
                 for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run([self.tree / "scripts/release", *options], capture_output=True, text=True,
                              check=False, env={"PATH": "/usr/bin:/bin", **names})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr if status else done.stdout

    def state(self):
        """What a release changes."""
        return self.git("rev-parse", "HEAD"), self.git("tag"), self.git("status", "--porcelain")

    def refuses(self, reason, *options):
        before = self.state()
        self.assertIn(reason, self.release(*options, status=1))
        self.assertEqual(self.state(), before)
        self.assertFalse((self.tree / "build-release").exists())

    def test_release(self):
        (self.tree / "build-packages").mkdir()
        self.write("build-packages/tcpfsm-wireshark4.2_0.3.0_amd64.deb", "left over")
        self.write("build-packages/tcpfsm-wireshark4.2_0.1.0_amd64.deb", "of another version")
        text = self.release("--here", "0.3.0")
        self.assertRegex(text, r"(?m)^released 0\.3\.0: commit [0-9a-f]+ on main, tag v0\.3\.0$")
        head = self.git("rev-parse", "HEAD")
        self.assertEqual(self.git("rev-parse", "v0.3.0^{commit}"), head)
        self.assertEqual(self.git("cat-file", "-t", "v0.3.0"), "tag")
        entry = "### Added\n\n- A thing.\n\n- Another."
        self.assertEqual(self.git("tag", "-l", "--format=%(contents)", "v0.3.0"), "tcpfsm 0.3.0\n\n" + entry)
        self.assertEqual(self.git("log", "-1", "--format=%s"), "Release 0.3.0")
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertIn("project(tcpfsm VERSION 0.3.0 LANGUAGES", self.git("show", "HEAD:CMakeLists.txt"))
        changelog = self.git("show", "HEAD:CHANGELOG.md")
        today = r"\d{4}-\d\d-\d\d"
        self.assertRegex(changelog, r"(?m)^## \[0\.3\.0\] - %s$" % today)
        self.assertEqual(re.sub(r"(?m)^(## \[0\.3\.0\] - )%s$" % today, r"\1unreleased", changelog),
                         CHANGELOG.strip())
        folder = self.tree / "build-release/0.3.0"
        package, source = "tcpfsm-wireshark4.0_0.3.0_amd64.deb", "tcpfsm-0.3.0.tar.gz"
        self.assertEqual({path.name for path in folder.iterdir()}, {package, source, "SHA256SUMS"})
        self.assertEqual((folder / package).read_text(encoding="utf-8"), "0.3.0 of %s --here\n" % head)
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
        self.assertEqual(len((folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()), 2)
        unpacked = subprocess.run(["tar", "-xOzf", folder / source, "tcpfsm-0.3.0/CMakeLists.txt"],
                                  capture_output=True, text=True, check=True).stdout
        self.assertIn("VERSION 0.3.0 ", unpacked)
        self.refuses_again()

    def refuses_again(self):
        shutil.rmtree(self.tree / "build-release")
        self.refuses("0.3.0 is released already", "0.3.0")
        self.refuses("0.2.0 is not above the newest release, 0.3.0", "0.2.0")

    def test_versions(self):
        for version in ("1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0.0"):
            self.refuses("not of the form 1.2.3", version)
        self.refuses("0.1.0 is released already", "0.1.0")
        self.refuses("0.0.9 is not above", "0.0.9")

    def test_the_tenth_is_above_the_ninth(self):
        self.write("CHANGELOG.md", CHANGELOG.replace("0.3.0", "0.10.0"))
        self.commit("tenth")
        self.git("tag", "v0.9.0")
        self.assertIn("would release 0.10.0", self.release("--dry-run", "0.10.0"))

    def test_changelog(self):
        self.refuses('no line "## [0.4.0] - unreleased"', "0.4.0")
        self.refuses("says nothing of 0.2.0", "0.2.0")

    def test_what_is_not_committed(self):
        self.write("CMakeLists.txt", "x")
        self.refuses("not committed: ", "0.3.0")
        self.git("checkout", "CMakeLists.txt")
        self.write("new", "x")
        self.refuses("not committed: ", "0.3.0")

    def test_no_branch(self):
        self.git("checkout", "-q", "--detach")
        self.refuses("on no branch", "0.3.0")

    def test_dry_run_changes_nothing(self):
        before = self.state()
        text = self.release("--dry-run", "--here", "0.3.0")
        self.assertIn("would release 0.3.0 on main (the newest is 0.1.0)", text)
        self.assertTrue(text.endswith("tag v0.3.0 with\n### Added\n\n- A thing.\n\n- Another.\n"), text)
        self.assertEqual(self.state(), before)
        self.assertFalse((self.tree / "build-packages").exists())

    def test_is_taken_back_if_there_are_no_packages(self):
        self.write("fail", "")
        self.commit("packages fail")
        before = self.state()
        self.assertIn("no release: all is as it was before", self.release("0.3.0", status=1))
        self.assertEqual(self.state(), before)

    def test_usage(self):
        text = self.release("--help")
        for option in ("--dry-run", "--here", "--sign"):
            self.assertRegex(text, r"(?m)^  %s +\w" % option)
        for wrong in ([], ["--all", "0.3.0"], ["0.3.0", "0.4.0"]):
            self.assertIn("usage: scripts/release", self.release(*wrong, status=2))


class Owners(unittest.TestCase):
    def test_each_path_is_there(self):
        """In CODEOWNERS of this tree; a line that fits nothing asks nobody."""
        for line in (ROOT / "CODEOWNERS").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                path, *owners = line.split()
                self.assertTrue(path == "*" or (ROOT / path.lstrip("/")).exists(), path)
                self.assertTrue(owners and all(re.fullmatch(r"@[\w-]+(/[\w-]+)?", name) for name in owners))


if __name__ == "__main__":
    sys.exit(unittest.main())
