# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts by service and outcome, for Prometheus: a file for node_exporter's textfile collector."""

SERVICES = 1000         # the most; the others are counted together, as each is a time series
HELP = {
    "tcpfsm_connections": "TCP connections in the captures, by server and outcome.",
    "tcpfsm_connections_fin_owed": "Connections in which that end got a FIN and has sent none, by server.",
    "tcpfsm_captures": "Capture files, by what became of reading them.",
    "tcpfsm_first_packet_timestamp_seconds": "Time of the first packet of any connection.",
    "tcpfsm_last_packet_timestamp_seconds": "Time of the last packet of any connection.",
}
QUESTIONS = (
    "SELECT server_address, server_port FROM services "
    "ORDER BY connections DESC, server_address, server_port LIMIT %d" % SERVICES,
    "SELECT server_address, server_port, outcome, count(*) FROM connections "
    "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT server_address, server_port, stuck_end, sum(connections) FROM stuck_closes "
    "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT status, count(*) FROM captures GROUP BY 1 ORDER BY 1",
    "SELECT min(first_packet_ns), max(last_packet_ns) FROM connections",
)


def _label(text):
    return str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _sample(name, labels, value):
    inner = ",".join('%s="%s"' % (key, _label(text)) for key, text in labels)
    return "%s%s %s\n" % (name, "{%s}" % inner if inner else "", value)


def _by_service(name, key, rows, kept):
    """Those of the services that are kept, then the others together."""
    others = {}
    for address, port, value, count in rows:
        if (address, port) in kept:
            yield _sample(name, (("server_address", address), ("server_port", port), (key, value)), count)
        else:
            others[value] = others.get(value, 0) + int(count)
    for value, count in sorted(others.items()):
        yield _sample(name, (("server_address", "other"), ("server_port", ""), (key, value)), count)


def exposition(store):
    """The text, a piece at a time."""
    services, outcomes, stuck, captures, span = [rows for _, rows in store.ask(*QUESTIONS)]
    kept = {(address, port) for address, port in services}
    seconds = [None if ns is None else "%d.%09d" % divmod(int(ns), 1000000000) for ns in span[0]]
    groups = {
        "tcpfsm_connections": _by_service("tcpfsm_connections", "outcome", outcomes, kept),
        "tcpfsm_connections_fin_owed": _by_service("tcpfsm_connections_fin_owed", "end", stuck, kept),
        "tcpfsm_captures": (_sample("tcpfsm_captures", (("status", status),), count)
                            for status, count in captures),
        "tcpfsm_first_packet_timestamp_seconds": _time("tcpfsm_first_packet_timestamp_seconds", seconds[0]),
        "tcpfsm_last_packet_timestamp_seconds": _time("tcpfsm_last_packet_timestamp_seconds", seconds[1]),
    }
    for name, samples in groups.items():
        yield "# HELP %s %s\n# TYPE %s gauge\n" % (name, HELP[name], name)
        yield from samples


def _time(name, seconds):
    return [] if seconds is None else [_sample(name, (), seconds)]


def write(store, path):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(exposition(store))
