#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: packages_test.py FOLDER

Installs, uses, upgrades and removes the packages in FOLDER, a .deb and a .tar.gz. That changes the machine:
it wants root and TCPFSM_MAY_INSTALL=yes, as in the folders of scripts/matrix, where nothing stays.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "sample-captures" / "close-by-client.pcapng"
STEPS = ["1", "2", "3", "4", "5", "6", "7"]     # of SAMPLE, that a plugin at work shows
NOBODY = 65534


def run(*command, status=0, **options):
    """What it prints, errors included."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    if done.returncode != status:
        raise AssertionError("%s: status %d: %s" % (command, done.returncode, done.stdout))
    return done.stdout


def project_version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(tcpfsm VERSION ([\d.]+)", text, re.M)[1]


def tree(folder):
    """Files beneath, relative, and what is in them."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class PackageTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.series = re.search(r"(\d+\.\d+)", run("tshark", "--version"))[1]
        cls.plugin = pathlib.Path(run("pkg-config", "--variable=plugindir", "wireshark").strip(),
                                  "epan", "tcpfsm.so")
        cls.profile = pathlib.Path("/usr/share/wireshark/profiles/tcpfsm")
        cls.version = project_version()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tcpfsm-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.home = self.folder / "home"
        self.home.mkdir()
        for path in self.folder, self.home:
            os.chown(path, NOBODY, NOBODY)

    def package(self, ending):
        found = list(FOLDER.glob("tcpfsm-wireshark%s[-_]*%s" % (self.series, ending)))
        self.assertEqual(len(found), 1, found)
        return found[0]

    def as_user(self, *command, status=0, path=os.environ["PATH"]):
        return run(*command, status=status, user=NOBODY, group=NOBODY, extra_groups=[],
                   env={"HOME": str(self.home), "PATH": path, "LC_ALL": "C.UTF-8"})

    def steps(self):
        """The steps that an ordinary user's tshark shows of the sample; None if it knows no such field."""
        command = "tshark", "-r", SAMPLE, "-Y", "tcpfsm.step", "-T", "fields", "-e", "tcpfsm.step"
        try:
            return self.as_user(*command).split()
        except AssertionError as error:
            self.assertIn("tcpfsm.step", str(error))
            return None

    def check_profile(self):
        """tshark -C finds it, and it has the plugin's column."""
        text = self.as_user("tshark", "-C", "tcpfsm", "-r", SAMPLE)
        self.assertEqual(len(text.splitlines()), 11, text)
        self.assertIn("ESTABLISHED", text)


class DebTest(PackageTest):
    def setUp(self):
        super().setUp()
        self.deb = self.package(".deb")
        self.name = "tcpfsm-wireshark" + self.series
        self.unpacked = self.folder / "unpacked"
        run("dpkg-deb", "-R", self.deb, self.unpacked)

    def tearDown(self):
        run("dpkg", "--purge", self.name)

    def field(self, name):
        return run("dpkg-deb", "-f", self.deb, name).strip()

    def other_deb(self, change, extra=None):
        """A package like this one, but for the lines of its control file that `change` names."""
        folder = self.folder / "other"
        shutil.copytree(self.unpacked, folder)
        control = folder / "DEBIAN" / "control"
        text = control.read_text(encoding="utf-8")
        for name, value in change.items():
            text, count = re.subn(r"^%s:.*$" % name, "%s: %s" % (name, value), text, flags=re.M)
            self.assertEqual(count, 1, name)
        control.write_text(text, encoding="utf-8")
        if extra:
            (folder / extra).write_text("of another version\n", encoding="utf-8")
            (folder / str(self.plugin)[1:]).write_text("no plugin\n", encoding="utf-8")
        path = self.folder / "other.deb"
        run("dpkg-deb", "--root-owner-group", "-b", folder, path)
        return path

    def test_name_and_version(self):
        architecture = run("dpkg", "--print-architecture").strip()
        self.assertEqual(self.deb.name, "%s_%s_%s.deb" % (self.name, self.version, architecture))
        self.assertEqual(self.field("Package"), self.name)
        self.assertEqual(self.field("Version"), self.version)
        changelog = run("zcat", self.unpacked / "usr/share/doc" / self.name / "changelog.gz")
        self.assertTrue(changelog.startswith("%s (%s) " % (self.name, self.version)), changelog)

    def test_content(self):
        files = tree(self.unpacked)
        documents = "usr/share/doc/%s/" % self.name
        wanted = {str(self.plugin)[1:]}
        wanted |= {documents + name for name in ("copyright", "changelog.gz", "README.md")}
        wanted |= {documents + "docs/" + name for name in tree(ROOT / "docs")}
        wanted |= {"%s/%s" % (str(self.profile)[1:], name) for name in tree(ROOT / "profile" / "tcpfsm")}
        self.assertEqual(wanted - set(files), set())
        listed = {line.split(maxsplit=1)[1] for line in files["DEBIAN/md5sums"].decode().splitlines()}
        self.assertEqual(listed, {name for name in files if not name.startswith("DEBIAN/")})
        run("md5sum", "--check", "--quiet", "DEBIAN/md5sums", cwd=self.unpacked)

    def test_needs_this_series_of_wireshark(self):
        """It has bounds on the library that forbid the next series, and the installed one keeps them."""
        owner = re.search(r"^(libwireshark\w+)", run("dpkg", "-S", "libwireshark.so.*"), re.M)[1]
        bounds = re.findall(re.escape(owner) + r" \((\S+) ([^)]+)\)", self.field("Depends"))
        self.assertEqual({relation for relation, _ in bounds}, {">=", "<<"}, bounds)
        installed = run("dpkg-query", "-W", "-f", "${Version}", owner)
        major, minor = self.series.split(".")
        following = "%s.%d.0-1" % (major, int(minor) + 1)
        before = "%s.%d.9-1" % (major, int(minor) - 1)

        def allowed(version):
            return all(subprocess.run(["dpkg", "--compare-versions", version, relation, bound],
                                      check=False).returncode == 0 for relation, bound in bounds)

        self.assertTrue(allowed(installed))
        self.assertFalse(allowed(following), following)
        self.assertFalse(allowed(before), before)

    def test_lintian(self):
        self.assertEqual(run("lintian", "--allow-root", "--fail-on", "error,warning", self.deb), "")

    def test_install_use_upgrade_remove(self):
        old = "usr/share/doc/%s/old" % self.name
        self.assertIsNone(self.steps())
        run("dpkg", "-i", self.other_deb({"Version": "0.0.1"}, old))
        self.assertTrue(pathlib.Path("/", old).exists())
        run("dpkg", "-i", self.deb)
        self.assertFalse(pathlib.Path("/", old).exists())
        self.assertEqual(self.steps(), STEPS)
        self.check_profile()
        self.assertEqual(run("dpkg", "--verify", self.name), "")
        run("dpkg", "--purge", self.name)
        self.assertIsNone(self.steps())
        for path in self.plugin, self.profile, pathlib.Path("/usr/share/doc", self.name):
            self.assertFalse(path.exists(), path)

    def test_not_beside_one_for_another_wireshark(self):
        run("dpkg", "-i", self.deb)
        text = run("dpkg", "-i", self.other_deb({"Package": "tcpfsm-wireshark9.9"}), status=1)
        self.assertIn("conflicts with", text)
        self.assertEqual(self.steps(), STEPS)


class ArchiveTest(PackageTest):
    def setUp(self):
        super().setUp()
        archive = self.package(".tar.gz")
        self.name = "tcpfsm-wireshark%s-%s-%s" % (self.series, self.version, os.uname().machine)
        self.assertEqual(archive.name, self.name + ".tar.gz")
        with tarfile.open(archive) as file:
            self.assertEqual({name.split("/")[0] for name in file.getnames()}, {self.name})
        run("tar", "-C", self.folder, "-xzf", archive)
        self.unpacked = self.folder / self.name
        self.install = self.unpacked / "install"

    def installed(self):
        """What the user has at home."""
        return tree(self.home)

    def test_content(self):
        files = set(tree(self.unpacked))
        wanted = {"tcpfsm.so", "install", "README.md", "LICENSE", "COPYING"}
        wanted |= {"%s/%s" % (folder, name) for folder in ("profile", "docs") for name in tree(ROOT / folder)}
        self.assertEqual(wanted - files, set())

    def test_for_one_user(self):
        self.assertIsNone(self.steps())
        self.as_user(self.install)
        self.assertEqual(self.steps(), STEPS)
        self.check_profile()
        plugins = [path for path in self.installed() if path.endswith("/%s/epan/tcpfsm.so" % self.series)]
        self.assertEqual(len(plugins), 1, plugins)
        recent, = (self.home / path for path in self.installed() if path.endswith("/tcpfsm/recent"))
        recent.write_text("# Wireshark's own\n", encoding="utf-8")
        self.as_user(self.install, "--remove")
        self.assertEqual(self.installed(), {})
        self.assertIsNone(self.steps())

    def test_upgrade(self):
        """Another plugin gives way; the profile that the user has changed doesn't, not even to removal."""
        self.as_user(self.install)
        plugin, = (self.home / path for path in self.installed() if path.endswith("/tcpfsm.so"))
        profile, = (self.home / path for path in self.installed() if path.endswith("/tcpfsm/preferences"))
        plugin.write_text("no plugin\n", encoding="utf-8")
        profile.write_text("# mine\n", encoding="utf-8")
        self.assertIn("left alone", self.as_user(self.install))
        self.assertEqual(plugin.read_bytes(), (self.unpacked / "tcpfsm.so").read_bytes())
        self.assertEqual(self.steps(), STEPS)
        self.as_user(self.install, "--remove")
        self.assertFalse(plugin.exists())
        self.assertEqual(profile.read_text(encoding="utf-8"), "# mine\n")

    def test_for_everybody(self):
        run(self.install)
        self.assertTrue(self.plugin.exists())
        self.assertEqual(self.steps(), STEPS)
        self.check_profile()
        run(self.install, "--remove")
        self.assertFalse(self.plugin.exists())
        self.assertFalse(self.profile.exists())
        self.assertIsNone(self.steps())

    def test_another_wireshark(self):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "tshark").write_text("#!/bin/sh\necho 'TShark (Wireshark) 9.9.1.'\n"
                                      "[ \"$1\" = --version ] || exec /usr/bin/tshark \"$@\"\n",
                                      encoding="utf-8")
        (tools / "tshark").chmod(0o755)
        text = self.as_user(self.install, status=1, path="%s:%s" % (tools, os.environ["PATH"]))
        self.assertIn("tshark is 9.9", text)
        self.assertEqual(self.installed(), {})

    def test_a_plugin_that_does_not_load(self):
        (self.unpacked / "tcpfsm.so").write_text("no plugin\n", encoding="utf-8")
        self.assertIn("All is as it was before", self.as_user(self.install, status=1))
        self.assertEqual(self.installed(), {})

    def test_what_worked_outlives_one_that_does_not_load(self):
        self.as_user(self.install)
        before = self.installed()
        (self.unpacked / "tcpfsm.so").write_text("no plugin\n", encoding="utf-8")
        self.assertIn("doesn't load the plugin", self.as_user(self.install, status=1))
        self.assertEqual(self.installed(), before)
        self.assertEqual(self.steps(), STEPS)

    def test_beside_one_for_everybody(self):
        """Wireshark takes that one; so it is named, and nothing is said against the new one."""
        run(self.install)
        self.addCleanup(run, self.install, "--remove")
        text = self.as_user(self.install, status=1)
        self.assertIn("loads %s already" % self.plugin, text)
        self.assertIn("as root, ./install or ./install --remove", text)
        self.assertNotIn("doesn't load", text)
        self.assertEqual(self.installed(), {})

    def test_for_everybody_under_a_strict_umask(self):
        """Of root who unpacks it, and of root who installs it; over a folder that was made so."""
        for path in self.unpacked.rglob("*"):
            path.chmod(path.stat().st_mode & 0o700)
        self.addCleanup(run, self.install, "--remove")
        self.plugin.parent.mkdir(parents=True, exist_ok=True)
        self.addCleanup(self.plugin.parent.chmod, 0o755)
        self.plugin.parent.chmod(0o700)
        run(self.install, umask=0o077)
        self.assertEqual(self.steps(), STEPS)
        self.check_profile()
        for name in tree(ROOT / "profile" / "tcpfsm"):
            self.as_user("cat", self.profile / name)


if __name__ == "__main__":
    if os.geteuid() != 0 or os.environ.get("TCPFSM_MAY_INSTALL") != "yes" or len(sys.argv) != 2:
        sys.exit(__doc__)
    FOLDER = pathlib.Path(sys.argv.pop())
    unittest.main()
