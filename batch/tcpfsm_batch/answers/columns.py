# SPDX-License-Identifier: GPL-2.0-or-later
"""The columns of the table of connections: where each comes from, and what others call it.

A column is made in two ways, in Python (SQLite, CSV, ECS) and by DuckDB (Parquet), both from this list;
tests/batch holds one against the other, and docs/batch.md against the list.
"""
import collections
import hashlib

# python: of a row and its unit's line; None: what the row has under that name.
Column = collections.namedtuple("Column", "name type python sql meaning ecs zeek otel")

TEXT, INTEGER, BOOLEAN, TIME = "TEXT", "INTEGER", "BOOLEAN", "TIME"

FRAMES = ("syn", "synack", "ack", "fin", "fin_ack", "second_fin", "second_fin_ack", "reset", "icmp")
TIMES = ("handshake_time", "syn_wait", "server_rtt", "client_rtt", "teardown_time", "close_wait_time",
         "fin_wait_2_time")


def time_text(ns):
    """A time as ISO 8601, to the nanosecond."""
    if ns is None:
        return None
    seconds, rest = divmod(ns, 1000000000)
    day, second = divmod(seconds, 86400)
    return "%sT%02d:%02d:%02d.%09dZ" % (_date(day), second // 3600, second // 60 % 60, second % 60, rest)


_dates = {}


def _date(day):
    import datetime                                    # the same few days again and again
    if day not in _dates:
        _dates[day] = (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()
    return _dates[day]


def connection_id(row, unit):
    """The same wherever the connection's first packet is found again: in a chain, a shard or alone."""
    batch = row["batch"]
    parts = (unit.get("observer") or "", row["community_id"], row["first_packet_epoch_ns"],
             str(batch.get("frame", "")))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def _number(row, name):
    value = row.get(name)
    return None if value is None else int(value)


def _plain(name, kind, meaning, ecs="", zeek="", otel=""):
    return Column(name, kind, None, name, meaning, ecs, zeek, otel)


def _ns(name, meaning, source=None, ecs="", zeek="", otel=""):
    source = source or name
    return Column(name, INTEGER, lambda row, unit: _number(row, source), "CAST(%s AS BIGINT)" % source,
                  meaning, ecs, zeek, otel)


def _batch(name, source, kind, meaning, ecs=""):
    return Column(name, kind, lambda row, unit: row["batch"].get(source), "batch.%s" % source, meaning, ecs,
                  "", "")


def _unit(name, meaning, ecs=""):
    return Column(name, TEXT, lambda row, unit: unit.get(name), "unit.%s" % name, meaning, ecs, "", "")


def _time(name, meaning, ecs="", zeek=""):
    source = name + "_epoch_ns"
    return Column(name, TIME, lambda row, unit: time_text(int(row[source])),
                  "make_timestamp_ns(CAST(%s AS BIGINT))" % source, meaning, ecs, zeek, "")


def _owes(end):
    name = end + "_owes"
    return Column(name, TEXT, lambda row, unit: ",".join([debt["what"] for debt in row[name]]),
                  "coalesce(array_to_string(list_transform(%s, lambda debt: debt.what), ','), '')" % name,
                  "What the %s has yet to send, most urgent first, separated by commas" % end, "", "", "")


def _fin_owed(end):
    def python(row, unit):
        ages = [_number(debt, "age_ns") for debt in row[end + "_owes"] if debt["what"] == "FIN"]
        return ages[0] if ages else None
    return Column(end + "_fin_owed_ns", INTEGER, python,
                  "CAST(list_filter(%s_owes, lambda debt: debt.what = 'FIN')[1].age_ns AS BIGINT)" % end,
                  "How long the FIN of the %s had been due at the end of the capture" % end, "", "", "")


def _expert(name, severity):
    def python(row, unit):
        return ",".join([w["name"] for w in row["warnings"] if w["severity"] == severity])
    sql = "coalesce(array_to_string(list_transform(list_filter(warnings, lambda w: w.severity = '%s'), " \
          "lambda w: w.name), ','), '')" % severity
    return Column(name, TEXT, python, sql, "Names of its expert infos of severity %s, separated by commas"
                  % severity.title(), "", "", "")


def _warning(name, key, kind, meaning):
    def python(row, unit):
        return next((w.get(key) for w in row["warnings"] if w["severity"] == "warn"), None)
    return Column(name, kind, python, "list_filter(warnings, lambda w: w.severity = 'warn')[1].%s" % key,
                  meaning, "", "", "")


def _frame(name):
    return [_plain(name + "_frame", INTEGER, "Frame of the %s in `capture`" % name.replace("_", " ")),
            _plain(name + "_frame_file", TEXT, "Its capture, if that is another one")]


def _end(end, peer, orig):
    return [
        _plain(end + "_address", TEXT, "Address of the %s" % end,
               "%s.ip %s.address %s.ip %s.address" % (end, end, peer, peer), "id.%s_h" % orig,
               end + ".address"),
        _plain(end + "_port", INTEGER, "Its port", "%s.port %s.port" % (end, peer), "id.%s_p" % orig,
               end + ".port")]


def _options(end):
    return [_plain("%s_%s" % (end, name), INTEGER, "%s of the %s, from its SYN" % (text, end))
            for name, text in (("isn", "Initial sequence number"), ("window", "First window, not scaled"),
                               ("mss", "MSS"), ("window_scale", "Window scale"))]


def _state(end):
    return [_plain(end + "_state", TEXT, "RFC 9293 state of the %s after the last packet" % end, "", "",
                   "network.connection.state"),
            _plain(end + "_basis", TEXT,
                   "How surely that is known: proven, expected, assumed, unknown, seen arriving")]


COLUMNS = [
    Column("connection_id", TEXT, connection_id,
           "substr(sha256(concat_ws('|', coalesce(unit.observer, ''), community_id, first_packet_epoch_ns, "
           "coalesce(CAST(batch.frame AS VARCHAR), ''))), 1, 32)",
           "Stable: the same in every run that finds the connection's first packet", "event.id", "uid", ""),
    _batch("unit", "unit", TEXT, "Unit of work: the name of the file in `results`"),
    _batch("capture", "file", TEXT, "Capture file of the first packet", "file.path"),
    _batch("frame", "frame", INTEGER, "Number of the first packet there"),
    Column("last_capture", TEXT, lambda row, unit: row["batch"].get("last_file") or row["batch"].get("file"),
           "coalesce(batch.last_file, batch.file)", "Capture file of the last packet", "", "", ""),
    _batch("last_frame", "last_frame", INTEGER, "Number of the last packet there"),
    _unit("observer", "Where it was captured", "observer.name"),
    _unit("interface", "Interface of the capture", "observer.ingress.interface.name"),
    _plain("connection", INTEGER, "Number within the unit"),
    _plain("stream", INTEGER, "Wireshark's number of the stream within the unit"),
    _plain("community_id", TEXT, "Community ID", "network.community_id", "community_id"),
    *_end("client", "source", "orig"),
    *_end("server", "destination", "resp"),
    _time("first_packet", "Time of the first packet, UTC", "@timestamp event.start", "ts"),
    _time("last_packet", "Time of the last packet, UTC", "event.end"),
    _ns("first_packet_ns", "Time of the first packet, ns since 1970", "first_packet_epoch_ns"),
    _ns("last_packet_ns", "Time of the last packet, ns since 1970", "last_packet_epoch_ns"),
    Column("hour", TEXT, lambda row, unit: time_text(int(row["first_packet_epoch_ns"]))[:13] + "Z",
           "strftime(make_timestamp_ns(CAST(first_packet_epoch_ns AS BIGINT)), '%Y-%m-%dT%HZ')",
           "Hour of the first packet, UTC", "", "", ""),
    _plain("outcome", TEXT, "How the connection ended, or where it stopped"),
    _plain("opening", TEXT, "How it was opened"),
    _plain("closing", TEXT, "How it was closed"),
    _plain("closer", TEXT, "Which end closed first"),
    _plain("reset_cause", TEXT, "Likely cause of its RST"),
    _plain("history", TEXT, "Its story in Zeek's letters", "", "history"),
    _plain("time_wait_holder", TEXT, "Which end holds TIME-WAIT"),
    _plain("packets", INTEGER, "Packets of both ends", "network.packets"),
    _plain("bytes_client", INTEGER, "Bytes of payload from the client", "client.bytes source.bytes",
           "orig_bytes"),
    _plain("bytes_server", INTEGER, "Bytes of payload from the server", "server.bytes destination.bytes",
           "resp_bytes"),
    _ns("duration_ns", "From the first to the last packet", ecs="event.duration", zeek="duration"),
    _plain("previous", INTEGER, "Number within the unit of the earlier connection on the same ports"),
    _ns("reuse_age_ns", "How long after the end of that one this one began"),
    _plain("points", INTEGER, "Capture points at which it was captured, if there are two or more"),
    _plain("lost_client_to_server", INTEGER, "Segments of the client that were lost between them"),
    _plain("lost_server_to_client", INTEGER, "Segments of the server that were lost between them"),
    _ns("transit_client_to_server_ns", "Median transit time from client to server between them"),
    _ns("transit_server_to_client_ns", "Median transit time from server to client between them"),
    _plain("changed", TEXT, "What differs between them"),
    *_state("client"),
    *_state("server"),
    _owes("client"), _owes("server"), _fin_owed("client"), _fin_owed("server"),
    *[column for name in FRAMES for column in _frame(name)],
    *[_ns(name + "_ns", text) for name, text in zip(TIMES, (
        "From the first SYN to the handshake's ACK", "From the first SYN to the one that was answered",
        "From that SYN to the SYN-ACK", "From the SYN-ACK to the handshake's ACK",
        "From the first FIN to the ACK of the second", "How long the other end took to close",
        "How long the end that closed first waited for the other's FIN"))],
    *_options("client"), *_options("server"),
    _plain("sack", BOOLEAN, "Both SYNs permitted SACK"),
    _plain("timestamps", BOOLEAN, "Both SYNs carried timestamps"),
    _batch("continued", "continued", BOOLEAN, "Its beginning was not found in the window before"),
    _batch("unfinished", "unfinished", BOOLEAN, "It could still have changed after the unit's last packet"),
    _expert("warnings", "warn"),
    _expert("notes", "note"),
    _warning("warning_frame", "frame", INTEGER, "Frame of the first warning in `capture`"),
    _warning("warning_frame_file", "frame_file", TEXT, "Its capture, if that is another one"),
]
NAMES = [column.name for column in COLUMNS]

# Is there more exactly as ns.
LEFT_OUT = {"first_packet_epoch_us", "last_packet_epoch_us", "duration_us", "reuse_age_us",
            "transit_client_to_server_us", "transit_server_to_client_us",
            *[name + "_us" for name in TIMES]}

# A capture file, as far as a unit read it.
CAPTURES = [("unit", TEXT), ("path", TEXT), ("position", INTEGER), ("size", INTEGER), ("mtime_ns", INTEGER),
            ("packets", INTEGER), ("first_ns", INTEGER), ("last_ns", INTEGER), ("tail", BOOLEAN),
            ("status", TEXT), ("reason", TEXT)]
UNITS = [("unit", TEXT), ("chain", TEXT), ("shard", INTEGER), ("shards", INTEGER), ("window", INTEGER),
         ("observer", TEXT), ("interface", TEXT), ("first_ns", INTEGER), ("last_ns", INTEGER),
         ("capture_end_ns", INTEGER), ("rows", INTEGER), ("packets", INTEGER), ("tshark", TEXT),
         ("plugin", TEXT), ("filter", TEXT), ("host", TEXT), ("seconds_tshark", "REAL"),
         ("seconds_cpu", "REAL"), ("seconds_total", "REAL"), ("status", TEXT), ("reason", TEXT)]


_PLAIN = [column.name if column.python is None else "" for column in COLUMNS]
_MADE = [(position, column.python) for position, column in enumerate(COLUMNS) if column.python is not None]


def flatten(row, unit):
    """The values of a connection, in the order of COLUMNS."""
    values = list(map(row.get, _PLAIN))
    for position, make in _MADE:
        values[position] = make(row, unit)
    return values


def documented(column):
    """Its row in docs/batch.md."""
    names = [", ".join("`%s`" % name for name in text.split())
             for text in (column.ecs, column.zeek, column.otel)]
    return "| `%s` | %s | %s | %s |" % (column.name, column.type.lower(), column.meaning, " | ".join(names))
