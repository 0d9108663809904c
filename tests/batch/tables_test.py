#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From results to tables with Python alone: SQLite, CSV, ECS, Prometheus; views; shards and windows."""
import csv
import io
import ipaddress
import json
import re
import sqlite3
import unittest

import made
import rig
from made import SECOND, opened, row, stuck, warn
from tcpfsm_batch.answers import anonymize, collect, columns, ecs, node, query, results, store

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
MILLISECOND = 1000000
# What the Elastic Common Schema 9 calls the fields that are written, and their types there.
ECS_FIELDS = """
    @timestamp:date client.address:keyword client.bytes:long client.ip:ip client.port:long
    destination.address:keyword destination.bytes:long destination.ip:ip destination.port:long
    ecs.version:keyword event.category:keyword event.dataset:keyword event.duration:long event.end:date
    event.id:keyword event.kind:keyword event.module:keyword event.outcome:keyword event.start:date
    event.type:keyword file.path:keyword network.bytes:long network.community_id:keyword network.packets:long
    network.transport:keyword network.type:keyword observer.ingress.interface.name:keyword
    observer.name:keyword related.ip:ip server.address:keyword server.bytes:long server.ip:ip server.port:long
    source.address:keyword source.bytes:long source.ip:ip source.port:long"""
EVENT_TYPES = {"connection", "start", "end", "denied"}
# Prometheus's text format: comments, and samples of a name, labels and a value.
LABEL = r'[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(r"[a-z_]+(?:\{%s(?:,%s)*\})? -?\d+(?:\.\d+)?" % (LABEL, LABEL))


def flat(document, before=""):
    for key, value in document.items():
        if isinstance(value, dict):
            yield from flat(value, before + key + ".")
        else:
            yield before + key, value


class TablesTest(rig.BatchTest):
    def setUp(self):
        super().setUp()
        self.made = made.Results(self.results)

    def collect(self, *formats):
        return collect.collect(str(self.results), formats)

    def table(self, name):
        return (self.results / "tables" / name).read_text(encoding="utf-8")

    def ask(self, sql):
        """Rows, by the tables' SQLite."""
        return store.Store(str(self.results / "tables")).ask(sql)[0][1]

    def csv_rows(self):
        return list(csv.DictReader(io.StringIO(self.table("connections.csv"), newline="")))

    def documents(self):
        lines = [json.loads(line) for line in self.table("ecs/connections.ndjson").splitlines()]
        return lines[::2], lines[1::2]


class Columns(unittest.TestCase):
    def test_all_that_the_plugin_prints_is_in_the_tables(self):
        schema = json.loads((rig.ROOT / "docs" / "connections.schema.json").read_text(encoding="utf-8"))
        renamed = {"first_packet_epoch_ns", "last_packet_epoch_ns"}
        lacking = set(schema["properties"]) - set(columns.NAMES) - columns.LEFT_OUT - renamed
        self.assertEqual(lacking, set())
        self.assertEqual(len(set(columns.NAMES)), len(columns.NAMES))

    def test_outcomes_are_all_known_to_ecs(self):
        schema = json.loads((rig.ROOT / "docs" / "connections.schema.json").read_text(encoding="utf-8"))
        self.assertEqual(set(ecs.KINDS), set(schema["properties"]["outcome"]["enum"]))

    def test_documented(self):
        """In docs/batch.md, as columns.documented() writes it."""
        text = (rig.ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
        rows = [line for line in text.splitlines() if line.startswith("| `")]
        for column in columns.COLUMNS:
            line = columns.documented(column)
            self.assertIn(line, rows)


class Exactness(TablesTest):
    def test_times_to_the_nanosecond(self):
        """Doubles of microseconds would end in other digits."""
        self.made.unit([row(0, at=123456789, took=987654321), row(1, at=-made.START - 1, took=2)])
        self.collect("sqlite", "csv", "ecs")
        wanted = [("2026-11-21T12:00:00.123456789Z", str(made.START + 123456789),
                   "2026-11-21T12:00:01.111111110Z"),
                  ("1969-12-31T23:59:59.999999999Z", "-1", "1970-01-01T00:00:00.000000001Z")]
        self.assertEqual([(each["first_packet"], each["first_packet_ns"], each["last_packet"])
                          for each in self.csv_rows()], wanted)
        self.assertEqual([(first, str(ns), last) for first, ns, last in self.ask(
            "SELECT first_packet, first_packet_ns, last_packet FROM connections ORDER BY 2 DESC")], wanted)
        _, documents = self.documents()
        self.assertEqual([(each["@timestamp"], str(each["tcpfsm"]["first_packet_ns"]), each["event"]["end"])
                          for each in documents], wanted)
        self.assertEqual(documents[0]["event"]["duration"], 987654321)

    def test_connection_id_is_that_of_the_first_packet(self):
        """The same in another run, unit and number; another one for another observer, time, frame or pair."""
        same = {"batch": {"frame": 5}}
        self.made.unit([row(0, **same), row(1, community_id=row(0)["community_id"], **same), row(2),
                        row(3, at=1, community_id=row(0)["community_id"], **same)])
        self.made.unit([row(7, community_id=row(0)["community_id"], **same)], "/captures/b.pcapng")
        self.made.unit([row(0, **same)], "/captures/c.pcapng", observer="elsewhere")
        self.collect("csv")
        a, b, c, d, e, f = [each["connection_id"] for each in self.csv_rows()]
        self.assertEqual((a, a), (b, e))
        self.assertEqual(len({a, c, d, f}), 4)
        self.assertRegex(a, "^[0-9a-f]{32}$")


class Formats(TablesTest):
    NAME = 'a "b",\nc\\d é.pcapng'

    def setUp(self):
        super().setUp()
        self.made.unit([
            opened(0, 5 * MILLISECOND, sack=True),
            stuck(1, 2 * HOUR, warnings=warn("close_wait_stuck", "idle")),
            row(2, "refused", server_port=22, reset_cause="refused", closer="server",
                warnings=warn("refused", severity="note"), reset_frame=22,
                reset_frame_file="/captures/next")],
            "/captures/" + self.NAME)
        self.made.unit([row(0, client_address="2001:db8::1", server_address="2001:db8::2")], "/captures/b")

    def test_csv_and_sqlite_agree(self):
        self.collect("csv", "sqlite")
        names = ", ".join('"%s"' % name for name in columns.NAMES)
        told = self.ask("SELECT %s FROM connections ORDER BY rowid" % names)
        spelled = {column.name: {1: "true", 0: "false", None: ""} for column in columns.COLUMNS
                   if column.type == columns.BOOLEAN}
        expected = [{name: spelled[name][value] if name in spelled else "" if value is None else str(value)
                     for name, value in zip(columns.NAMES, values)} for values in told]
        self.assertEqual(self.csv_rows(), expected)
        self.assertEqual(len(expected), 4)
        self.assertEqual(expected[0]["capture"], "/captures/" + self.NAME)
        self.assertEqual([each["sack"] for each in expected], ["true", "", "", ""])
        self.assertEqual((expected[1]["warnings"], expected[1]["warning_frame"], expected[1]["server_owes"],
                          expected[1]["server_fin_owed_ns"]),
                         ("close_wait_stuck,idle", "7", "FIN", str(2 * HOUR)))
        self.assertEqual((expected[2]["warnings"], expected[2]["notes"], expected[2]["reset_frame_file"]),
                         ("", "refused", "/captures/next"))

    def test_ecs_fields_are_those_of_ecs(self):
        known = dict(pair.split(":") for pair in ECS_FIELDS.split())
        self.assertEqual(ecs.TYPES, known)
        self.collect("ecs")
        actions, documents = self.documents()
        template = json.loads(self.table("ecs/index-template.json"))
        mapped = template["template"]["mappings"]["properties"]
        for action, document in zip(actions, documents):
            self.assertEqual(action, {"create": {"_id": document["event"]["id"]}})
            for name, value in flat(document):
                if not name.startswith("tcpfsm."):
                    self.assertIn(name, known)
                kind = self.mapping(mapped, name)
                for each in value if isinstance(value, list) else [value]:
                    self.check_type(name, kind, each)
            self.assertLessEqual(set(document["event"]["type"]), EVENT_TYPES)
            self.assertIn(document["event"]["outcome"], ("success", "failure", "unknown"))
        self.assertEqual(set(known) - {name for document in documents for name, _ in flat(document)}, set())
        self.assertEqual(documents[1]["tcpfsm"]["warnings"], ["close_wait_stuck", "idle"])
        self.assertEqual(documents[2]["event"]["type"], ["connection", "start", "denied"])
        self.assertEqual([document["network"]["type"] for document in documents], ["ipv4"] * 3 + ["ipv6"])

    def mapping(self, properties, name):
        *parents, last = name.split(".")
        for parent in parents:
            properties = properties[parent]["properties"]
        return properties[last]["type"]

    def check_type(self, name, kind, value):
        if kind == "ip":
            ipaddress.ip_address(value)
        elif kind == "date":
            self.assertRegex(value, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
        else:
            types = {"long": int, "keyword": str, "boolean": bool}
            self.assertIs(type(value), types[kind], name)

    def test_prometheus(self):
        self.collect("prometheus")
        text = self.table("tcpfsm.prom")
        for line in text.splitlines():
            self.assertTrue(line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line)
        self.assertTrue(text.endswith("\n"))
        at = 'server_address="10.2.0.1",server_port='
        self.assertIn('tcpfsm_connections{%s"22",outcome="refused"} 1\n' % at, text)
        self.assertIn('tcpfsm_connections_fin_owed{%s"443",end="server"} 1\n' % at, text)
        self.assertIn('tcpfsm_captures{status="ok"} 2\n', text)
        self.assertIn("tcpfsm_first_packet_timestamp_seconds 1795262400.000000000\n", text)
        families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")]
        self.assertEqual(len(families), len(set(families)))

    def test_prometheus_counts_many_services_together(self):
        self.made.unit([row(n, server_port=n + 1) for n in range(1100)], "/captures/scan")
        self.collect("prometheus")
        samples = [line for line in self.table("tcpfsm.prom").splitlines()
                   if line.startswith("tcpfsm_connections{")]
        self.assertLess(len(samples), 1010)
        self.assertEqual(sum(int(line.rpartition(" ")[2]) for line in samples), 1104)
        self.assertIn('server_address="other"', self.table("tcpfsm.prom"))

    def test_captures_and_units(self):
        self.made.unit([], "/captures/text", "failed", "not a capture file")
        self.made.plan("f" * 32, {"chain": "f" * 32, "files": [
            {"path": "/captures/later", "size": 1, "mtime_ns": "1"}]})
        self.collect("sqlite", "csv")
        self.assertEqual(self.ask("SELECT path, status, reason FROM captures ORDER BY rowid")[1:], [
            ["/captures/b", "ok", None], ["/captures/text", "failed", "not a capture file"],
            ["/captures/later", "missing", "this capture hasn't been read yet"]])
        self.assertEqual(self.ask("SELECT count(*), sum(seconds_tshark) FROM units"), [[3, 4.5]])
        self.assertEqual([each["status"] for each in csv.DictReader(io.StringIO(self.table("captures.csv")))],
                         ["ok", "ok", "failed", "missing"])

    def test_results_of_former_plans_do_not_count(self):
        left = self.made.manifest.pop()
        self.made.plan("e" * 32, {"chain": "e" * 32, "files": left["files"]})
        self.assertEqual(self.collect("csv"), 3)

    def test_made_anew_as_a_whole(self):
        self.collect("csv")
        self.collect("sqlite")
        self.assertEqual([path.name for path in (self.results / "tables").iterdir()], ["tcpfsm.sqlite"])
        self.assertEqual([path.name for path in self.results.iterdir() if "tables" in path.name], ["tables"])


class Views(TablesTest):
    def setUp(self):
        super().setUp()
        young = dict(server_address="10.2.0.9", at=7198 * SECOND)
        self.made.unit(
            [opened(n, (n + 1) * MILLISECOND, client_address="10.1.0.%d" % (n % 3)) for n in range(100)] +
            [stuck(100, 30 * SECOND), stuck(101, 5 * MINUTE)] +
            [stuck(102, 2 * HOUR, client_address="10.1.9.9")] +
            [stuck(103, 3 * MINUTE, "client")] +
            [row(104, "refused", 10 * SECOND, server_port=22, reset_cause="refused", closer="server"),
             row(105, "refused", 20 * SECOND, server_port=22, reset_cause="refused", closer="server"),
             row(106, "unanswered", 30 * SECOND, server_port=25), row(107, "unanswered", **young),
             row(108, "reset", 3601 * SECOND, reset_cause="abort by the application", closer="client"),
             row(109, "open", 7100 * SECOND, SECOND, server_port=5432)])
        self.collect("sqlite")

    def test_services(self):
        rows = self.ask("SELECT server_address, server_port, connections, clients, closed, failed_opens, "
                        "resets, owes_fin, unfinished, bytes_server FROM services ORDER BY 1, 2")
        self.assertEqual(rows, [["10.2.0.1", 22, 2, 1, 0, 2, 0, 0, 0, 4000],
                                ["10.2.0.1", 25, 1, 1, 0, 1, 0, 0, 1, 2000],
                                ["10.2.0.1", 443, 105, 4, 100, 0, 1, 3, 4, 210000],
                                ["10.2.0.1", 5432, 1, 1, 0, 0, 0, 0, 1, 2000],
                                ["10.2.0.9", 443, 1, 1, 0, 0, 0, 0, 1, 2000]])

    def test_services_at_two_points(self):
        """What is lost is known of connections that were captured at two points, or not at all."""
        self.made.unit([row(200, "closed", SECOND, server_port=80, points=2, lost_client_to_server=3,
                            lost_server_to_client=0),
                        row(201, "closed", SECOND, server_port=80, points=3, lost_client_to_server=4,
                            lost_server_to_client=1), row(202, "closed", SECOND, server_port=80)])
        self.collect("sqlite")
        rows = self.ask("SELECT server_port, connections, at_two_points, lost_client_to_server, "
                        "lost_server_to_client FROM services WHERE server_port IN (22, 80) ORDER BY 1")
        self.assertEqual(rows, [[22, 2, 0, None, None], [80, 3, 2, 7, 1]])

    def test_failed_opens(self):
        """One that is two seconds old as the capture ends hasn't failed."""
        rows = self.ask("SELECT server_port, outcome, connections, clients, frame, first_packet_ns, "
                        "last_packet_ns FROM failed_opens ORDER BY 1")
        start = made.START
        self.assertEqual(rows, [[22, "refused", 2, 1, 1041, start + 10 * SECOND, start + 21 * SECOND],
                                [25, "unanswered", 1, 1, 1061, start + 30 * SECOND, start + 31 * SECOND]])

    def test_never_closed(self):
        rows = self.ask("SELECT server_address, server_port, connections, clients, longest_ns, "
                        "client_address, frame FROM never_closed")
        self.assertEqual(rows, [["10.2.0.1", 443, 2, 2, 2 * HOUR, "10.1.9.9", 1025]])

    def test_stuck_closes(self):
        rows = self.ask("SELECT stuck_end, age, connections, longest_ns FROM stuck_closes ORDER BY 1, 2")
        self.assertEqual(rows, [["client", "2: 1 to 10 min", 1, 3 * MINUTE],
                                ["server", "1: under 1 min", 1, 30 * SECOND],
                                ["server", "2: 1 to 10 min", 1, 5 * MINUTE],
                                ["server", "4: an hour or more", 1, 2 * HOUR]])

    def test_resets(self):
        rows = self.ask("SELECT reset_cause, hour, closer, connections FROM resets ORDER BY 1")
        self.assertEqual(rows, [["abort by the application", "2026-11-21T13Z", "client", 1],
                                ["refused", "2026-11-21T12Z", "server", 2]])

    def test_handshake_times(self):
        """Of 1 to 100 ms, and four of 1 ms: the 52nd, 94th and 103rd of 104."""
        rows = self.ask("SELECT handshakes, p50_ns, p90_ns, p99_ns, longest_ns FROM handshake_times "
                        "WHERE server_port = 443 AND server_address = '10.2.0.1'")
        self.assertEqual(rows, [[104, *(n * MILLISECOND for n in (48, 90, 99, 100))]])

    def test_unfinished(self):
        rows = self.ask("SELECT server_port, outcome, age, connections FROM unfinished ORDER BY 1, 2, 3")
        self.assertEqual(rows, [[25, "unanswered", "5: an hour or more", 1],
                                [443, "half-closed", "5: an hour or more", 4],
                                [443, "unanswered", "1: under 10 s", 1], [5432, "open", "3: 1 to 10 min", 1]])

    def test_outcomes_by_hour(self):
        rows = self.ask("SELECT hour, sum(connections) FROM outcomes_by_hour GROUP BY 1 ORDER BY 1")
        self.assertEqual(rows, [["2026-11-21T12Z", 107], ["2026-11-21T13Z", 3]])


class Query(TablesTest):
    SQL = "SELECT connection, capture FROM connections ORDER BY 1;"
    NAME = "/captures/\x1b[31mred\ny"

    def setUp(self):
        super().setUp()
        self.made.unit([row(7)], self.NAME)

    def output(self, kind):
        output = io.StringIO()
        query.query(str(self.results), self.SQL, output, kind)
        return output.getvalue()

    def test_formats(self):
        self.collect("sqlite")
        self.assertEqual(self.output("table"),
                         "connection  capture\n         7  /captures/\\x1b[31mred\\ny\n")
        self.assertEqual(self.output("csv"), 'connection,capture\n7,"/captures/\x1b[31mred\ny"\n')
        self.assertEqual(json.loads(self.output("json")), {"connection": 7, "capture": self.NAME})

    def test_command_line(self):
        out, _ = self.batch("collect", self.results, "--format", "sqlite,csv")
        self.assertIn("1 connections", out)
        out, _ = self.batch("query", self.results, "SELECT count(*) AS n FROM services")
        self.assertEqual(out, "n\n1\n")
        _, err = self.batch("query", self.results, "SELECT absent FROM services", status=2)
        self.assertIn("no such column", err)
        _, err = self.batch("collect", self.captures, status=2)
        self.assertIn("no results folder", err)
        _, err = self.batch("collect", self.results, "--format", "xml", status=2)
        self.assertIn("invalid list of formats", err)

    def test_without_tables(self):
        with self.assertRaisesRegex(results.ResultsError, "no tables to ask"):
            self.output("table")

    def test_queries_change_nothing(self):
        self.collect("sqlite")
        with self.assertRaisesRegex(results.ResultsError, "readonly"):
            self.ask("DELETE FROM connections")
        self.assertEqual(self.ask("SELECT count(*) FROM connections"), [[1]])


class Windows(TablesTest):
    def test_a_connection_of_two_windows_is_one_row(self):
        """Left out is what the window before has: unfinished, or with packets behind its own files. What that
        window never saw stays."""
        boundary = made.START + HOUR
        window = dict(chain="c" * 32, own_first_ns=str(made.START), own_end_ns=str(boundary))
        late = dict(at=HOUR - SECOND, took=2 * SECOND)
        self.made.unit([row(0), stuck(1, HOUR), row(2, **late)], window=0, **window)
        began = {"batch": {"continued": True}, "at": HOUR}
        window.update(own_first_ns=str(boundary), own_end_ns=str(boundary + HOUR))
        self.made.unit([row(0, community_id=row(0)["community_id"], **began),
                        stuck(1, HOUR, community_id=row(1)["community_id"], **began),
                        row(2, community_id=row(2)["community_id"], **began), row(3, at=HOUR),
                        row(4, **began)], window=1, **window)
        self.collect("csv")
        self.assertEqual([(each["unit"][-1], each["connection"]) for each in self.csv_rows()],
                         [("1", "0"), ("1", "1"), ("1", "2"), ("2", "0"), ("2", "3"), ("2", "4")])

    def test_left_out_rows_leave_out_too(self):
        """A connection that outlives three windows is still one row."""
        for number in range(4):
            begin = made.START + number * HOUR
            self.made.unit([stuck(0, HOUR, community_id="1:%027d=" % 5, at=number * HOUR, **(
                {"batch": {"continued": True}} if number else {}))], window=number, chain="c" * 32,
                own_first_ns=str(begin), own_end_ns=str(begin + HOUR))
        self.assertEqual(self.collect("csv"), 1)


class Shards(TablesTest):
    """many_... are counted over all shards of a file, as over the whole."""
    LIMIT = 32

    def shards(self, rows, count=2):
        for shard in range(count):
            self.made.unit(rows[shard::count], shard=[shard, count], chain="c" * 32)
        self.collect("csv")
        return {each["connection"]: each for each in self.csv_rows()}

    def unanswered(self, number, **more):
        return row(number, "unanswered", number * MILLISECOND, **{
            "packets": 1, "warnings": warn("unanswered"),
            "client_address": "10.1.%d.%d" % divmod(number, 250), **more})

    def told(self, rows, name, column="warnings"):
        return sorted(int(number) for number, each in rows.items() if name in each[column].split(","))

    def test_many_embryonic(self):
        rows = self.shards([self.unanswered(n) for n in range(50)])
        self.assertEqual(self.told(rows, "many_embryonic"), [self.LIMIT])
        self.assertEqual(rows[str(self.LIMIT)]["warning_frame"], "7")
        self.assertEqual(self.told(rows, "unanswered"), list(range(self.LIMIT + 1)))
        self.assertEqual(self.told(rows, "unanswered_minor", "notes"), list(range(self.LIMIT + 1, 50)))

    def test_at_the_limit_nobody_is_warned(self):
        rows = self.shards([self.unanswered(n) for n in range(self.LIMIT)])
        self.assertEqual(self.told(rows, "many_embryonic"), [])
        self.assertEqual(len(self.told(rows, "unanswered")), self.LIMIT)

    def test_those_that_were_answered_in_between_count_no_longer(self):
        """Each handshake is over before the next begins, though all took longer than a second."""
        rows = self.shards([opened(n, 2 * SECOND, at=3 * n * SECOND) for n in range(60)])
        self.assertEqual(self.told(rows, "many_embryonic"), [])

    def test_slow_handshakes_at_the_same_time(self):
        rows = self.shards([opened(n, 9 * SECOND, at=n * MILLISECOND) for n in range(60)])
        self.assertEqual(self.told(rows, "many_embryonic"), [self.LIMIT])

    def test_many_unanswered(self):
        """One client, many servers; who tries a third time keeps his warning."""
        rows = self.shards([self.unanswered(n, client_address="10.1.0.1", server_address="10.3.%d.1" % n,
                                            packets=3 if n == 45 else 1) for n in range(50)])
        self.assertEqual(self.told(rows, "many_unanswered"), [self.LIMIT])
        self.assertEqual(self.told(rows, "unanswered"), [*range(self.LIMIT + 1), 45])

    def test_many_idle(self):
        idle = dict(bytes_client=0, bytes_server=0, outcome="open", warnings=warn("idle", severity="note"))
        rows = self.shards([opened(n, MILLISECOND, at=n * MILLISECOND, **idle) for n in range(50)])
        self.assertEqual(self.told(rows, "many_idle"), [self.LIMIT])

    def test_what_a_filter_of_the_capture_explains_is_not_counted(self):
        """Unanswered for an hour and without a warning: the plugin had its reasons."""
        rows = self.shards([self.unanswered(n, warnings=[]) for n in range(50)])
        self.assertEqual(self.told(rows, "many_embryonic"), [])

    def test_a_shards_own_count_is_replaced(self):
        first = self.unanswered(60, warnings=warn("unanswered", "many_embryonic"))
        rows = self.shards([first] + [self.unanswered(n) for n in range(33)])
        self.assertEqual(self.told(rows, "many_embryonic"), [self.LIMIT])

    def test_one_unit_alone_is_left_as_it_is(self):
        self.made.unit([self.unanswered(n) for n in range(50)])
        self.collect("csv")
        rows = {each["connection"]: each for each in self.csv_rows()}
        self.assertEqual(self.told(rows, "many_embryonic"), [])


class Anonymity(unittest.TestCase):
    def test_prefixes_are_kept_and_no_more(self):
        names = anonymize.Anonymous(b"key")
        for family, addresses in ((32, ("10.1.2.3", "10.1.2.4", "10.1.3.3", "10.200.0.1", "192.0.2.1")),
                                  (128, ("2001:db8::1", "2001:db8::2", "2001:db8:1::1", "fe80::1"))):
            pairs = [(int(ipaddress.ip_address(a)), int(ipaddress.ip_address(names.address(a))))
                     for a in addresses]
            for old, new in pairs:
                self.assertNotEqual(old, new)
                for other_old, other_new in pairs:
                    self.assertEqual((old ^ other_old).bit_length(), (new ^ other_new).bit_length())
            self.assertLess(max(new for _, new in pairs), 1 << family)

    def test_another_key_gives_others(self):
        one, other = anonymize.Anonymous(), anonymize.Anonymous()
        self.assertNotEqual(one.address("10.1.2.3"), other.address("10.1.2.3"))

    def test_text(self):
        names = anonymize.Anonymous(b"key")
        self.assertEqual(names.capture("/captures/secret.pcap"), "capture-1")
        told = names.text("/captures/secret.pcap: secret.pcap, 10.1.2.3:80 and [2001:db8::1]:443 at 12:30:45")
        self.assertEqual(told, "capture-1: capture-1, %s:80 and [%s]:443 at 12:30:45" % (
            names.address("10.1.2.3"), names.address("2001:db8::1")))


class WithoutNode(TablesTest):
    def test_default_is_sqlite(self):
        self.assertFalse(node.is_installed())
        self.made.unit([row(0)])
        collect.collect(str(self.results))
        with sqlite3.connect(self.results / "tables" / "tcpfsm.sqlite") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM connections").fetchone(), (1,))

    def test_parquet_says_what_it_takes(self):
        self.made.unit([row(0)])
        _, err = self.batch("collect", self.results, "--format", "parquet", status=2)
        self.assertIn("batch/node/install", err)


if __name__ == "__main__":
    rig.main()
