# SPDX-License-Identifier: GPL-2.0-or-later
"""From the results of all units to tables: DIR/tables, made anew as a whole."""
import contextlib
import csv
import json
import os
import shutil
import sqlite3
import tempfile

from tcpfsm_batch.answers import columns, corrections, ecs, node, prometheus, results, store

FORMATS = ("parquet", "sqlite", "csv", "ecs", "prometheus")
BATCH = 2000            # rows at a time into SQLite


class CsvTable:
    def __init__(self, folder):
        self.file = open(os.path.join(folder, "connections.csv"), "w", encoding="utf-8", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow(columns.NAMES)

    def add(self, values):
        self.writer.writerow(["true" if value is True else "false" if value is False else value
                              for value in values])

    def close(self, folder):
        self.file.close()
        for name, header, rows in (("captures.csv", columns.CAPTURES, folder.capture_rows()),
                                   ("units.csv", columns.UNITS, folder.unit_rows())):
            with open(os.path.join(os.path.dirname(self.file.name), name), "w", encoding="utf-8",
                      newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([name for name, _ in header])
                writer.writerows(rows)


class SqliteTable:
    def __init__(self, folder):
        self.database = sqlite3.connect(os.path.join(folder, "tcpfsm.sqlite"))
        self.database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        self._create("connections", [(column.name, column.type) for column in columns.COLUMNS])
        self._create("captures", columns.CAPTURES)
        self._create("units", columns.UNITS)
        self.rows = []

    def _create(self, table, named):
        types = {columns.TIME: "TEXT", columns.BOOLEAN: "INTEGER"}
        self.database.execute("CREATE TABLE %s (%s)" % (table, ", ".join(
            '"%s" %s' % (name, types.get(kind, kind)) for name, kind in named)))

    def _insert(self, table, rows, width):
        self.database.executemany("INSERT INTO %s VALUES (%s)" % (table, ", ".join("?" * width)), rows)

    def add(self, values):
        self.rows.append(values)
        if len(self.rows) == BATCH:
            self._flush()

    def _flush(self):
        self._insert("connections", self.rows, len(columns.COLUMNS))
        self.rows = []

    def close(self, folder):
        self._flush()
        self._insert("captures", folder.capture_rows(), len(columns.CAPTURES))
        self._insert("units", folder.unit_rows(), len(columns.UNITS))
        self.database.executescript(store.views())
        self.database.commit()
        self.database.close()


class EcsTable:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "ecs")
        os.makedirs(self.folder)
        self.file = open(os.path.join(self.folder, "connections.ndjson"), "w", encoding="utf-8")

    def add(self, values):
        self.file.write(ecs.bulk_lines(values))

    def close(self, folder):
        self.file.close()
        with open(os.path.join(self.folder, "index-template.json"), "w", encoding="utf-8") as file:
            json.dump(ecs.template(), file, indent=2)
            file.write("\n")


TABLES = {"csv": CsvTable, "sqlite": SqliteTable, "ecs": EcsTable}


def rows(folder, corrected):
    """The values of each connection, in the order of columns.COLUMNS."""
    for hash_, unit in folder.units.items():
        for row in folder.connections(hash_):
            row = corrected.of(hash_, row)
            if row is not None:
                yield columns.flatten(row, unit)


def default_formats():
    return ["parquet"] if node.is_installed() else ["sqlite"]


def complete(formats):
    """With what the others are made from: Prometheus's counts come from a table that can be asked."""
    if "prometheus" in formats and not {"parquet", "sqlite"} & set(formats):
        return [*formats, "sqlite"]
    return list(formats)


def collect(path, formats=None):
    """Makes the tables of a results folder; returns the number of connections."""
    folder = results.Folder(path)
    formats = complete(formats or default_formats())
    with tempfile.TemporaryDirectory(prefix=".tables-", dir=path) as scratch:
        made = os.path.join(scratch, "tables")
        os.makedirs(made)
        corrected = corrections.Corrections(folder, scratch)
        count = _stream(folder, corrected, made, [name for name in formats if name in TABLES])
        if "parquet" in formats:
            count = _parquet(folder, corrected, made, scratch)
        if "prometheus" in formats:
            prometheus.write(store.Store(made), os.path.join(made, "tcpfsm.prom"))
        _replace(made, os.path.join(path, "tables"))
    return count


def _stream(folder, corrected, made, formats):
    if not formats:
        return 0
    tables, count = [TABLES[name](made) for name in formats], 0
    for values in rows(folder, corrected):
        count += 1
        for table in tables:
            table.add(values)
    for table in tables:
        table.close(folder)
    return count


def _replace(made, place):
    old = place + ".old"
    shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        os.rename(place, old)
    os.rename(made, place)
    shutil.rmtree(old, ignore_errors=True)


# --- Parquet ----------------------------------------------------------------

WARNING = 'STRUCT(name VARCHAR, severity VARCHAR, frame BIGINT, frame_file VARCHAR)[]'
DEBT = 'STRUCT(what VARCHAR, since_frame BIGINT, age_ns VARCHAR)[]'
BATCH_KEY = ('STRUCT(unit VARCHAR, file VARCHAR, frame BIGINT, last_file VARCHAR, last_frame BIGINT, '
             'continued BOOLEAN, unfinished BOOLEAN)')
DUCKDB = {columns.TEXT: "VARCHAR", columns.INTEGER: "BIGINT", columns.BOOLEAN: "BOOLEAN", "REAL": "DOUBLE"}


def _literal(text):
    return "'%s'" % text.replace("'", "''")


def _json_columns():
    """What DuckDB reads of a line, with types: all that a column's expression names."""
    read = {"batch": BATCH_KEY, "warnings": WARNING, "client_owes": DEBT, "server_owes": DEBT,
            "first_packet_epoch_ns": "VARCHAR", "last_packet_epoch_ns": "VARCHAR"}
    for column in columns.COLUMNS:
        if column.sql == column.name:
            read[column.name] = DUCKDB[column.type]
        elif column.name.endswith("_ns") and column.sql == "CAST(%s AS BIGINT)" % column.name:
            read[column.name] = "VARCHAR"
    return "{%s}" % ", ".join("%s: %s" % (name, _literal(kind)) for name, kind in read.items())


def _read(files, named):
    return "read_json([%s], format = 'newline_delimited', maximum_object_size = 16777216, columns = %s)" % (
        ", ".join(_literal(file) for file in files), named)


def _parquet(folder, corrected, made, scratch):
    paths = {name: os.path.join(scratch, name + ".ndjson") for name in ("corrections", "captures", "units")}
    corrected.write(paths["corrections"])
    for name, header, values in (("captures", columns.CAPTURES, folder.capture_rows()),
                                 ("units", columns.UNITS, folder.unit_rows())):
        with open(paths[name], "w", encoding="utf-8") as file:
            for row in values:
                file.write(json.dumps(dict(zip([name for name, _ in header], row))) + "\n")
    named = "{unit: 'VARCHAR', connection: 'BIGINT', dropped: 'BOOLEAN', warnings: '%s'}" % WARNING
    statements = ["CREATE TABLE correction AS SELECT * FROM " + _read([paths["corrections"]], named)]
    for name, header in (("captures", columns.CAPTURES), ("units", columns.UNITS)):
        kinds = "{%s}" % ", ".join('"%s": %s' % (column, _literal(DUCKDB[kind])) for column, kind in header)
        statements += ["CREATE TABLE %s AS SELECT * FROM %s" % (name, _read([paths[name]], kinds)),
                       "COPY %s TO %s (FORMAT parquet, COMPRESSION zstd)" % (
                           name, _literal(os.path.join(made, name + ".parquet")))]
    statements.append(_connections_statement(folder, made))
    answers = node.duckdb(statements, scratch)
    return answers[-1]["rows"][0][0]


def _connections_statement(folder, made):
    # Also without any result a table is wanted: a file without lines has no rows.
    source = _read(folder.files() or ["/dev/null"], _json_columns())
    values = ",\n".join("%s AS %s" % (column.sql, column.name) for column in columns.COLUMNS)
    return """COPY (
        SELECT %s
        FROM (SELECT line.* REPLACE (coalesce(correction.warnings, line.warnings) AS warnings)
              FROM %s AS line
              LEFT JOIN correction ON correction.unit = line.batch.unit
                                  AND correction.connection = line.connection
              WHERE line.connection IS NOT NULL AND correction.dropped IS NOT true) AS connection_row
        LEFT JOIN (SELECT unit AS hash, observer, interface FROM units) AS unit
               ON unit.hash = connection_row.batch.unit
    ) TO %s (FORMAT parquet, COMPRESSION zstd)""" % (
        values, source, _literal(os.path.join(made, "connections.parquet")))
