#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: purity.py OBJDUMP ARCHIVE

Does the archive call anybody, or hold anything that can change? Fails naming it.
"""
import re
import subprocess
import sys

# What a compiler puts in by itself, and the functions that touch only what they are handed (some loops
# become one of them).
ALLOWED = re.compile(r"mem(cpy|set|cmp|move)|strlen|"
                     r"__stack_chk_fail(_local)?|_GLOBAL_OFFSET_TABLE_|__tls_get_addr")
# Relocated at load time and read-only from then on: tables of strings.
READ_ONLY = re.compile(r"\.data\.rel\.ro")
CHANGEABLE = re.compile(r"\.(t?data|t?bss)(\.|$)")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def undefined(objdump, archive):
    """Names that no member of the archive defines."""
    wanted, defined = set(), set()
    for line in run(objdump, "-t", archive):
        match = re.match(r"[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+ (?:\.hidden )?(\S+)$", line)
        if match:
            _, section, name = match.groups()
            (wanted if section == "*UND*" else defined).add(name)
    if not defined:
        sys.exit("%s defines nothing: not looked at" % archive)
    return sorted(wanted - defined)


def changeable(objdump, archive):
    """(section, size) of everything that can be written to."""
    for line in run(objdump, "-h", archive):
        match = re.match(r"\s*\d+ (\.\S+)\s+([0-9a-f]{8})\s", line)
        if match and CHANGEABLE.match(match[1]) and not READ_ONLY.match(match[1]) and int(match[2], 16):
            yield match[1], int(match[2], 16)


def main():
    objdump, archive = sys.argv[1:]
    faults = ["it calls %s" % name for name in undefined(objdump, archive) if not ALLOWED.fullmatch(name)]
    faults += ["it keeps %d bytes that can change in %s" % (size, name)
               for name, size in changeable(objdump, archive)]
    for fault in faults:
        print("%s is not pure: %s" % (archive, fault))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
