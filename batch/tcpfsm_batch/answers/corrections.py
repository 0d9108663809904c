# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rows of one unit can't know, since other units hold the rest of the same capture.

Of windows, a connection that the window before has already is left out. Of shards and windows,
`many_embryonic`, `many_idle` and `many_unanswered` are counted again over all of them, as the plugin counts
them within one (plugin/wireshark/store/server_load.h). A row doesn't say when an idle connection sent its
first byte, nor all that a filter of the capture explains: where that is open nothing is counted, so a warning
may be missing, but none is wrong.

Only chains of several units are looked at; what is waited for is sorted on disk.
"""
import heapq
import itertools
import json
import os
import sqlite3

SECOND = 1000000000
FOREVER = (1 << 63) - 1
LIMIT, IDLE_TIMEOUT, HANDSHAKE_TIMEOUT = 32, 75, 5     # the plugin's defaults
HANDSHAKE = ("syn_frame", "synack_frame", "ack_frame")
TRIED = 3           # a client that sends its SYN so often wants an answer: a scan sends it once or twice
MANY = ("many_embryonic", "many_idle", "many_unanswered")
MINOR = {"embryonic": "embryonic_minor", "unanswered": "unanswered_minor"}
TOLD = {"embryonic", "embryonic_minor", "unanswered", "unanswered_minor", "backlog_overflow", *MANY}

TABLES = """
CREATE TABLE waits (kind INTEGER, begin INTEGER, end INTEGER, server TEXT, client TEXT, tries INTEGER,
                    unit TEXT, connection INTEGER, frame INTEGER, file TEXT, silent INTEGER);
CREATE TABLE many (unit TEXT, connection INTEGER);
CREATE TABLE corrections (unit TEXT, connection INTEGER, dropped INTEGER, warnings TEXT,
                          PRIMARY KEY (unit, connection)) WITHOUT ROWID;
"""
EMBRYONIC, IDLE = 0, 1


class Corrections:
    """Of a folder, kept in `scratch`; None of a chain of one unit, which is most of them."""

    def __init__(self, folder, scratch):
        self.folder = folder
        self.path = os.path.join(scratch, "corrections.sqlite")
        self.database = sqlite3.connect(self.path)
        self.database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + TABLES)
        self.units = set()
        for chain in folder.chains():
            if len(chain) > 1:
                self.units.update(chain)
                self._leave_out(chain)
                self._count_again(chain)
        self.database.commit()

    def of(self, unit, row):
        """The row as it is to be told, or None."""
        if unit not in self.units:
            return row
        found = self._find(unit, row)
        if found is None:
            return row
        return None if found[0] else {**row, "warnings": json.loads(found[1])}

    def _find(self, unit, row):
        return self.database.execute("SELECT dropped, warnings FROM corrections WHERE unit = ? AND "
                                     "connection = ?", (unit, row["connection"])).fetchone()

    def write(self, path):
        """For DuckDB; always at least a line, so that its columns are known."""
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"unit": "", "connection": -1, "dropped": true, "warnings": null}\n')
            for unit, connection, dropped, warnings in self.database.execute("SELECT * FROM corrections"):
                file.write(json.dumps({"unit": unit, "connection": connection, "dropped": bool(dropped),
                                       "warnings": json.loads(warnings) if warnings else None}) + "\n")

    # --- windows ------------------------------------------------------------

    def _leave_out(self, chain):
        """A row that began before its window, and that the window before has already."""
        before = set()
        for position, hash_ in enumerate(chain):
            unit = self.folder.units[hash_]
            if unit.get("window") is None:
                return
            following = self.folder.units[chain[position + 1]] if position + 1 < len(chain) else {}
            begin, own = int(following.get("own_first_ns") or FOREVER), set()
            for row in self.folder.connections(hash_):
                batch = row["batch"]
                if batch.get("continued") and row["community_id"] in before:
                    self.database.execute("INSERT INTO corrections VALUES (?, ?, 1, NULL)",
                                          (hash_, row["connection"]))
                if batch.get("unfinished") or int(row["last_packet_epoch_ns"]) >= begin:
                    own.add(row["community_id"])
            before = own

    # --- loads --------------------------------------------------------------

    def _count_again(self, chain):
        self.database.execute("DELETE FROM waits")
        self.database.execute("DELETE FROM many")
        limit = _preference(self.folder.units[chain[0]], "many_limit", LIMIT)
        filtered = self._collect_waits(chain)
        if filtered:
            self.database.execute("DELETE FROM waits WHERE kind = ? AND NOT silent & 2", (EMBRYONIC,))
        changes = Changes(limit)
        self.database.execute("CREATE INDEX IF NOT EXISTS waits_begin ON waits (begin)")
        self._sweep(changes)
        self._store(changes)

    def _collect_waits(self, chain):
        """Who waited from when to when; true if a filter of the capture seems to be why."""
        excused, completed = False, False
        for hash_ in chain:
            unit = self.folder.units[hash_]
            end = int(unit.get("capture_end_ns") or unit.get("last_ns") or 0)
            idle = _preference(unit, "idle_timeout", IDLE_TIMEOUT) * SECOND
            patience = 2 * _preference(unit, "handshake_timeout", HANDSHAKE_TIMEOUT) * SECOND
            for row in self.folder.connections(hash_):
                if self._find(hash_, row):
                    continue
                completed = completed or all(name in row for name in HANDSHAKE)
                if any(warning["name"] in MANY for warning in row["warnings"]):
                    self.database.execute("INSERT INTO many VALUES (?, ?)", (hash_, row["connection"]))
                wait = _wait(row, end, idle)
                if wait is None:
                    continue
                kind, begin, until = wait
                told = any(warning["name"] in TOLD for warning in row["warnings"])
                if kind == EMBRYONIC and until == FOREVER and not told and end - begin > patience:
                    excused = True
                self.database.execute("INSERT INTO waits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (
                    kind, begin, until, "%s %d" % (row["server_address"], row["server_port"]),
                    row["client_address"], row["packets"], hash_, row["connection"],
                    row.get("syn_frame" if kind == EMBRYONIC else "ack_frame"),
                    row.get("syn_frame_file" if kind == EMBRYONIC else "ack_frame_file"),
                    (1 if row["outcome"] == "unanswered" else 0) + (2 if told or until != FOREVER else 0)))
        return excused or not completed

    def _sweep(self, changes):
        ends = []               # of those that wait, the earliest end first
        order = itertools.count()
        for wait in self.database.execute("SELECT * FROM waits ORDER BY begin, unit, connection"):
            while ends and ends[0][0] <= wait[1]:
                changes.end(heapq.heappop(ends)[-1])
            counted = changes.begin(wait)
            if wait[2] != FOREVER:
                heapq.heappush(ends, (wait[2], next(order), counted))

    def _store(self, changes):
        """New warnings for the rows that are other than their unit has them."""
        touched = {}
        for unit, connection in self.database.execute("SELECT * FROM many"):
            touched.setdefault(unit, set()).add(connection)
        for unit, connection in [*changes.passers, *changes.covered]:
            touched.setdefault(unit, set()).add(connection)
        for unit, connections in touched.items():
            for row in self.folder.connections(unit):
                if row["connection"] in connections:
                    key = unit, row["connection"]
                    warnings = _corrected(row["warnings"], changes.passers.get(key, []),
                                          key in changes.covered)
                    self.database.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?, 0, ?)",
                                          (*key, json.dumps(warnings)))


class Changes:
    """Counts, in order of time, who waits at a server or for a client."""

    def __init__(self, limit):
        self.limit = limit
        self.counts, self.reported = {}, set()
        self.pairs = {}                     # client and server -> how many of its SYNs wait there
        self.kept = {}                      # client -> how many that try again have a warning nevertheless
        self.passers, self.covered = {}, set()

    def begin(self, wait):
        """What is to be undone once it waits no longer."""
        kind, _, _, server, client, tries, unit, connection, frame, file, silent = wait
        key, where = (unit, connection), (frame, file)
        passed = self._is_passed((EMBRYONIC, server)) or self._is_passed((IDLE, server))
        self._add((kind, server), MANY[kind], key, where)
        undo = [(kind, server)]
        if kind == IDLE:
            return undo
        if passed:
            self.covered.add(key)
        elif silent & 1:
            undo += self._begin_at_client(client, server, tries, key, where)
        return undo

    def _begin_at_client(self, client, server, tries, key, where):
        if self._is_passed((None, client)):
            if tries >= TRIED and self.kept.get(client, 0) < self.limit:
                self.kept[client] = self.kept.get(client, 0) + 1
            else:
                self.covered.add(key)
        pair = client, server
        self.pairs[pair] = self.pairs.get(pair, 0) + 1
        if self.pairs[pair] == 1:
            self._add((None, client), "many_unanswered", key, where)
        return [pair]

    def end(self, undo):
        for load in undo:
            if load in self.pairs:
                self.pairs[load] -= 1
                if self.pairs[load]:
                    continue
                del self.pairs[load]
                load = (None, load[0])
            self.counts[load] -= 1

    def _is_passed(self, load):
        return self.counts.get(load, 0) > self.limit

    def _add(self, load, name, key, where):
        self.counts[load] = self.counts.get(load, 0) + 1
        if self._is_passed(load) and load not in self.reported:
            self.reported.add(load)
            self.passers.setdefault(key, []).append((name, where))


def _preference(unit, name, default):
    preferences = unit.get("preferences") or {}
    return int(preferences.get("tcpfsm." + name, preferences.get(name, default)))


def _wait(row, end, idle):
    """(kind, begin, end) of the time in which the plugin would have counted it, or None."""
    if "syn_frame" not in row:
        return None
    first, last = int(row["first_packet_epoch_ns"]), int(row["last_packet_epoch_ns"])
    if row["outcome"] in ("unanswered", "embryonic"):
        return (EMBRYONIC, first + SECOND, FOREVER) if end >= first + SECOND else None
    if "ack_frame" not in row:
        return (EMBRYONIC, first + SECOND, last) if last > first + SECOND else None
    took = int(row.get("handshake_time_ns") or 0)
    if took > SECOND:
        return EMBRYONIC, first + SECOND, first + took
    begin = first + took + idle
    never = row["outcome"] == "open" and row["bytes_client"] == row["bytes_server"] == 0
    return (IDLE, begin, FOREVER) if never and "synack_frame" in row and end >= begin else None


def _corrected(warnings, passes, covered):
    """The warnings of a row, warnings before notes as the plugin has them."""
    kept = [warning for warning in warnings if warning["name"] not in MANY]
    if covered:
        kept = [{**warning, "name": MINOR[warning["name"]], "severity": "note"}
                if warning["name"] in MINOR else warning for warning in kept]
    for name, (frame, file) in passes:
        many = {"name": name, "severity": "warn", "frame": frame, "frame_file": file}
        kept.append({key: value for key, value in many.items() if value is not None})
    return sorted(kept, key=lambda warning: warning["severity"] != "warn")
