#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints the plugin's warnings in many captures, a line each, several captures at a time.

    audit.py --scratch FOLDER [--notes] [--tsv FILE] [--jobs N] --preferences N OPTION... -- PATH...

FOLDER has what scripts/audit laid there: `command`, the words that start tshark with the plugin, and
`fields`, what `tshark -G fields` says. For the exit status see scripts/audit.
"""
import bz2
import collections
import concurrent.futures
import gzip
import html
import lzma
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

WARN, NOTE = 0x600000, 0x400000         # PI_WARN, PI_NOTE
SEVERITIES = {WARN: "Warn", NOTE: "Note"}
ALL_READ, SOME_FAILED, WRONG, NOTHING_READ, INTERRUPTED = 0, 1, 2, 3, 130

# pcap in either byte order, in micro- and nanoseconds, and two of its variants; pcapng; snoop.
MAGIC = tuple(map(bytes.fromhex, ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "34cdb2a1", "a1b2cd34",
                                  "0a0d0d0a", "736e6f6f70")))
PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
NAME = re.compile(r"\.(pcap|pcapng|cap|ntar|dmp|snoop|erf|trc|5vw|enc|pklg)(\.(gz|zst|lz4))?$", re.IGNORECASE)

# PDML is read line by line: what other dissectors say of a damaged packet isn't always XML.
FIELD = re.compile(r'<field name="([^"]*)"')
SHOW = re.compile(r' show="([^"]*)"')
EXPERT = "tcpfsm.expert."
BAR = 30


class WrongCommand(Exception):
    """tshark refuses what the user wrote; no capture is to blame."""


class Unreadable(Exception):
    pass


Line = collections.namedtuple("Line", "frame connection severity expert text")
Result = collections.namedtuple("Result", "path lines trouble opened")


def first_bytes(path):
    """Of what is in it, if it is compressed; none if they can't be read."""
    try:
        with open(path, "rb") as file:
            start = file.read(8)
        for magic, opener in PACKED.items():
            if start.startswith(magic):
                with opener(path) as file:
                    return file.read(8)
        return start
    except (OSError, EOFError, lzma.LZMAError):
        return b""


def is_capture(path):
    return bool(NAME.search(path)) or first_bytes(path).startswith(MAGIC)


def captures(given):
    """Files that are named, whatever they are, and the captures in folders; each once."""
    seen = set()
    for path in given:
        if os.path.isdir(path):
            found = sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
            found = [name for name in found if os.path.isfile(name) and is_capture(name)]
        else:
            found = [path]
        for name in found:
            if os.path.realpath(name) not in seen:
                seen.add(os.path.realpath(name))
                yield name


def expert_lines(pdml, least):
    """Those of at least that severity among PDML's lines."""
    frame = connection = expert = text = ""
    for line in pdml:
        match = FIELD.search(line)
        name = match.group(1) if match else ""
        if not name:
            continue
        shown = SHOW.search(line)
        shown = html.unescape(shown.group(1)) if shown else ""
        if name == "num":
            frame = shown
        elif name == "tcpfsm.connection":
            connection = shown
        elif name == "_ws.expert":
            expert = ""
        elif name.startswith(EXPERT):
            expert = name[len(EXPERT):]
        elif name == "_ws.expert.message":
            text = " ".join(shown.split())
        elif name == "_ws.expert.severity" and expert:
            if int(shown) >= least:
                yield Line(frame, connection, SEVERITIES.get(int(shown), shown), expert, text)
            expert = ""


class Audit:
    def __init__(self, scratch, preferences, least):
        self.scratch = scratch
        with open(os.path.join(scratch, "command"), encoding="utf-8") as file:
            self.command = file.read().splitlines()
        with open(os.path.join(scratch, "fields"), encoding="utf-8", errors="replace") as file:
            names = sorted(set(re.findall(r"\t(%s\w+)\t" % re.escape(EXPERT), file.read())))
        self.preferences = preferences
        self.least = least
        self.filter = "_ws.expert.severity >= %d && (%s)" % (least, " || ".join(names))
        self.running = set()
        self.lock = threading.Lock()
        self.stopped = False

    def whoever_runs_tshark_may_read(self, path):
        """Root's tshark runs as somebody else."""
        tshark = self.command.index("env")
        return subprocess.run([*self.command[:tshark], "test", "-r", path], check=False).returncode == 0

    def readable(self, path):
        """The path, or that of a copy, which is to be removed."""
        if not os.path.isfile(path):
            raise Unreadable("no regular file")
        if not os.access(path, os.R_OK):
            raise Unreadable("permission denied")
        if os.path.getsize(path) == 0:
            raise Unreadable("it is empty")
        path = os.path.abspath(path)
        if self.whoever_runs_tshark_may_read(path):
            return path, None
        handle, copy = tempfile.mkstemp(dir=self.scratch)
        os.close(handle)
        shutil.copyfile(path, copy)
        os.chmod(copy, 0o644)
        return copy, copy

    def start(self, path, errors):
        words = [*self.command, "-2", "-n", *self.preferences, "-r", path, "-Y", self.filter, "-J", "tcpfsm",
                 "-T", "pdml"]
        with self.lock:
            if self.stopped:
                raise Unreadable("interrupted")
            process = subprocess.Popen(words, cwd=self.scratch, stdin=subprocess.DEVNULL, stderr=errors,
                                       stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
            self.running.add(process)
        return process

    def run(self, path):
        """(lines, what went wrong or an empty text) of a file that tshark may read."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            with self.start(path, errors) as process:
                lines = list(expert_lines(process.stdout, self.least))
            with self.lock:
                self.running.discard(process)
            errors.seek(0)
            said = [line for line in errors.read().splitlines() if line.strip()]
        if process.returncode == 0:
            return lines, ""
        if process.returncode < 0:
            said.append("tshark was ended by signal %d" % -process.returncode)
        said = [re.sub(r"^tshark: ", "", line) for line in said]
        if any(re.match(r"-o flag|Invalid -o", line) for line in said):
            raise WrongCommand(said[0])
        return lines, said[0] if said else "tshark failed with status %d" % process.returncode

    def audit(self, path):
        copy = None
        try:
            read, copy = self.readable(path)
            lines, trouble = self.run(read)
            trouble = re.sub(r'^The file "%s"' % re.escape(read), "it", trouble).replace(read, path)
            return Result(path, lines, trouble, not trouble or "cut short" in trouble or bool(lines))
        except (Unreadable, OSError) as error:
            return Result(path, [], getattr(error, "strerror", None) or str(error), False)
        finally:
            if copy:
                os.remove(copy)

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.running:
                process.kill()


class Progress:
    """A bar on a terminal, and nothing elsewhere."""

    def __init__(self, total):
        self.on, self.done, self.total = sys.stderr.isatty(), 0, total

    def show(self):
        if self.on:
            full = BAR * self.done // max(self.total, 1)
            sys.stderr.write("\r\033[K[%s%s] %d of %d captures" %
                             ("#" * full, "." * (BAR - full), self.done, self.total))
            sys.stderr.flush()

    def hide(self):
        if self.on:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def print_result(result, table, progress):
    progress.hide()
    for line in result.lines:
        print("%s  %s  %s  %s  [wireshark -r %s -g %s]" %
              (result.path, line.frame, line.expert, line.text, shlex.quote(result.path), line.frame))
        if table:
            path = result.path.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
            table.write("\t".join((path, *line)) + "\n")
    sys.stdout.flush()
    if table:
        table.flush()


def print_counts(results):
    whole = sum(not result.trouble for result in results)
    counts = collections.Counter((line.severity, line.expert) for result in results for line in result.lines)
    print("\n%d of %d captures read to the end, %s" %
          (whole, len(results), "no warnings" if not counts else "warnings by kind:"))
    for (severity, expert), count in sorted(counts.items(), key=lambda item: (item[0][0] != "Warn", -item[1],
                                                                             item[0][1])):
        files = sum(any((line.severity, line.expert) == (severity, expert) for line in result.lines)
                    for result in results)
        print("%8d  %s  %s, in %d capture%s" % (count, severity, expert, files, "" if files == 1 else "s"))
    if counts:
        print('Is one of them wrong? docs/warnings.md, "Reporting a false alarm", says what to send.')
    sys.stdout.flush()
    for result in results:
        if result.trouble:
            print("audit: %s: %s" % (result.path, result.trouble), file=sys.stderr)
    if not any(result.opened for result in results):
        return NOTHING_READ
    return ALL_READ if whole == len(results) else SOME_FAILED


def audit_all(audit, paths, jobs, table):
    """The results, in the order of the paths; printed as they come."""
    results, progress = [], Progress(len(paths))
    pool = concurrent.futures.ThreadPoolExecutor(jobs)

    def one(path):
        result = audit.audit(path)
        progress.done += 1
        return result

    try:
        progress.show()
        for result in pool.map(one, paths):
            print_result(result, table, progress)
            results.append(result)
            progress.show()
    except BaseException:
        audit.stop()
        raise
    finally:
        progress.hide()
        pool.shutdown()
    return results


def read_arguments(words):
    """({option: value}, preferences, paths); scripts/audit has checked them."""
    options = {"--jobs": str(os.cpu_count() or 1)}
    while words[0] != "--preferences":
        name = words.pop(0)
        options[name] = "" if name == "--notes" else words.pop(0)
    many = int(words[1])
    return options, words[2:2 + many], words[3 + many:]


def main(words):
    options, preferences, given = read_arguments(words)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")
    paths = list(captures(given))
    if not paths:
        print("audit: no captures in %s" % " ".join(given), file=sys.stderr)
        return NOTHING_READ
    audit = Audit(options["--scratch"], preferences, NOTE if "--notes" in options else WARN)
    table = None
    try:
        if "--tsv" in options:
            table = open(options["--tsv"], "w", encoding="utf-8", errors="surrogateescape")
            table.write("file\tframe\tconnection\tseverity\texpert\ttext\n")
        return print_counts(audit_all(audit, paths, int(options["--jobs"]), table))
    except WrongCommand as error:
        print("audit: %s" % error, file=sys.stderr)
        return WRONG
    except OSError as error:
        print("audit: %s: %s" % (error.filename, error.strerror), file=sys.stderr)
        return SOME_FAILED
    finally:
        if table:
            table.close()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
