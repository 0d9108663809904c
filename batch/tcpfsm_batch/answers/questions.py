# SPDX-License-Identifier: GPL-2.0-or-later
"""What the report asks the tables, in SQL that DuckDB and SQLite both speak."""

TOP = 15                # rows of a table
PORTS = 5               # of a server that fail alike: more are one row
SERVICES = 10           # services in a chart
BUCKETS = 48            # intervals of a chart over time, at most
STEPS = [1, 2, 5, 10, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800]
SECOND = 1000000000
BY_NUMBER = "ORDER BY connections DESC, server_address, server_port LIMIT %d"

# A scan is one row: many ports of a server that fail alike.
FAILED_OPENS = """
    SELECT *, count(*) OVER () AS total FROM (
        SELECT *, sum(connections) OVER same AS all_connections, min(first_packet_ns) OVER same AS first_ns,
               max(last_packet_ns) OVER same AS last_ns, count(*) OVER same AS same_ports,
               row_number() OVER (PARTITION BY server_address, outcome, place_of_port
                                  ORDER BY first_packet_ns, connection_id) AS place
        FROM (SELECT *, CASE WHEN ports > {ports} THEN -1 ELSE server_port END AS place_of_port
              FROM (SELECT *, count(*) OVER (PARTITION BY server_address, outcome) AS ports
                    FROM failed_opens) AS counted) AS placed
        WINDOW same AS (PARTITION BY server_address, outcome, place_of_port)) AS ranked
    WHERE place = 1
    ORDER BY all_connections DESC, server_address, place_of_port, outcome
    LIMIT {top}""".format(ports=PORTS, top=TOP)
FIRST = {
    "totals": "SELECT count(*) AS connections, min(first_packet_ns) AS first_ns, "
              "max(last_packet_ns) AS last_ns, sum(packets) AS packets, "
              "count(DISTINCT client_address) AS clients FROM connections",
    "outcomes": "SELECT outcome, count(*) AS connections FROM connections GROUP BY 1 ORDER BY 2 DESC, 1",
    "failed": "SELECT outcome, count(*) AS connections FROM failed_connections GROUP BY 1 ORDER BY 2 DESC, 1",
    "captures": "SELECT path, max(CASE status WHEN 'ok' THEN 0 WHEN 'partial' THEN 1 WHEN 'missing' THEN 2 "
                "ELSE 3 END) AS worst, max(size) AS size, max(packets) AS packets, max(reason) AS reason "
                "FROM captures WHERE tail IS NOT true GROUP BY path ORDER BY 2 DESC, 1",
    "units": "SELECT min(observer) AS observer, count(DISTINCT observer) AS observers, "
             "min(interface) AS interface, count(DISTINCT interface) AS interfaces, min(tshark) AS tshark, "
             "min(plugin) AS plugin, min(filter) AS filter, count(DISTINCT chain) AS chains, "
             "max(coalesce(capture_end_ns, last_ns)) AS end_ns FROM units",
    "services": "SELECT *, (SELECT count(*) FROM services) AS total FROM services " + BY_NUMBER % SERVICES,
    "service_outcomes": "SELECT server_address, server_port, outcome, count(*) AS connections "
                        "FROM connections WHERE server_address || ' ' || server_port IN ("
                        "SELECT server_address || ' ' || server_port FROM services " + BY_NUMBER % SERVICES +
                        ") GROUP BY 1, 2, 3",
    "never_closed": "SELECT *, (SELECT count(*) FROM never_closed) AS total, "
                    "(SELECT sum(connections) FROM never_closed) AS total_connections FROM never_closed "
                    "ORDER BY connections DESC, longest_ns DESC LIMIT %d" % TOP,
    "clients_stuck": "SELECT server_address, server_port, count(*) AS connections, max(age_ns) AS longest_ns "
                     "FROM stuck_connections WHERE stuck_end = 'client' AND age_ns >= 60000000000 "
                     "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %d" % TOP,
    "close_wait": "SELECT server_address, server_port, age, connections FROM stuck_closes "
                  "WHERE stuck_end = 'server' AND server_address || ' ' || server_port IN ("
                  "SELECT server_address || ' ' || server_port FROM stuck_closes WHERE stuck_end = 'server' "
                  "GROUP BY server_address, server_port ORDER BY sum(connections) DESC, server_address, "
                  "server_port LIMIT %d)" % SERVICES,
    "failed_opens": FAILED_OPENS,
    "unfinished": "SELECT age, outcome, sum(connections) AS connections FROM unfinished GROUP BY 1, 2 "
                  "ORDER BY 1, 2",
    "handshakes": "SELECT *, handshakes AS connections FROM handshake_times " + BY_NUMBER % SERVICES,
    "worst": """
        SELECT * FROM (
            SELECT connections.*, coalesce(capture_end_ns, units.last_ns, last_packet_ns) AS unit_end_ns,
                   count(*) OVER (PARTITION BY server_address, server_port, warnings) AS alike,
                   row_number() OVER (PARTITION BY server_address, server_port, warnings
                                      ORDER BY coalesce(server_fin_owed_ns, client_fin_owed_ns, 0) DESC,
                                               first_packet_ns, connection_id) AS place
            FROM connections JOIN units ON units.unit = connections.unit WHERE warnings <> '') AS ranked
        WHERE place <= {limit}
        ORDER BY place, CASE WHEN warnings LIKE '%close_wait_stuck%' THEN 0
                             WHEN warnings LIKE '%desynchronized%' OR warnings LIKE '%peer_silent%' THEN 1
                             WHEN warnings LIKE '%_invalid%' OR warnings LIKE '%data_after%' THEN 2
                             WHEN warnings LIKE '%many_%' THEN 4 ELSE 3 END,
                 alike DESC, server_address, server_port
        LIMIT {limit}""",
}


def step(first_ns, last_ns):
    """Seconds between the points of a chart over time."""
    seconds = max(1, (last_ns - first_ns) / SECOND)
    return next((step for step in STEPS if seconds / step <= BUCKETS), STEPS[-1] * -(-int(seconds) // (
        STEPS[-1] * BUCKETS)))


def _place(expression, begin, width):
    """Of a time, the number of the first point that isn't before it: whole, as / differs between the two."""
    moved = "(%s - %d + %d)" % (expression, begin, width - 1)
    return "CAST(({0} - {0} % {1}) / {1} AS INTEGER)".format(moved, width)


def over_time(begin, width, end):
    """Changes of the numbers of connections in each state, by point in time; and resets by cause."""
    stages = """
        SELECT first_packet_ns AS begin_ns,
               CASE WHEN opening IS NULL THEN NULL
                    ELSE first_packet_ns + coalesce(handshake_time_ns, 0) END AS opened_ns,
               CASE WHEN fin_frame IS NULL THEN NULL
                    WHEN server_fin_owed_ns IS NOT NULL THEN {end} - server_fin_owed_ns
                    WHEN client_fin_owed_ns IS NOT NULL THEN {end} - client_fin_owed_ns
                    ELSE last_packet_ns - coalesce(teardown_time_ns, 0) END AS closing_ns,
               CASE WHEN unfinished AND outcome NOT IN ('unanswered', 'embryonic') THEN {end} + 1
                    ELSE last_packet_ns END AS end_ns
        FROM (SELECT connections.*, coalesce(capture_end_ns, units.last_ns, last_packet_ns) AS {end}
              FROM connections JOIN units ON units.unit = connections.unit) AS timed""".format(
                  end="unit_end_ns")
    spans = (("handshake", "begin_ns", "coalesce(opened_ns, closing_ns, end_ns)"),
             ("established", "opened_ns", "coalesce(closing_ns, end_ns)"),
             ("one FIN sent", "closing_ns", "end_ns"))
    changes = []
    for state, begin_ns, end_ns in spans:
        for sign, expression in ((1, begin_ns), (-1, end_ns)):
            changes.append("SELECT '%s' AS state, %s AS place, %d AS change FROM stages "
                           "WHERE %s IS NOT NULL AND %s > %s" % (
                               state, _place(expression, begin, width), sign, begin_ns, end_ns, begin_ns))
    return {
        "states": "WITH stages AS (%s) SELECT state, place, sum(change) AS change FROM (%s) AS changes "
                  "GROUP BY state, place ORDER BY state, place" % (stages, " UNION ALL ".join(changes)),
        "resets": "SELECT reset_cause AS cause, CAST((moved - moved %% %d) / %d AS INTEGER) AS place, "
                  "count(*) AS connections FROM (SELECT reset_cause, last_packet_ns - %d AS moved "
                  "FROM connections WHERE reset_cause IS NOT NULL) AS timed GROUP BY 1, 2 ORDER BY 1, 2" % (
                      width, width, begin),
    }
