#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: reference.py FOLDER

Writes fields.md and connections.schema.json into FOLDER, which has what `tshark -G` says, with the plugin, of
fields, values and defaultprefs, in files of these names. What tshark doesn't tell, the severities of the
expert infos and the meanings of the verdicts, comes from the tables that the plugin itself is made from.
"""
import pathlib
import re
import sys

from schema import Schema

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORDS = ROOT / "plugin/wireshark/words/words.def"
SEVERITIES = {"WARN": "Warn", "NOTE": "Note", "CHAT": "Chat"}

# Wireshark's own words for its types.
TYPES = {"FT_UINT8": "Unsigned integer (8 bits)", "FT_UINT32": "Unsigned integer (32 bits)",
         "FT_UINT64": "Unsigned integer (64 bits)", "FT_ABSOLUTE_TIME": "Date and time", "FT_NONE": "Label",
         "FT_BOOLEAN": "Boolean", "FT_FRAMENUM": "Frame number", "FT_RELATIVE_TIME": "Time offset",
         "FT_STRING": "Character string"}

# A field belongs to the first section whose pattern matches its name behind "tcpfsm.".
SECTIONS = [
    ("Which connection", r"stream|connection|sender\.role|phase"),
    ("Steps", r"(handshake\.|teardown\.)?step(\.str)?|repeat(_of)?"),
    ("States", r"ends|(sender|peer|client|server)\..*|assumed|state_changed|lost_frame"),
    ("Sequence and acknowledgment numbers", r"numbers|(seq|ack)\..*"),
    ("Resets, timers, debts", r"reset\..*|timer.*|owes\..*"),
    ("What the receiver made of it, with hindsight", r"receiver\..*"),
    ("At which capture point, if there are two", r"point|other_frame|transit_time|lost_between"),
    ("In words", r"explain"),
    ("Below an expert info", r"finding\..*"),
]
# Then those of a connection, by their groups in connection_fields.def.
GROUPS = [
    ("What became of the connection", ("OUTCOME", "STORY", "PREVIOUS")),
    ("How much of the connection was captured", ("EXTENT",)),
    ("Partner frames of the connection", ("FRAMES",)),
    ("Times of the connection", ("TIMES",)),
    ("What its SYNs offered", ("CLIENT", "SERVER", "BOTH")),
    ("Between two capture points", ("POINTS",)),
]

HEAD = """\
# The fields of tcpfsm

Written by `scripts/field-reference` from what the plugin registers; not to be edited by hand.

A field whose values have names has a text version, `<field>.str`, for `-T fields`, JSON and databases;
display filters take either: `tcpfsm.phase == 1`, `tcpfsm.phase == "handshake"`, `tcpfsm.phase.str ==
"handshake"`. A field without a value is absent. The fields of a segment are as of that segment. The fields of
a connection (`tcpfsm.connection.*`) are known only at the end of the capture: in two passes all of its
segments carry them, in one pass those from the segment on that settles them; packets, bytes and duration are
then those so far.
"""

EXPERTS_HEAD = """\
Each is a field of its own: `tcpfsm.expert.refused` as a filter finds the segments that have it. When exactly
each warning is given, and when not: [warnings.md](warnings.md).

The sentence is the same for all of a kind, so that thousands of them are one line of `-z expert`; where it
says *client* and *server*, the roles may also be the other way round. The numbers stand in fields below it:
`tcpfsm.finding.frame` and so on, as far as they are known. A repeated step says so behind its sentence; a
suspect number, what is wrong with it; an ICMP error, its reason.
"""

PREFERENCES_HEAD = """\
Under *Protocols → TCPFSM*, or `-o tcpfsm.quiet_tail:90`. Times are in seconds.
"""


class Report:
    """What tshark says of the plugin."""

    def __init__(self, fields, values, preferences):
        self.fields = []        # (name, title, type, meaning), as registered
        for line in fields.splitlines():
            part = line.split("\t")
            if part[0] == "F" and part[2].startswith("tcpfsm."):
                self.fields.append((part[2], part[1], part[3], part[7]))
        self.values = {}        # name: [(number, word)]
        for line in values.splitlines():
            part = line.split("\t")
            if part[0] == "V" and part[1].startswith("tcpfsm."):
                self.values.setdefault(part[1], []).append((int(part[2]), part[3]))
        # name, default, meaning: the comment above has the meaning and, in its last line, the type
        entries = re.findall(r"^# ((?:.*\n# )*?.*)\n# .*\n#tcpfsm\.(\w+): (.*)$", preferences, re.M)
        self.preferences = [(name, value, " ".join(comment.replace("\n# ", " ").split()))
                            for comment, name, value in entries]


def wordings():
    """Expert info: (severity, the fields tcpfsm.finding.* below it, its words); words: a list of its
    sentence, cause and check, then those of its variants."""
    text = (ROOT / "plugin/wireshark/findings/experts.def").read_text(encoding="utf-8")
    line = r'^#define WORDS_EXPERT_(\w+) \\\n +"(.*)", \\\n +"(.*)", \\\n +"(.*)"$'
    words_of = {name: tuple(rest) for name, *rest in re.findall(line, WORDS.read_text("utf-8"), re.M)}
    variants = re.findall(r"^VARIANT\((\w+), (\w+)\)", text, re.M)
    found = {}
    for name, severity, tells in re.findall(r"^EXPERT\(.*, (\w+), PI_(\w+), ([A-Z |]+)\)", text, re.M):
        names = [name, *(variant for variant, of in variants if of == name)]
        said = [words_of[one] for one in names if words_of[one][0]]
        fields = [part.lower() for part in tells.split(" | ") if part != "NOTHING"]
        fields += [field for place, field in ((1, "cause"), (2, "check")) if any(one[place] for one in said)]
        found[name] = SEVERITIES[severity], fields, said
    return found


def severities():
    """Expert info: its severity."""
    return {name: severity for name, (severity, _, _) in wordings().items()}


def words():
    """The texts of the plugin by their names without WORDS_."""
    text = WORDS.read_text(encoding="utf-8")
    return {name: value.replace('\\"', '"')
            for name, value in re.findall(r'^#define WORDS_(\w+) "(.*)"$', text, re.M)}


def verdicts(kind):
    """(id, number, name, valid, section) of each verdict on "SEQ" or "ACK" numbers."""
    text = (ROOT / "plugin/engine/tell/verdicts.def").read_text(encoding="utf-8")
    line = r'^%s_VERDICT\((\w+), +(\d+), +"([^"]*)", +(\w+), +"([^"]*)"(?:, \w+)?\)' % kind
    return re.findall(line, text, re.M)


def connection_fields():
    """(kind, of, group, name, title, meaning, absent) of each field of a connection."""
    text = (ROOT / "plugin/engine/summary/connection_fields.def").read_text(encoding="utf-8")
    said = words()
    for reports, row, kind, of, group, name in re.findall(
            r'^CONNECTION_FIELD(_OF_REPORTS)?\((\w+), (\w+), (\w+), (\w+), "(\w+)", ', text, re.M):
        if reports:
            texts = said["KEY_" + row], said["KEY_ABOUT_" + row], said["KEY_ABSENT_" + row]
        else:
            texts = said["FIELD_" + row], said["FIELD_ABOUT_" + row], said.get("FIELD_ABSENT_" + row, "")
        yield (kind, of, group, name, *texts)


def schema(report):
    """The text of docs/connections.schema.json."""
    return Schema(report, list(connection_fields()), severities()).text()


def table(head, rows):
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"


class Page:
    def __init__(self, report):
        self.report = report
        self.shown = {}         # names of values: the field that has shown them

    def values_of(self, name):
        values = self.report.values.get(name)
        if not values:
            return ""
        first = self.shown.setdefault(tuple(values), name)
        return " · ".join("%d %s" % value for value in values) if first == name else "as `%s`" % first

    def row(self, field, twins):
        name, title, kind, meaning = field
        shown = "`%s`" % name + (", `%s.str`" % name if name + ".str" in twins else "")
        return [shown, TYPES[kind], "%s. %s" % (title, meaning) if meaning else title, self.values_of(name)]

    def fields(self):
        fields = [field for field in self.report.fields if not field[0].startswith("tcpfsm.expert.")]
        twins = {name + ".str" for name in self.report.values}
        fields = [field for field in fields if field[0] not in twins]
        sections = SECTIONS + [
            (title, r"connection\.(%s)" % "|".join(row[3] for row in connection_fields() if row[2] in groups))
            for title, groups in GROUPS]
        for title, pattern in [*sections, ("Others", r".*")]:
            mine = [field for field in fields if re.fullmatch(r"tcpfsm\.(%s)" % pattern, field[0])]
            fields = [field for field in fields if field not in mine]
            if mine:
                yield "## %s\n" % title
                yield table(["field", "type", "meaning", "values"],
                            [self.row(field, twins) for field in mine])

    def verdicts(self):
        valid = {"VALID": "yes", "INVALID": "**no**", "UNTOLD": "can't be told"}
        sentences = words()
        for kind, title in (("SEQ", "sequence"), ("ACK", "acknowledgment")):
            yield "## Verdicts on %s numbers\n" % title
            name = "tcpfsm." + kind.lower()
            yield "The values of `%s.verdict`; \"valid\" is `%s.valid`.\n" % (name, name)
            yield table(["value", "name", "valid", "this number ...", "see"],
                        [[number, name, valid[word], sentences[verdict], section]
                         for verdict, number, name, word, section in verdicts(kind)])

    def experts(self):
        said = wordings()
        rows = []
        for name, title, _, _ in self.report.fields:
            if name.startswith("tcpfsm.expert."):
                severity, fields, words = said[name[len("tcpfsm.expert."):]]
                sentences = dict.fromkeys(one[0].format(end="*client*", other="*server*") for one in words)
                rows.append(["`%s`" % name, severity, title, "<br>".join(sentences),
                             " ".join("`%s`" % field for field in fields)])
        yield "## Expert infos\n"
        yield EXPERTS_HEAD
        yield table(["field", "severity", "meaning", "sentence", "fields below it"], rows)

    def preferences(self):
        yield "## Preferences\n"
        yield PREFERENCES_HEAD
        yield table(["preference", "default", "meaning"],
                    [["`tcpfsm.%s`" % name, value, meaning]
                     for name, value, meaning in self.report.preferences])

    def text(self):
        return "\n".join([HEAD, *self.fields(), *self.verdicts(), *self.experts(), *self.preferences()])


def main(folder):
    report = Report(*(pathlib.Path(folder, name).read_text(encoding="utf-8")
                      for name in ("fields", "values", "defaultprefs")))
    pathlib.Path(folder, "fields.md").write_text(Page(report).text(), encoding="utf-8")
    pathlib.Path(folder, "connections.schema.json").write_text(schema(report), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
