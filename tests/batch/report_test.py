#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What needs Node.js and a browser: Parquet holds what SQLite holds; the report, as a browser shows it.

The environment names the folder that batch/node/install has filled (TCPFSM_BATCH_NODE).
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import made
import rig
from made import SECOND, opened, row, stuck, warn
from tcpfsm_batch.answers import collect, columns, node, report, store

CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars"]
HOSTILE = '<script>alert(1)</script>"\'&amp;\x1b[31m\n\u202e'
WIDTHS = (400, 1280)
# A browser dumps the page after what it has drawn: here, how wide it became.
PROBE = ('<iframe id="page" style="border:0;width:%dpx;height:3000px"></iframe><p id="told"></p>'
         '<script>'
         'const page = document.getElementById("page");'
         'page.onload = () => { const root = page.contentDocument.documentElement;'
         'document.getElementById("told").textContent = JSON.stringify([root.clientWidth, root.scrollWidth,'
         'root.querySelectorAll("svg").length,'
         'getComputedStyle(root.querySelector("body")).backgroundColor]); };'
         'page.srcdoc = %s;</script>')


class Page(HTMLParser):
    """Tags, attributes and text of a page; with what is open at the end."""
    VOID = {"meta", "br", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.texts.append(data)

    def text(self):
        return " ".join(" ".join(self.texts).split())


class NodeTest(rig.BatchTest):
    def setUp(self):
        super().setUp()
        self.made = made.Results(self.results)

    def tables(self, *formats):
        return collect.collect(str(self.results), formats)

    def page(self, *words):
        """The report, after what must hold for each."""
        output = self.results / "report.html"
        self.batch("report", self.results, *words)
        text = output.read_text(encoding="utf-8")
        page = Page(text)
        self.assertEqual(page.open, [])
        self.assertNotIn("script", page.tags)
        self.assertNotIn("link", page.tags)
        for name, value in page.attributes:
            self.assertFalse(name.startswith("on"), name)
            self.assertNotIn(name, ("src", "srcdoc", "action"))
            self.assertFalse(name.endswith("href") and not value.startswith("#"), value)
        self.assertEqual(re.findall(r"url\([^#][^)]*\)|@import|javascript:", text), [])
        return text, page


class Parquet(NodeTest):
    def fill(self):
        """Rows of real captures, and made ones with what is hard to keep."""
        for number, name in enumerate(("close-wait-server-never-closes", "open-refused", "idle-many",
                                       "open-unreachable-over-ipv6", "many-embryonic", "reset-by-linger")):
            path = rig.SAMPLES / (name + ".pcapng")
            rows = [json.loads(line) for line in rig.two_passes(path)]
            for each in rows:
                each["batch"] = {"frame": each.get("syn_frame", 1)}
                each.setdefault("syn_frame", 1)
            self.made.unit(rows, "/captures/%d %s" % (number, HOSTILE.replace("\x1b", "")))
        self.made.unit([opened(0, 5), stuck(1, (1 << 62) + 1, "client"), row(2, at=987654321987654321),
                        row(3, warnings=warn("embryonic") + warn("idle", severity="note"), fin_frame=3,
                            fin_frame_file="/captures/b", sack=True, bytes_client=(1 << 62) + 1)],
                       observer=None, interface=None)
        self.made.unit([], "/captures/empty", "failed", "empty file")

    def test_the_same_rows_as_sqlite(self):
        self.fill()
        self.tables("parquet", "sqlite")
        folder = str(self.results / "tables")
        names = ['"%s"' % name for name in columns.NAMES]
        duckdb = store.Store(folder)
        self.assertTrue(duckdb.is_duckdb)
        questions = ["SELECT %s FROM connections ORDER BY connection_id, connection" % ", ".join(names),
                     "SELECT unit, path, position, size, mtime_ns, packets, first_ns, last_ns, status, "
                     "reason FROM captures ORDER BY unit", "SELECT * FROM units ORDER BY unit"]
        told = [rows for _, rows in duckdb.ask(*questions)]
        duckdb.is_duckdb = False
        expected = [rows for _, rows in duckdb.ask(*questions)]
        self.assertGreater(len(told[0]), 40)
        for rows, same in zip(told, expected):
            self.assertEqual(len(rows), len(same))
            for values, others in zip(rows, same):
                self.assertEqual(values, others)

    def test_parquets_own_types(self):
        self.made.unit([row(0, at=123456789)])
        self.tables("parquet")
        (_, described), (_, same) = store.Store(str(self.results / "tables")).ask(
            "SELECT column_name, column_type FROM (DESCRIBE connections)",
            "SELECT epoch_ns(first_packet) = first_packet_ns FROM connections")
        kinds = dict(described)
        self.assertEqual((kinds["first_packet"], kinds["first_packet_ns"], kinds["sack"], kinds["outcome"]),
                         ("TIMESTAMP_NS", "BIGINT", "BOOLEAN", "VARCHAR"))
        self.assertEqual(same, [[True]])

    def test_views_say_the_same_in_both(self):
        self.fill()
        self.tables("parquet", "sqlite")
        views = re.findall(r"^CREATE VIEW (\w+)", store.views(), re.M)
        self.assertGreater(len(views), 8)
        both = store.Store(str(self.results / "tables"))
        questions = ["SELECT * FROM %s" % view for view in views if not view.endswith("_connections")]
        told = both.ask(*questions)
        both.is_duckdb = False
        for (names, rows), (other_names, other_rows), question in zip(told, both.ask(*questions), questions):
            self.assertEqual(names, other_names)
            self.assertEqual(sorted(rows, key=str), sorted(other_rows, key=str), question)

    def test_windows_and_shards_are_put_right(self):
        """What corrections say reaches Parquet, too."""
        rows = [row(n, "unanswered", n * 1000000, packets=1, warnings=warn("unanswered"))
                for n in range(40)]
        for shard in range(2):
            self.made.unit(rows[shard::2], shard=[shard, 2], chain="c" * 32)
        window = dict(chain="d" * 32, own_first_ns="0")
        self.made.unit([stuck(90, SECOND)], window=0, **window)
        self.made.unit([stuck(90, SECOND, batch={"continued": True})], window=1, **window)
        self.tables("parquet", "sqlite")
        both = store.Store(str(self.results / "tables"))
        question = ("SELECT connection, warnings, notes, warning_frame FROM connections "
                    "WHERE warnings LIKE '%many%' OR notes <> '' OR connection = 90 ORDER BY 1")
        told = both.ask(question)
        both.is_duckdb = False
        self.assertEqual(told, both.ask(question))
        self.assertEqual([values[0] for values in told[0][1]], [*range(32, 40), 90])

    def test_no_connection_at_all(self):
        self.made.unit([], "/captures/empty", "failed", "empty file")
        self.assertEqual(self.tables("parquet", "prometheus"), 0)
        text, page = self.page()
        self.assertIn("No TCP connection in 1 capture", page.text())
        self.assertIn("empty file", page.text())

    def test_is_the_default(self):
        self.made.unit([row(0)])
        collect.collect(str(self.results))
        self.assertEqual(sorted(path.name for path in (self.results / "tables").iterdir()),
                         ["captures.parquet", "connections.parquet", "units.parquet"])

    def test_query(self):
        self.made.unit([row(0)])
        self.tables("parquet")
        out, _ = self.batch("query", self.results, "SELECT first_packet, bytes_server FROM connections",
                            "--format", "csv")
        self.assertEqual(out, "first_packet,bytes_server\n2026-11-21T12:00:00.000000000Z,2000\n")
        _, err = self.batch("query", self.results, "SELECT absent FROM connections", status=2)
        self.assertIn("absent", err)


class Report(NodeTest):
    """One folder for all; each report is made once."""
    pages = {}

    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        full = made.Results(cls.place / "results")
        full.unit(
            [opened(n, (n + 1) * 1000000, at=n * 60 * SECOND) for n in range(50)] +
            [stuck(100 + n, (n + 1) * 1000 * SECOND, server_address="10.2.0.7", server_port=8080,
                   client_address="10.1.0.%d" % n, warnings=warn("close_wait_stuck"), fin_frame=1005)
             for n in range(5)] +
            [row(200, "refused", 10 * SECOND, server_port=22, reset_cause="refused", closer="server"),
             row(201, "desynchronized", 30 * SECOND, reset_cause="no such connection", closer="server"),
             row(202, "closed", client_address="2001:db8::5", server_address="2001:db8::6")] +
            [row(300 + n, "refused", n * SECOND, server_address="10.2.0.8", server_port=n + 1)
             for n in range(20)],
            "/captures/a%s.pcapng" % HOSTILE, observer=HOSTILE, interface=HOSTILE)
        full.unit([], "/captures/b%s.pcapng" % HOSTILE, "failed", "no capture: " + HOSTILE)
        collect.collect(str(full.folder), ["parquet"])

    def setUp(self):
        super().setUp()
        shutil.rmtree(self.results)
        shutil.copytree(self.place / "results", self.results)

    def page(self, *words):
        if words not in self.pages:
            self.pages[words] = super().page(*words)
        text, page = self.pages[words]
        (self.results / "report.html").write_text(text, encoding="utf-8")
        return text, page

    def test_says_first_what_matters(self):
        text, page = self.page("--ladders", "0")
        told = page.text()
        self.assertIn("78 TCP connections in 2 captures", told)
        self.assertIn("5 connections that 1 server has not closed a minute or longer after the client's FIN. "
                      "Longest: 1 h 23 min", told)
        self.assertIn("21 openings failed (26.9 %): 21 refused", told)
        self.assertIn("1 connection lost", told)
        self.assertIn("1 of 2 captures were read completely", told)
        self.assertRegex(told, r"10\.2\.0\.7:8080 5 5 1 h 23 min")
        self.assertIn("-Y 'ip.addr == 10.1.0.4 && ip.addr == 10.2.0.7 && tcp.port == 40104 && "
                      "tcp.port == 8080' -g 1005", told)
        self.assertIn("10.2.0.8, 20 ports refused by a RST 20", told)
        order = [told.index(part) for part in ("Captures not read", "Servers that never close",
                                               "Openings that failed", "At a glance", "Services ")]
        self.assertEqual(order, sorted(order))

    def test_names_from_captures_are_only_text(self):
        text, page = self.page("--ladders", "0")
        self.assertNotIn("<script", text)
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)
        self.assertIn("/captures/b<script>alert(1)</script>\"'&amp;\\x1b[31m\\n\\u202e.pcapng", page.text())

    def test_charts(self):
        text, page = self.page("--ladders", "0")
        charts = re.findall(r'<figure class="chart"><figcaption>([^<]*)<span>[^<]*</span></figcaption>'
                            r'(<svg.*?</svg>)', text, re.S)
        self.assertEqual([name for name, _ in charts], [
            "Outcomes by service", "Connections by state over time", "CLOSE-WAIT by server",
            "Unfinished at the end, by age", "Handshake times", "Resets by likely cause over time"])
        for name, svg in charts:
            root = ElementTree.fromstring(svg.replace("&nbsp;", " "))
            texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
            self.assertGreater(len(texts), 4, name)
            self.assertLess(len(svg), 60000, name)
        self.assertLess(len(text), 200000)

    def test_states_over_time(self):
        """Of a connection each stage stands between its own times."""
        facts = report.Report(str(self.results), report.anonymize.Plain(), 1)
        _, _, chart = facts.states_chart()
        series = {each["name"]: each["data"] for each in chart["option"]["series"]}
        self.assertEqual(series["one FIN sent"][-1], 5)
        self.assertEqual(series["one FIN sent"], sorted(series["one FIN sent"]))
        self.assertEqual(set(series) - {"handshake"}, {"established", "one FIN sent"})

    def test_anonymous(self):
        text, page = self.page("--ladders", "0", "--anonymize")
        for secret in ("10.1.0.", "10.2.0.", "2001:db8", "captures/a", "alert"):
            self.assertNotIn(secret, text)
        self.assertIn("capture-1", text)
        self.assertIn("observer-1", text)
        found = set(re.findall(r"\b(\d+\.\d+\.\d+)\.\d+ ?(?:,|:|&amp;|')", text))
        self.assertLessEqual(len(found), 2)

    def test_without_node(self):
        """Charts are left out, and it says why; all else is there."""
        collect.collect(str(self.results), ["sqlite"])
        output = self.results / "report.html"
        self.batch("report", self.results, "--ladders", "0", environment={"TCPFSM_BATCH_NODE": "/nowhere"})
        told = Page(output.read_text(encoding="utf-8")).text()
        self.assertIn("No charts: they need Node.js", told)
        self.assertIn("5 connections that 1 server", told)

    def browser(self, *words):
        profile = self.folder / "profile"
        shutil.rmtree(profile, ignore_errors=True)
        done = subprocess.run([*CHROMIUM, "--user-data-dir=%s" % profile, *words], capture_output=True,
                              check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return done.stdout.decode()

    def measured(self, text, width):
        """(width of the view, of the page, number of pictures, background)"""
        probe = self.folder / "probe.html"
        probe.write_text("<!DOCTYPE html><meta charset=utf-8>" + PROBE % (
            width, json.dumps(text).replace("</", "<\\/")), encoding="utf-8")
        dumped = self.browser("--dump-dom", "--virtual-time-budget=5000", "--window-size=1400,3000",
                              "file://%s" % probe)
        return json.loads(re.search(r'<p id="told">(\[.*?\])</p>', dumped)[1])

    def test_in_a_browser_at_two_widths(self):
        text, _ = self.page("--ladders", "0")
        for width in WIDTHS:
            view, wide, pictures, background = self.measured(text, width)
            self.assertEqual(view, width)
            self.assertLessEqual(wide, width)
            self.assertEqual((pictures, background), (6, "rgb(255, 255, 255)"))

    def test_drawn_light_and_dark(self):
        """What the browser paints is a page, and in the dark another one."""
        self.page("--ladders", "0")
        sizes = []
        for words in [], ["--blink-settings=preferredColorScheme=0"]:
            picture = self.folder / "picture.png"
            self.browser(*words, "--window-size=1280,2000", "--screenshot=%s" % picture,
                         "file://%s" % (self.results / "report.html"))
            sizes.append(picture.read_bytes())
        self.assertGreater(min(map(len, sizes)), 50000)
        self.assertNotEqual(*sizes)


class Ladders(NodeTest):
    def test_drawn_from_the_captures(self):
        """From one file, with its own frame numbers; of a chain, with the file's number before them."""
        shutil.rmtree(self.results)
        sample = rig.SAMPLES / "close-wait-server-never-closes.pcapng"
        shutil.copy(sample, self.captures / "one.pcapng")
        rotated = self.captures / "ring"
        rotated.mkdir()
        files = rig.rotated(sample, 5, str(rotated / "two.pcapng"))
        self.assertEqual(len(files), 2)
        self.run_batch(self.captures, "--until", "2026-12-01T00:00:00Z")
        self.tables("parquet")
        text, page = self.page("--ladders", "3")
        ladders = re.findall(r'<div class="ladder">(.*?)</div>', text, re.S)
        self.assertTrue(ladders)
        told = page.text()
        self.assertIn("Stuck in CLOSE-WAIT: no FIN sent", told)
        self.assertNotIn("Not drawn", told)
        self.assertNotIn("Connection 0:", told)

    def test_run_ends_with_tables_and_report(self):
        shutil.copy(rig.SAMPLES / "close-wait-server-never-closes.pcapng", self.captures / "one.pcapng")
        shutil.rmtree(self.results)
        out, _ = self.batch("run", "-o", self.results, self.captures)
        self.assertIn("report: %s" % (self.results / "report.html"), out)
        told = Page((self.results / "report.html").read_text(encoding="utf-8")).text()
        self.assertIn("1 TCP connection in 1 capture", told)
        out, _ = self.batch("query", self.results, "SELECT outcome FROM connections", "--format", "csv")
        self.assertEqual(out, "outcome\nhalf-closed\n")

    def test_says_why_not(self):
        self.made.unit([stuck(0, 9000 * SECOND, warnings=warn("close_wait_stuck"))], "/captures/gone.pcapng")
        self.tables("parquet")
        _, page = self.page()
        self.assertIn("Not drawn: /captures/gone.pcapng can't be read any more", page.text())


if __name__ == "__main__":
    if not os.environ.get("TCPFSM_BATCH_NODE"):
        sys.exit("TCPFSM_BATCH_NODE must name the folder that batch/node/install has filled")
    NODE = os.environ["TCPFSM_BATCH_NODE"]

    def prepare(world):
        """Also an ordinary user finds the modules."""
        world.environment["TCPFSM_BATCH_NODE"] = NODE
        if not node.is_installed():
            sys.exit("%s does not hold what package-lock.json names" % NODE)
    rig.main(prepare)
