# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON schema of a line of `-z tcpfsm,json`, docs/connections.schema.json.

What is told of a connection comes from the plugin's own table, connection_fields.def, by way of reference.py;
names of values from what tshark says. What is left, who they are and where they stand at the end, is here.
"""
import json

RANGES = {"ISN": (0, 2**32 - 1), "WINDOW": (0, 65535), "MSS": (1, 65535), "SHIFT": (0, 14),
          "CONNECTION": (0, 2**30 - 3), "COUNT": (1, 2**32 - 1),
          "LOSSES": (0, 2**32 - 1)}
BYTES_MAX = 2**63 - 1
MICROSECONDS = "In microseconds, to the nanosecond."
NANOSECONDS = "In nanoseconds: an integer, as text, since a number may lose digits in its reader."
DISORDER = " Negative if the capture holds the packets in the wrong order."
FRAME = "%s: number of its frame, from 1; absent also if a read filter rejected it."
NOTES = {"closing": "; none: neither FIN nor RST", "closer": "; both: the FINs crossed"}
# Enumerators that stand for an absent value.
NEVER = {"opening": "none", "closing": "unknown", "closer": "none", "reset_cause": "none", "owes": "nothing"}

TITLE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A TCP connection",
    "description": "A line of `tshark -q -z tcpfsm,json[,filter]`: one connection as of the end of the "
                   "capture. Lines come in order of stream, then connection. What a connection doesn't "
                   "have is absent, never null. Written by scripts/field-reference.",
}
HISTORY = {
    "description": "The story in Zeek's letters, upper case for the client, in order of the first of each: "
                   "S SYN, H SYN-ACK, A pure ACK, D data, F FIN, R RST, T data again, W zero window, G gap, "
                   "Q SYN with FIN or RST, I FIN with RST. Empty if nothing but copies was captured.",
    "type": "string",
    "pattern": "^[SHADFRTWGQIshadfrtwgqi]*$",
}


def integer(description, least, most):
    return {"description": description, "type": "integer", "minimum": least, "maximum": most}


def frame(what):
    return integer(FRAME % what, 1, 2**32 - 1)


def twice(name, description, **bounds):
    """A time as a number of microseconds, and as a text of nanoseconds."""
    pattern = "^(0|[1-9][0-9]*)$" if "minimum" in bounds else "^(0|-?[1-9][0-9]*)$"
    return {name + "_us": {"description": description + " " + MICROSECONDS, "type": "number", **bounds},
            name + "_ns": {"description": description + " " + NANOSECONDS, "type": "string",
                           "pattern": pattern}}


def part(description, required, properties):
    return {"description": description, "type": "object", "additionalProperties": False,
            "required": required, "properties": properties}


def identity():
    def address(who):
        return {"description": who + " Its IP address as text, without a name.", "type": "string",
                "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}

    def time(which):
        return twice(which + "_packet_epoch",
                     "Time of the connection's %s packet since 1970-01-01 00:00 UTC." % which)
    return {
        "connection": integer("Number of the connection, from 0 in order of first packets, as "
                              "tcpfsm.connection: one incarnation on its addresses and ports. The display "
                              "filter tcpfsm.connection == N finds its packets.", 0, 2**30 - 2),
        "stream": integer("Wireshark's number of the stream in which the connection began, from 0, as "
                          "tcp.stream. Absent if Wireshark has none.", 0, 2**32 - 2),
        "client_address": address("The client: who sent the first SYN; if that was not captured, the "
                                  "receiver of the SYN-ACK, else the end with the higher port."),
        "client_port": integer("TCP port of the client, 0 to 65535.", 0, 65535),
        "server_address": address("The server: the other end."),
        "server_port": integer("TCP port of the server, 0 to 65535.", 0, 65535),
        "community_id": {"description": "The Community ID of addresses and ports, version 1 with seed 0, by "
                                        "which Zeek, Suricata and others name the flow.", "type": "string",
                         "pattern": "^1:[A-Za-z0-9+/]{27}=$"},
        **time("first"),
        **time("last"),
    }


class Schema:
    def __init__(self, report, rows, severities):
        self.values = report.values
        self.rows = rows
        self.severities = severities

    def words(self, field, key):
        return [word for _, word in self.values["tcpfsm." + field] if word != NEVER.get(key)]

    def ends(self):
        found = {}
        for end in "client", "server":
            found[end + "_state"] = {
                "description": "RFC 9293 state of the %s after the connection's last packet." % end,
                "enum": self.words(end + ".state", "state")}
            found[end + "_basis"] = {
                "description": "How surely that state is known: proven by what it sent; expected, as a "
                               "captured packet is presumed to have arrived; assumed, as it rests on packets "
                               "not captured; unknown.",
                "enum": self.words(end + ".basis", "basis")}
        for end in "client", "server":
            found[end + "_owes"] = {
                "description": "What the %s has yet to send, most urgent first, as tcpfsm.owes.%s of the "
                               "last packet; empty: nothing." % (end, end),
                "type": "array", "maxItems": 9, "items": {"$ref": "#/$defs/debt"}}
        return found

    def field(self, kind, of, name, title, meaning, absent):
        """What is said of one row of the table."""
        if kind == "TEXT":
            return HISTORY
        absence = " Absent %s." % absent if absent and "bsent" not in meaning else ""
        if kind == "NAME":
            source = "reset.cause" if name == "reset_cause" else "connection." + name
            told = meaning if source in meaning else "%s, as tcpfsm.%s" % (meaning, source)
            return {"description": told + NOTES.get(name, "") + "." + absence,
                    "enum": self.words(source, name)}
        if kind == "FRAME":
            return frame(meaning)
        told = "%s. %s." % (title, meaning)
        if kind == "FLAG":
            return {"description": told, "const": True}
        if kind == "CHANGES":
            return {"description": told + absence, "type": "string",
                    "pattern": r"^[^\s](.*[^\s])?$"}
        if kind == "BYTES":
            return integer(told + absence, 0, BYTES_MAX)
        if kind == "NUMBER":
            least, most = RANGES[of]
            return integer("%s %d to %d.%s" % (told, least, most, absence), least, most)
        raise ValueError(kind)

    def fields(self, kind, of, name, *words):
        """A row's keys."""
        if kind == "DATE":
            return {}       # that is first_packet_epoch
        if kind != "TIME":
            return {name: self.field(kind, of, name, *words)}
        title, meaning, absent = words
        told = "%s. %s.%s" % (title, meaning, " Absent %s." % absent if absent else "")
        return twice(name, told, minimum=0) if of == "AGE" else twice(name, told + DISORDER)

    def group(self, *groups):
        return {key: value for wanted in groups for kind, of, group, *words in self.rows if group == wanted
                for key, value in self.fields(kind, of, *words).items()}

    def definitions(self):
        warnings = [name for name, severity in self.severities.items() if severity != "Chat"]
        return {
            "debt": part("Something that an end has yet to send.", ["what"], {
                "what": {"description": "What is due.", "enum": self.words("owes.client", "owes")},
                "since_frame": frame("The packet after which it was due"),
                **twice("age", "How long it had been due at the end of the capture, the preference "
                               "quiet_tail included, or at the first gap of the capture longer than the "
                               "preference hole, or where its clock jumps back.")}),
            "warning": part("An expert info.", ["name", "severity"], {
                "name": {"description": "Its name: the display filter tcpfsm.expert.<name> finds its "
                                        "packets.", "enum": warnings},
                "severity": {"description": "Its severity in Wireshark.", "enum": ["warn", "note"]},
                "frame": frame("The first packet that carries it")}),
        }

    def text(self):
        always = [key for kind, of, _, *words in self.rows if not words[-1]
                  for key in self.fields(kind, of, *words)]
        who, ends = identity(), self.ends()
        properties = {
            **who,
            **self.group("OUTCOME", "REPORTS", "STORY", "EXTENT", "PREVIOUS"),
            **ends,
            **self.group("FRAMES", "TIMES", "CLIENT", "SERVER", "BOTH", "POINTS"),
            "warnings": {"description": "Expert infos of kind Warn, then Note, that its packets carry, each "
                                        "once, whichever of its packets pass a display filter.",
                         "type": "array", "items": {"$ref": "#/$defs/warning"}},
        }
        required = [name for name in who if name != "stream"] + always + [*ends, "warnings"]
        whole = {**TITLE, **part(TITLE["description"], required, properties), "$defs": self.definitions()}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
