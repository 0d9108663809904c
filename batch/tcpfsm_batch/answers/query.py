# SPDX-License-Identifier: GPL-2.0-or-later
"""An SQL question about a results folder, answered as a table, CSV or JSON lines."""
import csv
import json
import os

from tcpfsm_batch import paths
from tcpfsm_batch.answers import store

FORMATS = ("table", "csv", "json")


def query(folder, sql, output, kind="table"):
    names, rows = store.Store(os.path.join(folder, "tables")).ask(sql.strip().rstrip(";"))[0]
    if kind == "csv":
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    elif kind == "json":
        for row in rows:
            output.write(json.dumps(dict(zip(names, row)), ensure_ascii=False) + "\n")
    else:
        _table(names, rows, output)


def _table(names, rows, output):
    texts = [[printable(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *texts)]
    right = [all(isinstance(row[i], (int, float, type(None))) for row in rows) for i in range(len(names))]
    for cells in [names, *texts]:
        line = "  ".join(cell.rjust(width) if is_right else cell.ljust(width)
                         for cell, width, is_right in zip(cells, widths, right))
        output.write(line.rstrip() + "\n")


def printable(value):
    return "" if value is None else paths.shown(str(value))
