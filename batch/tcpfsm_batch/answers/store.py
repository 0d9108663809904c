# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of a results folder, asked with SQL: Parquet by DuckDB, or SQLite."""
import os
import sqlite3

from tcpfsm_batch.answers import node, results

TABLES = ("connections", "captures", "units")


def views():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "views.sql")
    with open(path, encoding="utf-8") as file:
        return file.read()


def _statements(text):
    """Those of a script: DuckDB takes one at a time."""
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" ;\n")]


class Store:
    def __init__(self, folder):
        self.folder = folder
        self.parquet = os.path.join(folder, "connections.parquet")
        self.sqlite = os.path.join(folder, "tcpfsm.sqlite")
        self.is_duckdb = os.path.exists(self.parquet) and (node.is_installed() or
                                                           not os.path.exists(self.sqlite))
        if not self.is_duckdb and not os.path.exists(self.sqlite):
            raise results.ResultsError("%s has no tables to ask: run tcpfsm-batch collect with the format "
                                       "parquet or sqlite" % os.path.dirname(folder))

    def ask(self, *questions):
        """For each question (column names, rows)."""
        return self._ask_duckdb(questions) if self.is_duckdb else self._ask_sqlite(questions)

    def _ask_duckdb(self, questions):
        tables = ["CREATE VIEW %s AS SELECT * FROM read_parquet('%s')" % (
            name, os.path.join(self.folder, name + ".parquet").replace("'", "''")) for name in TABLES]
        before = [*tables, *_statements(views())]
        answers = node.duckdb([*before, *questions], None)
        return [(answer["columns"], answer["rows"]) for answer in answers[len(before):]]

    def _ask_sqlite(self, questions):
        database = sqlite3.connect("file:%s?mode=ro" % _quoted(self.sqlite), uri=True)
        try:
            answers = []
            for question in questions:
                cursor = database.execute(question)
                names = [description[0] for description in cursor.description or []]
                answers.append((names, [list(row) for row in cursor]))
            return answers
        except sqlite3.Error as error:
            raise results.ResultsError(str(error)) from None
        finally:
            database.close()


def _quoted(path):
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
