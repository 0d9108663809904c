# SPDX-License-Identifier: GPL-2.0-or-later
"""One HTML file that says what was found: no script, nothing from a network, light and dark, on paper."""
import os
import re

from tcpfsm_batch import plan
from tcpfsm_batch.answers import anonymize, charts, columns, html, ladders, node, questions, store

HERE = os.path.dirname(os.path.abspath(__file__))
LADDERS = 10
STATUS = ("ok", "partial", "missing", "failed")
KINDS = {
    "unanswered": "no reply to the SYN", "refused": "refused by a RST", "unreachable": "ICMP unreachable",
    "embryonic": "handshake not completed", "handshake-reset": "reset during the handshake",
}


class Facts:
    """All answers, by name, as lists of rows by column."""

    def __init__(self, tables, worst):
        asked = dict(questions.FIRST, worst=questions.FIRST["worst"].replace("{limit}", str(int(worst))))
        self._ask(tables, asked)
        totals = self.totals[0]
        self.is_empty = not totals["connections"]
        if not self.is_empty:
            begin = int(totals["first_ns"])
            end = max(int(totals["last_ns"]), int(self.units[0]["end_ns"] or 0))
            self.step = questions.step(begin, end)
            width = self.step * questions.SECOND
            self.begin = begin - begin % width
            self.points = (end - self.begin) // width + 1
            self._ask(tables, questions.over_time(self.begin, width, end))

    def _ask(self, tables, asked):
        for name, (names, rows) in zip(asked, tables.ask(*asked.values())):
            setattr(self, name, [dict(zip(names, row)) for row in rows])


class Report:
    def __init__(self, folder, names, worst):
        self.folder, self.names = folder, names
        self.tables = store.Store(os.path.join(folder, "tables"))
        self.facts = Facts(self.tables, worst)
        self.failed_files = [row for row in self.facts.captures if row["worst"]]
        for row in [*self.facts.captures, *self.facts.units]:   # named before a sentence speaks of them
            names.capture(row.get("path"))
            names.observer(row.get("observer"))
            names.interface(row.get("interface"))

    def server(self, row):
        return html.text(html.endpoint(self.names.address(row["server_address"]), row["server_port"]))

    def more(self, total, shown, view):
        if total <= shown:
            return ""
        return '<p class="soft">%s more: <code>tcpfsm-batch query DIR "SELECT * FROM %s"</code></p>' % (
            html.number(total - shown), html.text(view))

    # --- what to read first -------------------------------------------------

    def heading(self):
        totals, units = self.facts.totals[0], self.facts.units[0]
        files = html.count(len(self.facts.captures), "capture")
        if self.facts.is_empty:
            return "<h1>No TCP connection in %s</h1>" % files
        where = ""
        if units["observer"] and int(units["observers"]) == 1:
            where = " at " + html.text(self.names.observer(units["observer"]))
        span = int(totals["last_ns"]) - int(totals["first_ns"])
        return "<h1>%s in %s%s</h1>\n<p class=\"soft\">%s to %s UTC (%s) · %s · %s</p>" % (
            html.count(totals["connections"], "TCP connection"), files, where,
            _clock(totals["first_ns"]), _clock(totals["last_ns"]), html.duration(span),
            html.count(totals["packets"], "packet"), html.count(totals["clients"], "client"))

    def findings(self):
        cards = [self.never_closed_card(), self.failed_card(), self.lost_card(), self.files_card()]
        return '<ul class="findings">%s</ul>' % "".join(
            '<li class="%s"><strong>%s</strong>%s</li>' % card for card in cards if card)

    def never_closed_card(self):
        rows = self.facts.never_closed
        if not rows:
            return "good", "0", "connections that a server has left unclosed for a minute or longer"
        total = rows[0]
        connections = int(total["total_connections"])
        longest = max(int(row["longest_ns"]) for row in rows)
        return "bad", html.number(connections), (
            "%s that %s not closed a minute or longer after the client's FIN. Longest: %s" % (
                "connection" if connections == 1 else "connections",
                html.count(total["total"], "server has", "servers have"), html.duration(longest)))

    def outcome(self, *outcomes):
        return sum(int(row["connections"]) for row in self.facts.outcomes if row["outcome"] in outcomes)

    def failed_card(self):
        failed = sum(int(row["connections"]) for row in self.facts.failed)
        asked = sum(int(row["connections"]) for row in self.facts.outcomes) - self.outcome("partial")
        if not failed:
            return "good", "0", "openings failed"
        share = 100 * failed / max(1, asked)
        kinds = ["%s %s" % (html.number(row["connections"]), html.text(row["outcome"]))
                 for row in self.facts.failed]
        share_text = "%.1f" % share if share >= 0.1 else "under 0.1"
        return "bad" if share >= 5 else "warn", html.number(failed), "%s failed (%s %%): %s" % (
            "opening" if failed == 1 else "openings", share_text, ", ".join(kinds))

    def lost_card(self):
        lost, reset = self.outcome("desynchronized", "silent"), self.outcome("reset")
        return "warn" if lost else "good", html.number(lost), (
            "%s lost: one end no longer had the connection, or stopped replying. %s reset" % (
                "connection" if lost == 1 else "connections", html.count(reset, "other was", "others were")))

    def files_card(self):
        bad = len(self.failed_files)
        total = len(self.facts.captures)
        counts = [(status, sum(1 for row in self.failed_files if row["worst"] == place))
                  for place, status in enumerate(STATUS)]
        told = ", ".join("%d %s" % (number, status) for status, number in counts if number)
        rest = ". The others: %s; what follows lacks their packets" % told if bad else ""
        return "bad" if bad else "good", "%d of %d" % (total - bad, total), (
            "captures were read completely" + rest)

    # --- sections -----------------------------------------------------------

    def never_closed(self):
        rows = self.facts.never_closed
        if not rows:
            return ""
        cells = [(self.server(row), html.number(row["connections"]), html.number(row["clients"]),
                  html.duration(row["longest_ns"]), _clock(row["first_seen_ns"]),
                  html.wireshark(row, self.names)) for row in rows]
        return """<h2 id="never-closed">Servers that never close</h2>
<p>The client sent its FIN, and the server has been in CLOSE-WAIT, without a FIN of its own, for a minute or
longer. Likely the server's application doesn't close its sockets. The command shows the FIN of the oldest
such connection.</p>""" + html.table((("Server", 0), ("Connections", 1), ("Clients", 1), ("Longest", 1),
                                      ("First opened, UTC", 0)), cells, way=True) + self.more(
                                          int(rows[0]["total"]), len(rows), "never_closed")

    def clients_stuck(self):
        rows = self.facts.clients_stuck
        if not rows:
            return ""
        cells = [(self.server(row), html.number(row["connections"]), html.duration(row["longest_ns"]))
                 for row in rows]
        about = "<h3>Clients that never close</h3><p>The same with the roles exchanged, by server.</p>"
        return about + html.table((("Server", 0), ("Connections", 1), ("Longest", 1)), cells)

    def failed_opens(self):
        rows = self.facts.failed_opens
        if not rows:
            return ""
        cells = []
        for row in rows:
            ports = int(row["same_ports"])
            server = self.server(row) if ports == 1 else "%s, %s" % (
                html.text(self.names.address(row["server_address"])), html.count(ports, "port"))
            clients = html.number(row["clients"]) if ports == 1 else ""
            cells.append((server, html.text(KINDS.get(row["outcome"], row["outcome"])),
                          html.number(row["all_connections"]), clients, _clock(row["first_ns"]),
                          _clock(row["last_ns"]), html.wireshark(row, self.names)))
        return """<h2 id="failed-opens">Openings that failed</h2>
<p>By server and kind. The command shows the first.</p>""" + html.table(
            (("Server", 0), ("What happened", 0), ("Connections", 1), ("Clients", 1), ("First, UTC", 0),
             ("Last, UTC", 0)), cells, way=True) + self.more(int(rows[0]["total"]), len(rows), "failed_opens")

    def services(self):
        rows = self.facts.services
        if not rows:
            return ""
        names = ("connections", "clients", "closed", "failed_opens", "resets", "owes_fin", "unfinished")
        cells = [(self.server(row), *[html.number(row[name]) for name in names],
                  html.size(int(row["bytes_client"])), html.size(int(row["bytes_server"]))) for row in rows]
        header = ("Connections", "Clients", "Closed", "Failed to open", "Reset or lost", "FIN owed",
                  "Unfinished", "From clients", "From server")
        return '<h2 id="services">Services</h2>' + html.table(
            (("Server", 0), *[(name, 1) for name in header]), cells) + self.more(
                int(rows[0]["total"]), len(rows), "services")

    def captures(self):
        bad = self.failed_files
        if not bad:
            return ""
        cells = [(html.text(self.names.capture(row["path"])),
                  '<span class="status-%s">%s</span>' % ((STATUS[row["worst"]],) * 2),
                  html.text(self.names.text(row["reason"] or "")), html.size(int(row["size"] or 0)))
                 for row in bad[:100]]
        return '<h2 id="captures">Captures not read completely</h2>' + html.table(
            (("Capture", 0), ("Status", 0), ("Why", 0), ("Size", 1)), cells) + self.more(
                len(bad), 100, "captures WHERE status <> 'ok'")

    def how(self):
        units = self.facts.units[0]
        text = "tshark %s, tcpfsm %s" % (units["tshark"] or "?", units["plugin"] or "?")
        filtered = html.text(self.names.text(units["filter"] or ""))
        filtered = "; filter: <code>%s</code>" % filtered if filtered else ""
        return """<h2>How to read this</h2>
<p>%s%s. All that is said rests on what was captured; a loss before the capture point can look like a silent
host. An age is counted up to the end of the capture, as far as it is known. <code>tcpfsm-batch query</code>
asks the tables behind this page. %s</p>""" % (html.text(text), filtered, self.names.ABOUT)

    # --- charts -------------------------------------------------------------

    def chart_list(self):
        """(caption, explanation, options) of each chart that has something to show."""
        facts = self.facts
        if facts.is_empty:
            return []
        made = [self.outcomes_chart(), self.states_chart(), self.close_wait_chart(), self.unfinished_chart(),
                self.handshakes_chart(), self.resets_chart()]
        return [chart for chart in made if chart]

    def outcomes_chart(self):
        order = [row["outcome"] for row in self.facts.outcomes]
        servers, series = self._by_server(self.facts.service_outcomes, "outcome", self.facts.services, order)
        totals = [sum(values[place] for values in series.values()) for place in range(len(servers))]
        shares = {name: [round(100 * value / total, 2) for value, total in zip(values, totals)]
                  for name, values in series.items()}
        return "Outcomes by service", "in percent of its connections; the services with most connections", \
            charts.bars(servers, shares, percent=True)

    def _by_server(self, rows, key, order_rows, values):
        """Names of servers in the order of order_rows, and for each value of key the connections of each."""
        order = list(dict.fromkeys((row["server_address"], row["server_port"]) for row in order_rows))
        wanted = {(row["server_address"], row["server_port"]) for row in rows}
        order = [server for server in order if server in wanted]
        series = {value: [0] * len(order) for value in values}
        for row in rows:
            place = order.index((row["server_address"], row["server_port"]))
            series[row[key]][place] += int(row["connections"])
        names = [html.endpoint(self.names.address(address), port) for address, port in order]
        shown = {name: values for name, values in series.items() if any(values)}
        return [_short(name) for name in names], shown

    def _labels(self):
        width = self.facts.step * questions.SECOND
        day = self.facts.step * self.facts.points > 86400
        times = [columns.time_text(self.facts.begin + place * width) for place in range(self.facts.points)]
        return [time[5:16].replace("T", " ") if day else time[11:19] for time in times]

    def states_chart(self):
        series = {}
        for state in ("established", "handshake", "one FIN sent"):
            changes = [0] * self.facts.points
            for row in self.facts.states:
                if row["state"] == state:
                    place = min(max(0, int(row["place"])), self.facts.points - 1)
                    changes[place] += int(row["change"]) if row["place"] < self.facts.points else 0
            total, values = 0, []
            for change in changes:
                total += change
                values.append(total)
            if any(values):
                series[state] = values
        return series and ("Connections by state over time",
                           "at one moment every %s; one FIN sent: half closed, waiting for the other end" %
                           html.duration(self.facts.step * questions.SECOND),
                           charts.over_time(self._labels(), series, area=True))

    def close_wait_chart(self):
        rows = self.facts.close_wait
        if not rows:
            return None
        ages = sorted({row["age"] for row in rows})
        totals = {}
        for row in rows:
            server = row["server_address"], row["server_port"]
            totals[server] = totals.get(server, 0) + int(row["connections"])
        order = [{"server_address": address, "server_port": port} for address, port in
                 sorted(totals, key=lambda server: (-totals[server], server))]
        servers, series = self._by_server(rows, "age", order, ages)
        about = "connections whose server owes a FIN at the end, by how long"
        return "CLOSE-WAIT by server", about, charts.bars(
            servers, {name[3:]: values for name, values in series.items()},
            [charts.AGES[int(name[0]) - 1] for name in series])

    def unfinished_chart(self):
        rows = self.facts.unfinished
        if not rows:
            return None
        ages = sorted({row["age"] for row in rows})
        order = [row["outcome"] for row in self.facts.outcomes]
        series = {outcome: [sum(int(row["connections"]) for row in rows
                                if row["age"] == age and row["outcome"] == outcome) for age in ages]
                  for outcome in order}
        series = {name: values for name, values in series.items() if any(values)}
        about = "how long the connection had been silent when its capture ended"
        ages = [age[3:] for age in ages]
        return "Unfinished at the end, by age", about, charts.bars(ages, series, left=130)

    def handshakes_chart(self):
        rows = self.facts.handshakes
        if not rows:
            return None
        names = [_short(html.endpoint(self.names.address(row["server_address"]), row["server_port"]))
                 for row in rows]
        series = {}
        for name in ("p50", "p90", "p99"):
            values = [int(row[name + "_ns"]) / 1e6 for row in rows]
            series[name] = [[value, place] for place, value in enumerate(values) if value > 0]
        about = "half, 90 % and 99 % of a server's handshakes took no longer"
        return "Handshake times", about, charts.points(names, series)

    def resets_chart(self):
        series = {}
        for row in self.facts.resets:
            values = series.setdefault(row["cause"], [0] * self.facts.points)
            values[min(max(0, int(row["place"])), self.facts.points - 1)] += int(row["connections"])
        return series and ("Resets by likely cause over time",
                           "connections every %s" % html.duration(self.facts.step * questions.SECOND),
                           charts.over_time(self._labels(), series, area=False))

    def figures(self):
        made = self.chart_list()
        if not made:
            return ""
        if not node.is_installed():
            return '<p class="soft">No charts: they need Node.js and ECharts (batch/node/install).</p>'
        pictures = node.charts([options for _, _, options in made])
        return '<h2 id="charts">At a glance</h2><div class="charts">%s</div>' % "".join(
            '<figure class="chart"><figcaption>%s<span>%s</span></figcaption>%s</figure>' % (
                caption, explanation, _accessible(picture, caption))
            for (caption, explanation, _), picture in zip(made, pictures))

    def ladders(self, limit):
        if not limit or not self.facts.worst:
            return ""
        drawn = ladders.draw(self.facts.worst, plan.read_manifest(self.folder), self.names)
        parts = ['<h2 id="ladders">The worst connections, segment by segment</h2><p>One of each kind and '
                 'server; client left, server right.</p>']
        for row, (svg, note) in zip(self.facts.worst, drawn):
            client = html.endpoint(self.names.address(row["client_address"]), row["client_port"])
            alike = "; %s more with the same" % html.number(row["alike"] - 1) if row["alike"] > 1 else ""
            parts.append('<div class="ladder"><h3>%s → %s: %s <span class="soft">(%s%s)</span></h3>' % (
                html.text(client), self.server(row), html.text(row["outcome"]),
                html.text(row["warnings"].replace(",", ", ")), alike))
            parts.append('<p><code>%s</code></p>' % html.text(html.wireshark(row, self.names)))
            parts.append(svg or '<p class="soft">Not drawn: %s.</p>' % html.text(note))
            parts.append('<p class="soft">%s</p></div>' % html.text(note) if svg and note else "</div>")
        return "".join(parts)

    def page(self, limit):
        with open(os.path.join(HERE, "report.css"), encoding="utf-8") as file:
            style = file.read()
        title = "TCP connections in %s" % html.count(len(self.facts.captures), "capture")
        body = [self.heading(), self.findings()]
        if not self.facts.is_empty:
            body += [self.captures(), self.never_closed(), self.clients_stuck(), self.failed_opens(),
                     self.figures(), self.services(), self.ladders(limit)]
        else:
            body.append(self.captures())
        body.append(self.how())
        return """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>%s</title>
<style>
%s</style>
</head>
<body>
%s
</body>
</html>
""" % (title, style, "\n".join(part for part in body if part))


def _clock(ns):
    return columns.time_text(int(ns))[:19].replace("T", " ") if ns is not None else ""


def _short(name):
    return name if len(name) <= 24 else name[:11] + "…" + name[-12:]


def _accessible(svg, caption):
    """Named for who doesn't see it; and without the classes that only ECharts' scripts use."""
    svg = re.sub(r' class="zr[^"]*"', "", re.sub(r"<style\b.*?</style>", "", svg, flags=re.S))
    return svg.replace("<svg ", '<svg role="img" aria-label="%s" ' % html.text(caption), 1)


def write(folder, output, anonymous=False, limit=LADDERS):
    names = anonymize.Anonymous() if anonymous else anonymize.Plain()
    page = Report(folder, names, max(limit, 1)).page(limit)
    new = output + ".new"
    with open(new, "w", encoding="utf-8") as file:
        file.write(page)
    os.replace(new, output)
