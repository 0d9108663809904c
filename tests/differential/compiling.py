# SPDX-License-Identifier: GPL-2.0-or-later
"""Which objects have to be compiled again?

An object is kept together with the digests of all files that went into it, so it serves again whenever
they are the same: after a change that was taken back, and for another tree with the same sources.
"""
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes"]
OPTIONS = ["-std=c11", "-O1", "-fPIC", "-fvisibility=hidden", *WARNINGS]
RECORDS_KEPT = 12


def digest_of(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:20]


class Compiler:
    def __init__(self, folder, command, jobs):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.command = command
        self.jobs = jobs
        self.digests = {}
        self.compiled = 0

    def digest(self, path):
        if path not in self.digests:
            try:
                self.digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()[:20]
            except OSError:
                self.digests[path] = None
        return self.digests[path]

    def object(self, tree, source, options):
        """The object file of `source`, compiled in the folder `tree`, to which its name is relative."""
        options = [*OPTIONS, *options]
        record_file = self.folder / (digest_of(self.command, source, *options) + ".json")
        records = json.loads(record_file.read_text()) if record_file.exists() else []
        for record in records:
            if all(self.digest(tree / name) == digest for name, digest in record["files"].items()):
                if pathlib.Path(self.folder, record["object"]).exists():
                    return self.folder / record["object"]
        return self.compile(tree, source, options, record_file, records)

    def compile(self, tree, source, options, record_file, records):
        fresh = self.folder / (record_file.stem + ".new.o")
        needs = fresh.with_suffix(".d")
        done = subprocess.run([self.command, *options, "-c", str(source), "-o", fresh, "-MMD", "-MF", needs],
                              cwd=tree, capture_output=True, text=True, check=False)
        sys.stderr.write(done.stderr)
        if done.returncode:
            sys.exit("%s doesn't compile" % source)
        self.compiled += 1
        names = re.sub(r"\\\n", " ", needs.read_text()).split(":", 1)[1].split()
        files = {name: self.digest(tree / name) for name in names}
        final = self.folder / ("%s-%s.o" % (record_file.stem, digest_of(*sorted(files.items()))))
        fresh.rename(final)
        needs.unlink()
        for old in records[RECORDS_KEPT - 1:]:
            pathlib.Path(self.folder, old["object"]).unlink(missing_ok=True)
        records = [{"object": final.name, "files": files}, *records[:RECORDS_KEPT - 1]]
        record_file.write_text(json.dumps(records))
        return final

    def objects(self, tree, sources, options):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda source: self.object(tree, source, options), sources))

    def link(self, path, objects, options):
        """Links anew unless it was linked of just these."""
        note = path.with_name(path.name + ".made-of")
        made_of = "\n".join([*map(str, objects), *options])
        if path.exists() and note.exists() and note.read_text() == made_of:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        subprocess.run([self.command, *map(str, objects), *options, "-o", path], check=True)
        note.write_text(made_of)
        return path
