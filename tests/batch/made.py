# SPDX-License-Identifier: GPL-2.0-or-later
"""Results folders made by hand, so that the answers are known."""
import json

SECOND = 1000000000
START = 1795262400 * SECOND         # 2026-11-21 12:00:00 UTC
END = START + 7200 * SECOND


def row(number, outcome="closed", at=0, took=SECOND, **more):
    """A connection that began `at` ns behind START. What isn't said is of one that went well."""
    first = START + at
    made = {
        "connection": number, "stream": number, "client_address": "10.1.0.1", "client_port": 40000 + number,
        "server_address": "10.2.0.1", "server_port": 443, "community_id": "1:%027d=" % number,
        "first_packet_epoch_us": first / 1000, "first_packet_epoch_ns": str(first),
        "last_packet_epoch_us": (first + took) / 1000, "last_packet_epoch_ns": str(first + took),
        "outcome": outcome, "closing": "four-way", "history": "ShADadFf", "packets": 10, "bytes_client": 100,
        "bytes_server": 2000, "duration_us": took / 1000, "duration_ns": str(took),
        "client_state": "TIME-WAIT", "client_basis": "proven", "server_state": "CLOSED",
        "server_basis": "expected", "client_owes": [], "server_owes": [], "syn_frame": 10 * number + 1,
        "warnings": []}
    made.update(more)
    return made


def opened(number, handshake, outcome="closed", at=0, took=SECOND, **more):
    """With a handshake of so many ns."""
    return row(number, outcome, at, took, **{
        "opening": "three-way", "synack_frame": 10 * number + 2, "ack_frame": 10 * number + 3,
        "handshake_time_us": handshake / 1000, "handshake_time_ns": str(handshake), **more})


def stuck(number, age, end="server", at=0, **more):
    """Whose server, or client, has owed a FIN for so many ns."""
    debt = {"what": "FIN", "since_frame": 10 * number + 5, "age_us": age / 1000, "age_ns": str(age)}
    return opened(number, 1000000, "half-closed", at, **{
        "closing": "one FIN only", "fin_frame": 10 * number + 5, "client_state": "FIN-WAIT-2",
        "server_state": "CLOSE-WAIT", end + "_owes": [debt], **more})


def warn(*names, severity="warn", frame=7):
    return [{"name": name, "severity": severity, "frame": frame} for name in names]


class Results:
    def __init__(self, folder):
        self.folder = folder
        (folder / "results").mkdir(parents=True)
        self.manifest = []

    def unit(self, rows, capture="/captures/a.pcapng", status="ok", reason=None, files=None, **more):
        """One file of it, unless `files` has others; returns the unit's hash."""
        hash_ = "%032x" % (len(self.manifest) + 1)
        why = {"reason": reason} if reason else {}
        files = files or [{"path": capture, "size": 1000, "mtime_ns": "1", "packets": 100,
                           "first_ns": str(START), "last_ns": str(END), "status": status, **why}]
        unit = {"hash": hash_, "chain": hash_, "files": files, "interface": "eth0", "observer": "tap",
                "first_ns": str(START), "last_ns": str(END), "capture_end_ns": None, "own_first_ns": None,
                "own_end_ns": None, "rows": len(rows), "filter": "", "preferences": {}, "host": "here",
                "versions": {"tshark": "4.0.17", "plugin": "1.0", "plugin_sha256": "0", "batch": "1"},
                "seconds_tshark": 1.5, "seconds_total": 2.0, "seconds_cpu": 0.1, "packets": 100,
                "max_memory_kb": 1, "status": status, **why, **more}
        with open(self.folder / "results" / (hash_ + ".ndjson"), "w", encoding="utf-8") as file:
            for each in rows:
                batch = {"unit": hash_, "file": capture, "frame": each["syn_frame"],
                         "last_frame": each["syn_frame"] + 9, **each.get("batch", {})}
                if each["outcome"] in ("open", "half-closed", "unanswered", "embryonic", "silent"):
                    batch["unfinished"] = True
                file.write(json.dumps({**each, "batch": batch}, ensure_ascii=False) + "\n")
            file.write(json.dumps({"batch_unit": unit}, ensure_ascii=False) + "\n")
        self.plan(hash_, unit)
        return hash_

    def plan(self, hash_, unit):
        files = [{name: file[name] for name in ("path", "size", "mtime_ns")} for file in unit["files"]]
        self.manifest.append({"hash": hash_, "index": len(self.manifest), "chain": unit["chain"],
                              "files": files, "filter": "", "preferences": {}, "observer": "tap",
                              "interface": "eth0"})
        with open(self.folder / "manifest.ndjson", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in self.manifest)
