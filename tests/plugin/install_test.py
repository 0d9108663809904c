#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/install in a home of its own: an ordinary user's and, in a mount namespace, root's."""
import atexit
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import shark

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORD = "installed-files"
OTHER = "99.8"      # a Wireshark that nobody has


class Machine:
    """A copy of the tree's scripts and profile, a home, a folder of programs in front of PATH."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tcpfsm-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.tree, self.home = self.folder / "tree", self.folder / "home"
        self.programs, self.last = self.folder / "first" / "bin", self.folder / "last" / "bin"
        for name in ("scripts", "profile"):
            shutil.copytree(ROOT / name, self.tree / name)
        self.plugin = self.folder / "tcpfsm.so"
        shutil.copy(os.environ["TCPFSM_PLUGIN"], self.plugin)
        for folder in (self.home, self.programs, self.last):
            folder.mkdir(parents=True)
        text = subprocess.run([shark.TSHARK, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = re.search(r"\d+\.\d+", text)[0]
        self.roots = self.home / ".local/lib/wireshark/plugins"
        self.installed = self.roots / self.version / "epan" / "tcpfsm.so"
        self.profile = self.home / ".config/wireshark/profiles/tcpfsm"
        self.open_to_all()

    def open_to_all(self):
        if os.geteuid() == 0:
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, shark.NOBODY, shark.NOBODY, follow_symlinks=False)

    def program(self, folder, name, prints):
        path = folder / name
        path.write_text("#!/bin/sh\ncat <<'TEXT'\n%s\nTEXT\n" % prints)
        path.chmod(0o755)

    def write(self, path, text="x"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.open_to_all()
        return path

    def environment(self, user):
        path = [str(self.programs), os.path.dirname(shark.TSHARK), "/usr/bin", "/bin", "/usr/sbin", "/sbin",
                str(self.last)]
        lean = {"WIRESHARK_DATA_DIR": shark.world().data} if user and shark.world().data else {}
        return {"HOME": str(self.home), "PATH": ":".join(path), "LC_ALL": "C.UTF-8",
                "WIRESHARK_PLUGIN_DIR": "/nowhere", **lean}

    def call(self, *command, user=True):
        """(exit status, stdout, stderr)"""
        drop = user and os.geteuid() == 0
        identity = {"user": shark.NOBODY, "group": shark.NOBODY, "extra_groups": []} if drop else {}
        done = subprocess.run(command, env=self.environment(user), cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=shark.SECONDS, check=False, **identity)
        return done.returncode, done.stdout, done.stderr


class InstallTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.machine = Machine()
        self.script = str(self.machine.tree / "scripts/install")

    def install(self, *options, status=0, stderr=""):
        """Its stdout, or its stderr where it is expected to fail."""
        return self.script_says("--plugin", str(self.machine.plugin), *options, status=status, stderr=stderr)

    def script_says(self, *options, status=0, stderr=""):
        got, text, complaint = self.machine.call(self.script, *options)
        self.assertEqual(got, status, text + complaint)
        if status:
            return complaint
        self.assertEqual(complaint, stderr)
        return text

    def copies(self):
        return sorted(str(path.relative_to(self.machine.roots))
                      for path in self.machine.roots.rglob("*") if path.is_file())

    def home(self):
        """Each file with its content."""
        return {str(path.relative_to(self.machine.home)): path.read_bytes()
                for path in self.machine.home.rglob("*") if path.is_file()}


class Plugin(InstallTest):
    def test_loads_from_the_personal_folder(self):
        """In the place of an older copy."""
        self.machine.write(self.machine.installed, "old")
        text = self.install()
        plugins = self.machine.call("env", "-u", "WIRESHARK_PLUGIN_DIR", shark.TSHARK, "-G", "plugins")[1]
        self.assertIn("\t%s\n" % self.machine.installed, plugins)
        self.assertIn("tcpfsm is installed in %s\n" % self.machine.installed.parent, text)
        self.assertRegex(text, r"(?m)^    %s [\d.]+: served$" % re.escape(shark.TSHARK))
        self.assertEqual(self.home(), {str(self.machine.installed.relative_to(self.machine.home)):
                                       self.machine.plugin.read_bytes()})

    def test_again(self):
        first, files = self.install("--profile"), self.home()
        self.assertEqual(self.install("--profile"), first)
        self.assertEqual(self.home(), files)

    def test_refuses_what_does_not_load(self):
        """What was there before stays."""
        self.machine.write(self.machine.installed, "as it was")
        before = self.home()
        self.machine.plugin.write_text("no library")
        self.assertIn("no tshark of this machine loads", self.install(status=1))
        self.assertEqual(self.home(), before)

    def test_tells_whose_folder_it_may_not_write(self):
        folder = self.machine.write(self.machine.home / ".local/x").parent
        folder.chmod(0o555)
        self.assertRegex(self.install(status=1), r"can't write into \S+/epan: \S+/\.local belongs to \w+\n")

    def test_usage(self):
        text = self.script_says("--help")
        for option in ("--profile", "--plugin FILE", "--remove", "--help"):
            self.assertRegex(text, r"(?m)^  %s  " % option)
        for wrong in (["--plugin"], ["--all"], ["x"], ["--remove", "--profile"]):
            self.assertIn("usage: scripts/install", self.script_says(*wrong, status=2))
        self.assertIn("no such file", self.script_says("--plugin", "/nowhere.so", status=1))
        self.assertEqual(self.home(), {})


class Versions(InstallTest):
    def other(self, folder, name="wireshark"):
        self.machine.program(folder, name, "Wireshark %s.7 (Git)" % OTHER)
        return str(folder / name)

    def check_refused(self, complaint, program):
        self.assertRegex(complaint, r"(?s)^install: %s is Wireshark %s\.7, but the plugin is for %s .*"
                         r"Nothing was installed\." % (re.escape(program), OTHER, self.machine.version))
        self.assertEqual(self.home(), {})
        return complaint.splitlines()[-1].strip()

    def test_refuses_if_another_version_would_be_started(self):
        for name in ("wireshark", "tshark"):
            program = self.other(self.machine.programs, name)
            remedy = self.check_refused(self.install(status=1), program)
            self.assertRegex(remedy, r"^cmake --install BUILD --component Development && PATH=%s:\$PATH "
                             % re.escape(str(self.machine.programs)))
            os.remove(program)

    def test_the_remedy_uses_the_files_beside_it(self):
        folder = self.machine.programs.parent / "lib" / "pkgconfig"
        self.machine.write(folder / "wireshark.pc", "Name: wireshark\nVersion: %s.7\n" % OTHER)
        program = self.other(self.machine.programs)
        remedy = self.check_refused(self.install(status=1), program)
        self.assertEqual(remedy, "PATH=%s:$PATH PKG_CONFIG_PATH=%s %s"
                         % (self.machine.programs, folder, self.script))

    @unittest.skipUnless(shutil.which("pkg-config") and
                         not subprocess.call(["pkg-config", "--exists", "wireshark", "glib-2.0"]),
                         "no development files of Wireshark")
    def test_refuses_before_it_builds(self):
        program = self.other(self.machine.programs)
        self.check_refused(self.script_says(status=1), program)
        self.assertFalse((self.machine.tree / "build").exists())

    def test_lists_what_it_does_not_serve(self):
        """One behind in PATH keeps nobody from installing."""
        program = self.other(self.machine.last, "tshark")
        self.assertRegex(self.install(), r"(?m)^    %s %s\.7: not served\. For that: \S" % (program, OTHER))
        self.assertTrue(self.machine.installed.exists())

    def test_lists_flatpaks(self):
        self.machine.program(self.machine.programs, "flatpak",
                             "org.example.Other\t1.0\norg.wireshark.Wireshark\t4.4.1")
        text = self.install()
        self.assertIn("\n    org.wireshark.Wireshark 4.4.1 (flatpak): not served: ", text)
        self.assertNotIn("example", text)

    @unittest.skipIf(shutil.which("flatpak"), "flatpak answers for itself")
    def test_finds_flatpaks_without_flatpak(self):
        base = self.machine.home / ".local/share/flatpak/app/org.wireshark.Wireshark/current/active/files"
        self.machine.write(base / "share/metainfo/org.wireshark.Wireshark.metainfo.xml",
                           '<releases>\n <release version="4.2.3" date="x"/>\n <release version="4.0.0"/>\n')
        self.assertIn("\n    org.wireshark.Wireshark 4.2.3 (flatpak): not served: ", self.install())


class Copies(InstallTest):
    def setUp(self):
        super().setUp()
        self.mine = self.machine.version + "/epan/tcpfsm.so"
        for name in ("3.6/epan/tcpfsm.so", "3.6/epan/foreign.so", "3.4/epan/tcpfsm.so", "tcpfsm.so",
                     OTHER + "/epan/tcpfsm.so"):
            self.machine.write(self.machine.roots / name)

    def test_stale_ones_are_removed(self):
        """Those that no Wireshark of the machine looks for."""
        self.machine.program(self.machine.last, "tshark", "TShark (Wireshark) %s.7" % OTHER)
        text = self.install()
        self.assertEqual(self.copies(), ["3.6/epan/foreign.so", self.mine, OTHER + "/epan/tcpfsm.so"])
        self.assertEqual(text.count("\nremoved "), 3)
        self.assertFalse((self.machine.roots / "3.4").exists())

    def test_remove_takes_all(self):
        self.install()
        text = self.script_says("--remove")
        self.assertEqual(text, "removed %s\n" % self.machine.installed)
        self.assertEqual(self.copies(), ["3.6/epan/foreign.so"])
        self.assertEqual(self.script_says("--remove"), "the plugin is not installed\n")

    def test_remove_takes_copies_of_others(self):
        self.script_says("--remove")
        self.assertEqual(self.copies(), ["3.6/epan/foreign.so"])


class Profile(InstallTest):
    def setUp(self):
        super().setUp()
        self.ours = self.machine.tree / "profile/tcpfsm"
        self.names = sorted(path.name for path in self.ours.iterdir())

    def installed(self):
        return {path.name: path.read_bytes() for path in self.machine.profile.iterdir()}

    def test_is_installed_only_when_asked_for(self):
        self.install()
        self.assertFalse(self.machine.profile.exists())
        self.install("--profile")
        expected = {name: (self.ours / name).read_bytes() for name in self.names}
        installed = self.installed()
        self.assertEqual(len(installed.pop(RECORD).splitlines()), len(self.names))
        self.assertEqual(installed, expected)

    def kept(self, name):
        return "install: kept your own %s/%s; ours is %s/%s\n" % (self.machine.profile, name, self.ours, name)

    def test_keeps_what_the_user_has_changed(self):
        self.install("--profile")
        self.machine.write(self.machine.profile / "colorfilters", "mine")
        for name in ("colorfilters", "preferences"):
            (self.ours / name).write_text("newer")
        for _ in range(2):
            self.install("--profile", stderr=self.kept("colorfilters"))
            self.assertEqual(self.installed()["colorfilters"], b"mine")
            self.assertEqual(self.installed()["preferences"], b"newer")

    def test_keeps_what_wireshark_has_written(self):
        """Whenever it ends; that is nothing to remark upon."""
        self.install("--profile")
        self.machine.write(self.machine.profile / "recent", "Wireshark's own")
        for _ in range(2):
            self.install("--profile")
            self.assertEqual(self.installed()["recent"], b"Wireshark's own")

    def test_keeps_a_profile_of_the_same_name(self):
        self.machine.write(self.machine.profile / "preferences", "mine")
        self.install("--profile", stderr=self.kept("preferences"))
        self.assertEqual(self.installed()["preferences"], b"mine")

    def test_takes_out_what_is_no_longer_part_of_it(self):
        self.install("--profile")
        os.remove(self.ours / "dmacros")
        self.install("--profile")
        self.assertNotIn("dmacros", self.installed())

    def test_remove(self):
        self.install("--profile")
        self.machine.write(self.machine.profile / "recent", "Wireshark's own")
        self.assertIn("removed %s\n" % self.machine.profile, self.script_says("--remove"))
        self.assertFalse(self.machine.profile.exists())

    def test_remove_keeps_what_the_user_has_changed(self):
        self.install("--profile")
        self.machine.write(self.machine.profile / "preferences", "mine")
        self.assertIn("but for what you have changed or added: preferences\n", self.script_says("--remove"))
        self.assertEqual(self.installed(), {"preferences": b"mine"})

    def test_remove_leaves_a_foreign_profile_alone(self):
        self.machine.write(self.machine.profile / "preferences", "mine")
        self.script_says("--remove")
        self.assertEqual(self.installed(), {"preferences": b"mine"})


def may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True,
                                                check=False).returncode == 0


@unittest.skipUnless(may_mount(), "only root may try")
class Root(InstallTest):
    """With the global folders of the machine hidden behind empty ones."""

    def folders(self):
        """The global folder of plugins, that of this version in it, the profiles."""
        folders = dict(re.findall(r"(?m)^(.+?): *\t(.*)$",
                                  subprocess.run([shark.TSHARK, "-G", "folders"], capture_output=True,
                                                 text=True, check=True).stdout))
        plugins = folders["Global Plugins"]
        return os.path.dirname(plugins), plugins, folders["Global configuration"] + "/profiles"

    def in_namespace(self, script):
        """(what it prints, what it complains of)"""
        plugins, version, profiles = self.folders()
        here = "set -e\nmount -t tmpfs none {plugins}\nmount -t tmpfs none {profiles}\n" + script
        here = here.format(plugins=plugins, version=version, profiles=profiles, script=self.script,
                           plugin=self.machine.plugin, tshark=shark.TSHARK, nobody=shark.NOBODY)
        status, text, complaint = self.machine.call("unshare", "--mount", "sh", "-c", here, user=False)
        self.assertEqual(status, 0, complaint)
        return text, complaint

    def test_installs_for_everybody(self):
        text, complaint = self.in_namespace("""
            mkdir -p {plugins}/3.6/epan; touch {plugins}/3.6/epan/tcpfsm.so
            {script} --plugin {plugin} --profile
            find {plugins} {profiles} -type f
            {script} --remove
            echo left: $(find {plugins} {profiles} -type f)
            """)
        plugins, version, profiles = self.folders()
        self.assertIn("Wireshark ignores personal plugins when root runs it", complaint)
        lines = text.splitlines()
        self.assertIn(version + "/epan/tcpfsm.so", lines)
        self.assertIn(profiles + "/tcpfsm/preferences", lines)
        self.assertNotIn(plugins + "/3.6/epan/tcpfsm.so", lines)
        self.assertEqual(lines[-1], "left:")
        self.assertEqual(self.home(), {})

    def test_strict_umask(self):
        """Of root, and of whoever cloned the tree; the second time over folders that were made so."""
        for path in (self.machine.tree / "profile").rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        self.machine.plugin.chmod(0o600)
        as_nobody = "setpriv --reuid={nobody} --regid={nobody} --clear-groups env -u WIRESHARK_PLUGIN_DIR "
        text, _ = self.in_namespace(("""
            umask 077
            for round in first second; do
                {script} --plugin {plugin} --profile
                %(as_nobody)s {tshark} -G plugins | grep tcpfsm.so
                %(as_nobody)s sh -c 'cat {profiles}/tcpfsm/*' >/dev/null
                chmod 700 {version} {version}/epan {profiles}/tcpfsm
                chmod 600 {version}/epan/tcpfsm.so {profiles}/tcpfsm/*
            done
            """ % {"as_nobody": as_nobody}))
        self.assertEqual(text.count("\t%s/epan/tcpfsm.so\n" % self.folders()[1]), 2, text)


if __name__ == "__main__":
    shark.main()
