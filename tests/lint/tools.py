# SPDX-License-Identifier: GPL-2.0-or-later
"""What format.py, hygiene.py and tidy.py share."""
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77  # SKIP_RETURN_CODE of the tests


def version_14(tool):
    """The command of that LLVM tool in version 14; without one the test is skipped, and says so."""
    for command in (tool + "-14", tool):
        if shutil.which(command):
            text = subprocess.run([command, "--version"], capture_output=True, text=True).stdout
            if re.search(r"version 14\.", text):
                return command
    print("no %s of version 14 here" % tool)
    sys.exit(SKIPPED)


def tree_files(root):
    """All files of the tree but git's and the builds', relative to root."""
    for path in sorted(root.iterdir()):
        if path.name == ".git":     # a folder; in a working tree beside the first, a file
            continue
        if path.is_dir() and not path.name.startswith("build"):
            yield from (file.relative_to(root) for file in sorted(path.rglob("*"))
                        if file.is_file() and "__pycache__" not in file.parts)
        elif path.is_file():
            yield pathlib.Path(path.name)


def c_files(root):
    files = [file for file in tree_files(root) if file.suffix in (".c", ".h")]
    if not files:
        sys.exit("no C files in %s" % root)
    return files
