# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections as documents in the names of the Elastic Common Schema, for Elasticsearch and OpenSearch."""
import json

from tcpfsm_batch.answers import columns

VERSION = "9.4.0"
INDEX = "tcpfsm-connections"

# The fields of ECS in use, with their types there.
TYPES = {
    "@timestamp": "date", "client.address": "keyword", "client.bytes": "long", "client.ip": "ip",
    "client.port": "long", "destination.address": "keyword", "destination.bytes": "long",
    "destination.ip": "ip", "destination.port": "long", "ecs.version": "keyword", "event.category": "keyword",
    "event.dataset": "keyword", "event.duration": "long", "event.end": "date", "event.id": "keyword",
    "event.kind": "keyword", "event.module": "keyword", "event.outcome": "keyword", "event.start": "date",
    "event.type": "keyword", "file.path": "keyword", "network.bytes": "long",
    "network.community_id": "keyword",
    "network.packets": "long", "network.transport": "keyword", "network.type": "keyword",
    "observer.ingress.interface.name": "keyword", "observer.name": "keyword", "related.ip": "ip",
    "server.address": "keyword", "server.bytes": "long", "server.ip": "ip", "server.port": "long",
    "source.address": "keyword", "source.bytes": "long", "source.ip": "ip", "source.port": "long",
}

# What each outcome is in ECS: event.type, event.outcome.
FAILED = (["connection", "start"], "failure")
KINDS = {
    "open": (["connection", "start"], "unknown"),
    "closed": (["connection", "start", "end"], "success"),
    "unanswered": FAILED, "unreachable": FAILED, "embryonic": FAILED, "handshake-reset": FAILED,
    "refused": (["connection", "start", "denied"], "failure"),
    "half-closed": (["connection", "start"], "unknown"),
    "closing": (["connection", "start"], "unknown"),
    "reset": (["connection", "start", "end"], "unknown"),
    "desynchronized": (["connection", "start", "end"], "failure"),
    "partial": (["connection"], "unknown"),
    "silent": (["connection", "start"], "failure"),
    "replaced": (["connection", "start", "end"], "unknown"),
}
LISTS = {"warnings", "notes", "client_owes", "server_owes"}
OWN = {columns.TEXT: "keyword", columns.INTEGER: "long", columns.BOOLEAN: "boolean"}


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_OWN = [(place, column.name) for place, column in enumerate(columns.COLUMNS)
        if not column.ecs and column.name not in LISTS]
_LISTS = [(place, column.name) for place, column in enumerate(columns.COLUMNS) if column.name in LISTS]
_SHARED = [(place, [tuple(name.split(".")) for name in column.ecs.split()])
           for place, column in enumerate(columns.COLUMNS) if column.ecs]
_SAME = {"ecs": {"version": VERSION}}
_EVENT = {"kind": "event", "category": ["network"], "module": "tcpfsm", "dataset": "tcpfsm.connection"}


def document(values):
    """The document of a connection, values in the order of columns.COLUMNS, as nested objects."""
    own = {name: values[place] for place, name in _OWN if values[place] is not None}
    own.update((name, values[place].split(",")) for place, name in _LISTS if values[place])
    kinds, outcome = KINDS.get(own["outcome"], (["connection"], "unknown"))
    nested = {"tcpfsm": own, **_SAME, "event": {**_EVENT, "type": kinds, "outcome": outcome}}
    for place, names in _SHARED:
        value = values[place]
        if value is not None:
            for *parents, last in names:
                inner = nested
                for parent in parents:
                    inner = inner.setdefault(parent, {})
                inner[last] = value
    client, server = nested["client"], nested["server"]
    nested["network"].update(transport="tcp", type="ipv6" if ":" in client["ip"] else "ipv4",
                             bytes=client["bytes"] + server["bytes"])
    nested["related"] = {"ip": sorted({client["ip"], server["ip"]})}
    return nested


def bulk_lines(values):
    """For _bulk: the same connection, sent again, stays one document."""
    doc = document(values)
    return '{"create":{"_id":"%s"}}\n%s\n' % (doc["event"]["id"], _encode(doc))


def template():
    """The index template, for PUT _index_template/tcpfsm-connections."""
    properties = {}
    own = {column.name: OWN[column.type] for column in columns.COLUMNS if not column.ecs}
    for name, kind in [*TYPES.items(), *(("tcpfsm." + name, kind) for name, kind in own.items())]:
        *parents, last = name.split(".")
        place = properties
        for parent in parents:
            place = place.setdefault(parent, {"properties": {}})["properties"]
        place[last] = {"type": kind, **({"ignore_above": 1024} if kind == "keyword" else {})}
    return {"index_patterns": [INDEX + "*"], "priority": 200,
            "template": {"settings": {"index.sort.field": "@timestamp", "index.sort.order": "desc"},
                         "mappings": {"dynamic": "strict", "properties": properties}}}
