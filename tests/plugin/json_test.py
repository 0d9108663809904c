#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z tcpfsm,json`: a valid object a line, a line a connection, with what the fields say of it."""
import base64
import copy
import hashlib
import ipaddress
import json
import os
import struct
import unittest
from fractions import Fraction

import jsonschema

import captures
import contract
import packets
import shark

JSON = "tcpfsm,json"
SHORT = "tcpfsm.connection."
CAPTURES = ("everything", "samples", "cut-within-header", "healthy-raw")
SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs",
                      "connections.schema.json")

# Key to field, for keys of which the value is as the field prints it.
NUMBERS = {field[len(SHORT):]: field for field in contract.PARTNERS + contract.OFFERS +
           [SHORT + name for name in ("previous", "packets", "bytes_client", "bytes_server")]}
WORDS = {field[len(SHORT):]: field + ".str" for field in contract.CONNECTION_ENUMERATIONS}
WORDS["history"] = SHORT + "history"
DURATIONS = {field[len(SHORT):] + "_us": field for field in contract.TIMES + [SHORT + "reuse_age"]}
TRUTHS = {"sack": SHORT + "sack", "timestamps": SHORT + "timestamps"}
STATES = {end + "_" + what: "tcpfsm.%s.%s.str" % (end, what)
          for end in ("client", "server") for what in ("state", "basis")}
DEBTS = {end + "_owes": "tcpfsm.owes.%s.str" % end for end in ("client", "server")}
EXPERTS = {name: "tcpfsm.expert." + name for name, (severity, _) in contract.EXPERTS.items()
           if severity != "Chat"}

PLACE = ["tcpfsm.connection", "tcpfsm.stream", "frame.time_epoch", "tcpfsm.sender.role",
         "tcpfsm.seq.verdict", "tcpfsm.reset.cause.str",
         "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "tcp.srcport", "tcp.dstport"]
TABLE = PLACE + [field for names in (NUMBERS, WORDS, DURATIONS, TRUTHS, STATES, DEBTS, EXPERTS)
                 for field in names.values()]
COPY, SERVER = "14", "2"


def microseconds(text):
    return Fraction(text) * 1000000


class JsonTest(shark.SharkTest):
    _texts = {}

    def text(self, capture, *options, filter_text="", stderr=""):
        """What it prints. The same question is asked once only."""
        question = (capture, options, filter_text)
        if question not in self._texts:
            command = JSON + ("," + filter_text if filter_text else "")
            self._texts[question] = self.tshark(capture, "-q", *options, "-z", command, stderr=stderr)
        return self._texts[question]

    def objects(self, capture, *options, filter_text=""):
        """Of each line its object, in which numbers are exact."""
        lines = self.text(capture, *options, filter_text=filter_text).splitlines()
        return [json.loads(line, parse_float=Fraction, object_pairs_hook=self.microseconds_alone)
                for line in lines]

    def microseconds_alone(self, pairs):
        """Without nanoseconds, which are checked."""
        found = self.no_duplicates(pairs)
        nanoseconds = {key: value for key, value in found.items() if key.endswith("_ns")}
        self.assertEqual(nanoseconds, {key[:-2] + "ns": str(value * 1000) for key, value in found.items()
                                       if key.endswith("_us")})
        return {key: value for key, value in found.items() if key not in nanoseconds}


def community_id(ends):
    """Of (address, port) of both, by the specification."""
    packed = sorted((ipaddress.ip_address(address).packed, port) for address, port in ends)
    told = b"\0\0" + packed[0][0] + packed[1][0] + b"\6\0" + struct.pack("!HH", packed[0][1], packed[1][1])
    return "1:" + base64.b64encode(hashlib.sha1(told).digest()).decode()


class Values(JsonTest):
    """Against the fields of the same capture."""

    def frames_of(self, capture, *options):
        """{connection: its frames}, each a dict with the frame's number; without headers in tunnels, where
        one frame may belong to several."""
        result, mixed = {}, set()
        for number, row in enumerate(self.rows(capture, TABLE, *options), 1):
            frame = {"number": number, **dict(zip(TABLE, row))}
            connections = [int(value) for value in frame["tcpfsm.connection"]]
            single = len(frame["tcp.srcport"]) == 1 and len(frame["ip.src"] + frame["ipv6.src"]) == 1
            if len(connections) > 1 or frame["tcpfsm.sender.role"] and not single:
                mixed.update(connections)
            for connection in connections:
                result.setdefault(connection, []).append(frame)
        return {connection: frames for connection, frames in result.items() if connection not in mixed}

    def expected_end(self, frames):
        """Addresses and ports by role, as of the last segment."""
        last = frames[-1]
        swapped = last["tcpfsm.sender.role"] == [SERVER]
        source = (last["ip.src"] + last["ipv6.src"])[0], int(last["tcp.srcport"][0])
        destination = (last["ip.dst"] + last["ipv6.dst"])[0], int(last["tcp.dstport"][0])
        client, server = (destination, source) if swapped else (source, destination)
        return {"client_address": client[0], "client_port": client[1], "server_address": server[0],
                "server_port": server[1]}

    def expected_warnings(self, frames):
        first = {}
        for frame in frames:
            for name, field in EXPERTS.items():
                if frame[field]:
                    first.setdefault(name, frame["number"])
        return {(name, contract.EXPERTS[name][0].lower(), number) for name, number in first.items()}

    def expected(self, frames, segments):
        """What the fields say, apart from debts."""
        one, last = frames[0], segments[-1]
        result = {key: int(one[field][0]) for key, field in NUMBERS.items() if one[field]}
        result.update({key: one[field][0] for key, field in WORDS.items() if one[field]})
        result.update({key: microseconds(one[field][0]) for key, field in DURATIONS.items() if one[field]})
        result.update({key: True for key, field in TRUTHS.items() if one[field]})
        result.update({key: last[field][0] for key, field in STATES.items()})
        result.update(self.expected_end(segments))
        result["connection"] = int(one["tcpfsm.connection"][0])
        if segments[0]["tcpfsm.stream"]:
            result["stream"] = int(segments[0]["tcpfsm.stream"][0])
        result["first_packet_epoch_us"] = microseconds(segments[0]["frame.time_epoch"][0])
        result["last_packet_epoch_us"] = microseconds(last["frame.time_epoch"][0])
        result["warnings"] = self.expected_warnings(frames)
        return result

    def check_cause(self, found, segments, objects, where):
        """That of the RST, unless this ended the previous connection."""
        cause = found.pop("reset_cause", None)
        previous = objects.get(found.get("previous"), {})
        for frame in segments:
            if frame["number"] == found.get("reset_frame"):
                self.assertEqual(frame["tcpfsm.reset.cause.str"], [cause or previous["reset_cause"]], where)
                if not cause:
                    self.assertEqual(previous["reset_frame"], frame["number"], where)

    @staticmethod
    def end_for(times, since):
        """The last moment of the capture for who began to wait in that frame: a jump back ends it."""
        newest = times[0]
        for number, time in enumerate(times, 1):
            if time < newest - 10**7:
                if number > since:
                    return newest
                newest = time
            newest = max(newest, time)
        return newest

    def check_debts(self, found, last, times, where, replaced):
        for key, field in DEBTS.items():
            debts = found.pop(key)
            owed = [debt["what"] for debt in debts] or ["nothing"]
            self.assertEqual(owed, last[field], where)
            for debt in debts:
                if "since_frame" in debt:
                    since = debt["since_frame"]
                    age = self.end_for(times, since) - times[since - 1]
                    if replaced:            # by a new connection: nobody waits any more
                        self.assertLessEqual(debt["age_us"], age, where)
                        continue
                    self.assertEqual(debt["age_us"], age, where)
                    self.dated += 1

    def check(self, capture, *options):
        """Returns the number of connections that could be compared."""
        self.dated = 0
        times = [microseconds(row[0]) for row in
                 [frame[TABLE.index("frame.time_epoch")] for frame in self.rows(capture, TABLE, *options)]]
        objects = {found["connection"]: found for found in self.objects(capture, *options)}
        originals = copy.deepcopy(objects)
        successors = {one.get("previous") for one in objects.values()}
        by_connection = self.frames_of(capture, *options)
        count = 0
        for connection, frames in by_connection.items():
            where = "%s, connection %d" % (capture, connection)
            segments = [frame for frame in frames if frame["tcpfsm.sender.role"]]
            booked = [frame for frame in segments if frame[WORDS["history"]] and
                      frame["tcpfsm.seq.verdict"] != [COPY]]
            if not booked:
                continue
            found = objects[connection]
            self.check_cause(found, segments, originals, where)
            ends = [(found[end + "_address"], found[end + "_port"]) for end in ("client", "server")]
            self.assertEqual(found.pop("community_id"), community_id(ends))
            self.check_debts(found, booked[-1], times, where, connection in successors)
            found["warnings"] = {(one["name"], one["severity"], one.get("frame"))
                                 for one in found["warnings"]}
            self.assertEqual(found, self.expected(frames, booked), where)
            count += 1
        return count

    def test_samples(self):
        self.assertGreater(self.check("samples", "-2", "-o", "tcpfsm.hole:0"), 100)
        self.assertGreater(self.dated, 20)

    def test_everything(self):
        self.assertGreater(self.check("everything", "-2"), 80)
        self.assertGreater(self.dated, 10)

    def test_frames_are_counted_without_rejected_ones(self):
        """Numbers are those of the frames that a read filter let through; of others there are none."""
        for rule in ("tcp.flags.syn == 0", "tcp.srcport != 80"):
            rejecting = ("-2", "-R", rule)
            objects = self.objects("healthy", *rejecting)
            self.assertEqual(len(objects), 4)
            frames = self.frames_of("healthy", *rejecting)
            for found in objects:
                one = frames[found["connection"]][0]
                expected = {key: int(one[field][0]) for key, field in NUMBERS.items() if one[field]}
                self.assertEqual({key: found[key] for key in NUMBERS if key in found}, expected)

    def test_warnings_and_debts_lead_to_frames_that_are_there(self):
        rejecting = ("-2", "-R", "tcp.srcport != 80")
        frames = [dict(zip(TABLE, row)) for row in self.rows("unfinished", TABLE, *rejecting)]
        links = 0
        for found in self.objects("unfinished", *rejecting):
            for one in found["warnings"]:
                if "frame" in one:
                    self.assertTrue(frames[one["frame"] - 1][EXPERTS[one["name"]]], found)
                    links += 1
            for debt in found["client_owes"] + found["server_owes"]:
                if "since_frame" in debt:
                    self.assertEqual(frames[debt["since_frame"] - 1]["tcpfsm.connection"],
                                     [str(found["connection"])])
                    links += 1
        self.assertGreater(links, 10)

    def test_quiet_tail_ages_debts(self):
        """What is due stays due while the capture goes on."""
        def ages(*options):
            return [debt["age_us"] for found in self.objects("unfinished", *options)
                    for end in ("client", "server") for debt in found[end + "_owes"]]
        short, long = ages(), ages("-o", "tcpfsm.quiet_tail:100")
        self.assertGreater(len(short), 5)
        self.assertEqual(long, [age + 100000000 for age in short])


class CommunityId(JsonTest):
    """What others print of these, from either direction: the vectors of the specification's repository."""
    VECTORS = {(("128.232.110.120", 34855), ("66.35.250.204", 80)): "1:LQU9qZlK+B5F3KDmev6m5PMibrg="}
    SIX = ("2001:db8::1", 50000), ("2001:db8::2", 443)

    def ids(self, *ends):
        """Of a connection between these, and of one that the other end opens."""
        found = []
        for source, destination in (ends, ends[::-1]):
            syn = packets.tcp(source[0], destination[0], (source[1], destination[1]), 1000, 0, "S")
            frame = packets.ethernet(packets.ip(source[0], destination[0], syn))
            name = "community-id-of-%s-%d" % (source[0].replace(":", "-"), source[1])
            found += self.objects(shark.world().capture(name, [(0, frame)]))
        self.assertEqual(found[0]["client_address"], ends[0][0])
        self.assertEqual(found[1]["client_address"], ends[1][0])
        return [one["community_id"] for one in found]

    def test_known_values(self):
        self.assertEqual({community_id(ends) for ends in self.VECTORS}, set(self.VECTORS.values()))
        for ends, expected in self.VECTORS.items():
            self.assertEqual(self.ids(*ends), [expected] * 2)

    def test_ipv6(self):
        self.assertEqual(self.ids(*self.SIX), [community_id(self.SIX)] * 2)

    def test_same_address(self):
        """The lower port comes first."""
        ends = ("10.0.0.1", 50000), ("10.0.0.1", 80)
        self.assertEqual(self.ids(*ends), [community_id(ends)] * 2)


class Lines(JsonTest):
    def test_one_pass_equals_two(self):
        count = 0
        for capture in CAPTURES:
            lines = self.text(capture)
            self.assertEqual(lines, self.text(capture, "-2"), capture)
            count += lines.count("\n")
        self.assertGreater(count, 200)

    def test_order(self):
        for capture in ("samples", "everything"):
            places = [(found.get("stream", 1 << 32), found["connection"]) for found in self.objects(capture)]
            self.assertEqual(places, sorted(places))
            self.assertEqual(sorted({connection for _, connection in places}),
                             sorted(connection for _, connection in places))

    def test_filter(self):
        """The lines of connections that have a matching packet, otherwise the same."""
        lines = self.text("everything").splitlines()
        for passes in ((), ("-2",)):
            chosen = self.text("everything", *passes, filter_text="tcpfsm.connection == 7 || "
                               "tcpfsm.connection == 3").splitlines()
            self.assertEqual([json.loads(line)["connection"] for line in chosen], [3, 7])
            self.assertLess(set(chosen), set(lines))

    def test_filter_on_segments(self):
        """Whatever of a connection passes, its line is whole."""
        lines = self.text("everything").splitlines()
        for rule in ("tcp.flags.syn == 1", "tcp.flags.fin == 1"):
            chosen = self.text("everything", filter_text=rule).splitlines()
            self.assertGreater(len(chosen), 10)
            self.assertLess(set(chosen), set(lines))

    def test_filter_with_a_comma(self):
        chosen = self.objects("healthy", filter_text="tcp.port in {41002, 41004}")
        self.assertEqual([found["client_port"] for found in chosen], [41002, 41004])

    def test_nothing_is_no_line(self):
        self.assertEqual(self.text("healthy", filter_text="udp"), "")
        self.assertEqual(self.text("healthy", "-2", filter_text="udp"), "")
        self.assertEqual(self.text("empty"), "")
        self.assertEqual(self.text("healthy", "-o", "tcpfsm.analyze:FALSE"), "")
        self.assertNotEqual(self.text("healthy", filter_text="tcp"), "")

    def test_empty_filter_is_none(self):
        self.assertEqual(self.tshark("healthy", "-q", "-z", JSON + ","), self.text("healthy"))

    def test_two_at_once(self):
        """Each with a filter of its own."""
        both = self.tshark("healthy", "-q", "-z", JSON + ",tcp.port == 41001", "-z",
                           JSON + ",tcp.port == 41002").splitlines()
        self.assertEqual(sorted(json.loads(line)["client_port"] for line in both), [41001, 41002])

    def test_packets_come_first(self):
        text = self.tshark("healthy", "-z", JSON)
        self.assertEqual(text, self.tshark("healthy") + self.text("healthy"))

    def test_wrong_arguments(self):
        for argument in (JSON + ",tcp.port ==", JSON + ",no.such.field", JSON + "x", JSON + "x,tcp"):
            with self.subTest(argument=argument):
                status, text, complaint = shark.world().run(
                    [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z", argument])
                self.assertEqual(text, "")
                self.assertGreater(status, 0)
                self.assertIn(argument, complaint)

    def test_sessions(self):
        """`tshark -M` forgets all after so many packets: as if each part were a capture of its own."""
        frames = captures.healthy()
        for size in (20, len(frames)):
            parts = [shark.world().capture("json-part-%d-%d" % (size, start), frames[start:start + size])
                     for start in range(0, len(frames), size)]
            alone = [self.text(part) for part in parts]
            self.assertTrue(all(alone))
            complaint = "resetting session.\n" * (len(parts) - 1)
            self.assertEqual(self.text("healthy", "-M", str(size), stderr=complaint), "".join(alone))


class Schema(JsonTest):
    def schema(self):
        with open(SCHEMA, encoding="utf-8") as file:
            return json.load(file, object_pairs_hook=self.no_duplicates)

    def validator(self, schema):
        kind = jsonschema.validators.validator_for(schema, default=None)
        kind.check_schema(schema)
        return kind(schema, format_checker=jsonschema.FormatChecker())

    def all_objects(self):
        return [json.loads(line) for capture in (*CAPTURES, "two-points", "clocks-apart")
                for line in self.text(capture).splitlines()]

    def test_every_line_is_valid(self):
        validator = self.validator(self.schema())
        objects = self.all_objects()
        self.assertGreater(len(objects), 200)
        for found in objects:
            self.assertEqual([error.message for error in validator.iter_errors(found)], [], found)

    def test_faults_are_found(self):
        """So that the test above says something."""
        validator = self.validator(self.schema())
        good = next(found for found in map(json.loads, self.text("unfinished").splitlines())
                    if found["server_owes"])
        self.assertTrue(validator.is_valid(good))
        for change in ({"surprise": 1}, {"outcome": "fine"}, {"client_port": 65536}, {"syn_frame": 0},
                       {"client_address": "name"}, {"stream": None}, {"history": "SX"},
                       {"community_id": "1:x"}, {"last_packet_epoch_ns": "1.5"},
                       {"server_owes": [{"what": "money"}]}, {"warnings": [{"name": "step"}]}):
            self.assertFalse(validator.is_valid({**good, **change}), change)
        for key in self.schema()["required"]:
            lacking = copy.copy(good)
            del lacking[key]
            self.assertFalse(validator.is_valid(lacking), key)

    def parts(self, schema):
        """The schemas of objects: the connection's, and those within."""
        return [schema] + list(schema["$defs"].values())

    def test_everything_is_described(self):
        """Each key in words, with its range or its values; no key is left open."""
        for part in self.parts(self.schema()):
            self.assertIs(part["additionalProperties"], False)
            self.assertTrue(part["description"])
            for key, value in part["properties"].items():
                self.assertGreater(len(value["description"]), 10, key)
                if value.get("type") == "integer":
                    self.assertLess(value["minimum"], value["maximum"], key)
                elif value.get("type") == "number":
                    self.assertIn("microseconds", value["description"], key)
                    self.assertRegex(key, "_us$")
                elif "enum" in value:
                    self.assertEqual(len(set(value["enum"])), len(value["enum"]), key)
                else:
                    self.assertTrue({"const", "items", "pattern", "anyOf"} & set(value), key)

    def test_nothing_is_described_that_does_not_exist(self):
        objects = self.all_objects()
        schema = self.schema()
        seen = {"": set().union(*objects)}
        seen["debt"] = set().union(*(debt for found in objects for end in ("client", "server")
                                     for debt in found[end + "_owes"]))
        seen["warning"] = set().union(*(one for found in objects for one in found["warnings"]))
        for name, part in [("", schema)] + list(schema["$defs"].items()):
            self.assertEqual(seen[name], set(part["properties"]))
        for key, field in contract.CONNECTION_ENUMERATIONS.items():
            words = set(field.values()) - {contract.NONE.get(key)}
            if key.endswith(".closing"):
                words |= {"none"}
            self.assertEqual(set(schema["properties"][key[len(SHORT):]]["enum"]), words)
        names = schema["$defs"]["warning"]["properties"]["name"]["enum"]
        self.assertEqual(sorted(names), sorted(EXPERTS))
        self.assertEqual({one["name"] for found in objects for one in found["warnings"]}, set(names))


if __name__ == "__main__":
    shark.main()
