#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: hygiene.py SOURCE_FOLDER | --self-test

Says which files break this code's rules: a licence line in each source, no path of somebody's machine, lines
and functions that fit a screen, no tabs, no blanks at the end of a line. In texts: no link to a file
that isn't there. And in the plugin: what
is inside the cold store stays there; who only looks at what the engine said changes nothing of it.
"""
import pathlib
import re
import sys
import tempfile

from tools import tree_files

LICENCE = b"SPDX-License-Identifier: GPL-2.0-or-later"
SOURCES = {".c", ".h", ".def", ".py", ".sh", ".cmake"}
MACHINE_PATH = re.compile(rb"(?<![\w.}/-])/(?:home|root|work|opt|Users|tmp)/[\w.]")
LINK = re.compile(rb"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")  # within the tree
LINE_MAX = 110
FUNCTION_MAX = 60
FILE_MAX = 300  # in the engine; tables are exempt
TABLES = {".def"}  # their lines may be long
COLD = re.compile(r'#include "store/cold/(?!conn_cache\.h")')
OBSERVATION = re.compile(r"(?<!const )struct observation \*|\bobservation(\.|->)\w[\w.]* *[|&]?=(?!=)")


def is_source(path, content):
    return path.suffix in SOURCES or path.name == "CMakeLists.txt" or content.startswith(b"#!")


def is_text(content):
    return b"\0" not in content


def long_functions(lines):
    """(line number, length) of functions that don't fit a screen: from a lone { in column 1 to its }."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > FUNCTION_MAX:
                yield start, number - start - 1
            start = None


def style_faults(path, content):
    lines = content.decode("utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX and path.suffix not in TABLES:
            yield number, "%d columns" % len(line)
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        if "\t" in line:
            yield number, "a tab"
    if path.suffix in (".c", ".h"):
        if "engine" in path.parts and len(lines) - 1 > FILE_MAX:
            yield len(lines) - 1, "a file of %d lines" % (len(lines) - 1)
        for number, length in long_functions(lines):
            yield number, "a function of %d lines" % length
    if not content.endswith(b"\n"):
        yield len(lines), "no end of the last line"


def room_faults(path, content):
    """Of plugin/wireshark: the store hands observations to the engine to be written, and unpacks some."""
    for number, line in enumerate(content.decode("utf-8").split("\n"), 1):
        if "cold" not in path.parts and COLD.search(line):
            yield number, "a header of store/cold's own"
        if "store" not in path.parts and OBSERVATION.search(line):
            yield number, "an observation that may be changed"


def dead_links(folder, content):
    for match in LINK.finditer(content):
        if not (folder / match[1].decode()).exists():
            yield content.count(b"\n", 0, match.start()) + 1, "a link to nothing: %s" % match[1].decode()


def faults(path, content, folder):
    """`path` is its name in the tree, `folder` where it is."""
    if path.suffix == ".md":
        yield from dead_links(folder, content)
    for match in MACHINE_PATH.finditer(content):
        yield content.count(b"\n", 0, match.start()) + 1, "a path of somebody's machine"
    if not is_text(content) or not is_source(path, content):
        return
    if LICENCE not in content[:4000]:
        yield 1, "no licence line"
    yield from style_faults(path, content)
    if path.parts[:2] == ("plugin", "wireshark"):
        yield from room_faults(path, content)


def check(root):
    found = 0
    for path in tree_files(root):
        for line, fault in faults(path, (root / path).read_bytes(), (root / path).parent):
            print("%s:%d: %s" % (path, line, fault))
            found += 1
    return found


def self_test():
    """Each fault is found where it is, and nothing in a file without."""
    licence = "/* %s */\n" % LICENCE.decode()
    long_body = "int f(void)\n{\n" + "    g();\n" * 61 + "}\n"
    cases = {
        "good.c": (licence + "int x;\n", None),
        "licence.c": ("int x;\n", "1: no licence line"),
        "path.md": ("see\n/ho" + "me/me/x\n", "2: a path of somebody's machine"),
        "dead.md": ("[a](dead.md) [b](https://x.y/z) [c](#here)\n[d](gone.md#there)\n",
                    "2: a link to nothing: gone.md"),
        "tab.py": ("# " + licence + "\tx\n", "2: a tab"),
        "wide.h": (licence + "/" * 111 + "\n", "2: 111 columns"),
        "blank.c": (licence + "int x; \n", "2: blanks at the end of the line"),
        "long.c": (licence + long_body, "3: a function of 61 lines"),
        "end.c": (licence + "int x;", "2: no end of the last line"),
        "engine/big.c": (licence + "int x;\n" * 300, "301: a file of 301 lines"),
        "other/big.c": (licence + "int x;\n" * 300, None),
        "plugin/wireshark/a.c": (licence + '#include "store/cold/slab.h"\n',
                                 "2: a header of store/cold's own"),
        "plugin/wireshark/b.c": (licence + '#include "store/cold/conn_cache.h"\n', None),
        "plugin/wireshark/store/cold/a.c": (licence + '#include "store/cold/slab.h"\n', None),
        "plugin/wireshark/c.c": (licence + "layer->record.observation.findings |= 1;\n",
                                 "2: an observation that may be changed"),
        "plugin/wireshark/d.h": (licence + "void f(struct observation *o);\n",
                                 "2: an observation that may be changed"),
        "plugin/wireshark/e.c": (licence + "f(const struct observation *o, observation.steps == 1);\n",
                                 None),
        "plugin/wireshark/store/b.c": (licence + "void f(struct observation *o);\n", None),
        "wide.def": (licence + "/" * 111 + "\n", None),
    }
    wrong = 0
    for name, (text, expected) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, pathlib.Path(name).name)
            path.write_text(text)
            found = ["%d: %s" % fault
                     for fault in faults(pathlib.Path(name), path.read_bytes(), path.parent)]
        if found != ([expected] if expected else []):
            print("%s: found %s, expected %s" % (name, found, expected))
            wrong += 1
    return wrong


if __name__ == "__main__":
    sys.exit(1 if (self_test() if sys.argv[1] == "--self-test" else check(pathlib.Path(sys.argv[1]))) else 0)
