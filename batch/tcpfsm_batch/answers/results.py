# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a results folder (batch/RESULTS.md): units, captures, connections, one at a time."""
import json

from tcpfsm_batch import job, plan, results, run
from tcpfsm_batch.answers import columns


class ResultsError(run.Refused):
    """What keeps a folder from being read, as a sentence."""


class Folder:
    def __init__(self, path):
        self.path = path
        self.units = {}                     # hash -> batch_unit, of those that are done, in the plan's order
        self.pending = []                   # lines of the manifest without a result
        for planned in self._read_manifest():
            unit = results.unit_row(path, planned)
            if unit is None:
                self.pending.append(planned)
            else:
                self.units[planned["hash"]] = unit

    def _read_manifest(self):
        try:
            return plan.read_manifest(self.path)
        except FileNotFoundError:
            raise ResultsError("%s is no results folder: it has no manifest.ndjson" % self.path) from None
        except (ValueError, OSError) as error:
            raise ResultsError("%s: %s" % (self.path, error)) from None

    def file_of(self, unit):
        return job.result_path(self.path, {"hash": unit})

    def files(self):
        return [self.file_of(unit) for unit in self.units]

    def connections(self, unit):
        """The rows of a unit as its file has them."""
        with open(self.file_of(unit), encoding="utf-8") as file:
            for line in file:
                if not line.startswith('{"batch_unit"'):
                    yield json.loads(line)

    def chains(self):
        """Units that belong together, as lists in order of window and shard; each chain once."""
        chains = {}
        for hash_, unit in self.units.items():
            chains.setdefault(unit.get("chain") or hash_, []).append(hash_)
        for units in chains.values():
            units.sort(key=lambda hash_: (self.units[hash_].get("window") or 0,
                                          (self.units[hash_].get("shard") or [0])[0]))
        return list(chains.values())

    def capture_rows(self):
        """Values in the order of columns.CAPTURES."""
        for hash_, unit in self.units.items():
            for position, file in enumerate(unit["files"]):
                known = {**file, "unit": hash_, "position": position}
                yield [_value(known.get(name), kind) for name, kind in columns.CAPTURES]
        for planned in self.pending:
            for position, file in enumerate(planned["files"]):
                known = {**file, "unit": planned["hash"], "position": position, "status": "missing",
                         "reason": "this capture hasn't been read yet"}
                yield [_value(known.get(name), kind) for name, kind in columns.CAPTURES]

    def unit_rows(self):
        """Values in the order of columns.UNITS."""
        for hash_, unit in self.units.items():
            shard, versions = unit.get("shard") or [None, None], unit.get("versions") or {}
            known = {**unit, "unit": hash_, "shard": shard[0], "shards": shard[1],
                     "tshark": versions.get("tshark"), "plugin": versions.get("plugin")}
            yield [_value(known.get(name), kind) for name, kind in columns.UNITS]


def _value(value, kind):
    return int(value) if kind == columns.INTEGER and value is not None else value
