#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The version comes from one place, project() in CMakeLists.txt, into the plugin, however it is built.

For the build inside Wireshark's source tree, which is not at hand, a few lines of CMake stand in for it: they
take down what plugin/CMakeLists.txt tells Wireshark's macros.
"""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import shark

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r"(?m)^project\(tcpfsm VERSION (\d+\.\d+\.\d+)",
                    (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]

MACROS = """
macro(set_module_info)
    file(WRITE ${CMAKE_BINARY_DIR}/info "${ARGN}")
endmacro()
macro(add_wireshark_plugin_library plugin folder)
    add_library(${plugin} MODULE ${PLUGIN_FILES})
endmacro()
macro(install_plugin)
endmacro()
"""
WIRESHARK = """
cmake_minimum_required(VERSION 3.20)
project(wireshark C)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_SOURCE_DIR})
add_library(epan INTERFACE)
add_subdirectory(%s plugin)
get_target_property(sources tcpfsm SOURCES)
get_target_property(definitions tcpfsm COMPILE_DEFINITIONS)
file(WRITE ${CMAKE_BINARY_DIR}/sources "${sources}")
file(WRITE ${CMAKE_BINARY_DIR}/definitions "${definitions}")
"""


class Version(shark.SharkTest):
    def test_wireshark_shows_it(self):
        text = shark.world().run([shark.TSHARK, "-G", "plugins"])[1]
        ours = [line.split("\t") for line in text.splitlines() if line.startswith("tcpfsm.so")]
        self.assertEqual([line[1] for line in ours], [VERSION])

    def test_the_changelog_begins_with_it(self):
        headings = re.findall(r"(?m)^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        self.assertEqual(headings[0], VERSION)


@unittest.skipUnless(shutil.which("cmake") and shutil.which("ninja"), "no cmake, or no ninja")
class InTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tcpfsm-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "WiresharkPlugin.cmake").write_text(MACROS)
        (self.folder / "CMakeLists.txt").write_text(WIRESHARK % (ROOT / "plugin"))
        done = subprocess.run(["cmake", "-G", "Ninja", "-S", self.folder, "-B", self.folder / "build"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def told(self, name):
        return (self.folder / "build" / name).read_text().split(";")

    def test_version(self):
        self.assertEqual(self.told("info"), ["tcpfsm", *VERSION.split("."), "0"])
        self.assertIn('TCPFSM_VERSION="%s"' % VERSION, self.told("definitions"))

    def test_sources(self):
        sources = {(ROOT / "plugin" / name).resolve() for name in self.told("sources")}
        self.assertEqual(sources, set((ROOT / "plugin").rglob("*.c")))


if __name__ == "__main__":
    shark.main()
